"""The tracking workbook of a play: written when somebody is about to look, not 200 times."""

from datetime import datetime

from rmflow.formats.workbook.book import Book, Origin, Typed
from rmflow.ports.publisher import Publisher


class WrittenWhenSaved:
    """A `Publisher` that leaves the file alone until a person has saved it.

    Half of the time of a play would go into versions that nobody opens. What a run would have
    written is not lost: the first run after a person saved the file writes everything.
    """

    def __init__(self, file: Publisher) -> None:
        self._file = file
        self._written = ""

    def fingerprint(self) -> str:
        """Return that of the file."""
        return self._file.fingerprint()

    def typed(self) -> tuple[Typed, ...] | None:
        """Return what is typed in the file."""
        return self._file.typed()

    def origin(self) -> Origin:
        """Return which book the file was."""
        return self._file.origin()

    def publish(self, book: Book, now: datetime) -> str:
        """Write the file if it is missing or a person has saved it."""
        if not self._written or self._file.fingerprint() != self._written:
            self._written = self._file.publish(book, now)
        return self._written
