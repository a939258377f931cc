"""From a book and the spreadsheet as it is to the requests that make it say what the book says.

Only what differs is asked for: a cell that already shows what it should is not in the requests,
so a coordinator who types meanwhile into another cell is not overwritten, and a formula whose
result is what we know stays one. Everything is applied together or not at all.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rmflow.adapters.google.sheets_api import Request
from rmflow.adapters.google.sheets_cells import Lines, changed, written
from rmflow.adapters.google.sheets_grid import Page, Spreadsheet
from rmflow.adapters.google.sheets_layout import Layout, carried_cells, dates_of, layout
from rmflow.adapters.google.sheets_looks import date_format, dressed, frozen, signature
from rmflow.adapters.google.sheets_ours import Ours, our_pages, own_pages, titles_of
from rmflow.adapters.google.sheets_shape import reshaped
from rmflow.formats.workbook.book import Book, Carried, Sheet
from rmflow.formats.workbook.manifest import SHEET, made_row, manifest_rows

_LOOK = "look of "
_SPARE_ROWS, _SPARE_COLUMNS = 20, 6

FreshId = Callable[[], int]


def plan(book: Book, there: Spreadsheet, now: datetime, fresh_id: FreshId) -> list[Request]:
    """Return the requests, none when the spreadsheet says all of it already.

    The first ones replace the hidden sheet by one with another id. They fail, and all others with
    them, when the hidden sheet is no longer the one we read: a request that arrives late or
    twice, or another rmflow, changes nothing.
    """
    layouts = {sheet.name: layout(book, sheet, now) for sheet in book.sheets}
    looks = _looks(there)
    ours = our_pages(there)
    found = _Found([], [])
    for number, sheet in enumerate(book.sheets):
        known = looks.get(sheet.name) == signature(sheet)
        of_sheet = _Step(sheet, layouts[sheet.name], ours.get(sheet.name), known=known)
        _write_sheet(of_sheet, found, _Place(number, there, fresh_id))
    names = {sheet.name for sheet in book.sheets}
    for name, gone in ours.items():
        if name not in names:
            found.loud.append({"deleteSheet": {"sheetId": gone.page.id}})
    found.loud.extend(_missing_sheets(book, there, fresh_id))
    rows = list(_manifest(book, layouts, quiet=False))
    if not found.loud and there.manifest and _rows(there.manifest) >= set(rows):
        return []
    full = [*_manifest(book, layouts, quiet=True), made_row(now)]
    return [*_replaced_manifest(full, there, fresh_id), *found.loud, *found.quiet]


@dataclass(frozen=True, slots=True)
class _Found:
    """Requests: `loud` are a reason to write, `quiet` go along when there is one."""

    loud: list[Request]
    quiet: list[Request]


@dataclass(frozen=True, slots=True)
class _Step:
    """A sheet of the book, and where it is. `known`: it looks as we would dress it."""

    sheet: Sheet
    layout: Layout
    ours: Ours | None
    known: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a sheet would be added."""

    index: int
    there: Spreadsheet
    fresh_id: FreshId


def _write_sheet(step: _Step, found: _Found, place: _Place) -> None:
    sheet, ours = step.sheet, step.ours
    if ours is None:
        page = _new_page(sheet.name, step.layout.cells, place.there, place.fresh_id())
        found.loud.append(_added(page, index=place.index))
        ours = Ours(page, 0, 0)
    present = set(titles_of(ours).values())
    shape = reshaped(sheet, ours, step.layout.cells)
    if shape.requests:
        found.loud.append(frozen(sheet, ours.page.id, on=False))
        found.loud.extend(shape.requests)
    _write_cells(step, ours.page, shape.lines, found)
    dress = step.ours is None or not step.known or shape.new_columns
    if dress:
        found.loud.extend(dressed(sheet, ours.page, present))
    if dress or shape.requests:
        found.loud.append(frozen(sheet, ours.page.id, on=True))


