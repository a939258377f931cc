"""Taking part, through whole runs: pauses, absences, wishes to leave, mails that come back."""

from datetime import datetime
from pathlib import Path

import pytest

from builders import at
from coordinator import type_in
from correspondence import auto_reply, bounce
from office import Office, address
from rmflow.app.overview import overview
from rmflow.domain.documents import from_json
from rmflow.domain.pairing import PairingId
from rmflow.domain.records import QuestionRecord, SeriesRecord
from rmflow.domain.series import SeriesSpec

JENS, MARA = "Jens Adler", "Mara Vogel"  # pair-1: mentee and mentor; they meet on 13 October
PAIR = PairingId("pair-1")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """The agenda of the first meeting has been asked for."""
    office = Office(tmp_path, pairs=2, start=at("2026-10-05 09:00"))
    office.run()
    office.at(at("2026-10-08 11:00")).run()
    office.at(at("2026-10-08 13:00"))
    return office


def kinds(office: Office, person: str) -> list[str]:
    return [mail["X-Rmflow-Kind"] for mail in office.mails_to(person)]


def text_of(office: Office, person: str, kind: str) -> str:
    body = office.last_mail(person, kind).get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def open_questions(office: Office) -> list[str]:
    with office.ports() as ports:
        return [q.about for q in ports.store.read(QuestionRecord) if q.closed_at is None]


def left_out(office: Office) -> list[str]:
    with office.ports() as ports:
        records = ports.store.read(SeriesRecord)
    specs = [from_json(SeriesSpec, r.spec_json) for r in records if r.pairing == "pair-1"]
    return sorted(f"{day:%m-%d}" for spec in specs for day in spec.excluded)


def says(office: Office, text: str, *, person: str = JENS, kind: str = "agenda-request") -> None:
    office.answer(person, kind, text)
    office.run()


def weeks_pass(office: Office, until: datetime) -> None:
    """Run in the morning of each working day."""
    for day in range(1, 40):
        now = at(f"2026-{10 + (8 + day - 1) // 31:02}-{(8 + day - 1) % 31 + 1:02} 10:00")
        if office.now < now <= until and now.weekday() < 5:
            office.at(now).run()


class TestPauses:
    def test_a_pause_takes_out_what_lies_in_it_and_says_so_to_the_one_who_asked(
        self, office: Office
    ) -> None:
        says(office, "PAUSE until 20 November")
        assert left_out(office) == ["10-13", "11-10"]
        assert kinds(office, JENS)[-2:].count("paused") == 1
        assert "20 November" in text_of(office, JENS, "paused")
        assert open_questions(office) == []

    def test_the_partner_hears_of_a_pause_and_not_whose(self, office: Office) -> None:
        """S8: the partner hears "paused", not why. Where our mail about the dates says it, once."""
        says(office, "PAUSE until 20 November")
        assert "paused" not in kinds(office, MARA)
        told = text_of(office, MARA, "update")
        assert "pause" in told.lower()
        assert "Jens asked" not in told

    def test_a_pause_without_a_meeting_in_it_is_told_to_the_partner_by_mail(
        self, office: Office
    ) -> None:
        office.at(at("2026-10-14 13:00"))
        says(office, "PAUSE until 20 October")
        told = text_of(office, MARA, "paused")
        assert "20 October" in told
        assert "RESUME" not in told

    def test_the_clock_stops_and_goes_on_by_itself(self, office: Office) -> None:
        says(office, "PAUSE until 20 November")
        before = len(office.mails_to(JENS)) + len(office.mails_to(MARA))
        weeks_pass(office, at("2026-11-12 10:00"))
        assert len(office.mails_to(JENS)) + len(office.mails_to(MARA)) == before
        office.at(at("2026-12-03 11:00")).run()
        assert kinds(office, JENS)[-1] == "agenda-request"

    def test_resume_ends_a_pause_early(self, office: Office) -> None:
        says(office, "PAUSE")
        assert open_questions(office) == ["no end of the pause"]
        office.at(at("2026-10-20 13:00"))
        says(office, "RESUME", kind="paused")
        assert kinds(office, JENS)[-1] == "resumed"
        assert open_questions(office) == []
        office.at(at("2026-11-05 11:00")).run()
        assert kinds(office, JENS)[-1] == "agenda-request"

    def test_the_coordinator_ends_a_pause_too(self, office: Office) -> None:
        says(office, "PAUSE")
        office.at(at("2026-10-20 13:00"))
        type_in(office, "pair-1", "Do next", "resume")
        office.run()
        assert open_questions(office) == []
        office.at(at("2026-11-05 11:00")).run()
        assert kinds(office, JENS)[-1] == "agenda-request"

    def test_the_workbook_shows_the_pair_as_paused(self, office: Office) -> None:
        says(office, "PAUSE until 20 November")
        with office.ports() as ports:
            assert overview(ports, office.now).states[PAIR] == "paused"
            assert overview(ports, at("2026-11-23 09:00")).states[PAIR] == "active"

    def test_the_same_run_again_does_nothing(self, office: Office) -> None:
        says(office, "PAUSE until 20 November")
        assert office.at(at("2026-10-08 14:00")).run().plan.actions == ()


