"""A run that is cut off leaves an audit log that is whole, and tells of what is done, once."""

import os
import random
import shutil
import signal
from collections import Counter
from pathlib import Path

from outside import Boundaries, outside

from builders import at
from office import Office
from rmflow.app.run import run
from rmflow.domain.audit import Event, check
from rmflow.domain.records import EffectState

SAMPLE = int(os.environ.get("RMFLOW_CRASH_SAMPLE", "3"))


def cut_off(office: Office, deadly: int) -> None:
    """Run in a child that dies at a boundary; 0: at none."""
    child = os.fork()
    if child == 0:
        with office.ports() as ports:
            run(outside(ports, office.folder, Boundaries(deadly)))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert (os.WTERMSIG(status) if deadly else status) == (signal.SIGKILL if deadly else 0)


def told_and_done(office: Office) -> tuple[Counter[str], set[str]]:
    """Return the keys of effects of which the log tells, and those of which the journal does."""
    with office.ports() as ports:
        entries = list(ports.store.entries())
        _, broken = check(entries, [], ports.programme.salt)
        effects = ports.store.latest(1000)
    assert broken is None, broken
    told = Counter(entry.about for entry in entries if entry.event == Event.DONE.value)
    return told, {effect.key for effect in effects if effect.state == EffectState.DONE.value}


def test_wherever_a_run_is_cut_off_the_log_is_whole(tmp_path: Path) -> None:
    """An effect and its entry are one transaction: neither is there without the other."""
    base = Office(tmp_path / "base", pairs=1, start=at("2026-10-05 09:00"))
    office = copied(base, tmp_path / "counted")
    boundaries = Boundaries()
    with office.ports() as ports:
        run(outside(ports, office.folder, boundaries))
    seed = random.randrange(10**6)
    for deadly in random.Random(seed).sample(range(1, len(boundaries.names) + 1), SAMPLE):
        where = f"{boundaries.names[deadly - 1]} (seed {seed})"
        office = copied(base, tmp_path / f"killed-{deadly}")
        cut_off(office, deadly)
        told, done = told_and_done(office)
        assert (set(told), set(told.values()) <= {1}) == (done, True), where
        cut_off(office, 0)
        told, done = told_and_done(office)
        assert told == Counter(done), where


def copied(base: Office, folder: Path) -> Office:
    office = object.__new__(Office)
    office.__dict__.update(base.__dict__)
    office.folder = Path(shutil.copytree(base.folder, folder))
    return office
