"""Meetings as calendars see them: invitations, updates, cancellations, and edits by people."""

from pathlib import Path

import pytest
from ical_checks import check_libical, check_ours

from builders import at, kinds
from coordinator import row_of, sheet, type_in
from correspondence import counter, invitation_of, property_of, uid_of
from office import Office
from rmflow.app.run import Report

NOVEMBER = "20261110T090000Z"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Two pairs; their invitations have arrived."""
    office = Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))
    office.run()
    return office.at(at("2026-10-06 09:00"))


def did(report: Report) -> list[str]:
    return kinds(o.action for o in report.outcomes)


def words(office: Office, person: str, kind: str) -> str:
    body = office.last_mail(person, kind).get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def calendar_file(office: Office, person: str) -> Path:
    return office.folder / "calendars" / f"{uid_of(office, person)}.ics"


class TestInvitations:
    def test_they_hold_up_to_other_peoples_judgement(self, office: Office) -> None:
        """libical's restriction tables (RFC 5546), and what libical lets pass."""
        for person in ("Mara Vogel", "Jens Adler"):
            content = invitation_of(office.last_mail(person, "invitation"))
            assert check_ours(content) == []
            assert check_libical(content) == []

    def test_they_are_requests_from_the_address_they_come_from(self, office: Office) -> None:
        """RFC 6047: programs believe an organizer who is the sender."""
        mail = office.last_mail("Jens Adler", "invitation")
        content = invitation_of(mail)

        assert property_of(content, "METHOD") == "REQUEST"
        assert property_of(content, "ORGANIZER") == f"mailto:{mail['From'].addresses[0].addr_spec}"
        assert property_of(content, "SEQUENCE") == "0"


class TestChanges:
    def test_every_change_raises_the_sequence_for_both(self, office: Office) -> None:
        for number, day in enumerate(("2026-10-06 09:00", "2026-10-07 09:00"), 1):
            office.at(at(day))
            type_in(office, "pair-1", "Do next", "skip next")
            assert did(office.run()) == ["revise series", "send update", "send update"]
            for person in ("Mara Vogel", "Jens Adler"):
                content = invitation_of(office.last_mail(person, "update"))
                assert property_of(content, "SEQUENCE") == str(number)
                assert property_of(content, "METHOD") == "REQUEST"
                assert check_ours(content) == check_libical(content) == []

    def test_a_cancellation_cancels_and_raises_the_sequence(self, office: Office) -> None:
        type_in(office, "pair-1", "Do next", "close")

        assert did(office.run()) == ["cancel series", "send cancellation", "send cancellation"]

        for person in ("Mara Vogel", "Jens Adler"):
            content = invitation_of(office.last_mail(person, "cancellation"))
            assert property_of(content, "METHOD") == "CANCEL"
            assert property_of(content, "SEQUENCE") == "1"
            assert property_of(content, "UID") == uid_of(office, person)
            assert check_ours(content) == check_libical(content) == []
        assert did(office.at(at("2026-10-13 14:00")).run()).count("send summary-request") == 1

    def test_a_proposal_that_suits_moves_the_meeting_and_both_are_told_both_times(
        self, office: Office
    ) -> None:
        """A COUNTER (RFC 5546 section 3.2.7) within everybody's hours needs nobody's decision."""
        counter(office, "Jens Adler", NOVEMBER, at("2026-11-11 14:00"))

        assert did(office.run()) == ["file a reply", "revise series", "send update", "send update"]

        for person in ("Mara Vogel", "Jens Adler"):
            told = words(office, person, "update")
            assert "Before: Tuesday 10 November, 10:00" in told
            assert "Now: Wednesday 11 November, 14:00" in told

    def test_a_proposal_at_night_is_a_question_for_the_coordinator(self, office: Office) -> None:
        counter(office, "Jens Adler", NOVEMBER, at("2026-11-11 21:00"))

        assert did(office.run()) == ["file a reply", "ask the coordinator"]
        (need,) = sheet(office, "Needs you")
        assert "Jens Adler proposes Wednesday 11 November 2026, 21:00" in str(need["What happened"])
        assert office.run().outcomes == ()


class TestEditedByHand:
    def test_a_new_place_in_the_file_is_followed_and_told(self, office: Office) -> None:
        path = calendar_file(office, "Jens Adler")
        path.write_bytes(path.read_bytes().replace(b"room 0", b"the garden"))

        assert did(office.run()) == ["revise series", "send update", "send update"]

        assert "the garden" in words(office, "Jens Adler", "update")
        assert office.run().outcomes == ()

    def test_it_stays_when_the_pair_wakes_up_again(self, office: Office) -> None:
        path = calendar_file(office, "Jens Adler")
        path.write_bytes(path.read_bytes().replace(b"room 0", b"the garden"))
        office.run()

        assert set(did(office.at(at("2026-10-08 11:00")).run())) == {"send agenda-request"}
        assert b"the garden" in path.read_bytes()

    def test_a_deleted_file_is_a_question_and_is_not_made_again(self, office: Office) -> None:
        path = calendar_file(office, "Jens Adler")
        path.unlink()

        assert did(office.run()) == ["follow a change in the calendar", "ask the coordinator"]
        for day in ("2026-10-07 09:00", "2026-10-08 11:00", "2026-10-13 14:00"):
            assert {o.action.pairing for o in office.at(at(day)).run().outcomes} <= {"pair-2"}

        assert not path.exists()
        (need,) = sheet(office, "Needs you")
        assert (need["Pair"], need["About"]) == ("pair-1", "series deleted")

    def test_resend_invitation_begins_it_anew_and_answers_the_question(
        self, office: Office
    ) -> None:
        calendar_file(office, "Jens Adler").unlink()
        before = uid_of(office, "Jens Adler")
        office.run()
        type_in(office, "pair-1", "Do next", "resend invitation")

        assert sorted(did(office.at(at("2026-10-07 09:00")).run())) == [
            "close a question",
            "create series",
            "send cancellation",
            "send cancellation",
            "send invitation",
            "send invitation",
        ]
        assert uid_of(office, "Jens Adler") != before
        assert sheet(office, "Needs you") == []

    def test_a_folder_that_is_gone_altogether_is_taken_for_one_that_is_not_mounted(
        self, office: Office
    ) -> None:
        folder = office.folder / "calendars"
        folder.rename(office.folder / "elsewhere")

        assert did(office.run()) == []

        (office.folder / "elsewhere").rename(folder)
        assert office.run().outcomes == ()
        assert row_of(office, "pair-1")["State"] == "active"

    def test_in_a_calendar_folder_without_mail_an_edit_is_followed_silently(
        self, tmp_path: Path
    ) -> None:
        office = Office(tmp_path / "folder", pairs=1, calendar="vdir", start=at("2026-10-05 09:00"))
        office.run()
        (path,) = (office.folder / "calendars").glob("*.ics")
        path.write_bytes(path.read_bytes().replace(b"room 0", b"the garden"))

        assert did(office.at(at("2026-10-06 09:00")).run()) == ["follow a change in the calendar"]
        assert not (office.folder / "out").exists()
