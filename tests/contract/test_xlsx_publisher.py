"""The xlsx file keeps the promises of a Publisher; a coordinator opens it with openpyxl."""

from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from publisher_contract import NOW, Desk, PublisherContract

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.workbook.tracking import Settings, XlsxTracking

_HEADER = 4


class XlsxDesk:
    """A folder with tracking.xlsx."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "tracking.xlsx"

    def open(self) -> XlsxTracking:
        return XlsxTracking(Settings(path=self._path), self._folder, StoppedClock(NOW))

    def type_in(self, sheet: str, key: str, title: str, text: str) -> None:
        book = openpyxl.load_workbook(self._path)
        page = book[sheet]
        titles = [cell.value for cell in page[_HEADER]]
        if title not in titles:
            titles.append(title)
            page.cell(_HEADER, len(titles)).value = title
        keys = [row[0] for row in page.iter_rows(min_row=1, values_only=True)]
        place = page.cell(keys.index(key) + 1, titles.index(title) + 1)
        place.value = float(text) if text == "12.5" else text
        if text.startswith("="):
            place.data_type = "s"
        book.save(self._path)

    def turn_over(self, sheet: str) -> None:
        book = openpyxl.load_workbook(self._path)
        page = book[sheet]
        area = list(page.iter_rows(min_row=_HEADER + 1))
        values = [[cell.value for cell in row] for row in area]
        for row, cells in zip(area, reversed(values), strict=True):
            for cell, value in zip(row, cells, strict=True):
                cell.value = value
        book.save(self._path)

    def add_sheet(self, name: str, text: str) -> None:
        book = openpyxl.load_workbook(self._path)
        book.create_sheet(name)["B2"] = text
        book.save(self._path)

    def rename(self, sheet: str, name: str) -> None:
        book = openpyxl.load_workbook(self._path)
        book[sheet].title = name
        book.save(self._path)

    def names(self) -> list[str]:
        book = openpyxl.load_workbook(self._path)
        return [page.title for page in book.worksheets if page.sheet_state == "visible"]

    def rows(self, sheet: str) -> list[dict[str, Any]]:
        page = openpyxl.load_workbook(self._path)[sheet]
        titles = [str(cell.value) for cell in page[_HEADER]]
        body = page.iter_rows(min_row=_HEADER + 1)
        found = [dict(zip(titles, map(_shown, row), strict=True)) for row in body]
        return [row for row in found if any(value is not None for value in row.values())]

    def text_in_b2(self, sheet: str) -> object:
        page = openpyxl.load_workbook(self._path)[sheet]
        assert isinstance(page, Worksheet)
        return page["B2"].value


def _shown(cell: Any) -> object:
    if isinstance(cell.value, datetime) and "h" not in cell.number_format:
        return cell.value.date()
    return cell.value


class TestXlsxTracking(PublisherContract):
    @pytest.fixture
    def desk(self, tmp_path: Path) -> Desk:
        return XlsxDesk(tmp_path)
