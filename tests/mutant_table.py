"""The end of a test run: what the mutants came to; how many, the slowest, the largest."""

from collections.abc import Iterable, Iterator

import pytest


def mutant_table(reports: Iterable[pytest.TestReport]) -> Iterator[str]:
    """Yield a line a figure, nothing when nothing was mutated."""
    for name, value in sorted(_told(reports).items()):
        yield f"{value:>12}  {name}"


def _told(reports: Iterable[pytest.TestReport]) -> dict[str, str]:
    """Return the sums of what was counted, and the largest of what was measured, as (value, of)."""
    counted: dict[str, int] = {}
    measured: dict[str, tuple[float, object]] = {}
    for report in reports:
        mutants = "/fuzz/" in report.nodeid
        for name, value in report.user_properties if mutants else ():
            if isinstance(value, int):
                counted[name] = counted.get(name, 0) + value
            elif isinstance(value, (list, tuple)):
                most, of = value
                measured[name] = max(measured.get(name, (0.0, 0)), (most, of), key=lambda m: m[0])
    return {name: f"{value:,}" for name, value in counted.items()} | {
        f"{name} (number {of})": f"{value:,.2f}" for name, (value, of) in measured.items()
    }
