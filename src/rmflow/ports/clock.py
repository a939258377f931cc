"""What time it is."""

from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The only source of the present; everything below takes `now` as an argument."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def wait(self, span: timedelta) -> None:
        """Return when so much time has passed."""
        ...
