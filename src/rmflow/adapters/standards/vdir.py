"""A calendar as a folder of .ics files, one series a file (https://vdirsyncer.pimutils.org, vdir).

khal, vdirsyncer, Thunderbird with an add-on, or a text editor may edit the files at any time.

Peculiarities. An item's name is `<UID>.ics`; a copy under another name is not seen. An etag is a
hash of the content, so saving without a change is no change. Nobody is told about anything.

A token holds a short hash for each of 256 groups of files (by name, over name, time, size and
inode). Listing 10,000 files and comparing costs no parsing; after an edit only the group that it
falls into is parsed, so a few unchanged neighbours come along. This keeps no file of our own
beside the items, needs no clock, and survives that a token was never stored. A group with a file
that could not be read is left out of the token, and is therefore read again next time.
"""

import hashlib
import logging
import os
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import Field

from rmflow.adapters.folder_probe import writable
from rmflow.config.options import Options
from rmflow.domain.busy import BusyTime
from rmflow.domain.people import Address
from rmflow.domain.series import ObservedSeries, ParticipationStatus, SeriesSpec, Uid, kept_answers
from rmflow.errors import (
    ChangedError,
    RejectedError,
    UnavailableError,
    UncertainError,
    UnsupportedError,
)
from rmflow.formats.calendar.mark import MARK
from rmflow.ports.calendar import CalendarChanges, Capability
from rmflow.ports.checkup import Finding
from rmflow.ports.clock import Clock

_log = logging.getLogger(__name__)
_SUFFIX = ".ics"
# What a vdir says about itself, for programs that show several.
_ABOUT = {"displayname": "Mentoring", "color": "#2A7F9E"}


class Settings(Options):
    """The meetings are kept as a folder of .ics files, which khal and vdirsyncer can read."""

    path: Path = Field(
        description="The folder; it is made when the first meeting is stored.",
        examples=["calendar"],
    )


