"""Mail that comes in: kept raw, filed once, answered with a receipt, or left to a person."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builders import at, kinds
from coordinator import row_of, sheet
from correspondence import auto_reply, bounce, stranger
from office import Office
from outages import BreaksOff, cut_off_after_keeping
from rmflow.app.ports import Ports
from rmflow.app.run import Report, propose, run
from rmflow.domain.documents import from_json
from rmflow.domain.records import AnswerRecord, MailRecord, ReadingRecord
from rmflow.errors import UnavailableError
from terminal import at_the_office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Two pairs have met; both leaders are asked for a summary."""
    office = Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))
    office.run()
    office.at(at("2026-10-13 14:00")).run()
    return office.at(at("2026-10-13 16:00"))


def did(report: Report) -> list[str]:
    return kinds(o.action for o in report.outcomes)


def answers(office: Office) -> list[AnswerRecord]:
    with office.ports() as ports:
        return sorted(ports.store.read(AnswerRecord), key=lambda a: a.revision)


def told(record: AnswerRecord) -> dict[str, str]:
    return from_json(dict[str, str], record.answers_json)


def propose_only(ports: Ports) -> object:
    return propose(ports, ports.clock.now())


def fetched_by(
    office: Office, work: Callable[[Ports], object] = run, *, breaks_off_after: int = 1000
) -> int:
    """Let rmflow work, until the mailbox breaks off; return how many mails it has fetched."""
    with office.ports() as ports:
        mailbox: Any = BreaksOff(ports.mailbox, breaks_off_after)
        with contextlib.suppress(UnavailableError):
            work(replace(ports, mailbox=mailbox))
    return int(mailbox.fetched)


def read(office: Office) -> list[ReadingRecord]:
    with office.ports() as ports:
        return ports.store.read(ReadingRecord)


def lies(office: Office) -> list[tuple[str, str]]:
    """Return where each mail of the programme's Maildir lies."""
    paths = (office.folder / "in").glob("*/*/*")
    return sorted((path.parent.parent.name, path.name) for path in paths)


class TestKept:
    def test_a_mail_is_on_disk_raw_before_anybody_looks_into_it(self, office: Office) -> None:
        raw = office.answer("Jens Adler", "summary-request", "Key takeaways: listen first")
        cut_off_after_keeping(office)

        with office.ports() as ports:
            (kept,) = ports.store.read(MailRecord)
            assert ports.store.raw(kept.id) == raw
            assert ports.store.read(ReadingRecord) == []

    def test_what_was_kept_and_not_read_is_read_by_the_next_run(self, office: Office) -> None:
        """Even if the mail has gone from the mailbox meanwhile."""
        office.answer("Jens Adler", "summary-request", "Key takeaways: listen first")
        cut_off_after_keeping(office)
        for path in (office.folder / "in" / "new").iterdir():
            path.unlink()

        assert did(office.run()) == ["file a reply", "send receipt"]

    def test_what_was_kept_and_not_read_is_read_once_though_it_lies_elsewhere_by_now(
        self, office: Office
    ) -> None:
        """A server that numbers its mails anew (UIDVALIDITY): the bytes are what they were."""
        office.answer("Jens Adler", "summary-request", "Key takeaways: listen first")
        cut_off_after_keeping(office)
        (path,) = (office.folder / "in" / "new").iterdir()
        path.rename(path.with_name("renumbered"))

        assert did(office.run()) == ["file a reply", "send receipt"]
        assert list((office.folder / "in" / "new").iterdir()) == []

    def test_a_second_mail_under_the_name_of_the_first_is_read(self, office: Office) -> None:
        """Who tries things out by hand lays down reply.eml, and another reply.eml."""
        for text in ("Key takeaways: listen first", "Key takeaways: ask, then listen"):
            office.answer("Jens Adler", "summary-request", text, number=len(text))
            (path,) = (office.folder / "in" / "new").iterdir()
            path.rename(path.with_name("reply.eml"))
            assert "file a reply" in did(office.run())
            office.at(at("2026-10-13 17:00"))

    def test_a_mail_that_arrives_twice_is_filed_once(self, office: Office) -> None:
        raw = office.answer("Jens Adler", "summary-request", "Key takeaways: listen first")
        office.deliver(raw)
        office.run()
        office.deliver(raw)
        later = office.at(at("2026-10-13 16:15")).run()

        assert later.outcomes == ()
        assert len(answers(office)) == 1
        assert [kind for kind, _ in office.outbox()].count("receipt") == 1
        assert list((office.folder / "in" / "new").iterdir()) == []

    def test_read_mail_lies_in_done_and_doubtful_mail_in_needs_you(self, office: Office) -> None:
        office.answer("Jens Adler", "summary-request", "Key takeaways: listen first")
        stranger(office)
        office.run()

        def lies_in(folder: str) -> int:
            return len(list((office.folder / "in" / folder / "new").iterdir()))

        assert (lies_in("."), lies_in(".Done"), lies_in(".Needs you")) == (0, 1, 1)


