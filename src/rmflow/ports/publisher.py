"""The tracking workbook: written by us, read and annotated by the coordinator."""

from datetime import datetime
from typing import Protocol

from rmflow.formats.workbook.book import Book, Origin, Typed


class Publisher(Protocol):
    """Where the tracking goes."""

    def fingerprint(self) -> str:
        """Return a text that changes whenever somebody saves the workbook. Cheap; "" if absent."""
        ...

    def typed(self) -> tuple[Typed, ...] | None:
        """Return everything the coordinator added, wherever its row or column now stands.

        None when there is no workbook or it cannot be read: nothing is concluded from that.
        """
        ...

    def origin(self) -> Origin:
        """Return which book of ours it was that `typed()` has read the last time."""
        ...

    def publish(self, book: Book, now: datetime) -> str:
        """Replace the workbook as a whole, keeping a few last copies; return the fingerprint.

        Raises UnavailableError, with the old file untouched, when it cannot be replaced now
        (a lock of an open office program, a read-only folder), and ChangedError when it was
        saved by somebody since `typed()`.
        """
        ...
