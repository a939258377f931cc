"""What `rmflow doctor` finds out about mail on Exchange, with a draft to nobody that is removed
again.

That a mail may be sent is proved by sending one without a recipient: who may send is told that a
recipient is missing, who may not is refused.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

from exchangelib.folders import Folder
from exchangelib.properties import ItemId

from rmflow.adapters.clock_skew import compared
from rmflow.adapters.exchange.account import MailboxAccount
from rmflow.adapters.exchange.checkup import encryption, opens, outsider, tried
from rmflow.adapters.exchange.mail_reading import MailReader
from rmflow.adapters.exchange.mail_settings import MailboxSettings, MailerSettings
from rmflow.adapters.exchange.mail_writing import MailWriter
from rmflow.adapters.exchange.settings import ExchangeSettings
from rmflow.domain.keys import Key
from rmflow.errors import BackendError, ChangedError, RejectedError
from rmflow.ports.checkup import Finding, Verdict
from rmflow.ports.clock import Clock

_REMOVE = "delete the mail 'rmflow doctor was here' from the mailbox"


def check_mailer(
    account: MailboxAccount, settings: MailerSettings, folder: Path, clock: Clock
) -> Iterator[Finding]:
    """Yield what was found about sending; see `Checkup`."""
    trial, place = _Probe.sends, account.sent_items
    yield from _examined(account, place, trial, settings, folder=folder, clock=clock)


def check_mailbox(
    account: MailboxAccount, settings: MailboxSettings, folder: Path, clock: Clock
) -> Iterator[Finding]:
    """Yield what was found about reading and filing; see `Checkup`."""
    trial, place = _Probe.moves, account.inbox
    yield from _examined(account, place, trial, settings, folder=folder, clock=clock)


class _Probe:
    """A draft without a recipient. It is found, and removed, by its key, wherever it lies."""

    def __init__(self, account: MailboxAccount) -> None:
        self._account = account
        self._reader, self._writer = MailReader(account), MailWriter(account)
        self._key = Key(uuid4().hex)
        self._message_id = f"<rmflow-probe-{self._key}@{account.mailbox.rpartition('@')[2]}>"
        self._id: ItemId | None = None

    def make(self) -> None:
        """Store it."""
        lines = (
            f"From: {self._account.mailbox}",
            f"Message-ID: {self._message_id}",
            "Subject: rmflow doctor was here; delete this",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=us-ascii",
            "",
            "This is a trial of what rmflow may do. It has no recipient.",
            "",
        )
        self._id = self._writer.draft("\r\n".join(lines).encode("ascii"), self._key)

    def sends(self) -> Iterator[Finding]:
        """Look for it, and try to send it."""
        found = self._reader.letters([self._key])
        if not found:
            text = "a draft is not found by the property that rmflow gives it"
            yield Finding("look back", Verdict.FAILED, text, "send with kind smtp instead")
        elif found[0].message_id != self._message_id:
            text = "a mail gets another Message-ID than ours, so replies are harder to recognise"
            advice = "look for a transport rule or agent that writes Message-IDs"
            yield Finding("look back", Verdict.WARNING, text, advice)
        else:
            yield Finding("look back", Verdict.FINE, "a mail is found, with its Message-ID")
        yield self._sent()

    def moves(self) -> Iterator[Finding]:
        """Move it as mail is filed."""
        assert self._id is not None
        id, target = self._id.id, self._account.deleted_items
        yield tried("move", lambda: self._writer.move([id], target), "mails can be moved")

    def remove(self) -> str:
        """Delete it, and return what may be left of it."""
        try:
            for listed in self._reader.letters([self._key]):
                self._writer.delete(listed.id)
        except ChangedError:
            return ""  # it has gone
        except BackendError as error:
            return f"the trial mail may still be there: {error.reason}"
        return ""

    def _sent(self) -> Finding:
        assert self._id is not None
        try:
            self._writer.dispatch(self._id)
        except RejectedError:
            return Finding("send", Verdict.FINE, "mail may be sent; a trial had no recipient")
        except BackendError as error:
            advice = (
                "grant it in the Exchange Management Shell: Add-ADPermission MAILBOX "
                "-User SERVICE-ACCOUNT -AccessRights ExtendedRight -ExtendedRights 'Send As'"
            )
            return Finding("send", Verdict.FAILED, error.reason, advice)
        text = "a mail without recipients was accepted, so it is not known whether others are sent"
        return Finding("send", Verdict.WARNING, text, "look at the first mails that rmflow sends")


def _examined(
    account: MailboxAccount,
    place: Folder,
    trial: Callable[[_Probe], Iterator[Finding]],
    settings: ExchangeSettings,
    *,
    folder: Path,
    clock: Clock,
) -> Iterator[Finding]:
    opened = opens(account, place, settings)
    yield opened
    if opened.verdict is Verdict.FAILED:
        return
    yield encryption(settings)
    yield compared(account.wire.last.headers.get("Date"), clock)
    yield from _tried_out(_Probe(account), trial)
    yield outsider(settings, folder)


def _tried_out(probe: _Probe, trial: Callable[[_Probe], Iterator[Finding]]) -> Iterator[Finding]:
    made = tried("drafts", probe.make, "drafts can be made")
    yield made
    if made.verdict is Verdict.FINE:
        try:
            yield from trial(probe)
        except BackendError as error:
            yield Finding(error.operation, Verdict.FAILED, error.reason, "try again in a minute")
    traces = probe.remove()
    if traces:
        yield Finding("traces", Verdict.WARNING, traces, _REMOVE)
