"""Mail as files: one Maildir a recipient to send to, one Maildir to read from (Maildir++ folders).

Peculiarities. A message is complete under `new/` or not there at all: it is written and synced
under `tmp/` and then renamed. Folders are made when they are first needed. Names of messages we
write come from the key, names we read are taken as they are; what follows a ":" are flags, which
other programs may change at any time.
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.parser import BytesHeaderParser
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from pydantic import Field

from rmflow.adapters.folder_probe import private, writable
from rmflow.adapters.standards.oversized import KEPT_BYTES, LARGEST_BYTES, shortened
from rmflow.config.options import Options
from rmflow.domain.keys import Key
from rmflow.domain.people import Address
from rmflow.errors import UnavailableError, UncertainError
from rmflow.ports.checkup import Finding, Verdict
from rmflow.ports.clock import Clock
from rmflow.ports.mail import Delivery, Departure, Folder, OutgoingMail, Unfiled

T = TypeVar("T")

_BACKEND = "maildir"
_SUBFOLDERS = {Folder.DONE: ".Done", Folder.NEEDS_YOU: ".Needs you"}
_MOST_HEADER_BYTES = 64 * 1024


class MailerSettings(Options):
    """Mail is not sent but laid down as files, one Maildir for each recipient."""

    path: Path = Field(
        description="Folder that holds the Maildirs, one per recipient's address.",
        examples=["outbox"],
    )


class MailboxSettings(Options):
    """Incoming mail is read from a Maildir, as most mail servers and fetchmail write it."""

    path: Path = Field(
        description="The Maildir that receives the programme's mail.",
        examples=["inbox"],
    )


class MaildirMailer:
    """Port Mailer. `departures` is exact, unless the recipient has deleted the mail meanwhile."""

    settling = timedelta()
    found_again = "the file's name"

    def __init__(self, settings: MailerSettings, folder: Path, clock: Clock) -> None:
        self._root = folder / settings.path

    def send(self, mail: OutgoingMail) -> None:
        """Lay the mail down. One that lies there already, read or not, is left as it is."""
        if self._departure(mail) is Departure.LEFT:
            return
        maildir = self._root / directory_name(mail.recipient)
        drafted = maildir / "tmp" / _file_name(mail)
        try:
            _make_maildir(maildir)
            _write_synced(drafted, mail.content)
            drafted.rename(maildir / "new" / drafted.name)
        except OSError as error:
            raise UnavailableError(_BACKEND, "send", _reason(error)) from error
        try:
            _sync_directory(maildir / "new")
        except OSError as error:
            raise UncertainError(_BACKEND, "send", _reason(error)) from error

    def departures(
        self, mails: Collection[OutgoingMail], others: Collection[str] = ()
    ) -> Mapping[Key, Departure]:
        """Look for the files, in the recipient's own folders too."""
        return {mail.key: self._departure(mail) for mail in mails}

    def _departure(self, mail: OutgoingMail) -> Departure:
        maildir = self._root / directory_name(mail.recipient)
        try:
            names = {_unique(path) for path in _messages(*_all_folders(maildir))}
        except OSError:
            return Departure.UNKNOWN
        return Departure.LEFT if _file_name(mail) in names else Departure.NOT_LEFT

    def checkup(self) -> Iterator[Finding]:
        """Try the folder that the recipients' Maildirs are made in."""
        yield writable(self._root)

    def close(self) -> None:
        """There is nothing to end."""


