"""The coordinator of an `Office`: opens the tracking workbook with another library than ours."""

from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from office import Office
from rmflow.formats.workbook.book import MARK

Row = dict[str, Any]


def type_in(office: Office, pair: str, column: str, text: str | None, sheet: str = "Pairs") -> None:
    """Open the workbook, type into the cell of a pair's row, save."""
    path = office.folder / "tracking.xlsx"
    workbook = openpyxl.load_workbook(path)
    page = workbook[sheet]
    header = _header(page)
    titles = [cell.value for cell in page[header]]
    for row in range(header + 1, page.max_row + 1):
        if page.cell(row, titles.index("Pair") + 1).value == pair:
            page.cell(row, titles.index(column) + 1).value = text
    workbook.save(path)


def settle(office: Office, text: str, line: int = 0) -> None:
    """Type into the column "Do next" of a line of "Needs you"."""
    path = office.folder / "tracking.xlsx"
    workbook = openpyxl.load_workbook(path)
    page = workbook["Needs you"]
    header = _header(page)
    column = [cell.value for cell in page[header]].index("Do next") + 1
    page.cell(header + 1 + line, column).value = text
    workbook.save(path)


def sheet(office: Office, name: str) -> list[Row]:
    """Return the rows of a sheet by the titles of its columns."""
    page = openpyxl.load_workbook(office.folder / "tracking.xlsx")[name]
    first, *rows = page.iter_rows(min_row=_header(page), values_only=True)
    return [dict(zip(map(str, first), row, strict=True)) for row in rows if any(row)]


def row_of(office: Office, pair: str, name: str = "Pairs") -> Row:
    """Return the one row of a pair."""
    (row,) = [row for row in sheet(office, name) if row["Pair"] == pair]
    return row


def _header(page: Worksheet) -> int:
    """Return the row of the titles: the one with the hidden column that names the rows."""
    rows = enumerate(page.iter_rows(values_only=True), 1)
    return next(number for number, row in rows if any(str(v).startswith(MARK) for v in row))
