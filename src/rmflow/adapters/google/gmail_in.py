"""Mail in through Gmail."""

from base64 import urlsafe_b64decode
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from googleapiclient.errors import HttpError

from rmflow.adapters.google.client import Connection, connected
from rmflow.adapters.google.gmail_messages import arrived, head, listed, there
from rmflow.adapters.google.gmail_settings import GmailMailboxSettings
from rmflow.adapters.standards.oversized import KEPT_BYTES, LARGEST_BYTES, shortened
from rmflow.errors import RejectedError
from rmflow.ports.checkup import Finding
from rmflow.ports.clock import Clock
from rmflow.ports.mail import Delivery, Folder, Unfiled

_BACKEND = "gmail"
_MOST_AT_ONCE = 1000  # ids in one batchModify


class GmailMailbox:
    """Port Mailbox. A `ref` is Gmail's id of the message, which never changes.

    A message is unfiled while it has the label INBOX; filing takes that away and adds one of ours, in
    one request, made when it is missing. UNREAD is never touched and nothing is deleted. A
    message that a person puts back into the inbox is unfiled again. They are listed each time
    instead of following `users.history`: filed mail leaves the inbox, so that the list is as short
    as the news, and it cannot expire, as a history id does (404, after a week or sooner).

    Peculiarities (developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages and
    users.labels, read 2026-11). Lists are newest first and hold ids only; each raw message is a
    request of its own. There is no way to ask for the beginning of a message: one of over 25 MB
    is read whole (Gmail takes at most 50 MB), and kept as its first megabyte (see `oversized`).
    Names of labels are compared without case. `rfc822msgid:` searches all mail but spam and
    trash; what it finds is compared with the Message-ID, since the search is forgiving.

    Not documented: whether batchModify ignores the ids of messages that are gone. When it does
    not, they are filed one by one.
    """

    def __init__(self, settings: GmailMailboxSettings, folder: Path, clock: Clock) -> None:
        self._settings = settings
        self._folder = folder
        self._opened: Connection | None = None
        self._label_ids: dict[Folder, str] = {}

    def unfiled(self) -> Iterator[Unfiled]:
        """Yield the messages of the inbox, oldest first."""
        ids = list(listed(self._users.messages(), labelIds=["INBOX"]))
        yield from (Unfiled(id, f"{_BACKEND}:{id}") for id in reversed(ids))

    def fetch(self, messages: Sequence[Unfiled]) -> Iterator[Delivery]:
        """Fetch them one by one; those filed meanwhile are left out."""
        for message in messages:
            request = self._users.messages().get(userId="me", id=message.ref, format="raw")
            found = there(request)
            if found is not None and "INBOX" in found.get("labelIds", ()):
                yield _delivery(message, found)

    def file(self, refs: Collection[str], folder: Folder) -> None:
        """Change the labels of messages."""
        ids = list(refs)
        for start in range(0, len(ids), _MOST_AT_ONCE):
            self._relabel(ids[start : start + _MOST_AT_ONCE], folder)

    def holds(self, message_ids: Collection[str]) -> frozenset[str]:
        """Search for each Message-ID, in the inbox, under our labels and in sent mail."""
        ours = {"INBOX", "SENT", *self._labels().values()} if message_ids else set()
        return frozenset(id for id in message_ids if self._held(id, ours))

    def checkup(self) -> Iterator[Finding]:
        """Look at the inbox; make a label and remove it."""
        from rmflow.adapters.google.gmail_checkup import mailbox_findings

        yield from mailbox_findings(self._connection, self._settings, self._folder)

    def close(self) -> None:
        """End connections."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def _relabel(self, ids: Sequence[str], folder: Folder) -> None:
        messages = self._users.messages()
        change = self._change(folder)
        try:
            messages.batchModify(userId="me", body={"ids": ids, **change}).execute()
        except (HttpError, RejectedError):  # nothing was changed: one of them may be gone
            for id in ids:
                there(messages.modify(userId="me", id=id, body=change))

    def _change(self, folder: Folder) -> Mapping[str, list[str]]:
        label = self._label(folder)
        others = [id for id in self._labels().values() if id != label]
        return {"addLabelIds": [label], "removeLabelIds": ["INBOX", *others]}

    def _held(self, message_id: str, labels: Collection[str]) -> bool:
        messages = self._users.messages()
        for id in listed(messages, q=f"rfc822msgid:{message_id.strip('<>')}"):
            found = head(messages, id, ("Message-ID",))
            if found and found.message_id == message_id and not found.labels.isdisjoint(labels):
                return True
        return False

    def _label(self, folder: Folder) -> str:
        """Return the id of our label, made now when it is missing."""
        if folder not in self._labels():
            self._label_ids[folder] = self._made(self._names()[folder])
        return self._label_ids[folder]

    def _made(self, name: str) -> str:
        body = {"name": name, "labelListVisibility": "labelShow", "messageListVisibility": "show"}
        try:
            label = self._users.labels().create(userId="me", body=body).execute()
        except (HttpError, RejectedError) as error:
            reason = f'the label "{name}" cannot be made; choose another name'
            raise RejectedError(_BACKEND, "file", reason) from error
        return str(label["id"])

    def _labels(self) -> Mapping[Folder, str]:
        """Return the ids of those of our labels that are there."""
        if len(self._label_ids) < len(Folder):
            answer = self._users.labels().list(userId="me").execute()
            own = [label for label in answer.get("labels", ()) if label.get("type") == "user"]
            ids = {label["name"].casefold(): label["id"] for label in own}
            named = {folder: ids.get(name.casefold()) for folder, name in self._names().items()}
            self._label_ids |= {folder: id for folder, id in named.items() if id}
        return self._label_ids

    def _names(self) -> Mapping[Folder, str]:
        settings = self._settings
        return {Folder.DONE: settings.done_label, Folder.NEEDS_YOU: settings.needs_you_label}

    @property
    def _users(self) -> Any:
        return self._connection.api.users()

    @property
    def _connection(self) -> Connection:
        if self._opened is None:
            self._opened = connected(
                self._settings, self._folder, "gmail", "v1", self._settings.scopes
            )
        return self._opened


def _delivery(message: Unfiled, found: Mapping[str, Any]) -> Delivery:
    raw = urlsafe_b64decode(found["raw"] + "==")  # padding is optional, and too much is none
    large = len(raw) > LARGEST_BYTES
    return Delivery(
        ref=message.ref,
        source=message.source,
        received_at=arrived(found),
        raw=shortened(raw[:KEPT_BYTES], len(raw)) if large else raw,
    )