class TestAbsences:
    def test_an_absence_with_a_date_is_a_pause(self, office: Office) -> None:
        auto_reply(office, JENS, "agenda-request", "I am out of the office until 20 October.")
        office.run()
        assert left_out(office) == ["10-13"]
        assert "paused" not in kinds(office, JENS)
        told = text_of(office, MARA, "update").lower()
        assert "pause" in told
        assert "office" not in told

    def test_an_absence_without_a_date_changes_nothing(self, office: Office) -> None:
        auto_reply(office, JENS, "agenda-request")
        office.run()
        assert left_out(office) == []
        office.at(at("2026-10-09 11:00")).run()
        assert kinds(office, JENS)[-1] == "prompt"


class TestWishes:
    @pytest.mark.parametrize(("word", "about"), [("LEAVE", "leave"), ("REMATCH", "rematch")])
    def test_mail_stops_at_once_and_the_coordinator_is_asked(
        self, office: Office, word: str, about: str
    ) -> None:
        says(office, word)
        assert open_questions(office) == [about]
        assert kinds(office, JENS)[-1] == "passed-on"
        weeks_pass(office, at("2026-10-16 10:00"))
        assert kinds(office, JENS)[-1] == "passed-on"
        assert left_out(office) == []
        assert kinds(office, MARA)[-1] == "prompt"

    def test_closing_the_pair_still_clears_both_calendars(self, office: Office) -> None:
        says(office, "LEAVE")
        type_in(office, "pair-1", "Do next", "close")
        office.at(at("2026-10-08 15:00")).run()
        assert kinds(office, JENS)[-1] == kinds(office, MARA)[-1] == "cancellation"
        assert open_questions(office) == []

    def test_resume_takes_a_wish_back(self, office: Office) -> None:
        says(office, "LEAVE")
        office.at(at("2026-10-08 15:00"))
        says(office, "RESUME", kind="passed-on")
        assert open_questions(office) == []
        office.at(at("2026-10-09 11:00")).run()
        assert set(kinds(office, JENS)[-2:]) == {"prompt", "resumed"}  # one answer of ours a day

    def test_somebody_elses_wish_is_no_wish(self, office: Office) -> None:
        raw = office.answer(JENS, "agenda-request", "LEAVE")
        for path in (office.folder / "in").glob("*/*"):
            if path.is_file() and path.read_bytes() == raw:
                other = raw.replace(address(JENS).encode(), b"otto@fabrikam.example")
                path.write_bytes(other)
        office.run()
        assert open_questions(office) == []
        office.at(at("2026-10-09 11:00")).run()
        assert kinds(office, JENS)[-1] == "prompt"


class TestMailsThatComeBack:
    def suspend(self, office: Office) -> None:
        bounce(office, JENS, "agenda-request")
        office.run()
        office.at(at("2026-10-09 11:00")).run()
        bounce(office, JENS, "prompt")
        office.run()

    def test_two_on_different_days_end_the_mail_to_an_address(self, office: Office) -> None:
        self.suspend(office)
        assert open_questions(office) == ["not reached"]
        weeks_pass(office, at("2026-10-16 10:00"))
        assert kinds(office, JENS)[-1] == "prompt"
        assert kinds(office, MARA)[-1] == "prompt"

    def test_one_does_not(self, office: Office) -> None:
        bounce(office, JENS, "agenda-request")
        office.run()
        office.at(at("2026-10-09 11:00")).run()
        assert open_questions(office) == []
        assert kinds(office, JENS)[-1] == "prompt"

    def test_a_mail_from_the_person_starts_it_again(self, office: Office) -> None:
        self.suspend(office)
        office.at(at("2026-10-12 11:00"))
        says(office, "How people learn what is new.")
        assert open_questions(office) == []
        office.at(at("2026-10-13 15:00")).run()
        assert kinds(office, JENS)[-1] == "summary-request"

    def test_a_new_address_starts_it_again(self, office: Office) -> None:
        self.suspend(office)
        new = "jens.a@contoso.example"
        old = address(JENS)
        office.people = [tuple(new if c == old else c for c in row) for row in office.people]
        office.rows = [tuple(new if c == old else c for c in row) for row in office.rows]
        office.save_roster()
        office.at(at("2026-10-12 15:00")).run()
        assert open_questions(office) == []
        office.at(at("2026-10-13 15:00")).run()
        sent = [recipient for kind, recipient in office.outbox() if kind == "summary-request"]
        assert new in sent
