"""Mail out by SMTP (RFC 5321), driven command by command so that every failure has a meaning."""

import re
import smtplib
import socket
import ssl
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field

from rmflow.adapters.standards.server import (
    ServerSettings,
    repeated,
    spoken,
    tls_context,
)
from rmflow.config.values import Mail
from rmflow.domain.keys import Key
from rmflow.domain.people import Address
from rmflow.errors import BackendError, DeniedError, RejectedError, UnavailableError, UncertainError
from rmflow.ports.checkup import Finding
from rmflow.ports.clock import Clock
from rmflow.ports.mail import Departure, Mailbox, OutgoingMail

_BACKEND = "smtp"
# RFC 5321 section 4.5.3.2.6: a server may take ten minutes to answer the final dot. Hanging up
# earlier is how mail gets delivered and counted as lost (RFC 1047).
_FINAL_ANSWER_S = 600.0
_POLICY = re.compile(rb"5\.7\.\d+\b")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
_LOST = (smtplib.SMTPServerDisconnected, ConnectionError)
_Answer = tuple[int, bytes]


class Settings(ServerSettings):
    """Mail is handed to an SMTP server."""

    port: int = Field(default=587, ge=1, le=65535, description="587 with starttls, 465 with tls.")
    security: Literal["tls", "starttls", "none"] = Field(
        default="starttls",
        description='How the connection is encrypted; "none" only for a server on this machine.',
    )
    max_messages_per_connection: int = Field(
        default=100, ge=1, description="A new connection is opened after this many mails."
    )
    copy_to: Mail | None = Field(
        default=None,
        description="Address, read by the programme's own mailbox, that gets a copy of every "
        "mail. After a crash it tells whether a mail had left.",
        examples=["mentoring+copies@contoso.example"],
    )


