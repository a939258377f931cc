"""The workbook that a run finds need not be the one that was written last, nor all of it."""

import shutil
from pathlib import Path

import openpyxl
import pytest

from builders import at, kinds
from coordinator import row_of, sheet, type_in
from office import Office
from rmflow.app.run import Report
from rmflow.formats.workbook.manifest import SHEET as HIDDEN

NOTES, NEXT = "Coordinator notes", "Do next"
LOCK = ".~lock.tracking.xlsx#"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Two pairs, and a note beside the first one."""
    office = Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))
    office.run()
    type_in(office, "pair-1", NOTES, "likes mornings")
    office.at(at("2026-10-06 09:00")).run()
    return office.at(at("2026-10-06 10:00"))


class Copy:
    """The workbook as it is now, put back or saved when others have been written since."""

    def __init__(self, office: Office) -> None:
        self._path = office.folder / "tracking.xlsx"
        self._kept = office.folder / "kept.xlsx"
        shutil.copy(self._path, self._kept)

    def put_back(self) -> None:
        shutil.copy(self._kept, self._path)


def notes(office: Office) -> list[object]:
    return [row[NOTES] for row in sheet(office, "Pairs")]


def did(report: Report) -> list[str]:
    return kinds(o.action for o in report.outcomes)


def later(office: Office) -> Report:
    return office.at(at("2026-10-06 11:00")).run()


def test_a_note_that_is_newer_than_a_copy_is_not_deleted_by_it(office: Office) -> None:
    copy = Copy(office)
    type_in(office, "pair-2", NOTES, "call Ben")
    office.run()
    copy.put_back()

    assert later(office).published
    assert notes(office) == ["likes mornings", "call Ben"]


def test_of_two_notes_in_one_cell_both_are_kept(office: Office) -> None:
    copy = Copy(office)
    type_in(office, "pair-1", NOTES, "likes evenings")
    office.run()
    copy.put_back()

    later(office)
    assert notes(office) == ["likes evenings\n\nlikes mornings", None]
    copy.put_back()
    office.at(at("2026-10-06 12:00")).run()
    assert notes(office) == ["likes evenings\n\nlikes mornings", None]


def test_what_is_deleted_or_changed_in_a_workbook_that_was_open_over_a_run_stays_so(
    office: Office,
) -> None:
    """It knew the notes, so what its owner made of them is their will."""
    type_in(office, "pair-2", NOTES, "call Ben")
    office.run()
    copy = Copy(office)
    type_in(office, "pair-2", NEXT, "pause")
    later(office)
    copy.put_back()
    type_in(office, "pair-1", NOTES, None)
    type_in(office, "pair-2", NOTES, "Ben was called")

    office.at(at("2026-10-06 12:00")).run()
    assert notes(office) == [None, "Ben was called"]


def test_a_note_can_be_changed_again_while_the_workbook_cannot_be_written(office: Office) -> None:
    (office.folder / LOCK).touch()
    for hour, text in ((11, "call B"), (12, "call Ben"), (13, None)):
        type_in(office, "pair-2", NOTES, text)
        office.at(at(f"2026-10-06 {hour}:00")).run()
    (office.folder / LOCK).unlink()

    office.at(at("2026-10-06 14:00")).run()
    assert notes(office) == ["likes mornings", None]


def test_a_choice_in_an_older_copy_is_not_obeyed_again_and_says_why(office: Office) -> None:
    type_in(office, "pair-2", NEXT, "skip next")
    copy = Copy(office)
    assert "revise series" in did(office.run())
    copy.put_back()

    assert did(later(office)) == []
    reason = "this workbook is older than what was done here last"
    assert str(row_of(office, "pair-2")[NEXT]).startswith(f"skip next ({reason};")
    assert office.run().nothing
    type_in(office, "pair-2", NEXT, "skip next")
    assert "revise series" in did(office.at(at("2026-10-06 12:00")).run())
    assert row_of(office, "pair-2")[NEXT] is None


def test_it_is_not_obeyed_by_a_later_run_either_while_the_copy_is_open(office: Office) -> None:
    type_in(office, "pair-2", NEXT, "skip next")
    copy = Copy(office)
    office.run()
    copy.put_back()
    (office.folder / LOCK).touch()

    assert did(later(office)) == []
    assert did(office.at(at("2026-10-06 12:00")).run()) == []


def test_a_choice_before_the_last_one_is_not_obeyed_again(office: Office) -> None:
    type_in(office, "pair-2", NEXT, "skip next")
    copy = Copy(office)
    office.run()
    type_in(office, "pair-2", NEXT, "resend invitation")
    later(office)
    copy.put_back()

    assert did(office.at(at("2026-10-06 12:00")).run()) == []


def test_a_fresh_choice_in_a_workbook_that_was_open_over_a_run_is_obeyed(office: Office) -> None:
    """That run obeyed a choice for the other pair, and wrote the workbook anew."""
    copy = Copy(office)
    type_in(office, "pair-2", NEXT, "skip next")
    office.run()
    copy.put_back()
    type_in(office, "pair-1", NEXT, "pause")

    later(office)
    assert [row["State"] for row in sheet(office, "Pairs")] == ["paused", "active"]
    assert notes(office) == ["likes mornings", None]


@pytest.mark.parametrize("gone", ["Pairs", HIDDEN])
def test_a_sheet_that_was_deleted_takes_no_note_with_it(office: Office, gone: str) -> None:
    path = office.folder / "tracking.xlsx"
    workbook = openpyxl.load_workbook(path)
    del workbook[gone]
    workbook.save(path)

    assert office.run().published
    assert notes(office) == ["likes mornings", None]


def test_a_column_that_was_deleted_takes_no_note_with_it(office: Office) -> None:
    path = office.folder / "tracking.xlsx"
    workbook = openpyxl.load_workbook(path)
    page = workbook["Pairs"]
    (cell,) = (cell for row in page.iter_rows() for cell in row if cell.value == NOTES)
    page.delete_cols(cell.column)
    workbook.save(path)

    assert office.run().published
    assert notes(office) == ["likes mornings", None]
