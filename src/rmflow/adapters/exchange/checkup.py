"""What `rmflow doctor` finds out about a mailbox on Exchange."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from exchangelib import UTC, CalendarItem, EWSDateTime
from exchangelib.folders import Folder
from exchangelib.items import ID_ONLY
from exchangelib.services import GetFolder

from rmflow.adapters.clock_skew import compared
from rmflow.adapters.exchange.account import MailboxAccount
from rmflow.adapters.exchange.availability import busy_times
from rmflow.adapters.exchange.reading import without_errors
from rmflow.adapters.exchange.settings import ExchangeSettings
from rmflow.adapters.exchange.writing import SeriesWriter
from rmflow.domain.people import Address
from rmflow.errors import BackendError, DeniedError
from rmflow.ports.checkup import Finding, Verdict
from rmflow.ports.clock import Clock

_PROBE = "rmflow probe"
_YEAR = timedelta(days=365)
_NETWORK = "check endpoint, the network and the firewall in between, then try again"


def examined(
    account: MailboxAccount, settings: ExchangeSettings, folder: Path, clock: Clock
) -> Iterator[Finding]:
    """Yield what is found about a calendar, most basic first."""
    opened = opens(account, account.calendar, settings)
    yield opened
    if opened.verdict is Verdict.FAILED:
        return
    yield encryption(settings)
    yield compared(account.wire.last.headers.get("Date"), clock)
    text = "a private appointment without guests was made and deleted again"
    yield tried("write", lambda: _probe(account, clock), text)
    yield _free_busy(account, clock)
    yield outsider(settings, folder)


def tried(check: str, step: Callable[[], object], text: str) -> Finding:
    """Return how a step went; the reason of a refusal says what to do."""
    try:
        step()
    except BackendError as error:
        said, _, advice = error.reason.partition("; ")
        return Finding(check, Verdict.FAILED, said, advice or _NETWORK)
    return Finding(check, Verdict.FINE, text)


def opens(account: MailboxAccount, folder: Folder, settings: ExchangeSettings) -> Finding:
    """Return whether we get in: the server, the login, and the right to act as the mailbox."""
    who = settings.username or settings.client_id
    text = f"{who} opens {account.mailbox} by {settings.access}"
    return tried("mailbox", lambda: _folder(account, folder), text)


def encryption(settings: ExchangeSettings) -> Finding:
    """Return how the connection is protected."""
    if settings.endpoint.startswith("https:"):
        return Finding("encryption", Verdict.FINE, "TLS, and the certificate is trusted")
    advice = "use https, except on this machine"
    return Finding("encryption", Verdict.WARNING, "the connection is not encrypted", advice)


def outsider(settings: ExchangeSettings, folder: Path) -> Finding:
    """Return whether a mailbox that is none of our business is closed to us."""
    check, other = "other mailboxes", settings.outsider
    if other is None:
        text = "name a mailbox in outsider to see whether rmflow is refused there"
        return Finding(check, Verdict.SKIPPED, text)
    account = MailboxAccount(settings, folder, other)
    try:
        _folder(account, account.calendar)
    except DeniedError:
        return Finding(check, Verdict.FINE, f"refused at {other}, as it should be")
    except BackendError as error:
        return Finding(check, Verdict.SKIPPED, error.reason)
    finally:
        account.close()
    advice = (
        "limit the role: Set-ManagementRoleAssignment rmflow -CustomRecipientWriteScope SCOPE, "
        "where SCOPE (New-ManagementScope) holds the programme's mailbox only"
    )
    return Finding(check, Verdict.WARNING, f"rmflow could open {other}", advice)


def _folder(account: MailboxAccount, folder: Folder) -> None:
    def get() -> list[Any]:
        service = GetFolder(account=account.ews)
        return without_errors(service.call(folders=[folder], additional_fields=[], shape=ID_ONLY))

    account.read("open the mailbox", get)


def _probe(account: MailboxAccount, clock: Clock) -> None:
    """Make an appointment in a year that takes no time and has no guests; delete it."""
    begin = (clock.now() + _YEAR).replace(microsecond=0, tzinfo=UTC)
    at = EWSDateTime.from_datetime(begin)
    writer = SeriesWriter(account, "probe")
    item = CalendarItem(
        account=account.ews,
        folder=account.calendar,
        subject=_PROBE,
        start=at,
        end=at,
        sensitivity="Private",
        legacy_free_busy_status="Free",
        reminder_is_set=False,
    )
    writer.destroy(writer.store(item))


def _free_busy(account: MailboxAccount, clock: Clock) -> Finding:
    """Ask for the mailbox's own times: whose others can be seen is for each of them to say."""
    mailbox = Address(account.mailbox)
    found: list[bool] = []

    def ask() -> None:
        now = clock.now()
        found.append(mailbox in busy_times(account, [mailbox], now, now + timedelta(days=1)))

    finding = tried("free/busy", ask, "free and busy times can be asked for")
    if found == [False]:
        advice = "let the service account read free and busy times (Set-MailboxFolderPermission)"
        return Finding("free/busy", Verdict.WARNING, "the mailbox's own are not shown", advice)
    return finding