class VdirCalendar:
    """Port Calendar on a vdir."""

    backend = "vdir"
    capabilities: frozenset[Capability] = frozenset()
    settling = timedelta()
    found_again = "the UID, which is the file's name"

    def __init__(self, settings: Settings, folder: Path, clock: Clock) -> None:
        self._folder = folder / settings.path
        self._clock = clock

    def changes(self, token: str, known: Collection[Uid]) -> CalendarChanges:
        """List the folder and parse what changed.

        A folder that is missing or holds no item while some are known is taken for one that is
        not mounted: `complete` is False and nothing has vanished.
        """
        listing = self._listing()
        if known and not listing.names:
            return CalendarChanges((), frozenset(), token, complete=False)
        seen, unread = [], set()
        for name in listing.changed_since(token):
            try:
                series = self._observed(name, known)
            except (OSError, ValueError) as error:
                _log.warning("%s: %s cannot be read: %s", self.backend, name, _reason(error))
                unread.add(name)
            else:
                seen += [series] if series else []
        vanished = frozenset(uid for uid in known if f"{uid}{_SUFFIX}" not in listing.names)
        return CalendarChanges(tuple(seen), vanished, listing.token(unread), complete=not unread)

    def look(self, uids: Collection[Uid]) -> Mapping[Uid, ObservedSeries]:
        """Read these files. Raises RejectedError for one that a person must repair."""
        found = {}
        for uid in uids:
            try:
                series = self._observed(self._path(uid, "look").name, uids)
            except OSError as error:
                raise UnavailableError(self.backend, "look", _reason(error)) from error
            except ValueError as error:
                raise RejectedError(self.backend, "look", f"{uid}{_SUFFIX} {error}") from error
            if series:
                found[uid] = series
        return found

    def create(self, spec: SeriesSpec) -> str:
        """Write the file. One of that name that is not ours is in the way as well."""
        path = self._path(spec.uid, "create")
        if path.exists():
            raise ChangedError(self.backend, "create", f"{path.name} is there already")
        return self._write(path, self._item(spec), "create")

    def revise(self, spec: SeriesSpec, etag: str) -> str:
        """Replace the file; answers that somebody noted in it stay while the times do."""
        path = self._path(spec.uid, "revise")
        content = self._content(path, "revise")
        if content is None or etag_of(content) != etag:
            raise ChangedError(self.backend, "revise", f"{path.name} is not as it was seen")
        return self._write(path, self._item(spec, before=content), "revise")

    def cancel(self, spec: SeriesSpec, etag: str) -> None:
        """Set STATUS:CANCELLED and keep the file: khal and others show it struck out or hide it."""
        path = self._path(spec.uid, "cancel")
        content = self._content(path, "cancel")
        if content is None or _is_cancelled(content):
            return
        if etag_of(content) != etag:
            raise ChangedError(self.backend, "cancel", f"{path.name} is not as it was seen")
        self._write(path, self._item(spec, before=content, cancelled=True), "cancel")

    def busy(
        self, people: Collection[Address], start: datetime, end: datetime
    ) -> Mapping[Address, tuple[BusyTime, ...]]:
        """Raise UnsupportedError: a folder knows of nobody's other meetings."""
        raise UnsupportedError(self.backend, "busy", "a folder has no free and busy times")

    def checkup(self) -> Iterator[Finding]:
        """Write a hidden file beside the items and remove it again."""
        yield writable(self._folder)

    def _listing(self) -> "_Listing":
        try:
            return _Listing.of(self._folder)
        except FileNotFoundError:
            return _Listing(frozenset(), {})
        except OSError as error:
            raise UnavailableError(self.backend, "changes", _reason(error)) from error

    def _observed(self, name: str, known: Collection[Uid]) -> ObservedSeries | None:
        """Return the series in a file, None if it is gone or not ours.

        Raises ValueError when it is ours and cannot be understood, one that lost its mark
        included.
        """
        uid = Uid(name.removesuffix(_SUFFIX))
        try:
            content = (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None
        if not _is_ours(content):
            if uid in known:
                raise ValueError(f"has lost its mark ({MARK})")
            return None
        series = _series_in(content)
        if series.spec.uid != uid:
            if uid in known:
                raise ValueError("holds another series than its name says")
            return None
        return series

    def _content(self, path: Path, operation: str) -> bytes | None:
        """Return the bytes of a file of ours, None if there is none."""
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnavailableError(self.backend, operation, _reason(error)) from error
        return content if _is_ours(content) else None

    def _path(self, uid: Uid, operation: str) -> Path:
        """Return the path of an item. A UID is also a file name here: it must be a plain one."""
        if not uid or uid.startswith(".") or not uid.isprintable() or {"/", "\\"} & set(uid):
            raise RejectedError(self.backend, operation, "its UID cannot be a file name")
        return self._folder / f"{uid}{_SUFFIX}"

    def _item(self, spec: SeriesSpec, *, before: bytes = b"", cancelled: bool = False) -> bytes:
        """Return the content of an item; answers noted in the one `before` stay if they can."""
        from rmflow.formats.calendar.ics import stored  # late: most runs write none

        statuses = _kept_statuses(before, spec) if before else {}
        return stored(spec, now=self._clock.now(), cancelled=cancelled, statuses=statuses)

    def _write(self, path: Path, content: bytes, operation: str) -> str:
        """Replace a file as a whole, on disk, and return its etag."""
        draft = path.with_name(f".{path.name}.tmp")  # both marks that readers of a vdir pass over
        try:
            self._make_folder()
            with draft.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink()
            raise UnavailableError(self.backend, operation, _reason(error)) from error
        try:
            _sync(self._folder)
        except OSError as error:
            raise UncertainError(self.backend, operation, _reason(error)) from error
        return etag_of(content)

    def _make_folder(self) -> None:
        """Make it, before its first item; a run that was cut off may have come half-way."""
        self._folder.mkdir(parents=True, exist_ok=True)
        files = {self._folder / name: text for name, text in _ABOUT.items()}
        unsaid = [file for file in files if not (file.exists() and file.stat().st_size)]
        # The items are listed only if something is missing: this comes before every write.
        if unsaid and not any(self._folder.glob(f"*{_SUFFIX}")):
            for file in unsaid:
                file.write_text(files[file], encoding="utf-8")


@dataclass(frozen=True)
class _Listing:
    """The items of a folder, and a hash for each group of them."""

    names: frozenset[str]
    digests: Mapping[str, str]

    @classmethod
    def of(cls, folder: Path) -> "_Listing":
        groups: dict[str, list[str]] = {}
        names = []
        for name, stat in _items(folder):
            names.append(name)
            line = f"{name} {stat.st_mtime_ns} {stat.st_size} {stat.st_ino}"
            groups.setdefault(_group(name), []).append(line)
        digests = {
            group: hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:8]
            for group, lines in groups.items()
        }
        return cls(frozenset(names), digests)

    def token(self, without: Collection[str] = ()) -> str:
        """Return ten characters for each group that has files, except the groups of `without`."""
        left_out = {_group(name) for name in without}
        groups = sorted(self.digests.keys() - left_out)
        return "".join(group + self.digests[group] for group in groups)

    def changed_since(self, token: str) -> list[str]:
        """Return the names in groups that differ from the token's."""
        if token == self.token():
            return []
        told = {token[at : at + 2]: token[at + 2 : at + 10] for at in range(0, len(token), 10)}
        changed = {group for group, digest in self.digests.items() if told.get(group) != digest}
        return sorted(name for name in self.names if _group(name) in changed)


def _items(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield name and status of every item; hidden and unfinished files are none."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(_SUFFIX) and not entry.name.startswith("."):
                try:
                    yield entry.name, entry.stat()
                except FileNotFoundError:
                    continue


def _group(name: str) -> str:
    return f"{zlib.crc32(name.encode(errors='surrogateescape')) & 0xFF:02x}"


def etag_of(content: bytes) -> str:
    """Return a text that differs for every other content."""
    return hashlib.sha256(content).hexdigest()[:32]


def _is_ours(content: bytes) -> bool:
    """Return whether the mark is there, without parsing what belongs to others."""
    return MARK.encode() in content.upper()


def _series_in(content: bytes) -> ObservedSeries:
    """Return the series in an item. Raises ValueError when it cannot be understood."""
    from rmflow.formats.calendar.ics import read_stored  # late: most runs read none

    item = read_stored(content)
    return ObservedSeries(item.spec, etag_of(content), item.cancelled, item.responses)


def _is_cancelled(content: bytes) -> bool:
    try:
        return _series_in(content).cancelled
    except ValueError:
        return False


def _kept_statuses(content: bytes, spec: SeriesSpec) -> Mapping[Address, ParticipationStatus]:
    """Return the answers in a stored series; none if the revision is about other times."""
    try:
        before = _series_in(content)
    except ValueError:
        return {}
    return kept_answers(before.spec, before.responses, spec)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error)
