"""Eight runs at one moment, again and again: one does the work, the others leave at once.

Section "Several at once" of docs/reliability.md; `make crash` lets 200 rounds happen. Without
lock and fence the same rounds repeat mails and calendar changes: the test can fail.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rivals import BIG, DATABASES, SQLITE, Ended, Pace, counted, cron, office_on, race

from office import Office
from rmflow.adapters.store.journal import SqlJournal
from rmflow.adapters.store.sqlite import BUSY_TIMEOUT_SECONDS
from terminal import stop_clock

_ROUNDS = 200 if BIG else 3
_PROCESSES = 8
_SLOTS = ("Tue 10:00", "Tue 11:00", "Wed 10:00")


@pytest.mark.server
@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.timeout(3600)
def test_of_eight_runs_at_once_one_acts_and_the_others_leave_within_a_second(
    database: str, tmp_path: Path
) -> None:
    with office_on(database, tmp_path / "office") as office:
        stop_clock(office.config_path, office.now)
        assert cron(office).code == 0
        losers: list[Ended] = []
        fence = _next_fence(office)
        for number in range(_ROUNDS):
            before = counted(office).counted().total()
            _something_is_due(office, number)
            ended = race(office, _PROCESSES)
            assert len(ended) == _PROCESSES, _said(office)
            assert {each.code for each in ended} | {75} == {0, 75}, _said(office)
            losers += [each for each in ended if each.code == 75]
            assert counted(office).counted().total() > before, "nothing was due"
            last, fence = fence, _next_fence(office)
            assert fence > last
        assert set(counted(office).counted().values()) == {1}
    assert len(losers) > _ROUNDS
    alone = sorted(each.took - each.queued for each in losers)
    sys.stdout.write(
        f"{database}: {_ROUNDS} rounds, {len(losers)} left with 75, the slowest after {alone[-1]:.3f} s"
        f" (with its waits for a processor {max(each.took for each in losers):.3f} s)\n"
    )
    # A machine that stands still for a moment is no loser that waits for the lock.
    assert alone[len(alone) * 9 // 10] < 1
    assert alone[-1] < BUSY_TIMEOUT_SECONDS / 2


def test_without_lock_and_fence_such_a_round_shows_duplicates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The positive control. The claim alone stops nobody: it says what may have happened."""
    with office_on(SQLITE, tmp_path / "office") as office:
        office.plan()  # everything is imported, and the database has its tables
        monkeypatch.setattr(SqlJournal, "lease", _unlocked)
        monkeypatch.setattr(SqlJournal, "_fenced", lambda *_, **__: False)
        monkeypatch.setattr(SqlJournal, "_check_fence", lambda *_: None)
        monkeypatch.setattr(SqlJournal, "settle", _settled_by_anybody(SqlJournal.settle))
        race(office, _PROCESSES, partial(Together, office.folder))
        repeated = sum(times - 1 for times in counted(office).counted().values())
    assert repeated > 0


class Together(Pace):
    """Lets all have claimed before the first acts; then they act one by one, each time."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def __call__(self, name: str) -> None:
        super().__call__(name)
        if name.endswith(" claim"):
            here = self._gathered(f"{name}-{self.names.count(name)}")
            if name == "after claim":  # at one moment they would trip over each other's files
                time.sleep(0.1 * here)

    def _gathered(self, claim: str) -> int:
        """Wait for all the others, for a while; return how many were here before this one."""
        before = len(list(self._folder.glob(f"{claim}-*")))
        (self._folder / f"{claim}-{os.getpid()}").touch()
        deadline = time.monotonic() + 10
        while (
            len(list(self._folder.glob(f"{claim}-*"))) < _PROCESSES and time.monotonic() < deadline
        ):
            time.sleep(0.02)
        return before


def _something_is_due(office: Office, number: int) -> None:
    """A day later the pair wants to meet at another time."""
    office.at(office.now + timedelta(days=1))
    row = office.rows[0]
    office.rows[0] = (*row[:4], _SLOTS[(number + 1) % len(_SLOTS)], *row[5:])
    office.save_roster()


def _next_fence(office: Office) -> int:
    """Take the lease: no lock survives a round."""
    with office.ports() as ports, ports.store.lease() as fence:
        return fence


def _said(office: Office) -> str:
    return (office.folder / "said.log").read_text()


def _settled_by_anybody(settle: Callable[..., None]) -> Callable[..., None]:
    """Without a fence an end that somebody else has written is no reason to stop."""

    def settled(*args: Any, **options: Any) -> None:
        with suppress(RuntimeError):
            settle(*args, **options)

    return settled


@contextmanager
def _unlocked(journal: SqlJournal) -> Iterator[int]:
    yield 1
