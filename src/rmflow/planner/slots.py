"""When a pair first meets: the slot the roster asks for, else one that suits both."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rmflow.domain.pairing import Slot
from rmflow.domain.people import Participant
from rmflow.domain.programme import Cadence, Programme
from rmflow.domain.workdays import day_off, in_hours

# Mondays and Fridays are lost to travel and long weekends more often than the middle of the week.
_FAVOURED_DAYS = (1, 2, 3, 0, 4)
_FAVOURED_TIMES = tuple(time(hour, minute) for hour in range(9, 17) for minute in (0, 30))
_LUNCH = (time(11, 30), time(12, 0), time(12, 30), time(13, 0))
_WEEKS_TO_LOOK = 10


def common_slots(
    mentor: Participant, mentee: Participant, cadence: Cadence, programme: Programme, near: date
) -> list[Slot]:
    """Return the slots inside both people's working hours in winter and in summer, in order of day.

    Empty when their working days do not overlap.
    """
    zone = ZoneInfo(mentor.timezone)
    samples = [near + timedelta(days=step) for step in (0, 91, 182, 273)]

    def suits(slot: Slot) -> bool:
        starts = [
            datetime.combine(_weekday_on(day, slot.weekday), slot.at, zone) for day in samples
        ]
        return all(
            in_hours(start, start + cadence.duration, person, programme)
            for start in starts
            for person in (mentor, mentee)
        )

    days = [day for day in _FAVOURED_DAYS if day in programme.hours.weekdays]
    times = [at for at in _FAVOURED_TIMES if at not in _LUNCH]
    return [slot for day in days for at in times if suits(slot := Slot(day, at))]


def first_starts(slot: Slot, earliest: date, first_hint: date | None) -> Iterator[datetime]:
    """Yield wall-time starts on the slot's weekday, from `earliest` or the roster's start on."""
    day = max(earliest, first_hint) if first_hint else earliest
    day = _weekday_on(day, slot.weekday)
    for week in range(_WEEKS_TO_LOOK):
        yield datetime.combine(day + timedelta(weeks=week), slot.at)


def free_start(
    starts: Iterator[datetime], mentor: Participant, mentee: Participant, programme: Programme
) -> datetime | None:
    """Return the first of the starts that is a working day for both, None if none is."""
    zone = ZoneInfo(mentor.timezone)
    for start in starts:
        there = start.replace(tzinfo=zone).astimezone(ZoneInfo(mentee.timezone)).date()
        if day_off(start.date(), mentor.region, programme):
            continue
        if not day_off(there, mentee.region, programme):
            return start
    return None


def _weekday_on(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday()) % 7)
