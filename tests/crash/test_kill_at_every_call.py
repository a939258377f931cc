"""SIGKILL at the first, second, third … system call of every name, of `rmflow run` as cron calls it.

Layers B and C of docs/reliability.md: strace ends the process as it enters the call.
"""

from pathlib import Path

import pytest
from boundaries import Loop, looped, records_afterwards
from days import ANSWERS, FIRST_DAY, FULL_DAY, LATER_ON, SETTLED, Moment, Premises
from killing import Point, command_line, killed_at
from trials import POINTS, SEED, Cut, Tally, Tell, Trial, chosen, trials

pytestmark = [pytest.mark.server, pytest.mark.timeout(4 * 3600)]

_PLACES = ("imip, maildir", "vdir, maildir", "google, gmail", "exchange")
_EVERY = (FIRST_DAY, ANSWERS, FULL_DAY, SETTLED)
# In a short test run: how many points, and on which day.
_SHORT = {
    "imip, maildir": (8, (ANSWERS,)),
    "vdir, maildir": (4, (FIRST_DAY,)),
    "google, gmail": (4, (ANSWERS,)),
    "exchange": (4, (FIRST_DAY,)),
}


def at_call(point: Point, trial: Trial, loop: Loop | None = None) -> Cut:
    """Return what ends the command line, or another loop, at a system call."""

    def cut(office: Premises) -> int:
        work = looped(office, loop) if loop else command_line(office)
        return killed_at(point, work, trial.said)

    return cut


@pytest.mark.parametrize("name", _PLACES)
def test_nothing_is_told_twice_or_lost_wherever_the_program_is_killed(
    name: str, tmp_path: Path, record_property: Tell
) -> None:
    tally = Tally()
    few, days_of = _SHORT[name]
    moments: tuple[Moment, ...] = _EVERY if POINTS else days_of
    if name == "vdir, maildir":  # answers stand in the file, and nothing follows from these
        moments = tuple(moment for moment in moments if moment is not ANSWERS)
    with trials(name, moments, tmp_path) as days:
        for trial in days:
            for point in chosen(trial.points, few, about=f"{name} {trial.name}", of=len(moments)):
                trial.attempt([at_call(point, trial)], str(point), tally)
    tally.tell(record_property, name, "system calls")


@pytest.mark.parametrize("name", _PLACES if POINTS else _PLACES[:1])
def test_a_program_killed_twice_does_no_more_harm(
    name: str, tmp_path: Path, record_property: Tell
) -> None:
    """The second time while it settles what the first left in doubt."""
    tally = Tally()
    with trials(name, [FULL_DAY if POINTS else ANSWERS], tmp_path) as days:
        for trial in days:
            middle = trial.points[len(trial.points) // 2]
            again = trial.points_after(at_call(middle, trial))
            firsts = chosen(trial.points, 3, about=f"{name} first")
            seconds = chosen(again, 3, about=f"{name} second")
            for first, second in zip(firsts, seconds, strict=False):
                cuts = [at_call(first, trial), at_call(second, trial)]
                trial.attempt(cuts, f"{first}, then {second}", tally)
    tally.unreached = 0  # the second run is another one after each first
    tally.tell(record_property, name, "system calls, twice")


def test_a_loop_that_records_afterwards_tells_twice(tmp_path: Path, record_property: Tell) -> None:
    """The positive control: with that loop the same kills repeat mails."""
    twice = never = 0
    with trials("imip, maildir", [LATER_ON], tmp_path) as days:
        for trial in days:
            points = _right_after_a_mail(trial.points_of(records_afterwards))
            for point in points:
                cut = at_call(point, trial, records_afterwards)
                doubled, lost = trial.control(records_afterwards, cut)
                twice, never = twice + doubled, never + lost
            figures = (len(points), twice, never, SEED)
            record_property("crash", ("control: records_afterwards", "system calls", *figures))
    assert twice > 0


def _right_after_a_mail(points: list[Point]) -> list[Point]:
    """Return the first write to the database after each mail got its name."""
    calls = [point.call for point in points]
    mails = [index for index, call in enumerate(calls) if call == "link"]
    return [points[calls.index("pwrite64", index)] for index in mails]
