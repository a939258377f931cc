"""The roster as its owner keeps it: a workbook with the sheets People and Pairs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from xlsxwriter import Workbook

from rmflow.demo.organisation import ASSISTANTS, COORDINATOR, Employee, Pair, address_of

_PEOPLE = {
    "employee_id": 12,
    "name": 24,
    "email": 42,
    "team": 20,
    "manager": 24,
    "location": 28,
    "region": 9,
    "timezone": 20,
    "locale": 8,
    "assistant": 32,
}
_PAIRS = {"pair_id": 20, "mentor": 24, "mentee": 24, "cadence": 16, "slot": 12}


def save_roster(
    path: Path,
    people: Sequence[Employee],
    pairs: Sequence[Pair],
    addresses: Mapping[str, str],
    saved: datetime,
) -> None:
    """Write the workbook. `addresses` are those that are no longer what people began with."""
    draft = path.with_name(f"~{path.name}")
    book = Workbook(draft)
    book.set_properties({"author": COORDINATOR, "created": saved.replace(tzinfo=None)})
    _write(book, "People", _PEOPLE, [_person(each, addresses) for each in people])
    _write(book, "Pairs", _PAIRS, [(p.id, p.mentor, p.mentee, p.cadence, p.slot) for p in pairs])
    book.close()
    draft.replace(path)


def _person(each: Employee, addresses: Mapping[str, str]) -> tuple[str, ...]:
    assistant = ASSISTANTS.get(each.name)
    office = each.office
    return (
        each.number,
        each.name,
        addresses.get(each.name, each.address),
        each.team,
        each.manager,
        each.room or office.city,
        office.region,
        office.timezone,
        each.language,
        address_of(assistant) if assistant else "",
    )


def _write(
    book: Workbook, name: str, columns: Mapping[str, int], rows: Sequence[Sequence[str]]
) -> None:
    sheet = book.add_worksheet(name)
    head = book.add_format({"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF"})
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, list(columns), head)
    for number, width in enumerate(columns.values()):
        sheet.set_column(number, number, width)
    for number, row in enumerate(rows, 1):
        sheet.write_row(number, 0, row)
