"""SQLite: one private file on a local disk."""

import os
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.pool import ConnectionPoolEntry

from rmflow.adapters.store.database import Database, unusable
from rmflow.adapters.store.failures import translated
from rmflow.adapters.store.lock import file_lock, note, noted
from rmflow.errors import UnavailableError

BUSY_TIMEOUT_SECONDS = 10

# FULL: a commit is on disk before we act on it. NORMAL may lose the last ones with the power.
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
)

# Their locks and shared memory are not what WAL needs: https://sqlite.org/wal.html, section 1.
_NETWORK_FILE_SYSTEMS = frozenset(
    {"9p", "afs", "ceph", "cifs", "davfs", "glusterfs", "lustre", "nfs", "nfs4", "smb3", "smbfs"}
    | {"fuse.ceph", "fuse.davfs", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs"}
)


def path_of(url: URL, base: Path) -> Path:
    """Return the file of a SQLite url. Raises ConfigError when it names none."""
    if not url.database or url.database == ":memory:":
        raise unusable("names no file, and rmflow must remember; use sqlite:///state.db")
    if url.query or url.host:
        raise unusable("holds more than a file; use sqlite:///FILE, or sqlite:////ABSOLUTE/FILE")
    return (base / url.database).resolve()


def open_file(path: Path) -> Database:
    """Open the file, or make it, readable for its owner only."""
    _refuse_network(path)
    _make_private(path)
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        # None: transactions begin where _begin says, not where the driver guesses.
        connect_args={"isolation_level": None, "timeout": BUSY_TIMEOUT_SECONDS},
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    lock = path.with_name(f"{path.name}.lock")
    return Database(
        place=str(path),
        engine=engine,
        insert=insert,
        lock=partial(file_lock, lock),
        backup=partial(_backup, engine, str(path)),
        note=partial(note, lock),
        noted=partial(noted, lock),
    )


def network_file_system(path: Path, mounts: str) -> str:
    """Return the type of the network file system this absolute path is on, "" if it is local."""
    kind = _mounted(path, mounts)
    return kind if kind in _NETWORK_FILE_SYSTEMS else ""


def file_system(path: Path) -> str:
    """Return the type of the file system this absolute path is on, "" if nobody can tell."""
    return _mounted(path, _mounts())


def _mounted(path: Path, mounts: str) -> str:
    r"""Return the type of the nearest mount, "" if there is none.

    `mounts` is the text of /proc/mounts: device, mount point, type; a space in it is \040.
    """
    mounted = {}
    for line in mounts.splitlines():
        _, point, kind, *_ = line.split(" ")
        mounted[Path(point.replace("\\040", " "))] = kind
    nearest = next((p for p in (path, *path.parents) if p in mounted), None)
    return mounted[nearest] if nearest else ""


def _refuse_network(path: Path) -> None:
    if kind := network_file_system(path, _mounts()):
        raise unusable(
            f"{path} is on a network file system ({kind}), where SQLite loses writes;"
            " keep it on a local disk, or use postgresql://…"
        )


def _mounts() -> str:
    try:
        return Path("/proc/mounts").read_text("utf-8", "replace")
    except OSError:
        return ""  # no Linux; nobody to ask


def _make_private(path: Path) -> None:
    """Make an empty file of mode 0600; SQLite gives its companions the same mode.

    A missing folder is not made: it may be a disk that is not mounted today, and starting
    afresh would invite everybody again.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise UnavailableError("store", "open", f"{path}: {error.strerror}") from error


def _prepare(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    """Take the write lock first where we mean to write, so that nobody is in between."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _backup(engine: Engine, place: str, target: Path) -> None:
    """Copy the database as it is at one instant, while others may be writing.

    `target` is replaced only when the copy is complete and on disk.
    """
    draft = target.with_name(f"{target.name}.part")
    if target.resolve() == Path(place):
        raise UnavailableError("store", "backup", f"{target} is the database itself")
    try:
        draft.unlink(missing_ok=True)
        _make_private(draft)
        with translated(place, "backup"), engine.connect() as source:
            driver: sqlite3.Connection = source.connection.driver_connection  # type: ignore[assignment]
            copied(driver, draft, place)
        draft.replace(target)
        synced(target.parent)
    except OSError as error:
        raise UnavailableError("store", "backup", f"{target}: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


def copied(source: sqlite3.Connection, draft: Path, place: str) -> None:
    """Copy a database into a file, whole and on disk. Raises UnavailableError if it cannot be."""
    try:
        with closing(sqlite3.connect(draft)) as copy:
            source.backup(copy)
            said = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        raise UnavailableError("store", "copy", f"{place}: {error}") from error
    if said != "ok":
        raise UnavailableError("store", "copy", f"{place} is damaged: {said}")
    synced(draft)


def synced(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
