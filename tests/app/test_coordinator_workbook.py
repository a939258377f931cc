"""What the coordinator types is kept and done once, whatever happens to the file."""

from pathlib import Path

import pytest

from builders import at, kinds
from coordinator import row_of, type_in
from office import Office

LOCK = ".~lock.tracking.xlsx#"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))
    office.run()
    return office.at(at("2026-10-06 09:00"))


def test_a_note_stays_with_its_row(office: Office) -> None:
    type_in(office, "pair-2", "Coordinator notes", "Ask Ben about the room.")

    office.run()
    office.at(at("2026-10-08 11:00")).run()

    assert row_of(office, "pair-2")["Coordinator notes"] == "Ask Ben about the room."
    assert row_of(office, "pair-1")["Coordinator notes"] is None


def test_a_note_that_was_deleted_does_not_come_back(office: Office) -> None:
    type_in(office, "pair-2", "Coordinator notes", "Ask Ben about the room.")
    office.run()
    type_in(office, "pair-2", "Coordinator notes", None)
    office.run()

    assert office.at(at("2026-10-08 11:00")).run().published
    assert row_of(office, "pair-2")["Coordinator notes"] is None


def test_a_choice_is_obeyed_once_and_its_cell_emptied(office: Office) -> None:
    type_in(office, "pair-1", "Do next", "skip next")

    first, second = office.run(), office.run()

    assert kinds(o.action for o in first.outcomes) == [
        "revise series",
        "send update",
        "send update",
    ]
    assert second.nothing
    assert row_of(office, "pair-1")["Do next"] is None


def test_the_same_choice_can_be_made_again_later(office: Office) -> None:
    type_in(office, "pair-1", "Do next", "skip next")
    office.run()
    type_in(office, "pair-1", "Do next", "skip next")

    again = office.at(at("2026-10-07 09:00")).run()

    assert kinds(o.action for o in again.outcomes) == [
        "revise series",
        "send update",
        "send update",
    ]


@pytest.mark.parametrize("words", ["call them first", "paus", "pause, resend invitation"])
def test_a_choice_that_is_none_of_ours_is_kept_and_says_so(office: Office, words: str) -> None:
    type_in(office, "pair-1", "Do next", words)

    report = office.run()

    assert report.outcomes == ()
    reason = "this is no choice; take one from the list, or write it into the notes"
    assert row_of(office, "pair-1")["Do next"] == f"{words} ({reason})"


def test_the_reason_is_said_once_and_goes_with_the_next_choice(office: Office) -> None:
    type_in(office, "pair-1", "Do next", "paus")
    office.run()
    told = row_of(office, "pair-1")["Do next"]
    type_in(office, "pair-1", "Coordinator notes", "Ask Ben about the room.")
    office.run()
    assert row_of(office, "pair-1")["Do next"] == told

    type_in(office, "pair-1", "Do next", "pause")
    office.run()
    assert row_of(office, "pair-1")["State"] == "paused"
    assert row_of(office, "pair-1")["Do next"] is None


def test_a_paused_pair_is_shown_as_paused_until_it_is_resumed(office: Office) -> None:
    type_in(office, "pair-1", "Do next", "pause")
    office.run()
    assert row_of(office, "pair-1")["State"] == "paused"

    type_in(office, "pair-1", "Do next", "resume")
    office.run()
    assert row_of(office, "pair-1")["State"] == "active"


class TestOpenElsewhere:
    def test_the_run_goes_on_with_a_warning(self, office: Office) -> None:
        (office.folder / LOCK).touch()

        report = office.at(at("2026-10-08 11:00")).run()

        assert kinds(o.action for o in report.outcomes) == ["send agenda-request"] * 2
        assert [problem.place for problem in report.problems] == ["tracking workbook"]
        assert not report.published

    def test_what_was_typed_and_saved_is_obeyed_once_although_the_cell_cannot_be_emptied(
        self, office: Office
    ) -> None:
        type_in(office, "pair-1", "Do next", "skip next")
        (office.folder / LOCK).touch()

        first, second = office.run(), office.run()

        assert "revise series" in kinds(o.action for o in first.outcomes)
        assert second.outcomes == ()

    def test_the_next_run_after_it_is_closed_writes_it_with_the_note(self, office: Office) -> None:
        type_in(office, "pair-2", "Coordinator notes", "Ask Ben about the room.")
        (office.folder / LOCK).touch()
        office.at(at("2026-10-08 11:00")).run()
        (office.folder / LOCK).unlink()

        report = office.run()

        assert report.outcomes == ()
        assert report.published
        assert row_of(office, "pair-2")["Coordinator notes"] == "Ask Ben about the room."


class TestBroken:
    def test_a_file_that_cannot_be_read_is_set_aside_and_the_run_goes_on(
        self, office: Office
    ) -> None:
        (office.folder / "tracking.xlsx").write_bytes(b"half a file")

        report = office.at(at("2026-10-08 11:00")).run()

        assert kinds(o.action for o in report.outcomes) == ["send agenda-request"] * 2
        (aside,) = office.folder.glob("tracking.unreadable-*.xlsx")
        assert aside.read_bytes() == b"half a file"
        assert report.published

    def test_notes_outlive_a_broken_and_a_deleted_file(self, office: Office) -> None:
        type_in(office, "pair-2", "Coordinator notes", "Ask Ben about the room.")
        office.run()

        (office.folder / "tracking.xlsx").write_bytes(b"half a file")
        office.run()
        assert row_of(office, "pair-2")["Coordinator notes"] == "Ask Ben about the room."

        (office.folder / "tracking.xlsx").unlink()
        office.run()
        assert row_of(office, "pair-2")["Coordinator notes"] == "Ask Ben about the room."
