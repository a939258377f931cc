"""The roster as a file keeps the promises of a RosterSource."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from roster_contract import RosterContract, Shelf

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.spreadsheet import FileRoster, Settings
from rmflow.formats.table import Cell


class FileShelf:
    """A folder with roster.xlsx."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "roster.xlsx"

    def open(self) -> FileRoster:
        clock = StoppedClock(datetime(2027, 1, 4, tzinfo=UTC))
        return FileRoster(Settings(path=Path(self._path.name)), self._path.parent, clock)

    def write(
        self, sheets: Mapping[str, Sequence[Sequence[Cell]]], top: int = 1, left: int = 1
    ) -> None:
        with xlsxwriter.Workbook(self._path) as book:
            moment = {kind: book.add_format({"num_format": f}) for kind, f in _FORMATS.items()}
            for name, rows in sheets.items():
                page = book.add_worksheet(name)
                for row, cells in enumerate(rows, start=top - 1):
                    for column, cell in enumerate(cells, start=left - 1):
                        if isinstance(cell, date | time):
                            page.write_datetime(row, column, cell, moment[type(cell)])
                        elif isinstance(cell, str):
                            page.write_string(row, column, cell)
                        elif cell is not None:
                            page.write(row, column, cell)

    def hide(self, sheet: str) -> None:
        book = openpyxl.load_workbook(self._path)
        book[sheet].sheet_state = "hidden"
        book.save(self._path)

    def remove(self) -> None:
        self._path.unlink()


_FORMATS = {date: "dd.mm.yyyy", datetime: "dd.mm.yyyy hh:mm:ss", time: "hh:mm:ss"}


class TestFileRoster(RosterContract):
    @pytest.fixture
    def shelf(self, tmp_path: Path) -> Shelf:
        return FileShelf(tmp_path)
