"""The cells of row 6: 10,000 meetings in 20 columns, as the workbook has them."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

Cell = str | int | float | date

# Title and kind of each column.
COLUMNS = (
    ("Key", "key"),
    ("Pair", "text"),
    ("Mentor", "text"),
    ("Leader", "text"),
    ("Team", "text"),
    ("Meeting", "number"),
    ("When", "date and time"),
    ("First day", "date"),
    ("State", "state"),
    ("Mentor says", "state"),
    ("Leader says", "state"),
    ("Topic", "text"),
    ("Summary", "long text"),
    ("Takeaways", "long text"),
    ("Surprises", "long text"),
    ("Promise", "long text"),
    ("Worthwhile", "number"),
    ("Mean", "number with one decimal"),
    ("Share", "state"),
    ("Coordinator notes", "text"),
)
_STATES = ("planned", "confirmed", "presumed", "unknown")
_FIRST = datetime(2026, 10, 5, 10)  # noqa: DTZ001 - cells have no zone


def rows(count: int = 10_000) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows, the same ones every time."""
    for number in range(count):
        when = _FIRST + timedelta(hours=number)
        yield (
            f"key-{number:06}", f"pair-{number // 6}", f"Mentor {number // 6}",
            f"Leader {number // 9}", f"Team {number % 40}", number % 6 + 1, when, when.date(),
            _STATES[number % 4], "accepted", "accepted", f"Topic {number % 60}",
            f"We talked about hiring in region {number % 30}.",
            f"Listen first; ask team {number % 40} before deciding.",
            f"That {number % 90} people share one test phone.",
            f"Sit in on support calls, {number % 5 + 1} a month.",
            number % 5 + 1, number % 50 / 10, "anonymously", f"call back {number % 20}",
        )  # fmt: skip
