"""Two runs at once: the second one leaves quickly and does nothing."""

import os
import subprocess
import sys
import time
from pathlib import Path

from builders import at
from office import Office
from rmflow.adapters.store.sqlite import BUSY_TIMEOUT_SECONDS
from terminal import at_the_office, stop_clock


def test_the_second_of_two_processes_leaves_with_75_and_does_not_wait(tmp_path: Path) -> None:
    office = Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))
    at_the_office(office, "plan")  # everything is imported; the wait for the lock is what counts
    with office.ports() as ports, ports.store.lease():
        before = time.monotonic()
        said = at_the_office(office, "run")
        took_s = time.monotonic() - before

    assert (said.code, office.outbox()) == (75, [])
    assert "another run" in said.err
    assert took_s < BUSY_TIMEOUT_SECONDS / 2  # what waits for a lock takes all of it


def test_of_many_processes_at_once_one_does_the_work(tmp_path: Path) -> None:
    office = Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))
    office.plan()
    stop_clock(office.config_path, office.now)
    command = [sys.executable, "-m", "rmflow", "run", "--config", str(office.config_path)]
    runs = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ)
        for _ in range(3)
    ]
    for each in runs:
        each.communicate(timeout=60)

    assert {each.returncode for each in runs} <= {0, 75}
    assert len(office.outbox()) == len(set(office.outbox())) == 4
