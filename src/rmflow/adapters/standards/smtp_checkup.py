"""What can be known of an SMTP server without sending anything.

A recipient is named and taken back (RSET) before DATA, so no mail begins. Whether the server is
an open relay is not tried: to be refused a foreign recipient without a login is what attackers
look like, and some servers then shut the whole machine out.
"""

import smtplib
import ssl
from collections.abc import Callable, Iterator

from rmflow.adapters.standards.server import ServerSettings, encryption, spoken
from rmflow.domain.people import Address
from rmflow.errors import BackendError
from rmflow.ports.checkup import Finding, Verdict

_FAILURES = (smtplib.SMTPException, OSError)


def examined(
    settings: ServerSettings,
    reached: Callable[[], smtplib.SMTP],
    log_in: Callable[[smtplib.SMTP], None],
    sender: Address | None,
) -> Iterator[Finding]:
    """Yield what was found; see `Checkup`."""
    place = f"{settings.host}:{settings.port}"
    try:
        connection = reached()
    except ssl.SSLCertVerificationError as error:
        advice = "host must be the name in the certificate; SSL_CERT_FILE names a private authority"
        yield Finding("connect", Verdict.FAILED, f"{place}: {spoken(error)}", advice)
        return
    except _FAILURES as error:
        advice = "check host, port and security in [mail_out], and the firewall in between"
        yield Finding("connect", Verdict.FAILED, f"{place}: {spoken(error)}", advice)
        return
    try:
        yield Finding("connect", Verdict.FINE, f"{place} answers")
        yield encryption(connection.sock)
        yield from _dialogue(connection, settings, log_in, sender)
    finally:
        _goodbye(connection)


def _dialogue(
    connection: smtplib.SMTP,
    settings: ServerSettings,
    log_in: Callable[[smtplib.SMTP], None],
    sender: Address | None,
) -> Iterator[Finding]:
    advice = "check username and password (or token) in [mail_out], and that SMTP is allowed for it"
    try:
        log_in(connection)
    except BackendError as error:
        yield Finding("login", Verdict.FAILED, error.reason, advice)
        return
    except _FAILURES as error:
        yield Finding("login", Verdict.FAILED, spoken(error), advice)
        return
    who = settings.username if settings.auth != "none" else "nobody: the server asks for no login"
    yield Finding("login", Verdict.FINE, f"as {who}")
    if sender is not None:
        yield _named(connection, sender)


def _named(connection: smtplib.SMTP, sender: Address) -> Finding:
    """Return whether the mailbox may send, to itself."""
    try:
        code, text = connection.mail(sender)
        if code == 250:
            code, text = connection.rcpt(sender)
        connection.rset()
    except _FAILURES as error:
        return Finding("sender", Verdict.FAILED, spoken(error), "try again later")
    if code in (250, 251):
        return Finding("sender", Verdict.FINE, f"may send as {sender}")
    said = f"{code} {spoken(text)}"
    if code // 100 == 4:
        return Finding("sender", Verdict.WARNING, said, "the server wants us to try again later")
    advice = f"let this login send as {sender}, the address in [mailbox]"
    return Finding("sender", Verdict.FAILED, said, advice)


def _goodbye(connection: smtplib.SMTP) -> None:
    try:
        connection.quit()
    except _FAILURES:
        connection.close()
