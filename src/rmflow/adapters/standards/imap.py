"""Mail in by IMAP (RFC 3501, MOVE of RFC 6851, UIDPLUS of RFC 4315)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from imapclient.exceptions import IMAPClientError
from imapclient.imapclient import SENT
from pydantic import Field

from rmflow.adapters.standards.imap_session import BACKEND, ImapSession, move
from rmflow.adapters.standards.oversized import KEPT_BYTES, LARGEST_BYTES, shortened
from rmflow.adapters.standards.server import ServerSettings
from rmflow.ports.checkup import Finding
from rmflow.ports.clock import Clock
from rmflow.ports.mail import Delivery, Folder, Unfiled

_FETCH_MESSAGES = 200
_FETCH_BYTES = 8 * 1024 * 1024
_LIST_MESSAGES = 500  # UIDs in one command: RFC 2683 section 3.2.1.5 wants short lines


class Settings(ServerSettings):
    """Incoming mail is read from an IMAP mailbox."""

    port: int = Field(default=993, ge=1, le=65535, description="993 with tls, 143 with starttls.")
    folder: str = Field(default="INBOX", description="Folder that receives the programme's mail.")
    done_folder: str = Field(
        default="rmflow/Done", description='Where mail goes that was understood; "/" nests.'
    )
    needs_you_folder: str = Field(
        default="rmflow/Needs you", description="Where mail goes that a person should look at."
    )


class ImapMailbox:
    r"""Port Mailbox. A `ref` is "UIDVALIDITY:UID"; under another UIDVALIDITY it names nothing.
    A `source` names user, host and folder as well: every inbox of Gmail has the UIDVALIDITY 1.

    Reading examines the folder and peeks, so no flag changes. Bodies come in batches of at most
    200 messages and 8 MB; a message of over 25 MB comes as its first megabyte, marked (see
    `oversized`). Messages marked as deleted count as filed.

    Peculiarities. Folders are named with "/" in the settings and as the server wants them on
    the wire: its delimiter, its personal namespace ("INBOX." on some). They are made when they
    are first needed. A server without MOVE gets COPY, then \Deleted and, with UIDPLUS, an
    EXPUNGE of exactly these messages; without UIDPLUS they stay, marked, because a plain
    EXPUNGE would remove other people's as well. Filing is not repeated by itself.
    """

    def __init__(self, settings: Settings, folder: Path, clock: Clock) -> None:
        self._settings = settings
        self._session = ImapSession(settings, folder)
        self._clock = clock

    def unfiled(self) -> Iterator[Unfiled]:
        """Yield the messages of the folder in the order of their UIDs.

        Ends early when the folder is replaced meanwhile: the next run lists it again.
        """
        validity, uids = self._session.reading("list", self._undeleted)
        for start in range(0, len(uids), _LIST_MESSAGES):
            some = uids[start : start + _LIST_MESSAGES]
            yield from self._session.reading("list", partial(self._listed, some, validity))

    def fetch(self, messages: Sequence[Unfiled]) -> Iterator[Delivery]:
        """Fetch them in batches; those of a folder that was replaced meanwhile have gone."""
        for batch in _batches(messages):
            yield from self._session.reading("fetch", partial(self._fetch, batch))

    def file(self, refs: Collection[str], folder: Folder) -> None:
        """Move messages; refs of another UIDVALIDITY and vanished messages are ignored."""
        uids_by_validity: dict[int, list[int]] = defaultdict(list)
        for ref in refs:
            validity_digits, _, uid = ref.partition(":")
            uids_by_validity[int(validity_digits)].append(int(uid))
        for validity, uids in uids_by_validity.items():
            for start in range(0, len(uids), _LIST_MESSAGES):
                some = uids[start : start + _LIST_MESSAGES]
                self._session.writing("file", partial(self._move, some, validity, folder))

    def holds(self, message_ids: Collection[str]) -> frozenset[str]:
        """Search the inbox, the two folders of ours, and the folder of sent mail."""
        if not message_ids:
            return frozenset()
        return self._session.reading("search", partial(self._search, message_ids))

    def checkup(self) -> Iterator[Finding]:
        """Log in, look at the folder, and move a message between two folders of its own."""
        from rmflow.adapters.standards.imap_checkup import ImapCheckup

        yield from ImapCheckup(
            self._session, self._settings, self._settings.folder, self._clock
        ).findings()

    def close(self) -> None:
        """Log out, if the server still listens."""
        self._session.close()

    # Steps, see ImapSession.

    def _undeleted(self, client: Any) -> tuple[int, list[int]]:
        validity = self._session.opened(client, self._inbox())
        return validity, sorted(client.search("UNDELETED"))

    def _listed(self, uids: Sequence[int], validity: int, client: Any) -> list[Unfiled]:
        if self._session.opened(client, self._inbox()) != validity:
            return []
        found = client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
        return [self._unfiled(f"{validity}:{uid}", found[uid]) for uid in uids if uid in found]

    def _unfiled(self, ref: str, fetched: dict[bytes, Any]) -> Unfiled:
        settings = self._settings
        return Unfiled(
            ref=ref,
            source=f"{BACKEND}:{settings.username}@{settings.host}:{settings.folder}:{ref}",
            received_at=fetched.get(b"INTERNALDATE"),
            size=fetched[b"RFC822.SIZE"],
        )

    def _fetch(self, batch: Sequence[Unfiled], client: Any) -> list[Delivery]:
        prefix = f"{self._session.opened(client, self._inbox())}:"
        here = {
            int(message.ref.removeprefix(prefix)): message
            for message in batch
            if message.ref.startswith(prefix)
        }
        if not here:
            return []
        part = f"BODY.PEEK[]<0.{KEPT_BYTES}>" if _is_large(batch[0]) else "BODY.PEEK[]"
        found = client.fetch(list(here), [part])
        fetched = (_delivery(here[uid], found[uid]) for uid in here if uid in found)
        return [delivery for delivery in fetched if delivery is not None]

    def _move(self, uids: Sequence[int], validity: int, folder: Folder, client: Any) -> None:
        target = self._made(client, self._target(folder))
        if self._session.opened(client, self._inbox(), to_write=True) != validity:
            return
        move(client, uids, target)

    def _search(self, message_ids: Collection[str], client: Any) -> frozenset[str]:
        names = [self._session.spelt(name) for name in self._folders()]
        sent = client.find_special_folder(SENT)
        missing = set(message_ids)
        for name in dict.fromkeys([*names, sent] if sent else names):
            if not client.folder_exists(name):
                continue
            self._session.opened(client, name)
            missing -= {id for id in missing if client.search(["HEADER", "Message-ID", id])}
        return frozenset(message_ids) - missing

    def _made(self, client: Any, folder: str) -> str:
        """Return the server's name of a folder that is there afterwards, shown in mail programs."""
        name = self._session.spelt(folder)
        if not client.folder_exists(name):
            try:
                client.create_folder(name)
            except IMAPClientError:
                if not client.folder_exists(name):  # nobody else made it this moment
                    raise
            client.subscribe_folder(name)
        return name

    def _inbox(self) -> str:
        return self._session.spelt(self._settings.folder)

    def _target(self, folder: Folder) -> str:
        done = folder is Folder.DONE
        return self._settings.done_folder if done else self._settings.needs_you_folder

    def _folders(self) -> tuple[str, str, str]:
        settings = self._settings
        return settings.folder, settings.done_folder, settings.needs_you_folder


def _is_large(message: Unfiled) -> bool:
    return (message.size or 0) > LARGEST_BYTES


def _delivery(message: Unfiled, fetched: dict[bytes, Any]) -> Delivery | None:
    """Return a message; None if it was expunged by others, of which NIL may be the only sign
    (RFC 2180 section 4.1.3; Dovecot 2.3).
    """
    large = _is_large(message)
    raw: bytes = fetched[b"BODY[]<0>" if large else b"BODY[]"] or b""
    if message.size and not raw:
        return None
    return Delivery(
        ref=message.ref,
        source=message.source,
        received_at=message.received_at,
        raw=shortened(raw, message.size or 0) if large else raw,
    )


def _batches(messages: Iterable[Unfiled]) -> Iterator[list[Unfiled]]:
    """Yield runs of messages to fetch at once; a large one comes alone."""
    batch: list[Unfiled] = []
    octets = 0
    for message in messages:
        size = message.size or 0
        if batch and (len(batch) == _FETCH_MESSAGES or octets + size > _FETCH_BYTES):
            yield batch
            batch, octets = [], 0
        batch.append(message)
        octets += size
    if batch:
        yield batch
