"""SIGKILL at every boundary of claim, act and settle, on every backend: each effect exactly once.

Layers A and C of docs/reliability.md. Servers and services are outside of the killed process, and
what has happened is counted there. Loops that break a rule go through the same trials.
"""

from pathlib import Path

import pytest
from boundaries import BOUNDARIES, Loop, forgets_doubts, never_asks, records_afterwards
from days import (
    ANSWERS,
    FIRST_DAY,
    FULL_DAY,
    LATER_ON,
    MOMENTS,
    SETTLED,
    Moment,
    Premises,
)
from places import PLACES, OnMailServers, opened
from trials import POINTS, SEED, Tally, Tell, Trial, at_boundary, chosen, trials

# In a short test run each place has one day; all of them are tried by `make crash`.
_SHORT = (ANSWERS, FIRST_DAY, SETTLED)
_DOUBTFUL = ("before send", "after send", "after create", "after revise", "after cancel")


def _moments(name: str) -> tuple[Moment, ...]:
    moments: tuple[Moment, ...] = MOMENTS if POINTS else _SHORT
    if name == "vdir, maildir":  # answers stand in the file, and nothing follows from these
        moments = tuple(moment for moment in moments if moment is not ANSWERS)
    return moments if POINTS else (moments[(SEED + list(PLACES).index(name)) % len(moments)],)


@pytest.mark.server
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("name", PLACES)
def test_every_effect_happens_exactly_once_wherever_the_run_is_cut_off(
    name: str, tmp_path: Path, record_property: Tell
) -> None:
    tally = Tally()
    with trials(name, _moments(name), tmp_path) as days:
        for trial in days:
            boundaries = list(enumerate(trial.boundaries(), 1))
            tried = chosen(boundaries, 2, about=f"{name} {trial.name}", of=len(_moments(name)))
            for number, boundary in tried:
                trial.attempt([at_boundary(number, trial)], f"{number} {boundary}", tally)
    tally.tell(record_property, name, "boundaries")


@pytest.mark.server
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("name", PLACES if POINTS else ("imip, maildir", "google, gmail"))
def test_a_restart_that_is_cut_off_too_settles_nothing_wrongly(
    name: str, tmp_path: Path, record_property: Tell
) -> None:
    """The first cut leaves a doubt, the second comes while it is being settled."""
    tally = Tally()
    with trials(name, [FULL_DAY] if POINTS else [ANSWERS], tmp_path) as days:
        for trial in days:
            pairs = list(_pairs(trial))
            for first, second, told in chosen(pairs, 2, about=f"{name} twice"):
                cuts = [at_boundary(first, trial), at_boundary(second, trial)]
                trial.attempt(cuts, told, tally)
    tally.tell(record_property, name, "boundaries, twice")


def _pairs(trial: Trial) -> list[tuple[int, int, str]]:
    """Return two boundaries to die at, one after the other."""
    boundaries = trial.boundaries()
    firsts = [boundaries.index(name) + 1 for name in _DOUBTFUL if name in boundaries]
    if not POINTS:
        firsts = chosen(firsts, 1, about="first")
    return [
        (first, second, f"{first} {boundaries[first - 1]}, then {second} {name}")
        for first in firsts
        for second, name in enumerate(trial.boundaries_after(at_boundary(first, trial)), 1)
    ]


@pytest.mark.server
def test_every_boundary_is_come_to(tmp_path: Path) -> None:
    """A boundary that no day reaches would be one at which nobody was ever killed."""
    reached = set[str]()
    with opened("imip, smtp, imap") as place:
        assert isinstance(place, OnMailServers)
        trial = Trial(FULL_DAY, place, place.keep(), tmp_path / "day")

        def no_such_user(_: Premises) -> int:
            place.sink.fail("rcpt", "550 5.1.1 no such user")
            return 0

        boundaries = trial.boundaries()
        reached.update(boundaries)
        before = boundaries.index("before send") + 1
        reached.update(trial.boundaries_after(at_boundary(before, trial)))
        reached.update(trial.boundaries_after(no_such_user))
    assert reached == BOUNDARIES


@pytest.mark.server
@pytest.mark.parametrize("loop", [records_afterwards, never_asks, forgets_doubts])
def test_a_loop_that_breaks_a_rule_is_found_out(
    loop: Loop, tmp_path: Path, record_property: Tell
) -> None:
    """The positive controls: who never asks loses a mail, the two others send it again."""
    twice = never = 0
    with trials("imip, smtp, imap", [LATER_ON], tmp_path) as days:
        for trial in days:
            boundaries = trial.boundaries(loop)
            numbers = [n for n, name in enumerate(boundaries, 1) if "send" in name]
            for number in numbers:
                doubled, lost = trial.control(loop, at_boundary(number, trial, loop))
                twice, never = twice + doubled, never + lost
            figures = (len(numbers), twice, never, SEED)
            record_property("crash", (f"control: {loop.__name__}", "boundaries", *figures))
    assert (never if loop is never_asks else twice) > 0
