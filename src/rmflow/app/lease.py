"""The lease, as whoever changes something takes it: a memory that is older than it was is marked."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from rmflow.app import remembered
from rmflow.domain.records import SettingRecord
from rmflow.ports.store import Store


@contextmanager
def at_work(store: Store, now: datetime) -> Iterator[int]:
    """Hold the lease and give its fence. A memory that somebody has put back by hand is marked,
    so that letters are looked for before they leave. Raises AlreadyRunningError.
    """
    with store.lease() as fence:
        if store.put_back():
            store.write([restored(now)])
        yield fence


def restored(now: datetime) -> SettingRecord:
    """Return what marks a memory that was put back."""
    return SettingRecord(remembered.RESTORED, now.isoformat())
