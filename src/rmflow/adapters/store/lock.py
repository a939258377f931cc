"""Locks: one run at a time, freed by whoever outlives the process that held it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from rmflow.adapters.store.failures import translated
from rmflow.errors import AlreadyRunningError, UnavailableError

# Any number will do as long as it stays; it spells "rmfl".
_ADVISORY_CLASS = 0x726D666C

# A machine that loses its power says no goodbye. The server should ask after a minute, not
# after the two hours that are usual, and free the lock.
_KEEP_ALIVE = (
    "SET tcp_keepalives_idle = 30",
    "SET tcp_keepalives_interval = 10",
    "SET tcp_keepalives_count = 3",
)


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Hold an flock on this file; the kernel frees it when the process ends, however it ends.

    The file is left behind, empty: removing it would let two processes lock two files of
    one name. Raises AlreadyRunningError at once.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UnavailableError("store", "lock", f"{path}: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise AlreadyRunningError(f"{path}: another run holds the lock until it ends") from None
    try:
        yield
    finally:
        os.close(descriptor)


@contextmanager
def advisory_lock(engine: Engine, place: str) -> Iterator[None]:
    """Hold an advisory lock of this schema on a session of its own; it ends with the session.

    It does not hold through a proxy that pools transactions. Raises AlreadyRunningError at once.
    """
    key = (_ADVISORY_CLASS, func.hashtext(func.current_schema()))
    with translated(place, "lock"):
        session = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        with translated(place, "lock"):
            for statement in _KEEP_ALIVE:
                session.execute(text(statement))
            taken = session.scalar(select(func.pg_try_advisory_lock(*key)))
        if not taken:
            raise AlreadyRunningError(f"{place}: another run holds the lock until it ends")
        try:
            yield
        finally:
            with suppress(DBAPIError):
                session.execute(select(func.pg_advisory_unlock(*key)))
    finally:
        session.close()
