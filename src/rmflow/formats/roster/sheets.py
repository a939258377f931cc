"""Which sheet of a workbook is what: people, pairs, or both in one flat table."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from rmflow.formats.roster.columns import (
    Header,
    find_header,
    flat_field,
    pairs_field,
    people_field,
    sheet_kind,
)
from rmflow.formats.roster.view import Findings, Spot, View
from rmflow.formats.table import Table

_ROLES = ("mentor", "mentee")
_NAMES = frozenset(("name", "given_name", "family_name"))


@dataclass(frozen=True, slots=True)
class Sheets:
    """The sheets of a roster. In a flat one people appear again and again, seen in two views."""

    people: tuple[View, ...]
    pairs: View
    flat: bool


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A table that was recognised, by its number, and its header."""

    number: int
    header: Header

    def lacks(self, required: Collection[str]) -> list[str]:
        """Return the required columns that are not there; any part of a name is a name."""
        there = set(self.header.columns)
        for field in self.header.columns:
            role, dot, part = field.rpartition(".")
            if part in _NAMES:
                there.add(f"{role}{dot}name")
        return [field for field in required if field not in there]


def find_sheets(tables: Sequence[Table], findings: Findings) -> Sheets | None:
    """Return the sheets, found by their names, else by their columns; None if one is not usable.

    Notes missing and repeated columns and, in one warning, those that mean nothing to us.
    """
    pairs = _find(tables, "Pairs", pairs_field, _ROLES, findings)
    people = _find(tables, "People", people_field, ("email", "name"), findings)
    flat = None if people else _find_flat(tables)
    if flat:
        _note_columns(tables, [flat], findings)
        return _flat(flat, findings)
    for sheet, name, required in (
        (people, "People", ("email", "name")),
        (pairs, "Pairs", _ROLES),
    ):
        if sheet is None:
            findings.add_whole(
                f"has no sheet {name}; add one with the columns {' and '.join(required)}"
            )
        else:
            for field in sheet.lacks(required):
                spot = Spot(sheet.number, sheet.header.row, 0)
                findings.add(spot, f"the column {field} is missing from this header; add it")
    if people is None or pairs is None:
        return None
    _note_columns(tables, [people, pairs], findings)
    if people.lacks(("email", "name")) or pairs.lacks(_ROLES):
        return None
    return Sheets((_view(people, findings),), _view(pairs, findings), flat=False)


def _find(
    tables: Sequence[Table],
    name: str,
    field_of: Callable[[str], str | None],
    required: Collection[str],
    findings: Findings,
) -> _Sheet | None:
    """Return the sheet of this name in any language, else the one that has the columns."""
    sheets = [_Sheet(i, find_header(table, field_of)) for i, table in enumerate(tables)]
    named = [s for s in sheets if sheet_kind(tables[s.number].name) == name]
    fitting = named or [s for s in sheets if not s.lacks(required)]
    if len(fitting) > 1:
        one, other = (f'"{tables[s.number].name}"' for s in fitting[:2])
        findings.add_whole(f"the sheets {one} and {other} can both be {name}; rename or remove one")
    return fitting[0] if fitting else None


def _find_flat(tables: Sequence[Table]) -> _Sheet | None:
    """Return the first table that has the mail addresses of both sides in each row, and names."""
    required = [f"{role}.{field}" for role in _ROLES for field in ("email", "name")]
    for number, table in enumerate(tables):
        header = find_header(table, flat_field)
        sheet = _Sheet(number, replace(header, columns=_with_roles(header.columns)))
        if not sheet.lacks(required):
            return sheet
    return None


def _with_roles(columns: Mapping[str, int]) -> dict[str, int]:
    """Return the columns with "mentor" alone understood: the address, or the name beside one."""
    understood = dict(columns)
    for role in _ROLES:
        if role in understood:
            column = understood.pop(role)
            missing = "email" if f"{role}.email" not in understood else "name"
            understood.setdefault(f"{role}.{missing}", column)
    return understood


def _flat(sheet: _Sheet, findings: Findings) -> Sheets:
    """Return three views of one table: the mentors, the mentees, the pairs."""
    columns = sheet.header.columns
    people = [
        {
            field.removeprefix(f"{role}."): c
            for field, c in columns.items()
            if field.startswith(role)
        }
        for role in _ROLES
    ]
    pairs = {field: column for field, column in columns.items() if "." not in field}
    pairs |= {role: columns[f"{role}.email"] for role in _ROLES}
    row = sheet.header.row
    return Sheets(
        tuple(View(sheet.number, row, of_role, findings) for of_role in people),
        View(sheet.number, row, pairs, findings),
        flat=True,
    )


def _view(sheet: _Sheet, findings: Findings) -> View:
    return View(sheet.number, sheet.header.row, sheet.header.columns, findings)


def _note_columns(tables: Sequence[Table], sheets: Sequence[_Sheet], findings: Findings) -> None:
    """Note columns that mean the same as another one, and those that mean nothing to us."""
    unknown = []
    for sheet in sheets:
        row = sheet.header.row
        for column, earlier in sheet.header.repeated:
            first = findings.cell(Spot(sheet.number, row, earlier))
            title = tables[sheet.number].rows[row][column]
            findings.add(
                Spot(sheet.number, row, column),
                f'"{title}" means the same as {first}; remove or rename one',
            )
        unknown += [Spot(sheet.number, row, column) for column in sheet.header.unknown]
    if unknown:
        titles = ", ".join(f'"{tables[s.table].rows[s.row][s.column]}"' for s in unknown)
        ends = ("s", "are") if len(unknown) > 1 else ("", "is")
        findings.add(unknown[0], f"the column{ends[0]} {titles} {ends[1]} not read", warning=True)