class TestAMailboxThatBreaksOff:
    """At the fourth of five mails."""

    @pytest.fixture
    def office(self, office: Office) -> Office:
        office.answer("Jens Adler", "summary-request", "Key takeaways: listen first")
        office.answer("Ruth Kaya", "summary-request", "Key takeaways: fewer meetings")
        bounce(office, "Mara Vogel", "invitation")
        stranger(office)
        stranger(office, "Is this the library?")
        return office

    def test_what_was_fetched_is_kept_and_not_fetched_again(self, office: Office) -> None:
        assert fetched_by(office, breaks_off_after=3) == 3
        with office.ports() as ports:
            assert len(ports.store.read(MailRecord)) == 3
            assert ports.store.read(ReadingRecord) == []
        assert fetched_by(office) == 2
        assert fetched_by(office) == 0

    def test_each_mail_is_read_once_and_filed(self, office: Office) -> None:
        untroubled = office.copied(office.folder.parent / "untroubled")
        fetched_by(office, breaks_off_after=3)
        fetched_by(office, breaks_off_after=1)

        assert did(office.run()) == did(untroubled.run())
        assert office.run().outcomes == ()

        for each in (office, untroubled):
            assert list((each.folder / "in" / "new").iterdir()) == []
        assert read(office) == read(untroubled)
        assert len(read(office)) == 5
        assert lies(office) == lies(untroubled)

    def test_a_plan_keeps_nothing_and_fetches_only_what_is_not_kept(self, office: Office) -> None:
        assert fetched_by(office, propose_only, breaks_off_after=3) == 3
        with office.ports() as ports:
            assert ports.store.read(MailRecord) == []
        fetched_by(office, breaks_off_after=3)
        assert fetched_by(office, propose_only) == 2
        with office.ports() as ports:
            assert len(ports.store.read(MailRecord)) == 3


class TestSummaries:
    def test_a_summary_gets_one_receipt_that_says_what_was_noted(self, office: Office) -> None:
        office.answer("Jens Adler", "summary-request", "Key takeaways: listen first\nRating: 5")

        assert did(office.run()) == ["file a reply", "send receipt"]

        body = office.last_mail("Jens Adler", "receipt").get_body(("plain",))
        assert body is not None
        assert "listen first" in body.get_content()
        assert row_of(office, "pair-1", "Summaries")["How worthwhile it was (1-5)"] == 5
        assert row_of(office, "pair-1")["Confirmed"] == 1

    def test_a_reply_to_the_receipt_corrects_what_it_names_and_keeps_the_rest(
        self, office: Office
    ) -> None:
        office.answer("Jens Adler", "summary-request", "Key takeaways: listen first\nRating: 5")
        office.run()
        office.at(at("2026-10-14 09:30"))
        office.answer("Jens Adler", "receipt", "Key takeaways: ask first, then listen")

        assert did(office.run()) == ["file a reply", "send receipt"]

        first, revised = answers(office)
        assert (first.revision, revised.revision) == (0, 1)
        assert told(revised) == {"takeaways": "ask first, then listen", "worthwhile": "5"}
        row = row_of(office, "pair-1", "Summaries")
        assert (row["Key takeaways"], row["Understood"]) == ("• ask first, then listen", "fully")

    def test_each_receipt_says_what_is_stored_and_nothing_else(self, office: Office) -> None:
        """A correction, a second one, and the first wording again: a receipt for each."""
        office.answer("Jens Adler", "summary-request", "Key takeaways: listen first\nRating: 4")
        office.run()
        for day, text in enumerate(("Rating: 5", "Key takeaways: ask", "Rating: 4"), 14):
            office.at(at(f"2026-10-{day} 09:30"))
            office.answer("Jens Adler", "receipt", text)
            assert did(office.run()) == ["file a reply", "send receipt"]

            body = office.last_mail("Jens Adler", "receipt").get_body(("plain",))
            assert body is not None
            stored = told(answers(office)[-1])
            noted = body.get_content().partition("\n\n-- ")[0]
            assert all(value in noted for value in stored.values())
            assert f"{stored['worthwhile']} of 5" in noted
            assert ("listen first" in noted) is (stored["takeaways"] == "listen first")
        assert told(answers(office)[-1]) == {"takeaways": "ask", "worthwhile": "4"}

    def test_a_correction_after_the_pair_has_left_is_still_a_correction(
        self, office: Office
    ) -> None:
        office.answer("Ruth Kaya", "summary-request", "Key takeaways: listen first\nRating: 5")
        office.run()
        office.rows.pop()
        office.save_roster()
        office.at(at("2026-10-14 09:00")).run()
        office.answer("Ruth Kaya", "receipt", "Rating: 4")
        office.at(at("2026-10-14 10:00")).run()

        first, revised = answers(office)
        assert (first.revision, revised.revision) == (0, 1)
        assert told(revised) == {"takeaways": "listen first", "worthwhile": "4"}

    def test_an_agenda_is_passed_on_to_the_mentor_and_nobody_else(self, tmp_path: Path) -> None:
        """DESIGN 9: what only the pair may see has no column in the workbook."""
        office = Office(tmp_path / "agenda", pairs=1, start=at("2026-10-05 09:00"))
        office.run()
        office.at(at("2026-10-08 11:00")).run()
        office.answer("Jens Adler", "agenda-request", "How does your team see our new office?")
        office.at(at("2026-10-08 15:00")).run()
        office.at(at("2026-10-09 11:00")).run()

        prompt = office.last_mail("Mara Vogel", "prompt").get_body(("plain",))
        assert prompt is not None
        assert "How does your team see our new office?" in " ".join(prompt.get_content().split())
        assert sheet(office, "Needs you") == []


