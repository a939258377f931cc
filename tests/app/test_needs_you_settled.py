"""What the coordinator chooses for a line of "Needs you" is done once, whatever happens."""

from pathlib import Path

import openpyxl
import pytest

from builders import at, kinds
from coordinator import row_of, settle, sheet, type_in
from correspondence import auto_reply, bounce, stranger, uid_of
from office import Office
from rmflow.app.run import Report
from rmflow.domain.records import AnswerRecord, NoteRecord, QuestionRecord, ReadingRecord
from rmflow.planner.settling import Choice, choice_of
from terminal import at_the_office

LOCK = ".~lock.tracking.xlsx#"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Two pairs have met; a stranger wrote, and a leader wrote from an address nobody knows."""
    office = Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))
    office.run()
    office.at(at("2026-10-13 14:00")).run()
    office.at(at("2026-10-13 16:00"))
    return office


def from_home(office: Office, text: str = "Rating: 5\nKey takeaways: listen") -> None:
    """Jens answers the request for a summary from his own mailbox."""
    raw = office.answer("Jens Adler", "summary-request", text)
    for path in (office.folder / "in" / "new").iterdir():
        path.unlink()
    office.deliver(raw.replace(b"<jens.adler@contoso.example>", b"<jens@fabrikam.example>"))
    office.run()


def did(report: Report) -> list[str]:
    return kinds(o.action for o in report.outcomes)


def state(office: Office) -> str:
    with office.ports() as ports:
        (record,) = (r for r in ports.store.read(ReadingRecord) if r.kind == "human")
        return record.state


def answers(office: Office) -> list[AnswerRecord]:
    with office.ports() as ports:
        return ports.store.read(AnswerRecord)


@pytest.mark.parametrize("choice", ["done", "discard", " Discard "])
def test_a_line_is_taken_off(office: Office, choice: str) -> None:
    stranger(office)
    office.run()
    settle(office, choice)

    assert did(office.run()) == ["do what the coordinator chose"]
    assert sheet(office, "Needs you") == []
    assert state(office) == "discarded"
    assert office.run().nothing
    assert at_the_office(office, "inbox list").out == "No mail waits for you.\n"


def test_a_mail_is_assigned_to_the_pair_of_its_line(office: Office) -> None:
    from_home(office)
    assert sheet(office, "Needs you")[0]["Pair"] == "pair-1"
    settle(office, "assign")

    assert did(office.run()) == ["file a reply", "send receipt"]
    assert sheet(office, "Needs you") == []
    assert row_of(office, "pair-1", "Summaries")["Written by"] == "mentee"
    assert office.run().nothing


@pytest.mark.parametrize("choice", ["assign to pair-2", "Assign to pair-2, 2026-10-13", "assign pair-2 2026-10-13"])  # fmt: skip
def test_a_mail_is_assigned_to_the_pair_that_is_named(office: Office, choice: str) -> None:
    stranger(office, "We met and talked about hiring.")
    office.run()
    settle(office, choice)

    assert did(office.run()) == ["file a reply", "send receipt"]
    (answer,) = answers(office)
    assert (answer.pairing, answer.session) == ("pair-2", "20261013T080000Z")


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        ("assign to pair-9", 'there is no pair "pair-9"; the ids are in the sheet Pairs'),
        ("assign", "it is not known which pair this is about; the ids are in the sheet Pairs"),
        ("assign to pair-1 2026-10-20", "this pair had no meeting on 2026-10-20"),
        ("ask again", "it is not known which meeting this mail is about"),
    ],
)
def test_what_cannot_be_done_says_why_in_its_cell(office: Office, choice: str, reason: str) -> None:
    stranger(office)
    office.run()
    settle(office, choice)

    assert did(office.run()) == []
    (need,) = sheet(office, "Needs you")
    assert need["Do next"] == f"{choice} ({reason})"
    assert office.run().nothing
    settle(office, "discard")
    assert did(office.run()) == ["do what the coordinator chose"]


def test_other_words_stay_as_they_are(office: Office) -> None:
    stranger(office)
    office.run()
    settle(office, "assign somebody to call him")

    assert did(office.run()) == []
    assert sheet(office, "Needs you")[0]["Do next"] == "assign somebody to call him"


def test_the_author_is_asked_once_more(office: Office) -> None:
    from_home(office, "I will write this evening!")
    asked = len(office.mails_to("Jens Adler"))
    settle(office, "ask again")

    assert did(office.at(at("2026-10-14 10:00")).run()) == [
        "do what the coordinator chose",
        "send summary-reminder",
    ]
    assert (state(office), sheet(office, "Needs you")) == ("asked again", [])
    assert office.run().nothing
    assert len(office.mails_to("Jens Adler")) == asked + 1
    office.answer("Jens Adler", "summary-reminder", "Rating: 4")
    assert did(office.at(at("2026-10-14 11:00")).run()) == ["file a reply", "send receipt"]


def test_a_question_is_closed(office: Office) -> None:
    (office.folder / "calendars" / f"{uid_of(office, 'Jens Adler')}.ics").unlink()
    office.run()
    assert sheet(office, "Needs you")[0]["Pair"] == "pair-1"
    settle(office, "discard")
    office.run()
    assert sheet(office, "Needs you")[0]["Do next"] == (
        'discard (only a mail can be that; choose "done")'
    )
    settle(office, "done")

    assert did(office.run()) == ["do what the coordinator chose"]
    assert sheet(office, "Needs you") == []
    assert office.at(at("2026-10-14 09:00")).run().nothing
    with office.ports() as ports:
        closed = [q for q in ports.store.read(QuestionRecord) if q.closed_at]
    assert len(closed) == 1


def test_a_choice_is_obeyed_once_although_its_cell_cannot_be_emptied(office: Office) -> None:
    """The workbook is open elsewhere; the choice is read again by every run."""
    from_home(office)
    settle(office, "assign")
    (office.folder / LOCK).touch()

    first, second = office.run(), office.at(at("2026-10-13 16:15")).run()

    assert did(first) == ["file a reply", "send receipt"]
    assert second.outcomes == ()
    assert len(answers(office)) == 1
    (office.folder / LOCK).unlink()
    office.run()
    assert sheet(office, "Needs you") == []
    assert "Notes kept" not in openpyxl.load_workbook(office.folder / "tracking.xlsx").sheetnames
    with office.ports() as ports:
        assert not any(note.text for note in ports.store.read(NoteRecord))


def test_notes_beside_a_line_and_choices_on_pairs_are_not_touched(office: Office) -> None:
    stranger(office)
    office.run()
    type_in(office, "pair-2", "Coordinator notes", "Call Ben.")
    type_in(office, "pair-1", "Do next", "pause")
    settle(office, "discard")
    office.run()

    assert row_of(office, "pair-2")["Coordinator notes"] == "Call Ben."
    assert row_of(office, "pair-1")["State"] == "paused"
    assert sheet(office, "Needs you") == []


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("DONE", Choice("done")),
        ("ask  again", Choice("ask again")),
        ("assign to", Choice("assign")),
        ("assign everything to me", None),
        ("assign to pair-2, 2026-02-30", None),
        ("", None),
        ("close", None),
    ],
)
def test_a_cell_is_a_choice_or_the_coordinators_own_words(text: str, choice: Choice | None) -> None:
    assert choice_of(text) == choice


class TestReadAnew:
    def test_a_roster_that_names_the_other_address_files_the_mail(self, office: Office) -> None:
        """The next run after the change does so by itself."""
        from_home(office)
        assert state(office) == "waiting"
        add_alias(office)
        reports = [office.run(), office.at(at("2026-10-13 16:15")).run()]

        assert [did(report) for report in reports][-1] == ["file a reply", "send receipt"]
        assert (state(office), sheet(office, "Needs you")) == ("filed", [])
        assert office.at(at("2026-10-13 16:30")).run().nothing

    def test_the_operator_need_not_wait_for_it(self, office: Office) -> None:
        from_home(office)
        add_alias(office)
        office.run()
        mail = at_the_office(office, "inbox list").out.split()[0]

        said = at_the_office(office, "inbox reread")

        assert said.out == f"{mail}  pair-1     ok\n1 of the mails that waited are clear now.\n"
        assert did(office.run()) == ["send receipt"]
        assert at_the_office(office, "inbox reread").out.startswith("0 of")

    def test_what_is_still_not_clear_goes_on_waiting(self, office: Office) -> None:
        stranger(office)
        auto_reply(office, "Ruth Kaya", "summary-request")
        bounce(office, "Ruth Kaya", "invitation")
        office.run()
        before = at_the_office(office, "inbox list").out

        assert at_the_office(office, "inbox reread").out.startswith("0 of")
        assert at_the_office(office, "inbox list").out == before


def add_alias(office: Office) -> None:
    """The roster names the address that Jens wrote from."""
    from xlsxwriter import Workbook

    from office import PAIRS, PEOPLE

    with Workbook(office.folder / "roster.xlsx") as book:
        aliases = ["jens@fabrikam.example" if p[1] == "Jens Adler" else "" for p in office.people]
        people = [(*p, a) for p, a in zip(office.people, aliases, strict=True)]
        for name, head, rows in (("People", (*PEOPLE, "aliases"), people), ("Pairs", PAIRS, office.rows)):  # fmt: skip
            page = book.add_worksheet(name)
            for number, row in enumerate((head, *rows)):
                page.write_row(number, 0, row)
