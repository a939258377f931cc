"""A note typed in the real LibreOffice, with the rows sorted anew, survives the next runs."""

import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from builders import at
from office import Office

_EDITING = Path(__file__).parents[1] / "adapters" / "libreoffice_editing.py"


@pytest.fixture
def uno_python() -> str:
    for python in (sys.executable, "/usr/bin/python3"):
        tried = subprocess.run([python, "-c", "import uno"], capture_output=True, check=False)
        if tried.returncode == 0:
            return python
    pytest.skip("needs LibreOffice's Python: apt-get install python3-uno")


@pytest.mark.server
def test_a_note_stays_with_its_pair_through_sorting_and_two_more_runs(
    tmp_path: Path, uno_python: str
) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("needs LibreOffice Calc: apt-get install libreoffice-calc")
    office = Office(tmp_path / "office", start=at("2026-10-05 09:00"))
    office.rows = [(f"P0{n}", *row[1:]) for n, row in enumerate(office.rows, 1)]
    office.save_roster()
    office.run()
    workbook = office.folder / "tracking.xlsx"
    saved = tmp_path / "saved.xlsx"

    command = [uno_python, str(_EDITING), soffice, str(tmp_path / "profile")]
    subprocess.run([*command, str(workbook), str(saved)], check=True, timeout=120)
    saved.replace(workbook)
    for day in ("2026-10-05 11:00", "2026-10-08 11:00"):
        office.at(at(day)).run()

    book = openpyxl.load_workbook(workbook)
    assert _cell(book["Pairs"], "P02", "Coordinator notes") == "typed in LibreOffice"
    assert _cell(book["Pairs"], "P01", "Budget") == 120.5
    assert "My list" in book.sheetnames


def _cell(sheet: object, pair: str, column: str) -> object:
    """Return what stands in a column of a pair's row, wherever both are."""
    rows = [list(row) for row in sheet.values]  # type: ignore[attr-defined]
    header = next(row for row in rows if "Coordinator notes" in row)
    row = next(row for row in rows if row[header.index("Pair")] == pair)
    return row[header.index(column)]
