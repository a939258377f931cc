"""Mail out through an Exchange server: a draft first, then one request that decides."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from rmflow.adapters.exchange.account import MailboxAccount
from rmflow.adapters.exchange.mail_checkup import check_mailer
from rmflow.adapters.exchange.mail_reading import Listed, MailReader
from rmflow.adapters.exchange.mail_settings import MailerSettings
from rmflow.adapters.exchange.mail_writing import MailWriter
from rmflow.adapters.exchange.wire import BACKEND
from rmflow.adapters.web import unavailable
from rmflow.domain.keys import Key
from rmflow.errors import ChangedError, RejectedError, UnavailableError, UncertainError
from rmflow.ports.checkup import Finding
from rmflow.ports.clock import Clock
from rmflow.ports.mail import Departure, OutgoingMail

T = TypeVar("T")


class ExchangeMailer:
    """Port Mailer, from the programme's mailbox.

    CreateItem makes a draft of a mail's bytes, with a property of ours that names the letter;
    SendItem sends it. Until then nothing has happened. SendItem takes the draft's change key, so a
    draft can be sent only once, and only as it was written; afterwards it is the copy in Sent
    Items. So the mailbox tells whether a mail has left: in Sent Items (or deleted from there, or
    on its way) it has, as a draft or nowhere it has not. What an earlier attempt has left behind
    holds old words: it loses its recipients before a new one is made, and only a draft that
    nobody is sending can lose them.

    Peculiarities (learn.microsoft.com/exchange/client-developer, read in November 2026):

    - A change key that is not the latest is refused (ErrorStaleObject, in "ResponseCode"), so a
      SendItem that arrives late, after the draft was changed, sends nothing.
    - Exchange stores properties and makes MIME anew from them; what has none is kept in a skeleton
      (PidTagMimeSkeleton; "EWS, MIME, and the missing Internet message headers").
    - A draft that is being sent may lie in Drafts or the Outbox until transport has taken it:
      then item:IsSubmitted says so.
    - The sender must be the mailbox, or one that it may send as (ErrorSendAsDenied).
    - CreateItem puts importance, sensitivity and receipts beside the MIME; all as by default.
    - Not verified on a live server: that Message-ID, Reply-To, References, List-Unsubscribe and
      fields with X- of the MIME leave as they were (`rmflow doctor` looks whether the Message-ID
      is kept in a draft); that Auto-Submitted does not, as with Graph, which stores mail alike;
      that the copy in Sent Items keeps our property; what becomes of a text/calendar part, which
      may leave as a meeting request of Exchange's own: with this mailer, let the calendar be of
      kind "exchange" as well.
    """

    settling = timedelta(minutes=10)
    found_again = "a property of ours on the draft and on the copy in Sent Items"

    def __init__(self, settings: MailerSettings, folder: Path, clock: Clock) -> None:
        self._account = MailboxAccount(settings, folder)
        self._reader = MailReader(self._account)
        self._writer = MailWriter(self._account)
        self._settings = settings
        self._folder = folder
        self._clock = clock

    def send(self, mail: OutgoingMail) -> None:
        """Send one mail; one that an earlier attempt has sent is left alone."""
        found = self._reader.letters([mail.key])
        if any(one.has_left for one in found):
            return
        for draft in found:
            self._withdraw(draft)
        draft_id = _harmless(lambda: self._writer.draft(mail.content, mail.key))
        try:
            self._writer.dispatch(draft_id)
        except ChangedError as error:
            reason = "somebody has changed or removed the draft"
            raise UnavailableError(BACKEND, "send", reason) from error

    def departures(
        self, mails: Collection[OutgoingMail], others: Collection[str] = ()
    ) -> Mapping[Key, Departure]:
        """Look for drafts and copies of these letters, many in one search."""
        found = self._reader.letters([mail.key for mail in mails])
        left = {one.key for one in found if one.has_left}
        return {m.key: Departure.LEFT if m.key in left else Departure.NOT_LEFT for m in mails}

    def checkup(self) -> Iterator[Finding]:
        """See `mail_checkup`."""
        return check_mailer(self._account, self._settings, self._folder, self._clock)

    def close(self) -> None:
        """End the connection."""
        self._account.close()

    def _withdraw(self, draft: Listed) -> None:
        """Make a draft of an earlier attempt unsendable and delete it."""
        try:
            _harmless(lambda: self._writer.disarm(draft))
        except (ChangedError, RejectedError) as error:
            reason = "an earlier attempt is just leaving"
            raise UncertainError(BACKEND, "send", reason) from error
        try:
            _harmless(lambda: self._writer.delete(draft.id))
        except ChangedError:
            return  # it has gone


def _harmless(step: Callable[[], T]) -> T:
    """Change a draft. Whatever becomes of that, no mail leaves."""
    try:
        return step()
    except UncertainError as error:
        raise unavailable(error) from error
