"""After a lost answer a service needs a while until it shows what it has done; we wait for it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from builders import at
from office import Office, address
from outages import FailingMailer, Send, answer_lost, lost_with_its_answer
from rmflow.app.run import Report, run
from rmflow.planner.describe import verb
from rmflow.ports.mail import OutgoingMail

MINUTE = timedelta(minutes=1)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))


def run_slowly(office: Office, *, lost: bool = False) -> Report:
    """Run with a mailer that shows only after ten minutes what has left."""
    with office.ports() as ports:
        mailer = FailingMailer(ports.mailer, answer_lost if lost else lambda mail, send: send(mail))
        mailer.settling = 10 * MINUTE
        return run(replace(ports, mailer=mailer))


def kinds(report: Report) -> list[str]:
    return [verb(outcome.action) for outcome in report.outcomes]


def test_a_doubt_is_left_alone_until_looking_tells(office: Office) -> None:
    """A look that comes too early would find nothing, and everybody would be invited twice."""
    run_slowly(office, lost=True)
    assert kinds(run_slowly(office.at(office.now + 5 * MINUTE))) == []
    settled = run_slowly(office.at(office.now + 5 * MINUTE))
    assert kinds(settled) == ["settle doubt"] * 4
    assert len(office.outbox()) == 4


def test_what_the_roster_says_meanwhile_is_not_forgotten(office: Office) -> None:
    """The pair rests; the row that changed is looked at afterwards."""
    run_slowly(office, lost=True)
    office.rows[0] = (*office.rows[0][:4], "Thu 15:00", "")
    office.save_roster()
    run_slowly(office.at(office.now + 5 * MINUTE))
    run_slowly(office.at(office.now + 5 * MINUTE))
    last = office.last_mail("Jens Adler", "update").get_body(("plain",))
    assert last is not None
    assert "Thursday" in last.get_content()


def test_what_somebody_does_in_the_calendar_meanwhile_is_not_overlooked(office: Office) -> None:
    run_slowly(office, lost=True)
    (item, *_) = sorted((office.folder / "calendars").glob("*.ics"))
    item.write_bytes(item.read_bytes().replace(b"room ", b"garden "))
    run_slowly(office.at(office.now + 5 * MINUTE))
    assert "follow" not in " ".join(kinds(run_slowly(office)))
    after = run_slowly(office.at(office.now + 5 * MINUTE))
    assert "revise series" in kinds(after)


def test_another_pair_goes_on(office: Office) -> None:
    """Only those in doubt rest."""
    run_slowly(office)
    with office.ports() as ports:
        only = address("Jens Adler")

        def lose_some(mail: OutgoingMail, send: Send) -> None:
            if mail.recipient == only:
                lost_with_its_answer(mail, send)
            send(mail)

        mailer = FailingMailer(ports.mailer, lose_some)
        mailer.settling = 10 * MINUTE
        office.at(at("2026-10-08 11:00"))
        run(replace(ports, mailer=mailer))
    report = run_slowly(office.at(at("2026-10-08 11:05")))
    assert kinds(report) == []
    assert ("agenda-request", address("Ruth Kaya")) in office.outbox()
    assert ("agenda-request", only) not in office.outbox()
    run_slowly(office.at(at("2026-10-08 11:15")))
    assert ("agenda-request", only) in office.outbox()
