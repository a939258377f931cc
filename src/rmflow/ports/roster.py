"""Where the roster comes from: cells, not yet understood."""

from typing import Protocol

from rmflow.formats.table import Table


class RosterSource(Protocol):
    """A spreadsheet of the coordinator. It is only read."""

    def fingerprint(self) -> str:
        """Return a text that changes whenever the content may have changed. Cheap."""
        ...

    def read(self) -> tuple[Table, ...]:
        """Return the sheets as they are.

        Raises RosterError when the file is missing, unreadable or hostile.
        """
        ...
