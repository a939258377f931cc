"""SMTP: what each failure means, command by command."""

import smtplib
import socket
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from mailer_contract import MARIA, SVEN, MailerContract, outgoing
from pydantic import ValidationError
from smtp_sink import DROP, SILENCE, SmtpSink

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.standards import smtp
from rmflow.adapters.standards.server import tls_context
from rmflow.adapters.standards.smtp import Settings, SmtpMailer
from rmflow.config.secret import SecretRef
from rmflow.domain.people import Address
from rmflow.errors import DeniedError, RejectedError, UnavailableError, UncertainError
from rmflow.ports.mail import Departure, Mailbox

COPY = "mentoring+copies@contoso.example"


WALL = StoppedClock(datetime(2026, 11, 3, 8, 30, tzinfo=UTC))


class Copies:
    """The programme's mailbox, as far as copies go: what the sink accepted for COPY."""

    def __init__(self, sink: SmtpSink) -> None:
        self.sink = sink

    def holds(self, message_ids: Collection[str]) -> frozenset[str]:
        held = self.sink.received(COPY)
        return frozenset(id for id in message_ids if any(id.encode() in raw for raw in held))


class SmtpOutlet:
    """A sink seen as an Outlet."""

    def __init__(self, sink: SmtpSink, folder: Path, **settings: Any) -> None:
        self.sink = sink
        self.folder = folder
        options = {"host": sink.host, "port": sink.port, "security": "none", "auth": "none"}
        self.settings = Settings.model_validate(options | {"timeout_s": 5} | settings)
        self.looks_back = self.settings.copy_to is not None

    def open(self) -> SmtpMailer:
        copies: Any = Copies(self.sink)
        mailbox: Mailbox = copies
        return SmtpMailer(self.settings, self.folder, WALL, copies=mailbox)

    def received(self, recipient: Address) -> list[bytes]:
        return self.sink.received(recipient)


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


class TestSmtp(MailerContract):
    @pytest.fixture
    def outlet(self, sink: SmtpSink, tmp_path: Path) -> SmtpOutlet:
        return SmtpOutlet(sink, tmp_path)


class TestSmtpWithCopies(MailerContract):
    @pytest.fixture
    def outlet(self, sink: SmtpSink, tmp_path: Path) -> SmtpOutlet:
        return SmtpOutlet(sink, tmp_path, copy_to=COPY)


@pytest.fixture
def mailer(sink: SmtpSink, tmp_path: Path) -> Iterator[SmtpMailer]:
    mailer = SmtpOutlet(sink, tmp_path).open()
    yield mailer
    mailer.close()


@pytest.mark.parametrize("phase", ["mail", "rcpt", "data", "dot"])
def test_a_temporary_answer_means_try_later(sink: SmtpSink, mailer: SmtpMailer, phase: Any) -> None:
    sink.fail(phase, "451 4.3.0 try again, dear maria.duarte@contoso.example")
    with pytest.raises(UnavailableError, match=r"451 4.3.0 try again, dear \(address\)") as caught:
        mailer.send(outgoing(1))
    assert caught.value.retry_after is None
    assert sink.mails == []
    mailer.send(outgoing(2))
    assert len(sink.mails) == sink.connections == 1


@pytest.mark.parametrize("phase", ["rcpt", "data", "dot"])
def test_a_final_answer_needs_a_person(sink: SmtpSink, mailer: SmtpMailer, phase: Any) -> None:
    sink.fail(phase, "550 5.1.1 no such user")
    with pytest.raises(RejectedError, match=r"550 5\.1\.1 no such user"):
        mailer.send(outgoing(1))
    assert sink.mails == []
    mailer.send(outgoing(2))
    assert len(sink.mails) == sink.connections == 1


@pytest.mark.parametrize(
    ("phase", "answer"),
    [("mail", "550 sender not allowed"), ("rcpt", "554 5.7.1 relaying denied")],
)
def test_a_refusal_of_us_blames_no_mail(
    sink: SmtpSink, mailer: SmtpMailer, phase: Any, answer: str
) -> None:
    """Every other mail would be refused as well: none of them may be given up for it."""
    sink.fail(phase, answer)
    with pytest.raises(DeniedError):
        mailer.send(outgoing(1))
    assert sink.mails == []


@pytest.mark.parametrize("phase", ["rcpt", "data"])
def test_a_connection_lost_before_the_dot_sent_nothing(
    sink: SmtpSink, mailer: SmtpMailer, phase: Any
) -> None:
    sink.fail(phase, DROP)
    with pytest.raises(UnavailableError):
        mailer.send(outgoing(1))
    assert sink.mails == []
    mailer.send(outgoing(1))
    assert len(sink.mails) == 1


