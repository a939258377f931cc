"""Services that ask for peace, or do not answer, are left alone: in this run, and in later ones."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from builders import at
from office import Office
from outages import FailingMailer, Send
from rmflow.app.run import propose, run
from rmflow.cli import cli
from rmflow.errors import BackendError, UnavailableError, UncertainError, UsedUpError
from rmflow.ports.mail import Mailbox, OutgoingMail, Unfiled

MONDAY = at("2026-10-05 09:00")
Sending = Callable[[OutgoingMail, Send], object]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "office", pairs=2, start=MONDAY)


def saying(error: BackendError) -> Sending:
    def say(mail: OutgoingMail, send: Send) -> None:
        raise error

    return say


def passing_on(mail: OutgoingMail, send: Send) -> None:
    send(mail)


def attempts(office: Office, send: Sending, providers: Mapping[str, str] | None = None) -> int:
    """Return how often the mailer is asked in one run."""
    with office.ports() as ports:
        mailer = FailingMailer(ports.mailer, send)
        run(replace(ports, mailer=mailer, providers=providers or {}))
    return mailer.attempts


def test_what_asks_for_an_hour_is_left_alone_by_later_runs(office: Office) -> None:
    busy = UnavailableError("smtp", "send", "it asks us to slow down", timedelta(hours=1))
    assert attempts(office, saying(busy)) == 1
    assert attempts(office.at(MONDAY + timedelta(minutes=59)), passing_on) == 0
    assert attempts(office.at(MONDAY + timedelta(minutes=61)), passing_on) == 4


def test_a_lost_answer_may_ask_for_peace_as_well(office: Office) -> None:
    """503 after a write that may have happened, with Retry-After."""
    lost = UncertainError("smtp", "send", "it answered 503", timedelta(hours=1))
    assert attempts(office, saying(lost)) == 1
    with pytest.raises(UnavailableError, match=r"left alone until .* \(it answered 503\)"):
        attempts(office.at(MONDAY + timedelta(minutes=59)), passing_on)
    assert attempts(office.at(MONDAY + timedelta(minutes=61)), passing_on) == 4


def test_a_few_seconds_are_waited_for(office: Office) -> None:
    """And not more than once: the second mail leaves when the time is over."""
    seen = []

    def busy_once(mail: OutgoingMail, send: Send) -> None:
        seen.append(office.clock.at)
        if len(seen) == 1:
            raise UnavailableError("smtp", "send", "busy", timedelta(seconds=7))
        send(mail)

    assert attempts(office, busy_once) == 4
    assert [(at - MONDAY).seconds for at in seen] == [0, 7, 7, 7]


def test_what_is_used_up_is_read_all_the_same(office: Office) -> None:
    """The cap on invitations must not keep answers of people waiting for six hours."""
    capped = UsedUpError("mail", "send", "the day's limit is used up", timedelta(hours=6))
    same = {"mail_in": "gmail", "mail_out": "gmail"}
    assert attempts(office, saying(capped), same) == 1
    office.at(MONDAY + timedelta(hours=1))
    reads = 0

    class Watched:
        def __init__(self, mailbox: Mailbox) -> None:
            self._mailbox = mailbox

        def __getattr__(self, name: str) -> object:
            return getattr(self._mailbox, name)

        def unfiled(self) -> Iterator[Unfiled]:
            nonlocal reads
            reads += 1
            yield from self._mailbox.unfiled()

    with office.ports() as ports:
        mailbox: Any = Watched(ports.mailbox)
        mailer = FailingMailer(ports.mailer, passing_on)
        run(replace(ports, mailer=mailer, mailbox=mailbox, providers=same))
    assert reads == 1
    assert mailer.attempts == 0


def test_two_ports_of_one_provider_are_left_alone_together(office: Office) -> None:
    """Microsoft counts what an app does in a mailbox, not in a calendar."""
    busy = UnavailableError("graph", "send", "it asks us to slow down", timedelta(hours=1))
    attempts(office, saying(busy), {"calendar": "graph", "mail_out": "graph"})
    office.at(MONDAY + timedelta(minutes=30))
    with (
        office.ports() as ports,
        pytest.raises(UnavailableError, match=r"left alone until 2026-10-05 08:00 UTC"),
    ):
        run(replace(ports, providers={"calendar": "graph"}))


def test_status_says_who_is_left_alone_and_until_when(office: Office) -> None:
    capped = UsedUpError("mail", "send", "the day's limit is used up", timedelta(hours=6))
    assert attempts(office, saying(capped), {"mail_out": "maildir"}) == 1
    command = ["status", "--config", str(office.config_path)]
    said = CliRunner().invoke(cli, command).output
    assert "maildir takes nothing new until 05 October 2026 15:00 Europe/Berlin" in said
    assert "(the day's limit is used up)" in said
    found = json.loads(CliRunner().invoke(cli, [*command, "--json"]).output)
    assert [each["provider"] for each in found["left_alone"]] == ["maildir"]


def test_a_dry_run_keeps_the_peace_and_writes_nothing(office: Office) -> None:
    busy = UnavailableError("mail", "send", "it asks us to slow down", timedelta(hours=1))
    attempts(office, saying(busy), {"calendar": "graph", "mail_out": "graph"})
    with (
        office.at(MONDAY + timedelta(minutes=30)).ports() as ports,
        pytest.raises(UnavailableError, match="left alone"),
    ):
        propose(replace(ports, providers={"calendar": "graph"}), ports.clock.now())
