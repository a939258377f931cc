"""VTIMEZONE: a zone of the IANA database as the rules that calendars without it can follow.

`icalendar` can write one too, but as a list of dates, which Outlook does not read, and with each
spring change an hour late: RFC 5545 section 3.6.5 counts the onset in the offset before it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard
from icalendar.prop import vRecur

_STEP = timedelta(days=7)  # no zone changes twice within a week
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class _Onset(NamedTuple):
    """A change of the offset; `at` is the wall time that clocks showed until then."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str


@lru_cache(maxsize=512)
def vtimezone(zone: str, first_year: int, last_year: int) -> Timezone:
    """Return the zone's offsets from before `first_year` to `last_year`, as yearly rules if it can.

    The component is shared: add it to calendars, do not change it.
    """
    onsets = _onsets(ZoneInfo(zone), first_year - 1, last_year)
    component = Timezone()
    component.add("TZID", zone)
    for (before, after, name), same in groupby(sorted(onsets, key=_kind), key=_kind):
        part = TimezoneDaylight() if after > before else TimezoneStandard()
        dates = [onset.at for onset in same]
        part.add("DTSTART", dates[0])
        part.TZOFFSETFROM = before
        part.TZOFFSETTO = after
        part.add("TZNAME", name)
        if rule := _yearly_rule(dates, last_year, before):
            part.add("RRULE", vRecur.from_ical(rule))
        elif dates[1:]:
            # ical.js (Thunderbird) reads the first date of each line only, and beside an RDATE
            # it forgets that DTSTART is an onset too.
            for date in dates:
                part.add("RDATE", [date])
        component.add_component(part)
    return component


def _kind(onset: _Onset) -> tuple[timedelta, timedelta, str]:
    return onset.before, onset.after, onset.name


def _onsets(zone: ZoneInfo, first_year: int, last_year: int) -> list[_Onset]:
    """Return all changes from the start of `first_year` on, preceded by the offset until then."""
    at = datetime(first_year, 1, 1, tzinfo=UTC)
    local = at.astimezone(zone)
    offset = local.utcoffset() or timedelta()
    found = [_Onset(datetime(1970, 1, 1), offset, offset, local.tzname() or zone.key)]  # noqa: DTZ001
    while at.year <= last_year:
        following = at + _STEP
        if following.astimezone(zone).utcoffset() != at.astimezone(zone).utcoffset():
            found.append(_onset_between(at, following, zone))
        at = following
    # The first line is needed only where no change tells the offset before the first meeting.
    return found[1:] if found[1:] and found[1].at.year == first_year else found


def _onset_between(early: datetime, late: datetime, zone: ZoneInfo) -> _Onset:
    """Return the one change between two instants, found by halving."""
    before = early.astimezone(zone).utcoffset() or timedelta()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) // 2
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    late = late.replace(microsecond=0)
    local = late.astimezone(zone)
    wall = (late + before).replace(tzinfo=None)
    return _Onset(wall, before, local.utcoffset() or timedelta(), local.tzname() or zone.key)


def _yearly_rule(dates: Sequence[datetime], last_year: int, before: timedelta) -> str:
    """Return "the last Sunday of March" as an RRULE where it holds for every year, "" elsewhere."""
    years = [date.year for date in dates]
    if len(dates) < 2 or years != list(range(years[0], years[-1] + 1)):
        return ""
    if len({(date.month, date.weekday(), date.time()) for date in dates}) > 1:
        return ""
    nth = set.intersection(
        *({(d.day - 1) // 7 + 1} | ({-1} if _is_last(d) else set()) for d in dates)
    )
    if not nth:
        return ""
    until = ""
    if years[-1] < last_year:
        until = f";UNTIL={(dates[-1] - before):%Y%m%dT%H%M%SZ}"
    weekday = _WEEKDAYS[dates[0].weekday()]
    return f"FREQ=YEARLY;BYMONTH={dates[0].month};BYDAY={min(nth)}{weekday}{until}"


def _is_last(date: datetime) -> bool:
    return (date + timedelta(days=7)).month != date.month