class TestNobodysAnswer:
    def test_an_automatic_reply_changes_nothing(self, office: Office) -> None:
        auto_reply(office, "Jens Adler", "summary-request")

        assert did(office.run()) == ["put an automatic mail away"]
        assert answers(office) == []
        assert sheet(office, "Needs you") == []
        assert did(office.at(at("2026-10-16 14:30")).run()).count("send summary-reminder") == 2

    def test_an_invitation_that_comes_back_waits_for_a_person(self, office: Office) -> None:
        bounce(office, "Ruth Kaya", "invitation")

        assert did(office.run()) == ["set a mail aside for the coordinator"]
        (need,) = sheet(office, "Needs you")
        assert need["Pair"] == "pair-2"
        assert "could not be delivered" in str(need["What happened"])


class TestUnknownSenders:
    def test_their_mail_waits(self, office: Office) -> None:
        stranger(office)

        assert did(office.run()) == ["set a mail aside for the coordinator"]
        assert "otto@fabrikam.example" in str(sheet(office, "Needs you")[0]["What happened"])

    def test_it_can_be_listed_and_shown(self, office: Office) -> None:
        raw = stranger(office, "We met and talked about hiring.")
        office.run()

        listed = at_the_office(office, "inbox list")
        mail = listed.out.split()[0]
        shown = at_the_office(office, "inbox show", mail)
        as_it_came = at_the_office(office, "inbox show", mail, "--raw")

        assert listed.out.count("\n") == 1
        assert "From     otto@fabrikam.example" in shown.out
        assert "We met and talked about hiring." in shown.out
        assert as_it_came.out.encode() == raw

    def test_assigned_to_a_pair_it_is_the_summary_of_their_last_meeting(
        self, office: Office
    ) -> None:
        stranger(office, "We met and talked about hiring.")
        office.run()
        mail = at_the_office(office, "inbox list").out.split()[0]

        said = at_the_office(office, "inbox assign", mail, "pair-2")

        assert said.out == "Filed as the summary of meeting 1 on 13 October 2026.\n"
        assert did(office.run()) == ["send receipt"]
        assert row_of(office, "pair-2", "Summaries")["What we talked about"] == (
            "We met and talked about hiring."
        )
        assert sheet(office, "Needs you") == []
        assert office.at(at("2026-10-16 14:30")).run().plan.actions != ()
        assert len(office.mails_to("Ruth Kaya")) == 3  # invitation, question, receipt

    def test_discarded_it_leaves_the_list_and_the_workbook(self, office: Office) -> None:
        stranger(office)
        office.run()
        mail = at_the_office(office, "inbox list").out.split()[0]

        said = at_the_office(office, "inbox discard", mail)
        office.run()

        assert (said.code, at_the_office(office, "inbox list").out) == (
            0,
            "No mail waits for you.\n",
        )
        assert sheet(office, "Needs you") == []

    @pytest.mark.parametrize("verb", ["show", "discard"])
    def test_a_mail_that_is_not_there_is_said_to_be_missing(
        self, office: Office, verb: str
    ) -> None:
        said = at_the_office(office, f"inbox {verb}", "ffff")

        assert (said.code, said.err) == (
            1,
            'rmflow: no mail begins with "ffff"; see `rmflow inbox list`\n',
        )
