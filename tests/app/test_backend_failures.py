"""Servers that refuse, vanish or do not answer: nothing is lost, nothing comes twice."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import at, kinds
from coordinator import sheet
from office import Office, address
from outages import (
    FailingMailer,
    Send,
    Unreachable,
    answer_lost,
    down,
    lost_with_its_answer,
    refusing,
    run_with,
)
from rmflow.app.run import Report, run
from rmflow.domain.records import AnswerRecord
from rmflow.errors import ChangedError, UnavailableError
from rmflow.ports.mail import OutgoingMail

BEN = address("Ben Ode")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))


def endings(report: Report, kind: str = "") -> list[str]:
    return [o.ending.value for o in report.outcomes if kind in kinds([o.action])[0]]


def invited(office: Office) -> list[str]:
    return [who for kind, who in office.outbox() if kind == "invitation"]


def attempts(office: Office, send: Callable[[OutgoingMail, Send], object]) -> int:
    """Return how often the mailer is asked in one run."""
    with office.ports() as ports:
        mailer = FailingMailer(ports.mailer, send)
        run(replace(ports, mailer=mailer))
    return mailer.attempts


class TestMailerIsDown:
    def test_its_mails_wait_and_the_series_are_made(self, office: Office) -> None:
        report = run_with(office, down)

        assert endings(report, "create") == ["done"] * 2
        assert endings(report, "send") == ["later"] * 4
        assert invited(office) == []

    def test_the_next_run_sends_each_mail_once(self, office: Office) -> None:
        run_with(office, down)
        run_with(office, down)

        office.run()
        assert office.run().nothing

        assert len(invited(office)) == len(set(invited(office))) == 4

    def test_after_five_failures_in_a_row_nobody_knocks_any_more(self, tmp_path: Path) -> None:
        office = Office(tmp_path / "office", pairs=6, start=at("2026-10-05 09:00"))
        with office.ports() as ports:
            mailer = FailingMailer(ports.mailer, down)
            report = run(replace(ports, mailer=mailer))

        assert mailer.attempts == 5
        assert endings(report, "send") == ["later"] * 12
        office.at(at("2026-10-05 09:15")).run()
        assert len(set(invited(office))) == len(invited(office)) == 12

    def test_nobody_knocks_again_at_each_commit(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Six times five connections that time out are half an hour, with the lease held."""
        monkeypatch.setattr("rmflow.app.apply.CLAIMS_A_COMMIT", 3)
        office = Office(tmp_path / "office", pairs=6, start=at("2026-10-05 09:00"))
        assert attempts(office, down) == 5

    def test_a_server_that_asks_for_hours_is_left_alone(self, office: Office) -> None:
        """Google's cap on invitations, 403 quotaExceeded: knocking again makes it worse."""

        def capped(mail: OutgoingMail, send: Send) -> None:
            raise UnavailableError("mail", "send", "the limit is used up", timedelta(hours=6))

        assert attempts(office, capped) == 1

    def test_things_that_are_not_as_they_were_seen_stop_nobody_else(self, tmp_path: Path) -> None:
        """Five that fail each time, and come first, would keep all others waiting for ever."""
        office = Office(tmp_path / "office", pairs=6, start=at("2026-10-05 09:00"))

        def changed(mail: OutgoingMail, send: Send) -> None:
            raise ChangedError("mail", "send", "somebody was there first")

        assert attempts(office, changed) == 12

    def test_a_mail_that_has_become_pointless_meanwhile_is_not_sent(self, office: Office) -> None:
        office.run()
        for day in ("2026-10-08 11:00", "2026-10-09 11:00", "2026-10-12 11:00"):
            run_with(office.at(at(day)), down)

        office.at(at("2026-10-13 10:30")).run()

        assert {kind for kind, _ in office.outbox()} == {"invitation"}