class MaildirMailbox:
    """Port Mailbox. A `ref` is the unique part of a file name; age is the time of the file.

    A `source` has both: who tries things out by hand gives a second mail the name of the first.

    Filing keeps the flags, and whether the mail was seen. A message of over 25 MB comes as its
    first megabyte, marked (see `oversized`).
    """

    def __init__(self, settings: MailboxSettings, folder: Path, clock: Clock) -> None:
        self._inbox = folder / settings.path
        self._seen_at: dict[str, Path] = {}  # by ref; flags may have changed since, and so names

    def unfiled(self) -> Iterator[Unfiled]:
        """Yield the messages of the inbox in the order they were written."""
        if self._inbox.exists() and not self._inbox.is_dir():
            raise UnavailableError(_BACKEND, "list", f"{self._inbox.name} is no folder")
        try:
            self._seen_at = self._paths()
            found = [(self._still_there(ref, _written_ns), ref) for ref in self._seen_at]
        except OSError as error:
            raise UnavailableError(_BACKEND, "list", _reason(error)) from error
        for written_ns, ref in sorted((ns, ref) for ns, ref in found if ns is not None):
            yield Unfiled(ref, f"{_BACKEND}:{self._inbox.name}:{ref}:{written_ns}")

    def fetch(self, messages: Sequence[Unfiled]) -> Iterator[Delivery]:
        """Read them; those that were filed or deleted meanwhile have gone."""
        try:
            for message in messages:
                delivery = self._still_there(message.ref, partial(_delivery, message))
                if delivery is not None:
                    yield delivery
        except OSError as error:
            raise UnavailableError(_BACKEND, "fetch", _reason(error)) from error

    def file(self, refs: Collection[str], folder: Folder) -> None:
        """Rename the files into the folder."""
        target = self._inbox / _SUBFOLDERS[folder]
        try:
            _make_maildir(target)
            (target / "maildirfolder").touch(mode=0o600)
            found = self._paths()
            for ref in refs:
                path = found.get(ref)
                if path is not None:
                    _rename_if_there(path, target / path.parent.name / path.name)
        except OSError as error:
            raise UnavailableError(_BACKEND, "file", _reason(error)) from error

    def holds(self, message_ids: Collection[str]) -> frozenset[str]:
        """Read the headers of the inbox and of every folder in it."""
        if not message_ids:
            return frozenset()
        wanted, found = set(message_ids), set()
        try:
            for path in _messages(*_all_folders(self._inbox)):
                found.update(wanted.intersection(_message_ids(path)))
        except OSError as error:
            raise UnavailableError(_BACKEND, "search", _reason(error)) from error
        return frozenset(found)

    def checkup(self) -> Iterator[Finding]:
        """Look for the Maildir, and try the folders that mails are moved from and to."""
        if not self._inbox.is_dir():
            text = f"there is no folder {self._inbox}"
            advice = "correct path in [mail_in], unless no mail has ever come"
            yield Finding("inbox", Verdict.WARNING, text, advice)
            return
        try:
            waiting = sum(1 for _ in _messages(self._inbox))
            yield Finding("inbox", Verdict.FINE, f"{self._inbox} (new mails: {waiting})")
            yield private(self._inbox)
        except OSError as error:
            reason = f"{self._inbox}: {_reason(error)}"
            yield Finding("inbox", Verdict.FAILED, reason, "let rmflow's user read it")
            return
        yield from map(writable, (self._inbox, *_parts(self._inbox)))

    def close(self) -> None:
        """There is nothing to end."""

    def _paths(self) -> dict[str, Path]:
        return {_unique(path): path for path in _messages(self._inbox)}

    def _still_there(self, ref: str, look: Callable[[Path], T]) -> T | None:
        """Return what `look` sees in a file; None when it was filed or deleted meanwhile."""
        try:
            return look(self._seen_at[ref])
        except (KeyError, FileNotFoundError):
            self._seen_at = self._paths()  # its flags changed, so its name did
        return look(self._seen_at[ref]) if ref in self._seen_at else None


def directory_name(recipient: Address) -> str:
    """Return the name of a recipient's Maildir: the address, with "/" and the like as %2F."""
    return quote(recipient, safe="@+")


def _file_name(mail: OutgoingMail) -> str:
    return f"{mail.key}.rmflow"


def _unique(path: Path) -> str:
    return path.name.partition(":")[0]


def _written_ns(path: Path) -> int:
    return path.stat().st_mtime_ns


def _delivery(message: Unfiled, path: Path) -> Delivery:
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        large = status.st_size > LARGEST_BYTES
        raw = file.read(KEPT_BYTES if large else status.st_size)
    return Delivery(
        ref=message.ref,
        source=message.source,
        received_at=datetime.fromtimestamp(status.st_mtime, UTC),
        raw=shortened(raw, status.st_size) if large else raw,
    )


def _make_maildir(path: Path) -> None:
    for name in ("tmp", "new", "cur"):
        (path / name).mkdir(mode=0o700, parents=True, exist_ok=True)


def _all_folders(maildir: Path) -> list[Path]:
    """Return the Maildir itself and its Maildir++ folders."""
    if not maildir.is_dir():
        return []
    below = [path for path in maildir.iterdir() if path.name[0] == "." and path.is_dir()]
    return [maildir, *sorted(below)]


def _parts(maildir: Path) -> list[Path]:
    """Return the folders with messages that are there."""
    return [maildir / name for name in ("new", "cur") if (maildir / name).is_dir()]


def _messages(*maildirs: Path) -> Iterator[Path]:
    """Yield the message files of these Maildirs; a folder that is not there holds none."""
    for maildir in maildirs:
        for part in _parts(maildir):
            yield from (path for path in part.iterdir() if not path.name.startswith("."))


def _message_ids(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            head = file.read(_MOST_HEADER_BYTES)
    except FileNotFoundError:
        return []
    values = BytesHeaderParser().parsebytes(head).get_all("Message-ID", [])
    return [str(value).strip() for value in values]


def _write_synced(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _rename_if_there(path: Path, target: Path) -> None:
    try:
        path.rename(target)
    except FileNotFoundError:
        return


def _reason(error: OSError) -> str:
    """Return why, without the path: it holds a person's address."""
    return error.strerror or type(error).__name__
