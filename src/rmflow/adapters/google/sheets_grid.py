"""A Google spreadsheet as the Sheets API tells it: sheets, and cells with what stands in them."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from rmflow.adapters.spreadsheet_child import cell_of
from rmflow.formats.table import Cell, Table
from rmflow.formats.workbook.manifest import SHEET as MANIFEST

# An ExtendedValue of the API: {"stringValue": ...}, {"numberValue": ...}; None for an empty cell.
Extended = Mapping[str, Any] | None

SHEETS = (
    "properties(sheetId,title,gridProperties(rowCount,columnCount)),charts(chartId),"
    "conditionalFormats(booleanRule(condition))"
)
_CELLS = (
    "data(startRow,startColumn,rowData(values("
    "userEnteredValue,effectiveValue,effectiveFormat(numberFormat(type,pattern)))))"
)
FIELDS = f"properties(title),sheets({SHEETS},{_CELLS})"

# Day 0 of a serial number; unlike Excel's, the calendar of Sheets has no 29 February 1900.
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a cell has no zone
_MOMENTS = ("DATE", "DATE_TIME", "TIME")


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell. `entered` is what was typed (a formula stays one), `shown` what came of it.

    `format` is the type of its number format, "ELAPSED" for hours that go past 24.
    """

    entered: Extended
    shown: Extended
    format: str = ""

    @property
    def value(self) -> Cell:
        """The content, as a spreadsheet file would hold it; None for an error."""
        match self.shown:
            case {"stringValue": str(text)}:
                return text or None
            case {"boolValue": bool(truth)}:
                return truth
            case {"numberValue": int(number) | float(number)}:
                return _number(number, self.format)
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet. Cells are by row and column, both counted from 0; empty ones are left out."""

    id: int
    title: str
    row_count: int
    column_count: int
    cells: Mapping[tuple[int, int], GridCell] = field(repr=False)
    charts: frozenset[int] = frozenset()
    rules: tuple[Mapping[str, Any], ...] = ()

    @property
    def entered(self) -> Mapping[tuple[int, int], Extended]:
        """What was typed, without what formulas made of it."""
        return {place: cell.entered for place, cell in self.cells.items()}

    def table(self, source: str) -> Table | None:
        """Return what is on the sheet, None if nothing is."""
        if not self.cells:
            return None
        rows, columns = zip(*self.cells, strict=True)
        top, left, right = min(rows), min(columns), max(columns)
        body = [[None] * (right - left + 1) for _ in range(max(rows) - top + 1)]
        values: list[list[Cell]] = [list(row) for row in body]
        for (row, column), cell in self.cells.items():
            values[row - top][column - left] = cell.value
        return Table(source, self.title, tuple(map(tuple, values)), top + 1, left + 1)

    def text(self, row: int, column: int) -> str:
        """Return the text of a cell, "" where it has none."""
        cell = self.cells.get((row, column))
        return str(cell.shown.get("stringValue", "")) if cell and cell.shown else ""


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """The whole of it, as it was at one moment."""

    title: str
    pages: tuple[Page, ...]

    @property
    def fingerprint(self) -> str:
        """A hash over names and what was typed. A formula that is calculated again is no edit."""
        digest = hashlib.sha256()
        for page in self.pages:
            _feed(digest.update, page)
        return digest.hexdigest()

    @property
    def manifest(self) -> Page | None:
        """Our hidden sheet, if there is one."""
        return next((page for page in self.pages if page.title == MANIFEST), None)

    def tables(self) -> tuple[Table, ...]:
        """Return every sheet with something on it, hidden ones too."""
        found = (page.table(self.title) for page in self.pages)
        return tuple(table for table in found if table)


def spreadsheet_of(answer: Mapping[str, Any]) -> Spreadsheet:
    """Return the spreadsheet in an answer that has the fields FIELDS."""
    title = answer.get("properties", {}).get("title", "")
    # A sheet without a grid holds one chart and no cells.
    sheets = (s for s in answer.get("sheets", ()) if "gridProperties" in s["properties"])
    return Spreadsheet(title, tuple(_page(sheet) for sheet in sheets))


def extended(value: Cell) -> Extended:
    """Return the value of a cell as the API takes it: a text stays a text, whatever it says.

    Dates and times become serial numbers; only a number format shows them as what they are.
    """
    match value:
        case None | "":
            return None
        case bool():
            return {"boolValue": value}
        case str():
            return {"stringValue": value}
        case int() | float():
            return {"numberValue": value}
        case datetime():
            return {"numberValue": (value.replace(tzinfo=None) - _DAY_ZERO) / timedelta(days=1)}
        case date():
            return {"numberValue": (value - _DAY_ZERO.date()).days}
        case time():
            return {"stringValue": value.isoformat()}


def _page(sheet: Mapping[str, Any]) -> Page:
    properties = sheet["properties"]
    grid = properties["gridProperties"]
    rules = (rule.get("booleanRule", {}) for rule in sheet.get("conditionalFormats", ()))
    return Page(
        id=properties["sheetId"],
        title=properties["title"],
        row_count=grid.get("rowCount", 0),
        column_count=grid.get("columnCount", 0),
        cells=_cells(sheet.get("data", ())),
        charts=frozenset(chart["chartId"] for chart in sheet.get("charts", ())),
        rules=tuple(rule.get("condition", {}) for rule in rules),
    )


def _cells(data: Iterable[Mapping[str, Any]]) -> dict[tuple[int, int], GridCell]:
    """Return the cells of the blocks of a sheet; rows and cells at the end may be missing."""
    found = {}
    for block in data:
        top, left = block.get("startRow", 0), block.get("startColumn", 0)
        for row, cells in enumerate(block.get("rowData", ()), start=top):
            for column, cell in enumerate(cells.get("values", ()), start=left):
                if "userEnteredValue" in cell or "effectiveValue" in cell:
                    found[row, column] = _cell(cell)
    return found


def _cell(cell: Mapping[str, Any]) -> GridCell:
    form = cell.get("effectiveFormat", {}).get("numberFormat", {})
    kind = form.get("type", "")
    if kind == "TIME" and "[" in form.get("pattern", ""):
        kind = "ELAPSED"
    return GridCell(cell.get("userEnteredValue"), cell.get("effectiveValue"), kind)


def _number(number: float, form: str) -> Cell:
    """Return a number as what its format says that it is."""
    try:
        if form == "ELAPSED":
            return cell_of(_span(number))
        if form in _MOMENTS:
            return _moment(number)
    except OverflowError:  # a number under a date format that no calendar reaches
        pass
    return cell_of(float(number))


def _moment(serial: float) -> Cell:
    at = _DAY_ZERO + _span(serial)
    if 0 <= serial < 1:
        return at.time()
    return at.date() if at.time() == time(0) else at


def _span(days: float) -> timedelta:
    """Return a number of days to the millisecond, more exact than a serial number is."""
    return timedelta(milliseconds=round(days * 86_400_000))


def _feed(update: Any, page: Page) -> None:
    update(json.dumps([page.id, page.title, page.row_count, page.column_count]).encode())
    for place, entered in sorted(page.entered.items(), key=lambda cell: cell[0]):
        update(json.dumps([*place, entered], sort_keys=True).encode())