class TestMailIsRefused:
    def test_the_others_get_theirs_and_a_person_is_asked_once(self, office: Office) -> None:
        report = run_with(office, refusing(BEN))

        assert sorted(endings(report, "send")) == ["done"] * 3 + ["held"]
        assert len(invited(office)) == 3
        assert office.run().outcomes == ()
        (need,) = sheet(office, "Needs you")
        assert need["About"] == "not delivered"
        assert "550 5.1.1 no such user" in str(need["What happened"])

    def test_a_corrected_address_gets_the_invitation(self, office: Office) -> None:
        run_with(office, refusing(BEN))
        office.people[1] = ("benjamin.ode@contoso.example", *office.people[1][1:])
        office.rows[1] = (office.rows[1][0], "benjamin.ode@contoso.example", *office.rows[1][2:])
        office.save_roster()

        office.at(at("2026-10-05 10:00")).run()

        assert "benjamin.ode@contoso.example" in invited(office)


class TestNobodyKnowsWhetherItLeft:
    def test_a_mail_that_had_left_is_found_and_not_sent_again(self, office: Office) -> None:
        report = run_with(office, answer_lost)
        assert endings(report, "send") == ["in doubt"] * 4

        again = office.run()

        assert endings(again, "settle") == ["done"] * 4
        assert len(invited(office)) == 4
        assert office.run().nothing

    def test_an_answer_to_it_is_understood(self, office: Office) -> None:
        """Whoever answers within minutes is faster than the next run, which reads mail first."""
        office.run()
        office.at(at("2026-10-13 13:00")).run()  # the agenda, the prompts
        run_with(office.at(at("2026-10-14 10:00")), answer_lost)
        office.answer("Jens Adler", "summary-request", "Key takeaways: listen first")

        office.at(at("2026-10-14 10:15")).run()

        with office.ports() as ports:
            (answer,) = ports.store.read(AnswerRecord)
        assert json.loads(answer.answers_json) == {"takeaways": "listen first"}
        assert sheet(office, "Needs you") == []
        assert [kind for kind, _ in office.outbox()].count("summary-request") == 2

    def test_a_mail_that_had_not_left_is_sent(self, office: Office) -> None:
        run_with(office, lost_with_its_answer)

        again = office.run()

        assert endings(again, "drop") == endings(again, "send") == ["done"] * 4
        assert len(set(invited(office))) == len(invited(office)) == 4

    def test_where_nobody_can_look_a_person_is_asked_and_nothing_is_repeated(
        self, office: Office
    ) -> None:
        """SMTP without copies: sending again might be the second time."""
        run_with(office, answer_lost, remembers=False)

        with office.ports() as ports:
            mailer = FailingMailer(ports.mailer, answer_lost, remembers=False)
            again = run(replace(ports, mailer=mailer))

        assert endings(again, "hold") == ["held"] * 4
        assert mailer.attempts == 0
        assert len(sheet(office, "Needs you")) == 4
        assert office.run().outcomes == ()


class TestServersThatCannotBeReached:
    @pytest.mark.parametrize("port", ["mailbox", "calendar"])
    def test_a_run_that_cannot_look_does_nothing(self, office: Office, port: str) -> None:
        """What could not be read is not empty."""
        office.run()
        before = office.outbox()
        office.at(at("2026-10-08 11:00"))
        unreachable: Any = {port: Unreachable(port)}

        with office.ports() as ports, pytest.raises(UnavailableError):
            run(replace(ports, **unreachable))

        assert office.outbox() == before

    def test_mail_that_could_not_be_moved_is_moved_by_the_next_run(self, office: Office) -> None:
        office.run()
        office.respond("Jens Adler", "ACCEPTED")
        with office.ports() as ports:
            report = run(replace(ports, mailbox=_Unmovable(ports.mailbox)))
        assert [problem.place for problem in report.problems] == ["mailbox"]
        assert len(list((office.folder / "in" / "new").iterdir())) == 1

        assert office.run().outcomes == ()
        assert list((office.folder / "in" / "new").iterdir()) == []


class _Unmovable:
    """A mailbox in which nothing can be moved."""

    def __init__(self, inner: Any) -> None:
        self.unfiled, self.fetch = inner.unfiled, inner.fetch
        self.holds, self.close = inner.holds, inner.close

    def file(self, refs: object, folder: object) -> None:
        raise UnavailableError("imap", "file", "connection refused")
