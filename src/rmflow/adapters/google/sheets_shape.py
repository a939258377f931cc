"""The rows and columns of a sheet of ours, brought to where they belong as whole lines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rmflow.adapters.google.sheets_api import Request
from rmflow.adapters.google.sheets_cells import Lines
from rmflow.adapters.google.sheets_grid import Extended
from rmflow.adapters.google.sheets_layout import HEADER, Place, title_of
from rmflow.adapters.google.sheets_order import Delete, Edit, Insert, Move, edits
from rmflow.adapters.google.sheets_ours import Ours, titles_of
from rmflow.formats.workbook.book import Sheet

_HEADING = "\0heading "  # no key begins like this
_SPARE = 5
_Dimension = str  # "ROWS" or "COLUMNS"


@dataclass(frozen=True, slots=True)
class Shape:
    """What has to be done, and where the lines then come from."""

    requests: Sequence[Request]
    lines: Lines
    new_columns: bool = False


def reshaped(sheet: Sheet, ours: Ours, wanted: Mapping[Place, Extended]) -> Shape:
    """Return how rows and columns come to stand as in the book, their number included.

    Some spare rows and columns stay at the end, for the coordinator's own; without any, Sheets
    refuses to delete all that is not frozen.
    """
    row_names, rows = _row_names(sheet, ours)
    column_names, columns = _column_names(sheet, ours)
    row_edits, column_edits = edits(row_names, rows), edits(column_names, columns)
    page = ours.page
    height = max(len(rows), 1 + max(row for row, _ in wanted))
    width = max(len(columns), 1 + max(column for _, column in wanted))
    requests = [
        *_room(page.id, "ROWS", page.row_count, height, row_edits),
        *_room(page.id, "COLUMNS", page.column_count, width, column_edits),
        *(_request(page.id, "ROWS", edit) for edit in row_edits),
        *(_request(page.id, "COLUMNS", edit) for edit in column_edits),
    ]
    lines = Lines(
        _lengthened(_followed(len(row_names), row_edits), height),
        _lengthened(_followed(len(column_names), column_edits), width),
    )
    return Shape(requests, lines, any(isinstance(edit, Insert) for edit in column_edits))


def _row_names(sheet: Sheet, ours: Ours) -> tuple[list[str], list[str]]:
    """Return the names of the rows as they are and as they should be."""
    last = max((row for row, _ in ours.page.cells), default=-1)
    if not sheet.columns:
        return _from_mark(ours.header, last)
    heading = [f"{_HEADING}{number}" for number in range(HEADER)]
    above = [*heading[: ours.header], *([""] * (ours.header - HEADER))]
    below = [ours.page.text(row, ours.mark) for row in range(ours.header + 1, last + 1)]
    current = [*above, _HEADING, *below] if ours.page.cells else []
    key = sheet.key_index
    assert key is not None
    return current, [*heading, _HEADING, *(str(row[key]) for row in sheet.rows)]


def _column_names(sheet: Sheet, ours: Ours) -> tuple[list[str], list[str]]:
    titles = titles_of(ours)
    if not sheet.columns:
        return _from_mark(ours.mark, len(titles) - 1)
    return list(titles.values()), [title_of(column) for column in sheet.columns]


def _from_mark(mark: int, last: int) -> tuple[list[str], list[str]]:
    """Return names for the lines of a sheet without a table: what was put before it goes."""
    wanted = [str(number) for number in range(mark, last + 1)]
    return [*([""] * mark), *wanted], wanted


def _room(
    id: int, dimension: _Dimension, count: int, needed: int, steps: Sequence[Edit]
) -> Iterator[Request]:
    """Yield the request for the lines that the sheet will lack."""
    for step in steps:
        match step:
            case Delete(start, end):
                count -= end - start
            case Insert(start, end):
                count += end - start
            case Move():
                pass
    lacking = needed + _SPARE - count
    if lacking > 0:
        yield {"appendDimension": {"sheetId": id, "dimension": dimension, "length": lacking}}


def _request(id: int, dimension: _Dimension, edit: Edit) -> Request:
    def area(start: int, end: int) -> dict[str, Any]:
        return {"sheetId": id, "dimension": dimension, "startIndex": start, "endIndex": end}

    match edit:
        case Delete(start, end):
            return {"deleteDimension": {"range": area(start, end)}}
        case Insert(start, end):
            return {"insertDimension": {"range": area(start, end), "inheritFromBefore": False}}
        case Move(source, to):
            moved = {"source": area(source, source + 1), "destinationIndex": to}
            return {"moveDimension": moved}


def _followed(count: int, steps: Sequence[Edit]) -> list[int | None]:
    """Return where each line stood before the steps."""
    lines: list[int | None] = list(range(count))
    for step in steps:
        match step:
            case Delete(start, end):
                del lines[start:end]
            case Insert(start, end):
                lines[start:start] = [None] * (end - start)
            case Move(source, to):
                lines.insert(to, lines[source])
                del lines[source + (source > to)]
    return lines


def _lengthened(lines: list[int | None], length: int) -> list[int | None]:
    """Return the lines with empty ones at the end, which are new as far as we know."""
    return [*lines, *([None] * (length - len(lines)))]
