"""An SMTP server inside the test process: keeps what it accepts, fails when it is told to.

    with SmtpSink() as sink:
        sink.fail("rcpt", "550 5.1.1 no such user", recipient="sven@fabrikam.example")
        ...  # anything that speaks SMTP to sink.host and sink.port, a subprocess too
        assert sink.received("maria@contoso.example") == [raw]

It listens on a free loopback port in a thread of its own. With a certificate it speaks STARTTLS,
or TLS from the start; with `logins` or `tokens` nobody sends without having logged in.
"""

import asyncio
import base64
import ssl
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from loopback import free_port

Phase = Literal["mail", "rcpt", "data", "dot"]
DROP = "drop"
SILENCE = "silence"


@dataclass(frozen=True)
class Mail:
    """One accepted message with its SMTP envelope."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


@dataclass
class _Fault:
    phase: Phase
    answer: str
    recipient: str | None
    times: int
    keeps: bool


@dataclass
class SmtpSink:
    """The server. `mails` in order of acceptance; `connections` counts sessions."""

    certificate: trustme.LeafCert | None = None
    implicit_tls: bool = False
    logins: Mapping[str, str] = field(default_factory=dict)
    tokens: Mapping[str, str] = field(default_factory=dict)
    host: str = "127.0.0.1"

    def __post_init__(self) -> None:
        self.mails: list[Mail] = []
        self.connections = 0
        self.login_attempts = 0
        self.port = free_port()
        self._faults: deque[_Fault] = deque()

    def fail(
        self,
        phase: Phase,
        answer: str = DROP,
        *,
        recipient: str | None = None,
        times: int = 1,
        keeps: bool = False,
    ) -> None:
        """Give this answer the next `times` times it comes to this phase.

        DROP hangs up instead; SILENCE says nothing for a second and hangs up then.

        "dot" is after the final dot; with `keeps` the message is accepted nevertheless, as by a
        server whose answer gets lost. `recipient` makes it wait for this address.
        """
        self._faults.append(_Fault(phase, answer, recipient, times, keeps))

    def received(self, recipient: str) -> list[bytes]:
        """Return the messages accepted for this address."""
        return [mail.content for mail in self.mails if recipient in mail.recipients]

    def __enter__(self) -> Self:
        context = None
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.certificate.configure_cert(context)
        self._controller = _Controller(
            _Hooks(self),
            hostname=self.host,
            port=self.port,
            ssl_context=context if self.implicit_tls else None,
            tls_context=None if self.implicit_tls else context,
            require_starttls=bool(context) and not self.implicit_tls,
            authenticator=self._knows,
            auth_require_tls=False,
            data_size_limit=64 * 1024 * 1024,
        )
        self._controller.sink = self
        self._controller.start()
        self.connections = 0  # the controller has tried the door
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._controller.stop()

    def fault(self, phase: Phase, recipients: list[str]) -> _Fault | None:
        """Take the next fault that applies."""
        for fault in self._faults:
            if fault.phase == phase and fault.recipient in (None, *recipients):
                fault.times -= 1
                if not fault.times:
                    self._faults.remove(fault)
                return fault
        return None

    def _knows(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, proof: Any
    ) -> AuthResult:
        self.login_attempts += 1
        known = isinstance(proof, LoginPassword) and (
            self.logins.get(proof.login.decode()) == proof.password.decode()
        )
        return AuthResult(success=known, handled=False)


class _Session(SMTP):
    """The protocol, with a fault possible before each answer."""

    sink: SmtpSink

    def connection_made(self, transport: Any) -> None:
        if self.transport is None:  # not for the second time, after STARTTLS
            self.sink.connections += 1
        super().connection_made(transport)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802 - aiosmtpd looks for this name
        if await self._failed("mail"):
            return
        assert self.session is not None
        if (self.sink.logins or self.sink.tokens) and not self.session.authenticated:
            await self.push("530 5.7.0 log in first")
        else:
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        address = arg.partition("<")[2].partition(">")[0]
        if not await self._failed("rcpt", [address]):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if not await self._failed("data"):
            await super().smtp_DATA(arg)

    async def _failed(self, phase: Phase, recipients: list[str] | None = None) -> bool:
        assert self.envelope is not None
        fault = self.sink.fault(phase, recipients or self.envelope.rcpt_tos)
        if fault is None:
            return False
        if fault.answer not in (DROP, SILENCE):
            await self.push(fault.answer)
        await _hang_up(self, fault.answer)
        return True


async def _hang_up(server: SMTP, answer: str) -> None:
    """Close the connection if this answer, given or not, ends it."""
    if answer == SILENCE:
        await asyncio.sleep(1)
    if answer in (DROP, SILENCE) or answer.startswith("421"):
        assert server.transport is not None
        server.transport.close()


class _Controller(Controller):
    sink: SmtpSink

    def factory(self) -> SMTP:
        session = _Session(self.handler, **self.SMTP_kwargs)
        session.sink = self.sink
        return session


class _Hooks:
    def __init__(self, sink: SmtpSink) -> None:
        self.sink = sink

    async def handle_DATA(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        fault = self.sink.fault("dot", envelope.rcpt_tos)
        if fault is None or fault.keeps:
            assert isinstance(envelope.content, bytes)
            assert envelope.mail_from is not None
            mail = Mail(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content)
            self.sink.mails.append(mail)
        if fault is None:
            return "250 2.0.0 accepted"
        await _hang_up(server, fault.answer)
        return fault.answer

    async def auth_XOAUTH2(  # noqa: N802
        self, server: SMTP, args: list[str]
    ) -> AuthResult:
        self.sink.login_attempts += 1
        answer = base64.b64decode(args[1]).decode()
        user, _, token = answer.removeprefix("user=").partition("\x01auth=Bearer ")
        if self.sink.tokens.get(user) == token.removesuffix("\x01\x01"):
            return AuthResult(success=True)
        refusal = await server.challenge_auth('{"status":"400"}')
        assert refusal == b"", "a refused token must be answered with an empty line"
        return AuthResult(success=False, handled=False)
