"""Clocks: the one of this machine, and one that stands still."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)

    def wait(self, span: timedelta) -> None:
        """Sleep."""
        time.sleep(span.total_seconds())


@dataclass(slots=True)
class StoppedClock:
    """A clock that shows `at` until somebody sets it: for demonstrations and tests."""

    at: datetime

    def now(self) -> datetime:
        """Return `at` in UTC. Raises ValueError when it is naive."""
        if self.at.tzinfo is None:
            raise ValueError(f"{self.at} has no time zone")
        return self.at.astimezone(UTC)

    def wait(self, span: timedelta) -> None:
        """Show a later instant at once."""
        self.at += span