@pytest.mark.parametrize("keeps", [True, False])
def test_an_answer_lost_after_the_dot_leaves_a_doubt(
    sink: SmtpSink, mailer: SmtpMailer, *, keeps: bool
) -> None:
    """RFC 1047: the server may have accepted it. Sending again is how duplicates are made."""
    sink.fail("dot", DROP, keeps=keeps)
    with pytest.raises(UncertainError):
        mailer.send(outgoing(1))
    assert len(sink.mails) == keeps


def test_a_server_too_slow_to_answer_the_dot_leaves_a_doubt(
    sink: SmtpSink, mailer: SmtpMailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "_FINAL_ANSWER_S", 0.1)
    sink.fail("dot", SILENCE)
    with pytest.raises(UncertainError, match="timed out"):
        mailer.send(outgoing(1))


def test_the_answer_to_the_dot_may_take_ten_minutes(
    mailer: SmtpMailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 5321 section 4.5.3.2.6; FreeScout 5457 sent a mail every hour for hanging up early."""
    waits = []
    getreply = smtplib.SMTP.getreply

    def noting(self: smtplib.SMTP) -> tuple[int, bytes]:
        assert self.sock is not None
        waits.append(self.sock.gettimeout())
        return getreply(self)

    monkeypatch.setattr(smtplib.SMTP, "getreply", noting)
    mailer.send(outgoing(1))
    mailer.send(outgoing(2))
    # Greeting, EHLO; twice MAIL, RCPT, DATA and the dot.
    assert waits == [5, 5, 5, 5, 5, 600, 5, 5, 5, 600]


def test_a_connection_that_the_server_closed_meanwhile_is_replaced(
    sink: SmtpSink, mailer: SmtpMailer
) -> None:
    mailer.send(outgoing(1))
    sink.fail("mail", DROP)
    mailer.send(outgoing(2))
    sink.fail("mail", "421 4.4.2 idle for too long")
    mailer.send(outgoing(3))
    assert len(sink.mails) == sink.connections == 3


def test_a_server_that_always_hangs_up_is_left_alone_after_three_attempts(
    sink: SmtpSink, mailer: SmtpMailer
) -> None:
    sink.fail("mail", DROP, times=100)
    with pytest.raises(UnavailableError):
        mailer.send(outgoing(1))
    assert sink.connections == 3


def test_a_connection_carries_many_mails_but_not_endlessly(sink: SmtpSink, tmp_path: Path) -> None:
    mailer = SmtpOutlet(sink, tmp_path, max_messages_per_connection=4).open()
    for number in range(10):
        mailer.send(outgoing(number))
    mailer.close()
    assert (len(sink.mails), sink.connections) == (10, 3)


def test_nobody_listening_means_try_later(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and never listens
        settings = Settings.model_validate(
            {
                "host": "127.0.0.1",
                "port": taken.getsockname()[1],
                "security": "none",
                "auth": "none",
            }
        )
        mailer = SmtpMailer(settings, tmp_path, WALL)
        with pytest.raises(UnavailableError):
            mailer.send(outgoing(1))
        mailer.close()


class TestCopies:
    """The blind copy to ourselves that makes a lost answer a question with an answer."""

    @pytest.fixture
    def mailer(self, sink: SmtpSink, tmp_path: Path) -> Iterator[SmtpMailer]:
        mailer = SmtpOutlet(sink, tmp_path, copy_to=COPY).open()
        yield mailer
        mailer.close()

    def test_the_copy_is_the_same_mail_and_nobody_sees_it(
        self, sink: SmtpSink, mailer: SmtpMailer
    ) -> None:
        mailer.send(outgoing(1))
        (mail,) = sink.mails
        assert mail.recipients == (MARIA, COPY)
        assert mail.content == outgoing(1).content
        assert COPY.encode() not in mail.content

    def test_a_doubt_is_settled_by_the_copy(self, sink: SmtpSink, mailer: SmtpMailer) -> None:
        sink.fail("dot", DROP, keeps=True)
        with pytest.raises(UncertainError):
            mailer.send(outgoing(1))
        sink.fail("dot", DROP, keeps=False)
        with pytest.raises(UncertainError):
            mailer.send(outgoing(2))
        assert list(mailer.departures([outgoing(1), outgoing(2)]).values()) == [
            Departure.LEFT,
            Departure.NOT_LEFT,
        ]

    @pytest.mark.parametrize("answer", ["450 4.2.1 later", "550 5.1.1 no such user"])
    def test_a_refused_copy_stops_the_mail_and_does_not_blame_it(
        self, sink: SmtpSink, mailer: SmtpMailer, answer: str
    ) -> None:
        sink.fail("rcpt", answer, recipient=COPY)
        with pytest.raises(UnavailableError, match="copy_to was refused"):
            mailer.send(outgoing(1))
        assert sink.mails == []

    def test_a_refused_recipient_gets_no_copy_sent(
        self, sink: SmtpSink, mailer: SmtpMailer
    ) -> None:
        """The copy would be evidence of a mail that never left."""
        sink.fail("rcpt", "550 5.1.1 no such user", recipient=SVEN)
        with pytest.raises(RejectedError):
            mailer.send(outgoing(1, SVEN))
        assert sink.mails == []

    def test_a_mail_to_the_copies_themselves_is_one_mail(
        self, sink: SmtpSink, mailer: SmtpMailer
    ) -> None:
        mailer.send(outgoing(1, Address(COPY)))
        assert [mail.recipients for mail in sink.mails] == [(COPY,)]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Trust the authority as an operator would say it: by SSL_CERT_FILE."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    tls_context.cache_clear()
    yield
    tls_context.cache_clear()


@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("auth", ["password", "xoauth2"])
def test_mail_goes_through_tls_after_logging_in(
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    security: str,
    auth: str,
) -> None:
    monkeypatch.setenv("SECRET", "correct horse")
    with SmtpSink(
        certificate=authority.issue_cert("127.0.0.1"),
        implicit_tls=security == "tls",
        logins={"mentoring": "correct horse"},
        tokens={"mentoring": "correct horse"},
    ) as sink:
        outlet = SmtpOutlet(
            sink,
            tmp_path,
            security=security,
            auth=auth,
            username="mentoring",
            password=SecretRef.parse("env:SECRET"),
            token=SecretRef.parse("env:SECRET"),
            max_messages_per_connection=1,
        )
        mailer = outlet.open()
        mailer.send(outgoing(1))
        mailer.send(outgoing(2))
        mailer.close()
        assert (len(sink.mails), sink.connections) == (2, 2)
    assert tls_context.cache_info().misses == 1


@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize("auth", ["password", "xoauth2"])
def test_a_refused_login_is_not_tried_again_in_this_run(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, auth: str
) -> None:
    """Five hundred mails with an old password would lock the mailbox."""
    monkeypatch.setenv("SECRET", "last year's")
    with SmtpSink(
        certificate=authority.issue_cert("127.0.0.1"), logins={"m": "p"}, tokens={"m": "p"}
    ) as sink:
        outlet = SmtpOutlet(
            sink,
            tmp_path,
            security="starttls",
            auth=auth,
            username="m",
            password=SecretRef.parse("env:SECRET"),
            token=SecretRef.parse("env:SECRET"),
        )
        mailer = outlet.open()
        for number in range(3):
            with pytest.raises(DeniedError, match="log in failed: 535") as caught:
                mailer.send(outgoing(number))
            assert "last year" not in str(caught.value)
        assert sink.connections == 1
        assert sink.login_attempts <= 2  # PLAIN and LOGIN


def test_a_certificate_nobody_vouches_for_needs_a_person(
    authority: trustme.CA, tmp_path: Path
) -> None:
    tls_context.cache_clear()
    with SmtpSink(certificate=authority.issue_cert("127.0.0.1"), implicit_tls=True) as sink:
        mailer = SmtpOutlet(sink, tmp_path, security="tls").open()
        with pytest.raises(DeniedError, match="certificate"):
            mailer.send(outgoing(1))


def test_a_server_without_starttls_gets_neither_password_nor_mail(
    sink: SmtpSink, tmp_path: Path
) -> None:
    mailer = SmtpOutlet(sink, tmp_path, security="starttls").open()
    with pytest.raises(DeniedError, match="STARTTLS"):
        mailer.send(outgoing(1))
    assert sink.mails == []


def test_settings_that_cannot_work_are_refused_at_once() -> None:
    with pytest.raises(ValidationError, match="this machine only"):
        Settings(host="smtp.contoso.example", security="none", auth="none")
    with pytest.raises(ValidationError, match="needs username and password"):
        Settings(host="smtp.contoso.example")
    with pytest.raises(ValidationError, match="not a mail address"):
        Settings(host="smtp.contoso.example", auth="none", copy_to=Address("us\r\nRCPT TO:<v>"))
