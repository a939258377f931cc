"""Recurrence rules of RFC 5545 as Exchange's patterns, and back.

Exchange has a day where the RFC has an instant: a series ends on a date, in its own zone. What
people choose in Outlook is read faithfully: the 31st, which Exchange takes for the last day of a
shorter month, becomes a rule that says so. Of rules, those are written that have one pattern with
the same meetings; the fifth weekday and the 29th to 31st have none.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from exchangelib import recurrence as ews
from exchangelib.fields import MONTHS, WEEK_NUMBERS, WEEKDAYS

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NTH_DAY = re.compile(r"(-1|[1-4])([A-Z]{2})")
_LAST = 5
_DAY_OF_WEEK = {"Day": (), "Weekday": _DAYS[:5], "WeekendDay": _DAYS[5:]}


def pattern_of(rrule: str, start: datetime, zone: str) -> ews.Recurrence:
    """Return Exchange's recurrence for a rule whose first meeting is at `start` (wall time).

    Raises ValueError when Exchange has no pattern with the same meetings.
    """
    parts = dict(part.upper().split("=", 1) for part in rrule.split(";") if part)
    pattern = _pattern(parts, start)
    if pattern is None:
        raise ValueError(f'Exchange has no pattern for the rule "{rrule}"; choose another rhythm')
    begins = start.date()
    if "COUNT" in parts:
        boundary = ews.NumberedPattern(start=begins, number=int(parts["COUNT"]))
    elif "UNTIL" in parts:
        end = _last_day(parts["UNTIL"], start, zone)
        if end < begins:
            raise ValueError("Exchange keeps no series that ends before its first meeting")
        boundary = ews.EndDatePattern(start=begins, end=end)
    else:
        boundary = ews.NoEndPattern(start=begins)
    return ews.Recurrence(pattern=pattern, boundary=boundary)


def rule_of(recurrence: ews.Recurrence, start: datetime, zone: str) -> str:
    """Return the rule for Exchange's recurrence; UNTIL is the last possible start, in UTC."""
    frequency, by, first_day = _words(recurrence.pattern)
    parts = [f"FREQ={frequency}"]
    interval = getattr(recurrence.pattern, "interval", 1)
    if interval != 1:
        parts.append(f"INTERVAL={interval}")
    boundary = recurrence.boundary
    if isinstance(boundary, ews.NumberedPattern):
        parts.append(f"COUNT={boundary.number}")
    elif isinstance(boundary, ews.EndDatePattern):
        last = datetime.combine(_day(boundary.end), start.time(), ZoneInfo(zone))
        parts.append(f"UNTIL={last.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    return ";".join([*parts, *by, f"WKST={first_day}"])


def same_rule(recurrence: ews.Recurrence, rrule: str, start: datetime, zone: str) -> bool:
    """Return whether Exchange's recurrence says what a rule says, to the day of UNTIL."""
    found = rule_of(recurrence, start, zone)
    try:
        return rule_of(pattern_of(rrule, start, zone), start, zone) == found
    except ValueError:
        return rrule == found


def _pattern(parts: Mapping[str, str], start: datetime) -> ews.Pattern | None:
    known = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "WKST"}
    if set(parts) - known or not 1 <= int(parts.get("INTERVAL", "1")) <= 99:
        return None
    interval, by_day = int(parts.get("INTERVAL", "1")), parts.get("BYDAY", "")
    by_month_day = parts.get("BYMONTHDAY", "")
    if parts.get("FREQ") == "WEEKLY" and not by_month_day:
        days = by_day.split(",") if by_day else [_DAYS[start.weekday()]]
        if not set(days) <= set(_DAYS):
            return None
        first_day = _DAYS.index(parts.get("WKST", "MO")) + 1
        weekdays = [_DAYS.index(day) + 1 for day in days]
        return ews.WeeklyPattern(interval=interval, weekdays=weekdays, first_day_of_week=first_day)
    if parts.get("FREQ") == "MONTHLY":
        return _monthly(interval, by_day, by_month_day)
    return None


