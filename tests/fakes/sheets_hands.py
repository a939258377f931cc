"""The hands of a coordinator in a spreadsheet of the fake: they type as the browser would."""

import re
from datetime import date, datetime, time

from sheets_document import Document, Tab, enter

_PLACE = re.compile(r"([A-Z]+)(\d+)")
_ZERO = datetime(1899, 12, 30)


Typed = str | float | bool | date | time | None


def place(name: str) -> tuple[int, int]:
    """Return row and column from 0 of "G6"."""
    matched = _PLACE.fullmatch(name)
    assert matched, name
    column = 0
    for letter in matched[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(matched[2]) - 1, column - 1


def name_of(row: int, column: int) -> str:
    """Return the name of a cell in the first 26 columns."""
    return f"{chr(ord('A') + column)}{row + 1}"


def type_in(tab: Tab, cell: str, typed: Typed) -> None:
    """Type into a cell. A text that looks like something else becomes that, as in the browser."""
    row, column = place(cell)
    assert row < tab.rows
    assert column < tab.columns
    found = tab.cell(row, column)
    match typed:
        case None:
            enter(found, None)
        case bool():
            enter(found, {"boolValue": typed})
        case int() | float():
            enter(found, {"numberValue": typed})
        case datetime():
            enter_number(
                found, (typed - _ZERO).total_seconds() / 86_400, "DATE_TIME", "dd.mm.yyyy hh:mm"
            )
        case date():
            enter_number(found, (typed - _ZERO.date()).days, "DATE", "dd.mm.yyyy")
        case time():
            seconds = typed.hour * 3600 + typed.minute * 60 + typed.second
            enter_number(found, seconds / 86_400, "TIME", "hh:mm")
        case str():
            _text(found, typed)


def formula(tab: Tab, cell: str, text: str, result: str | float) -> None:
    """Type a formula; the fake does not calculate, so the result is given."""
    found = tab.cell(*place(cell))
    enter(found, {"formulaValue": text})
    kind = "stringValue" if isinstance(result, str) else "numberValue"
    found["effectiveValue"] = {kind: result}


def failing_formula(tab: Tab, cell: str, text: str) -> None:
    """Type a formula that ends in an error."""
    found = tab.cell(*place(cell))
    enter(found, {"formulaValue": text})
    found["effectiveValue"] = {"errorValue": {"type": "N_A", "message": "not found"}}


def says(tab: Tab, cell: str) -> object:
    """Return what a cell shows."""
    shown = tab.cells.get(place(cell), {}).get("effectiveValue", {})
    return next(iter(shown.values()), None)


def sort(tab: Tab, by: str, below: int) -> None:
    """Sort the rows under row `below` (from 1) by a column, falling; cells go with their rows."""
    column = place(f"{by}1")[1]
    last = max(row for row, _ in tab.cells if _has_value(tab, row)) + 1
    rows = list(range(below, last))
    rows.sort(key=lambda row: str(_shown(tab, row, column)), reverse=True)
    tab.reorder("ROWS", [*range(below), *rows, *range(last, tab.rows)])


def insert(tab: Tab, dimension: str, at: int) -> None:
    """Insert a row or column before number `at`, from 0."""
    tab.reorder(dimension, [*range(at), None, *range(at, tab.count(dimension))])


def move_column(tab: Tab, name: str, to: int) -> None:
    """Move a column to a number, from 0."""
    source = place(f"{name}1")[1]
    lines = list(range(tab.columns))
    lines.insert(to, lines.pop(source))
    tab.reorder("COLUMNS", lines)


def add_tab(document: Document, title: str) -> Tab:
    """Add a sheet of one's own."""
    tab = Tab(max(tab.id for tab in document.tabs) // 2 + 77, title)
    document.tabs.append(tab)
    return tab


def rows_of(tab: Tab, header: int = 4) -> list[dict[str, object]]:
    """Return the rows of a table by the titles of its columns."""
    titles = {c: _shown(tab, header - 1, c) for c in range(tab.columns)}
    named = {c: str(title) for c, title in titles.items() if title is not None}
    last = max((row for row, _ in tab.cells if _has_value(tab, row)), default=0)
    return [
        {title: _shown(tab, row, column) for column, title in named.items()}
        for row in range(header, last + 1)
    ]


def _has_value(tab: Tab, row: int) -> bool:
    return any(_shown(tab, row, column) is not None for column in range(tab.columns))


def _shown(tab: Tab, row: int, column: int) -> object:
    shown = tab.cells.get((row, column), {}).get("effectiveValue", {})
    return next(iter(shown.values()), None)


def enter_number(cell: dict[str, object], number: float, kind: str, pattern: str) -> None:
    """Put a number into a cell, under a number format."""
    enter(cell, {"numberValue": number})
    cell["userEnteredFormat"] = {"numberFormat": {"type": kind, "pattern": pattern}}


def _text(cell: dict[str, object], typed: str) -> None:
    if typed.startswith("'"):
        enter(cell, {"stringValue": typed[1:]})
    elif re.fullmatch(r"-?\d+(\.\d+)?", typed):
        enter(cell, {"numberValue": float(typed)})
    elif typed.upper() in ("TRUE", "FALSE"):
        enter(cell, {"boolValue": typed.upper() == "TRUE"})
    elif typed.startswith("="):
        raise AssertionError("use formula()")
    else:
        enter(cell, {"stringValue": typed})
