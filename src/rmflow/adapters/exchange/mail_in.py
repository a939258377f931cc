"""Mail in through an Exchange server: the inbox of one mailbox."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from rmflow.adapters.exchange.account import MailboxAccount
from rmflow.adapters.exchange.mail_checkup import check_mailbox
from rmflow.adapters.exchange.mail_folders import MailFolders
from rmflow.adapters.exchange.mail_reading import MailReader
from rmflow.adapters.exchange.mail_settings import MailboxSettings
from rmflow.adapters.exchange.mail_writing import MailWriter
from rmflow.adapters.standards.oversized import KEPT_BYTES, LARGEST_BYTES, shortened
from rmflow.errors import ChangedError
from rmflow.ports.checkup import Finding
from rmflow.ports.clock import Clock
from rmflow.ports.mail import Delivery, Folder, Unfiled


class ExchangeMailbox:
    """Port Mailbox. A `ref` is an item's id in the inbox; it is another one after a move, so what
    has been filed, by us or by a person, is simply gone.

    The items are listed first, so that filing while reading skips nothing; then each is fetched
    as MIME. Every item of the inbox arrives, of whatever kind: nothing stays there for ever.

    Peculiarities (learn.microsoft.com/exchange/client-developer, read in November 2026):

    - Exchange stores no MIME; it is made anew (item:MimeContent). The words are what was sent, the
      bytes need not be. What it cannot convert (ErrorMimeContentConversionFailed, reported of
      meeting requests too: OfficeDev/ews-managed-api#152) arrives as its header fields and its
      text, marked as shortened, so that a person looks at it.
    - No part of a MIME content can be asked for. An item of over 25 MB arrives in the same way,
      with the first megabyte of its text and no attachment. item:Size counts what is stored.
    - Answers to meetings (IPM.Schedule.Meeting.Resp) lie in the inbox as well. The calendar has
      noted them, mostly, but a comment in one is read by nobody else: they arrive like all mail.
    - Moving keeps the mark of unread mail, and GetItem sets none.
    - Not verified on a live server: MaximumBodySize for item:TextBody (a longer one is cut here).
    """

    def __init__(self, settings: MailboxSettings, folder: Path, clock: Clock) -> None:
        self._account = MailboxAccount(settings, folder)
        self._reader = MailReader(self._account)
        self._writer = MailWriter(self._account)
        self._folders = MailFolders(self._account)
        self._settings = settings
        self._folder = folder
        self._clock = clock

    def unfiled(self) -> Iterator[Unfiled]:
        """Yield the items of the inbox by the time they arrived."""
        for listed in self._reader.in_folder(self._account.inbox):
            source = f"exchange:{listed.id}"
            yield Unfiled(listed.id, source, listed.received_at, listed.size)

    def fetch(self, messages: Sequence[Unfiled]) -> Iterator[Delivery]:
        """Fetch them one by one; one that was moved has gone."""
        for message in messages:
            try:
                raw = self._raw(message.ref, message.size or 0)
            except ChangedError:
                continue
            yield Delivery(message.ref, message.source, message.received_at, raw)

    def file(self, refs: Collection[str], folder: Folder) -> None:
        """Move what is still there, fifty in one request."""
        if refs:
            self._writer.move(refs, self._folders.made(self._name(folder)))

    def holds(self, message_ids: Collection[str]) -> frozenset[str]:
        """Search the inbox and our folders."""
        if not message_ids:
            return frozenset()
        ours = [self._folders.there(self._name(folder)) for folder in Folder]
        folders = [self._account.inbox, *filter(None, ours)]
        found = self._reader.with_message_ids(message_ids, folders)
        return frozenset(message_ids) & {one.message_id for one in found}

    def checkup(self) -> Iterator[Finding]:
        """See `mail_checkup`."""
        return check_mailbox(self._account, self._settings, self._folder, self._clock)

    def close(self) -> None:
        """End the connection."""
        self._account.close()

    def _raw(self, id: str, size: int) -> bytes:
        raw = self._reader.mime(id) if size <= LARGEST_BYTES else None
        if raw is not None:
            return raw
        return shortened(self._reader.outline(id)[:KEPT_BYTES], size)

    def _name(self, folder: Folder) -> str:
        settings = self._settings
        return settings.done_folder if folder is Folder.DONE else settings.needs_you_folder
