"""The roster, understood: tables of cells to people and pairings, or to a list of what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

from rmflow.domain.chain import ReportingLines, pairing_problems, reporting_lines
from rmflow.domain.pairing import Roster
from rmflow.domain.programme import Programme
from rmflow.errors import Problem
from rmflow.formats.roster.pairs import Pairings, read_pairings
from rmflow.formats.roster.people import Directory, participants, read_people
from rmflow.formats.roster.sheets import find_sheets
from rmflow.formats.roster.view import Findings
from rmflow.formats.table import Table

_NAMED_IN_CIRCLE = 5


@dataclass(frozen=True, slots=True)
class RosterReading:
    """What became of a roster. `problems` are in the order of their cells, warnings among them.

    `roster` is None when any problem is not a warning: nothing is applied in part.
    """

    roster: Roster | None
    problems: tuple[Problem, ...]


def understand(tables: Sequence[Table], programme: Programme) -> RosterReading:
    """Return the roster in the tables, with everything that is wrong with it at once.

    The programme gives the names of cadences, and what holds where the roster is silent: time
    zone, language, region, cadence.
    """
    findings = Findings(tables)
    sheets = find_sheets(tables, findings)
    if sheets is None:
        return RosterReading(None, findings.in_order())
    directory = read_people(sheets.people, findings, merge=sheets.flat)
    people = participants(directory, programme, findings)
    pairings = read_pairings(sheets.pairs, directory, programme, findings)
    roster = Roster(people, pairings.by_id)
    lines = reporting_lines(people.values())
    _note_circles(lines, directory, findings)
    _note_unsuitable(roster, lines, pairings, findings)
    problems = findings.in_order()
    usable = all(problem.warning for problem in problems)
    return RosterReading(roster if usable else None, problems)


def _note_circles(lines: ReportingLines, directory: Directory, findings: Findings) -> None:
    """Note each circle of managers once, at its first member."""
    for circle in lines.cycles:
        members = [entry for address in circle if (entry := directory.find(address))]
        names = [entry.name for entry in members[:_NAMED_IN_CIRCLE]]
        if len(members) > _NAMED_IN_CIRCLE:
            names.append(f"… ({len(members)} people)")
        findings.add(
            members[0].spot("manager"),
            f"{' → '.join([*names, names[0]])} report to each other in a circle; correct one manager",
        )


def _note_unsuitable(
    roster: Roster, lines: ReportingLines, pairings: Pairings, findings: Findings
) -> None:
    """Note which pairs the management chain, or the wish of one side, speaks against."""
    spots = {roster.pairings[id].place: spot for id, spot in pairings.spots.items()}
    for problem in pairing_problems(roster, lines):
        findings.add_placed(spots[problem.place], problem)
