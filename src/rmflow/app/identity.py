"""Who is who: people and pairs of a roster keep the ids under which they are remembered.

What was sent to somebody, and what they said, is kept under their id; meetings are kept under their
pair's. Ids come from cells (an employee number, an address, a pair_id), and cells are edited.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from rmflow.app import remembered
from rmflow.app.ports import Ports
from rmflow.domain.documents import from_json, to_json
from rmflow.domain.keys import key_of
from rmflow.domain.pairing import Pairing, PairingId, PairingStatus, Roster
from rmflow.domain.people import Participant, PersonId
from rmflow.domain.programme import Programme
from rmflow.domain.records import PairingRecord, PersonRecord
from rmflow.errors import ConfigError, Problem

_NUMBER = "number"


@dataclass(frozen=True)
class Before:
    """Everybody whom the last run knew."""

    people: Mapping[PersonId, PersonRecord]
    pairings: Mapping[PairingId, PairingRecord]

    def name(self, id: PersonId) -> str:
        """Return a name in lower case; "" for somebody who was forgotten."""
        record = self.people.get(id)
        return from_json(Participant, record.person_json).name.casefold() if record else ""

    def knows(self, person: Participant) -> bool:
        """Return whether somebody is known under this id and name."""
        record = self.people.get(person.id)
        if record is None:
            return False
        return record.person_json == to_json(person) or self.name(person.id) == _name(person)

    @cached_property
    def by_mark(self) -> Mapping[tuple[str, str], PersonId]:
        """Ids by employee number, and by address and name."""
        people = [from_json(Participant, record.person_json) for record in self.people.values()]
        return {mark: person.id for person in people for mark in _marks(person)}


def remembered_by(ports: Ports) -> Before:
    """Return whom the store knows."""
    return Before(
        {record.id: record for record in ports.store.read(PersonRecord)},
        {record.id: record for record in ports.store.read(PairingRecord)},
    )


def recognised(before: Before, roster: Roster) -> Roster:
    """Return the roster with everybody under the id by which they are remembered.

    Whoever gets an employee number, another one, or another address goes on as the same person: by
    the number, else as the one of that name in this pair, else by address and name. Two people who
    go on together are the same pair, whatever its new pair_id, unless that pair was to end.
    """
    ids = _former_ids(before, roster)
    people = {ids.get(id, id): replace(p, id=ids.get(id, id)) for id, p in roster.people.items()}
    pairings = [
        replace(
            pairing,
            mentor=ids.get(pairing.mentor, pairing.mentor),
            mentee=ids.get(pairing.mentee, pairing.mentee),
        )
        for pairing in roster.pairings.values()
    ]
    return Roster(people, {pairing.id: pairing for pairing in _former_pairs(before, pairings)})


def _former_ids(before: Before, roster: Roster) -> Mapping[PersonId, PersonId]:
    """Return the remembered ids of people whose own say nothing, or something of somebody else."""
    strange = {id for id, person in roster.people.items() if not before.knows(person)}
    if not strange or not before.people:
        return {}
    in_pairs = {now: was for was, now in _places(before, roster.pairings.values())}
    found: dict[PersonId, PersonId] = {}
    for id in strange:
        person, was = roster.people[id], in_pairs.get(id)
        same = before.by_mark.get((_NUMBER, person.employee_id))
        if same is None and was is not None and before.name(was) == _name(person):
            same = was
        if same is None:
            same = next((before.by_mark[m] for m in _marks(person) if m in before.by_mark), None)
        if same is not None:
            found[id] = same
    return _each_once(found, roster)


def _each_once(found: Mapping[PersonId, PersonId], roster: Roster) -> Mapping[PersonId, PersonId]:
    """Return what was found without those who would share an id with somebody else."""
    while True:
        held = Counter(found.get(id, id) for id in roster.people)
        alone = {id: was for id, was in found.items() if held[was] == 1}
        if len(alone) == len(found):
            return alone
        found = alone


def _places(before: Before, pairings: Iterable[Pairing]) -> Iterator[tuple[PersonId, PersonId]]:
    """Yield who was in a place of a pair, and who is there now."""
    for pairing in pairings:
        if record := before.pairings.get(pairing.id):
            yield record.mentor, pairing.mentor
            yield record.mentee, pairing.mentee


def _former_pairs(before: Before, pairings: Iterable[Pairing]) -> Iterator[Pairing]:
    """Yield each pairing, under its first id where only that has changed."""
    listed = list(pairings)
    missing = before.pairings.keys() - {pairing.id for pairing in listed}
    couples = {
        (record.mentor, record.mentee): id
        for id in sorted(missing)
        if _goes_on(record := before.pairings[id])
    }
    for pairing in listed:
        known = pairing.id in before.pairings
        first = None if known else couples.pop((pairing.mentor, pairing.mentee), None)
        yield replace(pairing, id=first) if first else pairing


def _goes_on(record: PairingRecord) -> bool:
    ended = record.gone_at or record.ended_at or record.override in ("closed", "rematch")
    closed = from_json(Pairing, record.pairing_json).status is PairingStatus.CLOSED
    return not (ended or closed)


def strangers(before: Before, roster: Roster) -> tuple[Problem, ...]:
    """Return a problem for each pair whose id now stands for other people.

    They would inherit its meetings, and read what others have written: even of a pair that has
    ended. The same name under a new address is the same person.
    """
    problems = []
    for pairing in roster.pairings.values():
        for was, now in _places(before, [pairing]):
            person = roster.people[now]
            if was != now and before.name(was) != _name(person):
                text = (
                    f'"{pairing.id}" was the pair of {_called(before, was)}; '
                    f"give the new pair with {person.name} a pair_id of its own"
                )
                problems.append(Problem(pairing.place or str(pairing.id), text))
    return tuple(problems)


def _called(before: Before, id: PersonId) -> str:
    record = before.people.get(id)
    return from_json(Participant, record.person_json).name if record else "somebody else"


def _name(person: Participant) -> str:
    return person.name.casefold()


def _marks(person: Participant) -> Iterator[tuple[str, str]]:
    """Yield by what a person is recognised: address and name, and the employee number alone."""
    for address in person.addresses:
        yield address, _name(person)
    if person.employee_id:
        yield _NUMBER, person.employee_id


def check_secret(ports: Ports) -> None:
    """Raise ConfigError where the memory was begun with another secret, or another id."""
    known = ports.store.setting(remembered.MADE_WITH)
    if known and known != made_with(ports.programme):
        text = (
            "`id` or `secret` is not the one that this database was begun with; put it back, since"
            " by another one nothing is recognised, and everybody would be invited once more"
        )
        raise ConfigError([Problem("programme.toml, [programme]", text)])


def made_with(programme: Programme) -> str:
    """Return what tells the secret and the id of a programme from others, and tells neither."""
    return key_of(programme.salt, "programme", programme.id)
