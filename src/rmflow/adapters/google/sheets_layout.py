"""What stands where in the tracking spreadsheet: the cells of each of our sheets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from zoneinfo import ZoneInfo

from rmflow.adapters.google.sheets_grid import Extended, extended
from rmflow.adapters.workbook.cell_text import cell_text
from rmflow.formats.workbook.book import MARK, Book, Carried, Column, Sheet, Value
from rmflow.formats.workbook.plain_value import spelled

Place = tuple[int, int]  # row and column, both counted from 0

HEADER = 3  # the row of the titles, below the heading
CARD_COLUMNS, CARD_ROWS = 5, 4
CHART_ROWS = 15
_SMALL_PRINT: Place = (2, 1)
_FIRST_YEAR = 1900  # earlier dates are typing errors, and stay as they were written


@dataclass(frozen=True, slots=True)
class Layout:
    """The cells of a sheet, and what people see of it beside its table.

    `quiet` are places whose text alone is no reason to write: the time of writing.
    """

    cells: Mapping[Place, Extended]
    loose: tuple[str, ...] = ()
    quiet: frozenset[Place] = frozenset({_SMALL_PRINT})


def layout(book: Book, sheet: Sheet, now: datetime) -> Layout:
    """Return the cells of one of our sheets."""
    heading = dict(_heading(book, sheet, now))
    if sheet.columns:
        return Layout(_values(heading | dict(_table(sheet))), _spelled(heading))
    overview = heading | dict(_overview(sheet))
    return Layout(_values(overview | {(0, 0): MARK + sheet.name}), _spelled(overview))


def carried_cells(carried: Carried) -> Mapping[Place, Extended]:
    """Return the cells of a coordinator's own sheet, for a spreadsheet that lacks it."""
    return _values({(row - 1, column - 1): value for row, column, value in carried.cells})


def dates_of(sheet: Sheet) -> Mapping[Place, type[date]]:
    """Return the places in the coordinator's own columns that hold a date or a date and time."""
    own = [index for index, column in enumerate(sheet.columns) if column.own]
    found = {}
    for row, cells in enumerate(sheet.rows, start=HEADER + 1):
        for index in own:
            value = cells[index]
            if isinstance(value, date) and value.year >= _FIRST_YEAR:
                found[row, index] = type(value)
    return found


def title_of(column: Column) -> str:
    """Return the title of a column as it is written and recognised again."""
    return " ".join(cell_text(column.title).split())


def charts_top(sheet: Sheet) -> int:
    """Return the row in which the charts of an overview begin."""
    return HEADER + 1 + ceil(len(sheet.figures) / CARD_COLUMNS) * CARD_ROWS


def block_tops(sheet: Sheet) -> Iterator[int]:
    """Yield the row of the title of each block's figures, below the charts."""
    row = charts_top(sheet) + ceil(len(sheet.blocks) / 2) * (CHART_ROWS + 1)
    for block in sheet.blocks:
        yield row
        row += 3 + len(block.rows)


def card_places(sheet: Sheet) -> Iterator[Place]:
    """Yield the upper place of the card of each figure, five beside each other."""
    for number in range(len(sheet.figures)):
        row, column = divmod(number, CARD_COLUMNS)
        yield HEADER + 1 + row * CARD_ROWS, 1 + column


def _heading(book: Book, sheet: Sheet, now: datetime) -> Iterator[tuple[Place, Value]]:
    written = f"{now.astimezone(ZoneInfo(book.zone)):%d %b %Y, %H:%M}".removeprefix("0")
    said = f"Written by rmflow on {written}. All times are {book.zone}."
    if any(column.typed for column in sheet.columns):
        said += " The yellow columns are yours, and so is every column or sheet you add."
    yield (0, 1), f"{book.title} · {sheet.name}"
    yield (1, 1), sheet.intro
    yield _SMALL_PRINT, said


def _table(sheet: Sheet) -> Iterator[tuple[Place, Value]]:
    for index, column in enumerate(sheet.columns):
        yield (HEADER, index), title_of(column)
    for row, cells in enumerate(sheet.rows, start=HEADER + 1):
        for index, value in enumerate(cells):
            yield (row, index), value


def _overview(sheet: Sheet) -> Iterator[tuple[Place, Value]]:
    for (row, column), figure in zip(card_places(sheet), sheet.figures, strict=True):
        yield (row, column), figure.label
        yield (row + 1, column), figure.value
        yield (row + 2, column), figure.meaning
    for top, block in zip(block_tops(sheet), sheet.blocks, strict=True):
        yield (top, 1), block.title
        for row, cells in enumerate((block.columns, *block.rows), start=top + 1):
            for column, value in enumerate(cells, start=1):
                yield (row, column), value


def _values(cells: Mapping[Place, Value]) -> dict[Place, Extended]:
    """Return the cells as the API takes them; empty ones are left out."""
    values = {place: extended(_writable(value)) for place, value in cells.items()}
    return {place: value for place, value in values.items() if value is not None}


def _writable(value: Value) -> Value:
    if isinstance(value, str):
        return cell_text(value)
    if isinstance(value, date) and value.year < _FIRST_YEAR:
        return spelled(value)
    return value


def _spelled(cells: Mapping[Place, Value]) -> tuple[str, ...]:
    return tuple(spelled(_writable(value)) for value in cells.values())
