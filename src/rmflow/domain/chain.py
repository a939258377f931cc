"""The management chain: a mentor and a mentee must not be in one (FEATURES P1)."""

from collections.abc import Iterable, Iterator, Mapping

from rmflow.domain.pairing import Pairing, PairingStatus, Roster
from rmflow.domain.people import Address, Participant
from rmflow.errors import Problem


class ReportingLines:
    """Who reports to whom, from the manager of each; answers in constant time, however deep.

    The lines are a forest once every circle is cut. Walked in preorder, everybody below a
    person comes right after them, so "is above" is a comparison of numbers. Nobody's manager
    may be themselves: that is how directories write the head of the house, and it is no line.
    """

    def __init__(self, manager_of: Mapping[Address, Address]) -> None:
        manager_of = {below: above for below, above in manager_of.items() if below != above}
        self.cycles = tuple(_cycles(manager_of))
        for cycle in self.cycles:
            del manager_of[cycle[-1]]
        self._depth: dict[Address, int] = {}
        self._number: dict[Address, int] = {}
        self._number_people(manager_of)
        self._size = dict.fromkeys(self._number, 1)
        for below in reversed(self._number):
            if below in manager_of:
                self._size[manager_of[below]] += self._size[below]

    def _number_people(self, manager_of: Mapping[Address, Address]) -> None:
        """Walk the lines in preorder, with a stack: they may be deeper than Python recurses."""
        reports: dict[Address, list[Address]] = {}
        for below, above in manager_of.items():
            reports.setdefault(above, []).append(below)
        waiting = [(top, 0) for top in reports if top not in manager_of]
        while waiting:
            person, depth = waiting.pop()
            self._number[person] = len(self._number)
            self._depth[person] = depth
            waiting.extend((report, depth + 1) for report in reports.get(person, ()))

    def steps(self, below: Address, above: Address) -> int | None:
        """Return how many steps up `above` is from `below`, 1 for the manager; None: not in line."""
        first, number = self._number.get(above), self._number.get(below)
        if first is None or number is None or not first < number < first + self._size[above]:
            return None
        return self._depth[below] - self._depth[above]


def _cycles(manager_of: Mapping[Address, Address]) -> Iterator[tuple[Address, ...]]:
    """Yield each circle once, from the member who was met first, each followed by the manager."""
    done: set[Address] = set()
    for start in manager_of:
        path: dict[Address, None] = {}
        person = start
        while person in manager_of and person not in done and person not in path:
            path[person] = None
            person = manager_of[person]
        if person in path:
            members = list(path)
            yield tuple(members[members.index(person) :])
        done.update(path)


def reporting_lines(people: Iterable[Participant]) -> ReportingLines:
    """Return the reporting lines of the roster; managers outside of it end a line."""
    return ReportingLines({p.address: p.manager for p in people if p.manager is not None})


def pairing_problems(roster: Roster, lines: ReportingLines) -> Iterator[Problem]:
    """Yield what speaks against pairings of the roster, at their places; closed ones rest.

    A pair in one management chain, or in which one avoids the other, is a problem; the same
    team or the same manager is a warning.
    """
    for pairing in roster.pairings.values():
        if pairing.status is not PairingStatus.CLOSED:
            yield from _problems_of(pairing, roster, lines)


def _problems_of(pairing: Pairing, roster: Roster, lines: ReportingLines) -> Iterator[Problem]:
    mentor, mentee = roster.people[pairing.mentor], roster.people[pairing.mentee]
    for below, above in ((mentor, mentee), (mentee, mentor)):
        steps = lines.steps(below.address, above.address)
        if steps is not None:
            yield Problem(
                pairing.place,
                f"{below.name} reports{_through(steps - 1)} to {above.name}: a mentor must not be "
                "in the mentee's management chain; choose another mentor",
            )
    if mentor.address in mentee.avoid or mentee.address in mentor.avoid:
        # Whose wish it is stays with them.
        yield Problem(
            pairing.place,
            f"{mentor.name} and {mentee.name} cannot be a pair; choose another mentor",
        )
    if shared := _shared(mentor, mentee):
        yield Problem(
            pairing.place,
            f"{mentor.name} and {mentee.name} have the same {shared}; "
            "more distance makes better talks",
            warning=True,
        )


def _through(managers: int) -> str:
    if managers == 0:
        return " directly"
    return f", through {managers} manager{'s' if managers > 1 else ''},"


def _shared(mentor: Participant, mentee: Participant) -> str:
    """Return what the two share that makes them close colleagues, "" if nothing."""
    found = []
    if mentor.team and mentor.team.casefold() == mentee.team.casefold():
        found.append(f"team ({mentor.team})")
    if mentor.manager is not None and mentor.manager == mentee.manager:
        found.append("manager")
    return " and the same ".join(found)
