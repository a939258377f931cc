"""Which sheets of a spreadsheet are ours, by the mark in their hidden column."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rmflow.adapters.google.sheets_grid import Page, Spreadsheet
from rmflow.formats.workbook.book import MARK
from rmflow.formats.workbook.manifest import SHEET

_ROWS_ABOVE = 50  # as far as `annotations` looks for a mark that was pushed down


@dataclass(frozen=True, slots=True)
class Ours:
    """A sheet of ours; its mark is at `header`, `mark`: the row of titles, the hidden column."""

    page: Page
    header: int
    mark: int


def our_pages(there: Spreadsheet) -> Mapping[str, Ours]:
    """Return our sheets by their first names; a copy that somebody made of one is theirs."""
    found: dict[str, Ours] = {}
    for page in there.pages:
        named = _named(page)
        if named:
            found.setdefault(named[0], named[1])
    return found


def own_pages(there: Spreadsheet) -> Iterator[Page]:
    """Yield the sheets that the coordinator added."""
    ours = {known.page.id for known in our_pages(there).values()}
    for page in there.pages:
        if page.title != SHEET and page.id not in ours:
            yield page


def titles_of(ours: Ours) -> Mapping[int, str]:
    """Return the titles of the columns by their places, "" where there is none."""
    last = max((column for _, column in ours.page.cells), default=-1)
    return {
        column: " ".join(str(_shown(ours.page, ours.header, column)).split())
        for column in range(last + 1)
    }


def _shown(page: Page, row: int, column: int) -> object:
    cell = page.cells.get((row, column))
    value = cell.value if cell else None
    return "" if value is None else value


def _named(page: Page) -> tuple[str, Ours] | None:
    if page.title == SHEET:
        return None
    marks = sorted(place for place in page.cells if place[0] < _ROWS_ABOVE)
    for row, column in marks:
        text = page.text(row, column)
        if text.startswith(MARK):
            return text.removeprefix(MARK).strip(), Ours(page, row, column)
    return None