def _monthly(interval: int, by_day: str, by_month_day: str) -> ews.Pattern | None:
    nth = _NTH_DAY.fullmatch(by_day)
    if nth and nth[2] in _DAYS and not by_month_day:
        week = _LAST if nth[1] == "-1" else int(nth[1])
        return ews.RelativeMonthlyPattern(
            interval=interval, weekday=_DAYS.index(nth[2]) + 1, week_number=week
        )
    if by_day:
        return None
    if by_month_day == "-1":
        day = WEEKDAYS.index("Day") + 1
        return ews.RelativeMonthlyPattern(interval=interval, weekday=day, week_number=_LAST)
    if by_month_day.isdecimal() and 1 <= int(by_month_day) <= 28:
        return ews.AbsoluteMonthlyPattern(interval=interval, day_of_month=int(by_month_day))
    return None


def _words(pattern: ews.Pattern) -> tuple[str, list[str], str]:
    """Return FREQ, the BY parts and WKST."""
    match pattern:
        case ews.DailyPattern():
            return "DAILY", [], "MO"
        case ews.WeeklyPattern():
            days = sorted(_index(day, WEEKDAYS) for day in pattern.weekdays)
            first_day = _DAYS[_index(pattern.first_day_of_week, WEEKDAYS)]
            return "WEEKLY", ["BYDAY=" + ",".join(_DAYS[day] for day in days)], first_day
        case ews.AbsoluteMonthlyPattern():
            return "MONTHLY", _month_day(pattern), "MO"
        case ews.RelativeMonthlyPattern():
            return "MONTHLY", _nth(pattern), "MO"
        case ews.AbsoluteYearlyPattern():
            return "YEARLY", [_month(pattern), *_month_day(pattern)], "MO"
        case ews.RelativeYearlyPattern():
            return "YEARLY", [_month(pattern), *_nth(pattern)], "MO"
        case _:
            raise ValueError(f"has a rhythm that is not known ({type(pattern).__name__})")


def _month_day(pattern: Any) -> list[str]:
    """Return the day of the month; the 31st is the last day of a shorter one."""
    day = pattern.day_of_month
    if day <= 28:
        return [f"BYMONTHDAY={day}"]
    if day == 31:
        return ["BYMONTHDAY=-1"]
    return ["BYMONTHDAY=" + ",".join(str(n) for n in range(28, day + 1)), "BYSETPOS=-1"]


def _nth(pattern: Any) -> list[str]:
    week = _index(pattern.week_number, WEEK_NUMBERS) + 1
    nth = -1 if week == _LAST else week
    name = WEEKDAYS[_index(pattern.weekday, WEEKDAYS)]
    if name == "Day":
        return [f"BYMONTHDAY={nth}"]
    if name in _DAY_OF_WEEK:
        return ["BYDAY=" + ",".join(_DAY_OF_WEEK[name]), f"BYSETPOS={nth}"]
    return [f"BYDAY={nth}{_DAYS[WEEKDAYS.index(name)]}"]


def _month(pattern: Any) -> str:
    return f"BYMONTH={_index(pattern.month, MONTHS) + 1}"


def _index(value: int | str, names: tuple[str, ...]) -> int:
    """Return the place of a value that exchangelib gives as a number from 1 or as a name."""
    return value - 1 if isinstance(value, int) else names.index(value)


def _last_day(until: str, start: datetime, zone: str) -> date:
    """Return the last day on which a meeting may start, in the zone of the series."""
    instant = datetime.strptime(until, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    wall = instant.astimezone(ZoneInfo(zone))
    return wall.date() - timedelta(days=wall.time() < start.time())


def _day(value: date | datetime) -> date:
    """Return the day that the server wrote.

    exchangelib takes a date without a zone for midnight on this machine, in UTC; undone here.
    """
    if isinstance(value, datetime):
        return datetime.fromtimestamp(value.timestamp(), tz=UTC).astimezone().date()
    return value
