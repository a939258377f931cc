"""A run that is cut off leaves an audit log that is whole, and tells of what is done, once."""

import signal
from collections import Counter
from pathlib import Path

from boundaries import boundaries_of, looped
from killing import ended
from trials import SEED, chosen

from builders import at
from office import Office
from rmflow.domain.audit import Event, check
from rmflow.domain.records import EffectState


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
    office = base.copied(tmp_path / "counted")
    said = tmp_path / "said"
    assert ended(looped(office), said) == 0, said.read_text()
    boundaries = list(enumerate(boundaries_of(office), 1))
    for deadly, name in chosen(boundaries, 3, about="audit"):
        where = f"{deadly} {name} (seed {SEED})"
        office = base.copied(tmp_path / f"killed-{deadly}")
        assert ended(looped(office, deadly=deadly), said) == -signal.SIGKILL, where
        told, done = told_and_done(office)
        assert (set(told), set(told.values()) <= {1}) == (done, True), where
        assert ended(looped(office), said) == 0, said.read_text()
        told, done = told_and_done(office)
        assert told == Counter(done), where
