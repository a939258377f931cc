"""The end of a test run: which backend got through which outage, as one table.

A cell counts writes: all of them ended as they were meant, once; one that did not is said so.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

import pytest

_OUTAGE = re.compile(r"contract/test_(\w+)\.py::Test(\w*)::test_\w+\[(?:(.*)-)?([A-Z0-9_]+)\]$")
_FAULT = re.compile(r"(?:BEFORE|AFTER|COMMITS_LATE)$|_(?:BEFORE|AFTER)$")


def outage_table(reports: Iterable[pytest.TestReport]) -> Iterator[str]:
    """Yield the lines of the table, nothing when no outage was tried."""
    cells: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for report in reports:
        found = _OUTAGE.search(report.nodeid) if report.when == "call" else None
        if found and _FAULT.search(found[4]):
            backend = f"{found[1].removesuffix('_outages')} {_kind(found[2])}".strip()
            cells[backend][found[4]].append(report.passed)
    if not cells:
        return
    faults = sorted({fault for row in cells.values() for fault in row})
    width = max(map(len, faults))
    yield " " * width + "".join(f"  {backend}" for backend in sorted(cells))
    for fault in faults:
        row = [(backend, cells[backend].get(fault, [])) for backend in sorted(cells)]
        yield f"{fault:{width}}" + "".join(
            f"  {_cell(done):>{len(backend)}}" for backend, done in row
        )


def _kind(name: str) -> str:
    words = re.sub(r"Outages?", "", name)
    return re.sub(r"(?<!^)(?=[A-Z])", " ", words).lower()


def _cell(done: list[bool]) -> str:
    if not done:
        return "-"
    return f"{len(done)} once" if all(done) else f"{done.count(False)} FAILED"
