"""Free and busy: when somebody cannot come. What they do then is none of our business."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class BusyTime:
    """A span, aware, in UTC, end excluded. `away`: out of office, not merely in a meeting."""

    start: datetime
    end: datetime
    away: bool = False
