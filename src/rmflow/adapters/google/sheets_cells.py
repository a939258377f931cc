"""The cells that differ from what they should be, and the requests that write them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Any

from rmflow.adapters.google.sheets_api import Request
from rmflow.adapters.google.sheets_grid import Extended, Page
from rmflow.adapters.google.sheets_layout import Place


@dataclass(frozen=True, slots=True)
class Lines:
    """Where the rows and columns of a sheet, now in order, stood before; None for a new one."""

    rows: Sequence[int | None]
    columns: Sequence[int | None]


def changed(page: Page, lines: Lines, wanted: Mapping[Place, Extended]) -> set[Place]:
    """Return the places that show something else than they should; a new row has all of them."""
    rows = {old: new for new, old in enumerate(lines.rows) if old is not None}
    columns = {old: new for new, old in enumerate(lines.columns) if old is not None}
    shown = {
        (rows[row], columns[column]): cell.shown
        for (row, column), cell in page.cells.items()
        if row in rows and column in columns
    }
    places = shown.keys() | wanted.keys()
    found = {place for place in places if not _same(shown.get(place), wanted.get(place))}
    new = (row for row, old in enumerate(lines.rows) if old is None)
    found.update((row, column) for row in new for column in range(len(lines.columns)))
    return found


def written(
    id: int,
    cells: Mapping[Place, Any],
    name: str = "userEnteredValue",
    fields: str = "userEnteredValue",
) -> Iterator[Request]:
    """Yield the requests that put these values into their cells; None empties one.

    A value is put in as it is: what begins with "=" and is a `stringValue` stays a text.
    """
    for (row, column), rows in _blocks(cells):
        values = [[{} if cell is None else {name: cell} for cell in line] for line in rows]
        yield {
            "updateCells": {
                "start": {"sheetId": id, "rowIndex": row, "columnIndex": column},
                "rows": [{"values": line} for line in values],
                "fields": fields,
            }
        }


def _same(shown: Extended, wanted: Extended) -> bool:
    """Return whether a cell shows what it should. An error shows nothing."""
    if not shown or "errorValue" in shown or shown.get("stringValue") == "":
        shown = None
    if shown is None or wanted is None or shown.keys() != wanted.keys():
        return shown is wanted
    if "numberValue" in shown:
        return isclose(shown["numberValue"], wanted["numberValue"], rel_tol=1e-12)
    return dict(shown) == dict(wanted)


def _blocks(cells: Mapping[Place, Any]) -> Iterator[tuple[Place, list[list[Any]]]]:
    """Yield rectangles: runs of neighbours in a row, with the equal runs of the rows below."""
    open_: dict[tuple[int, int], tuple[int, list[list[Any]]]] = {}
    for row, start, values in _runs(cells):
        key = (start, len(values))
        if key in open_:
            top, rows = open_[key]
            if top + len(rows) == row:
                rows.append(values)
                continue
            yield (top, start), rows
        open_[key] = (row, [values])
    for (start, _), (top, rows) in open_.items():
        yield (top, start), rows


def _runs(cells: Mapping[Place, Any]) -> Iterator[tuple[int, int, list[Any]]]:
    """Yield row, first column and values of neighbours, in order."""
    run: list[Any] = []
    row = start = -1
    for place in sorted(cells):
        if run and place == (row, start + len(run)):
            run.append(cells[place])
            continue
        if run:
            yield row, start, run
        (row, start), run = place, [cells[place]]
    if run:
        yield row, start, run
