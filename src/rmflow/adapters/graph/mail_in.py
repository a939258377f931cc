"""Mail in through Microsoft Graph: the inbox of one mailbox in Exchange Online."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from rmflow.adapters.graph.client import GraphClient, Json
from rmflow.adapters.graph.download import Downloads
from rmflow.adapters.graph.mail_checkup import check_mailbox
from rmflow.adapters.graph.mail_out import by_message_id
from rmflow.adapters.graph.mail_settings import MailboxSettings
from rmflow.adapters.standards.oversized import KEPT_BYTES, LARGEST_BYTES, shortened
from rmflow.errors import ChangedError, UnavailableError
from rmflow.ports.checkup import Finding
from rmflow.ports.clock import Clock
from rmflow.ports.mail import Delivery, Folder, Unfiled

BACKEND = "graph mail"
_IMMUTABLE = {"Prefer": 'IdType="ImmutableId"'}
_PAGE = "500"
# Exchange puts all of these at the head of the MIME that it makes.
_A_FIELD = re.compile(rb"(?im)^(?:date|from|message-id|mime-version|received):")
_HEAD_BYTES = 256 * 1024


class GraphMailbox:
    """Port Mailbox. A `ref` is an immutable id: it names the message wherever it is moved.

    The ids are listed first, so that filing while reading skips nothing; then each message is
    fetched as MIME. Reading marks nothing. A delta token would save nothing: what was recorded
    leaves the inbox, and the list of what is left is one small request.

    Peculiarities, read in November 2026:

    - Exchange stores no MIME; it is made anew for `$value` (learn.microsoft.com/graph/
      outlook-get-mime-message). The words are what was sent, the bytes need not be.
    - There is no size, and no part of a message can be asked for: one of over 25 MB is read to
      its end, and its first megabyte kept (see `oversized`).
    - Answers to meetings lie in the inbox as well; Exchange has noted them in its calendar. A
      mailbox of a room or with its own rules may file or delete them before we look.
    - Moving keeps an immutable id, and the mark of unread mail (.../graph/outlook-immutable-id).
    """

    def __init__(self, settings: MailboxSettings, folder: Path, clock: Clock) -> None:
        self._graph = GraphClient(settings, folder, backend=BACKEND, needs="Mail.ReadWrite")
        self._downloads = Downloads(
            BACKEND,
            self._graph.login.authorise,
            self._graph.refusal,
            timeout_s=settings.timeout_s,
        )
        self._settings = settings
        self._clock = clock
        self._folder_ids: dict[str, str] = {}

    def unfiled(self) -> Iterator[Unfiled]:
        """Yield the messages of the inbox by the time they arrived."""
        for listed in list(self._inbox("id,receivedDateTime")):
            arrived = datetime.fromisoformat(listed["receivedDateTime"])
            yield Unfiled(listed["id"], f"graph:{listed['id']}", arrived)

    def fetch(self, messages: Sequence[Unfiled]) -> Iterator[Delivery]:
        """Fetch them one by one; one that was deleted for good has gone."""
        for message in messages:
            try:
                raw = self._raw(message.ref)
            except ChangedError:
                continue
            yield Delivery(message.ref, message.source, message.received_at, raw)

    def file(self, refs: Collection[str], folder: Folder) -> None:
        """Move what is still in the inbox; what somebody has put elsewhere stays there."""
        if not refs:
            return
        here = {listed["id"] for listed in self._inbox("id")}
        target = {"destinationId": self._made(self._name(folder))}
        for ref in refs:
            if ref not in here:
                continue
            try:
                at = self._graph.mailbox("messages", ref, "move")
                self._graph.write("file", "POST", at, body=target)
            except ChangedError:
                continue  # it has gone this moment

    def holds(self, message_ids: Collection[str]) -> frozenset[str]:
        """Search the whole mailbox, the sent and the deleted mail too, but no drafts."""
        return frozenset(id for id in message_ids if self._holds(id))

    def checkup(self) -> Iterator[Finding]:
        """See `mail_checkup`."""
        return check_mailbox(self._graph, self._settings, self._clock)

    def close(self) -> None:
        """End connections."""
        self._downloads.close()
        self._graph.close()

    def _inbox(self, select: str) -> Iterator[Json]:
        at = self._graph.mailbox("mailFolders", "inbox", "messages")
        query = {"$select": select, "$orderby": "receivedDateTime asc", "$top": _PAGE}
        return self._graph.pages("list the inbox", at, query=query)

    def _raw(self, id: str) -> bytes:
        url = f"{self._settings.url.rstrip('/')}{self._graph.mailbox('messages', id)}/$value"
        return self._downloads.get("fetch a mail", url, _kept, _IMMUTABLE)

    def _holds(self, message_id: str) -> bool:
        query = {"$filter": by_message_id(message_id), "$select": "id,isDraft"}
        at = self._graph.mailbox("messages")
        found = self._graph.pages("look for a mail", at, query=query)
        return any(not message["isDraft"] for message in found)

    def _name(self, folder: Folder) -> str:
        settings = self._settings
        return settings.done_folder if folder is Folder.DONE else settings.needs_you_folder

    def _made(self, name: str) -> str:
        """Return the id of a folder beside the inbox, which is there afterwards."""
        if name not in self._folder_ids:
            self._folder_ids[name] = self._looked_up(name) or self._new_folder(name)
        return self._folder_ids[name]

    def _new_folder(self, name: str) -> str:
        at = self._graph.mailbox("mailFolders")
        try:
            made = self._graph.write("make a folder", "POST", at, body={"displayName": name})
        except ChangedError:
            found = self._looked_up(name)  # somebody has made it this moment
            if found is None:
                raise
            return found
        return str(made["id"])

    def _looked_up(self, name: str) -> str | None:
        quoted = name.replace("'", "''")
        query = {"$filter": f"displayName eq '{quoted}'", "$select": "id"}
        at = self._graph.mailbox("mailFolders")
        found = self._graph.pages("look for a folder", at, query=query)
        return next((str(folder["id"]) for folder in found), None)


def _kept(chunks: Iterable[bytes]) -> bytes:
    """Return a message, or the beginning of an enormous one.

    Raises UnavailableError for what is none: kept as a mail, it would be filed in its place.
    """
    kept, size = bytearray(), 0
    for chunk in chunks:
        size += len(chunk)
        if len(kept) <= LARGEST_BYTES:
            kept += chunk
    if not _A_FIELD.search(kept, 0, _HEAD_BYTES):
        raise UnavailableError(BACKEND, "fetch a mail", "its answer is no mail")
    return bytes(kept) if size <= LARGEST_BYTES else shortened(bytes(kept[:KEPT_BYTES]), size)
