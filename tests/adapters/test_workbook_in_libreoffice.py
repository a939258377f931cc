"""A coordinator opens the workbook in the real LibreOffice, edits it and saves it."""

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.workbook.tracking import Settings, XlsxTracking
from rmflow.formats.workbook.book import MARK, Book, Column, Look, Origin, Sheet, Typed
from rmflow.formats.workbook.merging import merged

NOW = datetime(2026, 11, 22, 9, 15, tzinfo=UTC)
BOOK = Book(
    "Reverse Mentoring",
    "Europe/Berlin",
    (
        Sheet(
            "Pairs",
            "Every pair.",
            (
                Column(MARK + "Pairs", Look.KEY),
                Column("Pair"),
                Column("Mentor"),
                Column("Do next", typed=True, choices=("pause", "close")),
                Column("Coordinator notes", Look.LONG_TEXT, typed=True),
            ),
            (
                ("P01", "P01", "Aylin Demir", None, None),
                ("P02", "P02", "Jonas Brandt", None, None),
                ("P03", "P03", "Priya Raman", None, None),
            ),
        ),
    ),
)
BEFORE = (
    Typed("Pairs", "P01", "Do next", "pause"),
    Typed("Pairs", "P03", "Coordinator notes", "=1+1\nsecond line <r>x</r>"),
)


@pytest.fixture
def soffice() -> str:
    found = shutil.which("soffice")
    if found is None:
        pytest.skip("needs LibreOffice Calc: apt-get install libreoffice-calc")
    return found


@pytest.fixture
def uno_python() -> str:
    for python in (sys.executable, "/usr/bin/python3"):
        tried = subprocess.run([python, "-c", "import uno"], capture_output=True, check=False)
        if tried.returncode == 0:
            return python
    pytest.skip("needs LibreOffice's Python: apt-get install python3-uno")


@pytest.fixture
def tracking(tmp_path: Path) -> XlsxTracking:
    tracking = XlsxTracking(Settings(), tmp_path, StoppedClock(NOW))
    tracking.fingerprint()
    tracking.publish(merged(BOOK, BEFORE), NOW)
    return tracking


def edited(uno_python: str, soffice: str, folder: Path, target: str) -> None:
    script = Path(__file__).with_name("libreoffice_editing.py")
    subprocess.run(
        [
            uno_python,
            str(script),
            soffice,
            str(folder / "profile"),
            str(folder / "tracking.xlsx"),
            str(folder / target),
        ],
        check=True,
        timeout=120,
    )


def check_everything_is_found(typed: tuple[Typed, ...] | None) -> None:
    assert typed is not None
    added = [t for t in typed if t.column == "Added"]
    assert [t.text for t in added] == ["Mentor: a row of my own"]
    assert sorted(set(typed) - set(added), key=repr) == sorted(
        (
            *BEFORE,
            Typed("Pairs", "P02", "Coordinator notes", "typed in LibreOffice"),
            Typed("Pairs", "", "Budget", "001"),
            Typed("Pairs", "P01", "Budget", "120.5"),
            Typed("Pairs", "P03", "Budget", "42"),
            Typed("My list", "", "", "001"),
            Typed("My list", "0000003", "00002", "=not a formula"),
            Typed("My list", "0000003", "00003", "7"),
        ),
        key=repr,
    )


@pytest.mark.server
def test_notes_are_found_after_sorting_moving_and_renaming(
    tmp_path: Path, tracking: XlsxTracking, soffice: str, uno_python: str
) -> None:
    """FEATURES R1: whatever the coordinator does to the sheet, a note stays with its pair."""
    edited(uno_python, soffice, tmp_path, "saved.xlsx")
    (tmp_path / "saved.xlsx").replace(tmp_path / "tracking.xlsx")

    typed = tracking.typed()
    check_everything_is_found(typed)
    assert tracking.origin() == Origin(merged(BOOK, BEFORE).digest, NOW)

    book = merged(BOOK, typed or ())
    tracking.publish(book, NOW)
    assert merged(BOOK, tracking.typed() or ()) == book


@pytest.mark.server
def test_notes_survive_being_saved_as_ods_and_back(
    tmp_path: Path, tracking: XlsxTracking, soffice: str, uno_python: str
) -> None:
    """LibreOffice offers its own format first; many accept and notice later."""
    edited(uno_python, soffice, tmp_path, "tracking.ods")
    subprocess.run(
        [
            soffice,
            "--headless",
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--convert-to",
            "xlsx",
            "--outdir",
            str(tmp_path),
            str(tmp_path / "tracking.ods"),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )

    check_everything_is_found(tracking.typed())
    assert tracking.origin() == Origin(merged(BOOK, BEFORE).digest, NOW)
