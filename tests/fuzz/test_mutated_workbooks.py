"""Rosters bent at random: each is understood or refused, with the place and what to do.

`make fuzz` reads 10,000 of them, each in a child process of its own, as a run does; the plain tests
a few, other ones every time. Of twenty children one is a new interpreter, as in a run, the others
are forks of this one, which start ten times as fast. One that fails is made again by its number:
`mutated_workbook(number)`.
"""

import os
import random
import resource
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from mail_readings import resident_bytes
from roster_samples import PROGRAMME
from workbook_mutants import mutated_workbook

from in_a_child import bounded
from rmflow.adapters import spreadsheet_child
from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.spreadsheet import FileRoster, Settings
from rmflow.app.bounded import Failure
from rmflow.errors import Problem, RosterError
from rmflow.formats.roster.understanding import understand

FUZZING = bool(os.environ.get("RMFLOW_FUZZ"))
BOOKS, SLICE = (10_000, 500) if FUZZING else (30, 30)
FIRST = int(os.environ.get("RMFLOW_FUZZ_FIRST", "0"))
CLOCK = StoppedClock(datetime(2027, 1, 4, tzinfo=UTC))
RUN = subprocess.run
MOST_SECONDS = 60.0
MOST_BYTES = 640 * 1024 * 1024


def outcome(path: Path) -> tuple[str, tuple[Problem, ...]]:
    """Return what becomes of a roster, and what its owner is told."""
    source = FileRoster(Settings(path=Path(path.name)), path.parent, CLOCK)
    try:
        reading = understand(source.read(), PROGRAMME)
    except RosterError as error:
        return "refused", tuple(error.problems)
    return ("refused" if reading.roster is None else "understood"), reading.problems


def forked(
    command: list[str], *, input: bytes, timeout: float, **_: Any
) -> subprocess.CompletedProcess[bytes]:
    """Stand in for `subprocess.run` with a fork that has imported everything."""
    (said,) = bounded(_said, [input], seconds=timeout, memory_bytes=spreadsheet_child.MEMORY_BYTES)
    died = isinstance(said, Failure)
    return subprocess.CompletedProcess(command, died, b"" if isinstance(said, Failure) else said)


def _said(content: bytes) -> bytes:
    return b"".join(line.encode() + b"\n" for line in spreadsheet_child._answer(content))


@pytest.mark.parametrize("slice", range(BOOKS // SLICE))
def test_every_mutated_workbook_is_accounted_for(
    slice: int,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """PITFALLS 4.1: with its file, its cell where there is one, and what to do; never in part."""
    first = FIRST + slice * SLICE if FUZZING else random.randrange(10**9)
    became: Counter[str] = Counter()
    slowest = (0.0, 0)
    before = _children_bytes()
    for number in range(first, first + SLICE):
        ending, content = mutated_workbook(number)
        path = tmp_path / f"roster{ending}"
        path.write_bytes(content)
        monkeypatch.setattr(subprocess, "run", forked if number % 20 else RUN)
        started = time.monotonic()
        state, problems = outcome(path)
        slowest = max(slowest, (time.monotonic() - started, number))
        became[state] += 1
        assert state == "understood" or any(not p.warning for p in problems), number
        assert all(p.place.startswith(path.name) and p.text for p in problems), (number, problems)
        assert len(set(problems)) == len(problems), (number, problems)
    memory = _children_bytes()
    record_property("workbooks", SLICE)
    for state, count in became.items():
        record_property(f"workbooks {state}", count)
    record_property("longest workbook, seconds on the clock", slowest)
    assert slowest[0] < MOST_SECONDS
    if memory > before:  # else the largest child was one of other tests
        record_property("most memory of a workbook's child, MB", (memory // 2**20, first))
        assert memory < MOST_BYTES + resident_bytes()  # a fork has the pages of this process, too


def _children_bytes() -> int:
    """Return the most memory that any child of this process has had."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
