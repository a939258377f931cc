"""Working days and hours of people: weekends, public holidays, company breaks."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from rmflow.domain.people import Participant
from rmflow.domain.programme import Programme

# However rarely cron runs, once in so long it does: a letter that must go today gets this much.
_RUN_APART = timedelta(hours=1)
_FARTHEST = 40  # days; no run of holidays is longer


@lru_cache(maxsize=512)
def public_holidays(region: str, year: int) -> Mapping[date, str]:
    """Return the public holidays of a region ("DE", "DE-BY") in a year, with local names.

    Empty for an empty region. Raises ValueError for one the `holidays` library does not know.
    """
    if not region:
        return {}
    import holidays

    country, _, part = region.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=part or None, years=year)
    except NotImplementedError as error:
        raise ValueError(f'no public holidays are known for region "{region}"') from error
    return dict(found)


def day_off(day: date, region: str, programme: Programme) -> str:
    """Return why nobody in this region works on `day`, or "" for a working day."""
    if day.weekday() not in programme.hours.weekdays:
        return f"{day:%A}"
    for pause in programme.breaks:
        if pause.first <= day <= pause.last:
            return pause.name
    return public_holidays(region, day.year).get(day, "")


def in_hours(start: datetime, end: datetime, person: Participant, programme: Programme) -> bool:
    """Return whether a meeting lies within the working hours of one working day of a person."""
    zone = ZoneInfo(person.timezone)
    first, last = start.astimezone(zone), end.astimezone(zone)
    hours = programme.hours
    same_day = first.date() == last.date()
    return same_day and hours.start <= first.time() and last.time() <= hours.end


def next_open(at: datetime, person: Participant, programme: Programme) -> datetime:
    """Return the first instant from `at` on at which we may write to a person."""
    zone = ZoneInfo(person.timezone)
    local = at.astimezone(zone)
    hours = programme.hours
    for ahead in range(_FARTHEST):
        day = local.date() + timedelta(days=ahead)
        if day_off(day, person.region, programme):
            continue
        opens = _at(day, hours.start, zone)
        if at < _at(day, hours.end, zone):
            return max(at, opens)
    return at


def rolled_back(at: datetime, person: Participant, programme: Programme) -> datetime:
    """Return the last instant up to `at` at which we may write: the same hour, days earlier."""
    zone = ZoneInfo(person.timezone)
    local = at.astimezone(zone)
    hours = programme.hours
    for back in range(_FARTHEST):
        day = local.date() - timedelta(days=back)
        opens = _at(day, hours.start, zone)
        if day_off(day, person.region, programme) or opens > at:
            continue
        latest = _at(day, hours.end, zone) - _RUN_APART
        return min(max(opens, _at(day, local.time().replace(tzinfo=None), zone)), latest)
    return at


def _at(day: date, hour: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, hour, zone)
