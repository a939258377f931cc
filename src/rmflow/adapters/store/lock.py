"""Locks: one run at a time, freed by whoever outlives the process that held it.

An flock ends with its process, and not before: whoever is paused keeps it. An advisory lock ends
with its session, which can be cut while its holder is paused and knows nothing of it. So on
PostgreSQL the right to act outside is a tenure as well: before each act the holder writes down
until when it may last, and nobody takes over before that. The holder has the kernel end it a
little sooner: a process that was paused for too long is ended as it wakes, before its next step.
"""

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
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


# Longer than the longest wait for a server's answer, shorter than an operator's patience.
TENURE = timedelta(minutes=15)
# Clocks of two machines run at one speed, but for this much in a tenure.
_MARGIN_S = 30.0


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Hold an flock on this file; the kernel frees it when the process ends, however it ends.

    The file is left behind: removing it would let two processes lock two files of one name.
    Raises AlreadyRunningError at once.
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


def note(path: Path, fence: int) -> None:
    """Write the newest fence into the lock's file, in one write of one length."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.pwrite(descriptor, b"%20d\n" % fence, 0)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UnavailableError("store", "lock", f"{path}: {error.strerror}") from error


def noted(path: Path) -> int:
    """Return the fence in the lock's file, 0 if there is none."""
    try:
        return int(path.read_bytes() or b"0")
    except (OSError, ValueError):
        return 0


@contextmanager
def ended_after(span: timedelta, since: float) -> Iterator[None]:
    """Let the kernel end this process (SIGALRM) a little before `span` is over, counted from
    `since` on the monotonic clock.

    A handler of ours would be too late: it runs when the call that was paused has come back. A
    signal that nobody handles ends a stopped process before it goes on.
    """
    if signal.getsignal(signal.SIGALRM) is signal.SIG_IGN:  # so our parent may have left it
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    left = since + span.total_seconds() - _MARGIN_S - time.monotonic()
    before, interval = signal.setitimer(signal.ITIMER_REAL, max(left, 1e-6))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, before, interval)


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
