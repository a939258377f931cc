"""The play: people act, the clock moves on, rmflow runs; five times a working day."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from rmflow.adapters.clock import StoppedClock
from rmflow.app.run import Report, run
from rmflow.demo.folder import prepare
from rmflow.demo.people.society import Society
from rmflow.demo.tracking import WrittenWhenSaved
from rmflow.wiring import load_config, open_ports

FIRST_DAY = date(2026, 10, 5)
# Each office, from Bangalore to Chicago, sees two or three of them in its working hours.
_TIMES = tuple(time(hour, 5, tzinfo=UTC) for hour in (8, 11, 14, 17, 20))
_MOST_RUNS_AT_THE_END = 10


@dataclass(frozen=True, slots=True)
class Moment:
    """What happened until a moment: how many mails people wrote, and what the run did."""

    at: datetime
    written: int
    report: Report


Told = Callable[[Moment], None]


def play(folder: Path, *, seed: int, months: int, force: bool, told: Told) -> None:
    """Play so many months into the folder, and tell of every run. Ends when nothing is left to do.

    Raises RmflowError when the folder holds something else.
    """
    end = datetime.combine(last_day(months), _TIMES[-1])
    prepare(folder, seed=seed, end=end, force=force)
    people = Society(folder, seed)
    people.coordinator.save(datetime.combine(FIRST_DAY, _TIMES[0]))
    clock = StoppedClock(end)
    ports = open_ports(load_config(folder / "programme.toml"), clock)
    ports = replace(ports, tracking=WrittenWhenSaved(ports.tracking))
    try:
        for at in moments(months):
            written = people.live(at)
            clock.at = at
            told(Moment(at, written, run(ports)))
        people.coordinator.close_workbook()
        for _ in range(_MOST_RUNS_AT_THE_END):
            report = run(ports)
            told(Moment(end, 0, report))
            if report.nothing:
                break
    finally:
        ports.close()


def moments(months: int) -> Iterator[datetime]:
    """Yield the moments of the play, in UTC."""
    day = FIRST_DAY
    while day <= last_day(months):
        if day.weekday() < 5:
            yield from (datetime.combine(day, at) for at in _TIMES)
        day += timedelta(days=1)


def last_day(months: int) -> date:
    """Return the day on which a play of so many months ends."""
    years, month = divmod(FIRST_DAY.month - 1 + months, 12)
    return FIRST_DAY.replace(year=FIRST_DAY.year + years, month=month + 1)