def _write_cells(step: _Step, page: Page, lines: Lines, found: _Found) -> None:
    wanted = step.layout.cells
    places = changed(page, lines, wanted)
    quiet = {place: wanted.get(place) for place in places & step.layout.quiet}
    loud = {place: wanted.get(place) for place in places - step.layout.quiet}
    found.loud.extend(written(page.id, loud))
    found.quiet.extend(written(page.id, quiet))
    dates = dates_of(step.sheet)
    for place in sorted(loud.keys() & dates.keys()):
        look = {place: date_format(dates[place].__name__)}
        found.loud.extend(
            written(page.id, look, "userEnteredFormat", "userEnteredFormat.numberFormat")
        )


def _new_page(
    name: str, cells: Mapping[tuple[int, int], object], there: Spreadsheet, id: int
) -> Page:
    """Return an empty sheet under a name that is free."""
    taken = {page.title.casefold() for page in there.pages}
    free, number = name, 2
    while free.casefold() in taken:
        free, number = f"{name} ({number})", number + 1
    rows, columns = zip(*cells, strict=True) if cells else ((0,), (0,))
    return Page(id, free, max(rows) + 1 + _SPARE_ROWS, max(columns) + 1 + _SPARE_COLUMNS, {})


def _added(page: Page, **more: object) -> Request:
    grid = {"rowCount": page.row_count, "columnCount": page.column_count}
    properties = {"sheetId": page.id, "title": page.title, "gridProperties": grid, **more}
    return {"addSheet": {"properties": properties}}


def _missing_sheets(book: Book, there: Spreadsheet, fresh_id: FreshId) -> Iterator[Request]:
    """Yield what restores the coordinator's own sheets; those that are there are never touched."""
    present = {page.title.casefold() for page in own_pages(there)}
    for carried in book.carried:
        if not _is_there(carried, present):
            cells = carried_cells(carried)
            page = _new_page(carried.name, cells, there, fresh_id())
            yield _added(page)
            yield from written(page.id, cells)


def _is_there(carried: Carried, present: set[str]) -> bool:
    """Return whether a sheet is there; reading it back may have numbered its name."""
    name = carried.name.casefold()
    base, _, number = name.rpartition(" (")
    return name in present or (number.rstrip(")").isdecimal() and base in present)


def _manifest(
    book: Book, layouts: Mapping[str, Layout], *, quiet: bool
) -> Iterator[tuple[str, str, str]]:
    """Yield the rows of the hidden sheet; without the `quiet` ones for a comparison."""
    loose = {}
    for name, of_sheet in layouts.items():
        silent = {str((of_sheet.cells[place] or {}).get("stringValue")) for place in of_sheet.quiet}
        loose[name] = [text for text in of_sheet.loose if quiet or text not in silent]
    yield from manifest_rows(book, loose)
    for sheet in book.sheets:
        yield ("rmflow", _LOOK + sheet.name, signature(sheet))


def _rows(manifest: Page) -> set[tuple[str, str, str]]:
    rows = {row for row, _ in manifest.cells}
    return {(manifest.text(r, 0), manifest.text(r, 1), manifest.text(r, 2)) for r in rows}


def _looks(there: Spreadsheet) -> Mapping[str, str]:
    """Return the signatures under which our sheets were dressed last."""
    rows = _rows(there.manifest) if there.manifest else set()
    return {
        kind.removeprefix(_LOOK): signed
        for who, kind, signed in rows
        if who == "rmflow" and kind.startswith(_LOOK)
    }


def _replaced_manifest(
    rows: Sequence[tuple[str, str, str]], there: Spreadsheet, fresh_id: FreshId
) -> Iterator[Request]:
    if there.manifest:
        yield {"deleteSheet": {"sheetId": there.manifest.id}}
    page = Page(fresh_id(), SHEET, len(rows), 3, {})
    yield _added(page, hidden=True)
    yield from written(
        page.id,
        {
            (row, column): {"stringValue": text}
            for row, texts in enumerate(rows)
            for column, text in enumerate(texts)
        },
    )
