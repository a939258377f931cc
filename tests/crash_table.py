"""The end of a test run: where runs were killed, how often, and what came of it, as one table."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

_HEAD = ("backend", "killed at", "points", "told twice", "lost")


def crash_table(reports: Iterable[pytest.TestReport]) -> Iterator[str]:
    """Yield the lines of the table and the seed, nothing when nothing was killed."""
    figures: list[Any] = [
        value for report in reports for name, value in report.user_properties if name == "crash"
    ]
    if not figures:
        return
    rows = [_HEAD, *sorted((*map(str, figure[:-1]),) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    yield f"RMFLOW_CRASH_SEED={figures[0][-1]}"