class SmtpMailer:
    """Port Mailer.

    Until the final dot nothing has happened; a negative answer to it means that nothing has
    happened either; no answer to it means nobody knows (UncertainError).

    Peculiarities. A mail has one recipient and, with `copy_to`, one blind copy. When the server
    refuses the copy nothing is sent, and the mail is not to blame (UnavailableError): a mail
    without its copy could not be told from one that never left. Our addresses and messages are
    ASCII, so SMTPUTF8 and 8BITMIME are never needed. The connection is reused; that a server
    has hung up meanwhile shows at MAIL FROM, which is safe to repeat. `sender` is whom a checkup
    names as the sender, and as the recipient.
    """

    found_again = "a copy in the programme's mailbox (`copy_to`); without one a person decides"
    settling = timedelta(minutes=2)  # a copy passes through the mail system first

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        clock: Clock,
        copies: Mailbox | None = None,
        sender: Address | None = None,
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._copies = copies if settings.copy_to else None
        self._sender = sender
        self._idle: smtplib.SMTP | None = None  # kept only between mails, when it is clean
        self._sent = 0
        self._refusal: DeniedError | None = None

    def send(self, mail: OutgoingMail) -> None:
        """Send one mail; see the class for what each failure means."""
        connection = self._begin(mail)
        try:
            self._name_recipients(connection, mail)
            _expect(connection.docmd("DATA"), 354)
            connection.send(_stuffed(mail.content))
        except BackendError:
            self._reset(connection)
            raise
        except (smtplib.SMTPException, OSError) as error:
            connection.close()
            raise UnavailableError(_BACKEND, "send", spoken(error)) from error
        answer = self._final_answer(connection)
        self._keep(connection)
        _expect(answer, *range(200, 300))

    def departures(
        self, mails: Collection[OutgoingMail], others: Collection[str] = ()
    ) -> Mapping[Key, Departure]:
        """Look for the copies in the programme's mailbox; without copies nobody can know."""
        if self._copies is None:
            return {mail.key: Departure.UNKNOWN for mail in mails}
        found = self._copies.holds({mail.message_id for mail in mails})
        return {
            mail.key: Departure.LEFT if mail.message_id in found else Departure.NOT_LEFT
            for mail in mails
        }

    def checkup(self) -> Iterator[Finding]:
        """Connect, log in, and name sender and recipient without handing anything over."""
        from rmflow.adapters.standards.smtp_checkup import examined

        yield from examined(self._settings, self._reached, self._log_in, self._sender)

    def close(self) -> None:
        """Say goodbye to the server, if it still listens."""
        connection, self._idle = self._idle, None
        if connection is None:
            return
        try:
            connection.quit()
        except (smtplib.SMTPException, OSError):
            connection.close()

    def _begin(self, mail: OutgoingMail) -> smtplib.SMTP:
        """Return a connection, taken out of reuse, that has accepted MAIL FROM."""
        if self._sent >= self._settings.max_messages_per_connection:
            self.close()
        try:
            connection, answer = repeated(lambda: self._mail_from(mail), lost=_LOST)
        except (smtplib.SMTPNotSupportedError, ssl.SSLCertVerificationError) as error:
            raise DeniedError(_BACKEND, "connect", spoken(error)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise UnavailableError(_BACKEND, "connect", spoken(error)) from error
        if answer[0] != 250:
            self._reset(connection)
        _expect(answer, 250, about_us=True)
        return connection

    def _mail_from(self, mail: OutgoingMail) -> tuple[smtplib.SMTP, _Answer]:
        """Say MAIL FROM, on the connection of the last mail if there is one."""
        connection, self._idle = self._idle or self._connect(), None
        try:
            size = [f"size={len(mail.content)}"] if connection.has_extn("size") else []
            answer = connection.mail(mail.sender, size)
        except (smtplib.SMTPException, OSError):
            connection.close()
            raise
        if answer[0] == 421:  # "closing transmission channel", said to idle connections too
            connection.close()
            raise smtplib.SMTPServerDisconnected(spoken(answer[1]))
        return connection, answer

    def _name_recipients(self, connection: smtplib.SMTP, mail: OutgoingMail) -> None:
        _expect(connection.rcpt(mail.recipient), 250, 251)
        copy_to = self._settings.copy_to
        if copy_to and copy_to != mail.recipient:
            code, text = connection.rcpt(copy_to)
            if code not in (250, 251):
                reason = f"copy_to was refused ({code} {spoken(text)}); nothing was sent"
                raise UnavailableError(_BACKEND, "send", reason)

    def _final_answer(self, connection: smtplib.SMTP) -> _Answer:
        """Send the final dot and return the answer. Raises UncertainError when there is none."""
        assert connection.sock is not None
        try:
            connection.sock.settimeout(_FINAL_ANSWER_S)
            connection.send(b".\r\n")
            answer = connection.getreply()
            connection.sock.settimeout(self._settings.timeout_s)
        except (smtplib.SMTPException, OSError) as error:
            connection.close()
            reason = f"the answer to the finished message was lost ({spoken(error)})"
            raise UncertainError(_BACKEND, "send", reason) from error
        if answer[0] // 100 not in (2, 4, 5):
            connection.close()
            raise UncertainError(_BACKEND, "send", f"{answer[0]} {spoken(answer[1])}")
        return answer

    def _keep(self, connection: smtplib.SMTP) -> None:
        self._idle = connection
        self._sent += 1

    def _reset(self, connection: smtplib.SMTP) -> None:
        """Take back what was begun, so that the connection can be used for the next mail."""
        try:
            code, _ = connection.rset()
        except (smtplib.SMTPException, OSError):
            code = -1
        if code == 250:
            self._keep(connection)
        else:
            connection.close()

    def _connect(self) -> smtplib.SMTP:
        if self._refusal is not None:  # asking again with the same password locks the account
            raise self._refusal
        connection = self._reached()
        try:
            self._log_in(connection)
        except BaseException:
            connection.close()
            raise
        self._sent = 0
        return connection

    def _reached(self) -> smtplib.SMTP:
        """Return a connection, encrypted as it should be, that has said EHLO."""
        settings, timeout = self._settings, self._settings.timeout_s
        connection: smtplib.SMTP
        if settings.security == "tls":
            connection = smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=timeout, context=tls_context()
            )
        else:
            connection = smtplib.SMTP(settings.host, settings.port, timeout=timeout)
        try:
            assert connection.sock is not None
            # The final dot is a small packet of its own: it must not wait for an acknowledgement.
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if settings.security == "starttls":
                connection.starttls(context=tls_context())
            connection.ehlo_or_helo_if_needed()
        except BaseException:
            connection.close()
            raise
        return connection

    def _log_in(self, connection: smtplib.SMTP) -> None:
        if self._settings.auth == "none":
            return
        secret = self._settings.secret(self._folder)
        try:
            _authenticate(connection, self._settings, secret)
        except smtplib.SMTPAuthenticationError as error:
            reason = f"{error.smtp_code} {spoken(error.smtp_error)}"
            if 400 <= error.smtp_code < 500:
                raise UnavailableError(_BACKEND, "log in", reason) from error
            self._refusal = DeniedError(_BACKEND, "log in", reason)
            raise self._refusal from error
        except UnicodeEncodeError as error:
            raise DeniedError(_BACKEND, "log in", "the password is not ASCII") from error


def _authenticate(connection: smtplib.SMTP, settings: Settings, secret: str) -> None:
    if settings.auth == "password":
        connection.login(settings.username, secret)
        return
    # XOAUTH2 as Google and Microsoft document it; there is no RFC.
    first = f"user={settings.username}\x01auth=Bearer {secret}\x01\x01"
    # A refused token is explained in a challenge, which wants an empty answer.
    connection.auth("XOAUTH2", lambda challenge=None: first if challenge is None else "")


def _expect(answer: _Answer, *wanted: int, about_us: bool = False) -> None:
    """Translate an answer that is not wanted: 5yz is for good, all else is for now.

    `about_us`: the answer judges the sender. So does 5.7.x, security or policy (RFC 3463
    section 3.8), to which "relaying denied" belongs: no other mail would fare better.
    """
    code, text = answer
    if code in wanted:
        return
    said = f"{code} {spoken(text)}"
    if not 500 <= code < 600:
        raise UnavailableError(_BACKEND, "send", said)
    if about_us or _POLICY.match(text):
        raise DeniedError(_BACKEND, "send", said)
    raise RejectedError(_BACKEND, "send", said)


def _stuffed(content: bytes) -> bytes:
    """Return the message with a second dot before each leading one (RFC 5321 section 4.5.2)."""
    return _LEADING_DOT.sub(b"..", content)
