"""Tests that find no server: skipped with a line for each server, or, in CI, failed.

CI sets `RMFLOW_NO_SKIPS=1`.
"""

import os
import random
from collections import Counter
from collections.abc import Generator

import pytest

from crash_table import crash_table
from mutant_table import mutant_table
from outage_table import outage_table

# Promises and checks that live outside test files; their asserts, too, say what they compared.
pytest.register_assert_rewrite(
    "calendar_contract",
    "correspondence",
    "ical_checks",
    "mailbox_contract",
    "mailer_contract",
    "office",
    "roster_contract",
    "publisher_contract",
    "outage_contract",
    "mail_outage_contract",
    "store_journal_contract",
    "store_records_contract",
    "terminal",
)

# One seed for all processes of a test run.
os.environ.setdefault("RMFLOW_CRASH_SEED", str(random.SystemRandom().randrange(10**6)))

_NO_SKIPS = os.environ.get("RMFLOW_NO_SKIPS", "") not in ("", "0")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_a_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_a_skip(report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    ended = [r for kind in ("passed", "failed") for r in terminalreporter.getreports(kind)]
    tables = {
        "writes under outages: what happened in the end": list(outage_table(ended)),
        "runs that were killed: what happened in the end": list(crash_table(ended)),
        "mails and files that were bent": list(mutant_table(ended)),
    }
    for title, table in tables.items():
        if table:
            terminalreporter.section(title)
        for line in table:
            terminalreporter.write_line(line)
    reasons = Counter(_reason(report) for report in terminalreporter.getreports("skipped"))
    if reasons:
        terminalreporter.section("skipped tests")
    for reason, number in reasons.most_common():
        terminalreporter.write_line(f"{number:4}  {reason}")


def _refuse_a_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    expected_to_fail = hasattr(report, "wasxfail")
    if _NO_SKIPS and report.skipped and not expected_to_fail:
        report.outcome = "failed"
        report.longrepr = f"{_reason(report)}; RMFLOW_NO_SKIPS allows no skipped test"


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    said = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return said.removeprefix("Skipped: ")
