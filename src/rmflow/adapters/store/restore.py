"""Restore: a backup takes the place of the database, and the replaced one is kept."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rmflow.adapters.store.database import sqlite_file, unusable
from rmflow.adapters.store.lock import file_lock
from rmflow.adapters.store.schema import AUDIT, REVISION
from rmflow.adapters.store.sql import SqlStore, open_store
from rmflow.adapters.store.sqlite import copied, synced
from rmflow.domain.audit import Entry
from rmflow.domain.records import Written
from rmflow.errors import UnavailableError

_COMPANIONS = ("-wal", "-shm")


def restore(
    url: str,
    base: Path,
    backup: Path,
    records: Iterable[Written],
    now: datetime,
    *,
    keys: Sequence[str | None] = (),
    salt: bytes = b"",
) -> Path:
    """Put a backup in the place of the SQLite database of this url; return the replaced one.

    `records` are written into it first; an entry of the audit log is numbered above those of the
    replaced database. No run can be at work meanwhile. Whatever goes wrong
    before the last step leaves the database as it was. Raises ConfigError for PostgreSQL and for
    a backup under a key that is not among `keys`, AlreadyRunningError, and UnavailableError for a
    backup that is damaged, is no database of ours, or comes from a newer rmflow.
    """
    place = sqlite_file(url, base)
    if place is None:
        raise unusable(
            "PostgreSQL brings pg_restore; use it, then say `rmflow restore` without a file"
        )
    draft = place.with_name(f"{place.name}.restored")
    try:
        with file_lock(place.with_name(f"{place.name}.lock")):
            last = _last_entry(place)
            with _prepared(backup, draft, keys, salt) as store:
                store.write([_above(record, last) for record in records])
            synced(draft)
            kept = _set_aside(place, now)
            draft.replace(place)
            synced(place.parent)
    except OSError as error:
        raise UnavailableError("store", "restore", f"{backup}: {error.strerror}") from error
    finally:
        for suffix in ("", ".lock", *_COMPANIONS):
            draft.with_name(draft.name + suffix).unlink(missing_ok=True)
    return kept


def _above(record: Written, last: int) -> Written:
    return replace(record, after=max(record.after, last)) if isinstance(record, Entry) else record


def _last_entry(place: Path) -> int:
    """Return the number of the newest entry of the audit log, 0 where nobody can know it."""
    with suppress(sqlite3.Error), closing(_read_only(place)) as database:
        number: int | None = database.execute(f"SELECT max(number) FROM {AUDIT.name}").fetchone()[0]  # noqa: S608
        return number or 0
    return 0


def _read_only(place: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{place.resolve().as_uri()}?mode=ro", uri=True)


@contextmanager
def _prepared(
    backup: Path, draft: Path, keys: Sequence[str | None], salt: bytes
) -> Iterator[SqlStore]:
    """Copy the backup beside the database, check it, bring it up to date and give it."""
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    if not backup.is_file():
        raise UnavailableError("store", "restore", f"there is no file {backup}")
    with closing(_read_only(backup)) as source:
        _check_ours(source, backup)
        copied(source, draft, str(backup))
    with closing(open_store(f"sqlite:///{draft}", keys=keys, salt=salt)) as store:
        yield store


def _check_ours(source: sqlite3.Connection, backup: Path) -> None:
    """Raise unless this is a database of rmflow: an empty one would forget everybody."""
    try:
        row = source.execute(f"SELECT version_num FROM {REVISION.name}").fetchone()  # noqa: S608
    except sqlite3.Error as error:
        raise UnavailableError(
            "store", "restore", f"{backup} is no backup of rmflow ({error})"
        ) from error
    if row is None:
        raise UnavailableError("store", "restore", f"{backup} is no backup of rmflow")


def _set_aside(place: Path, now: datetime) -> Path:
    """Give the database a second name, with what its journal holds; a damaged one as it is.

    No journal of the old database may stay beside the new one.
    """
    label = f"replaced-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    kept, number = place.with_name(f"{place.name}.{label}"), 2
    while kept.exists():
        kept, number = place.with_name(f"{place.name}.{label}-{number}"), number + 1
    if not place.exists():
        return kept
    with suppress(sqlite3.Error), closing(sqlite3.connect(place)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept.hardlink_to(place)
    for suffix in _COMPANIONS:
        journal = place.with_name(place.name + suffix)
        if journal.exists():
            journal.rename(kept.with_name(kept.name + suffix))
    return kept
