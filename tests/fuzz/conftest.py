"""What the mutants came to, told below the tests: how many, the slowest, the largest."""

from collections.abc import Iterable

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    ended = [r for kind in ("passed", "failed") for r in terminalreporter.getreports(kind)]
    told = _told(ended)
    if told:
        terminalreporter.section("mutants")
    for name, value in sorted(told.items()):
        terminalreporter.write_line(f"{value:>12}  {name}")


def _told(reports: Iterable[pytest.TestReport]) -> dict[str, str]:
    """Return the sums of what was counted, and the largest of what was measured, as (value, of)."""
    counted: dict[str, int] = {}
    measured: dict[str, tuple[float, object]] = {}
    for report in reports:
        for name, value in report.user_properties:
            if isinstance(value, int):
                counted[name] = counted.get(name, 0) + value
            elif isinstance(value, (list, tuple)):
                most, of = value
                measured[name] = max(measured.get(name, (0.0, 0)), (most, of), key=lambda m: m[0])
    return {name: f"{value:,}" for name, value in counted.items()} | {
        f"{name} (number {of})": f"{value:,.2f}" for name, (value, of) in measured.items()
    }
