"""How Exchange expands a recurrence: in wall time, on its own terms, without our code."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import (
    DAILY,
    FR,
    MO,
    MONTHLY,
    SA,
    SU,
    TH,
    TU,
    WE,
    WEEKLY,
    YEARLY,
    rrule,
    weekday,
)
from ews_schema import local
from ews_store import EwsError, Item
from exchangelib.winzone import MS_TIMEZONE_TO_IANA_MAP
from lxml import etree

_DAYS = {
    "Monday": (MO,),
    "Tuesday": (TU,),
    "Wednesday": (WE,),
    "Thursday": (TH,),
    "Friday": (FR,),
    "Saturday": (SA,),
    "Sunday": (SU,),
    "Day": (MO, TU, WE, TH, FR, SA, SU),
    "Weekday": (MO, TU, WE, TH, FR),
    "WeekendDay": (SA, SU),
}
_NTH = {"First": 1, "Second": 2, "Third": 3, "Fourth": 4, "Last": -1}
_MONTHS = {f"{date(2026, month, 1):%B}": month for month in range(1, 13)}
_MOST = 999


def zone_of(item: Item) -> ZoneInfo:
    """Return the zone of a calendar item."""
    value = item.values.get("StartTimeZone")
    name = "UTC" if value is None else value.get("Id", "")
    if name not in MS_TIMEZONE_TO_IANA_MAP:
        raise EwsError("ErrorTimeZone", "The time zone isn't supported.")
    return ZoneInfo(MS_TIMEZONE_TO_IANA_MAP[name])


def instant(text: str) -> datetime:
    """Return an instant in UTC from xs:dateTime; one without an offset is UTC."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def wall(text: str, zone: ZoneInfo) -> datetime:
    """Return the wall time of an instant."""
    return instant(text).astimezone(zone).replace(tzinfo=None)


def starts_of(item: Item) -> list[datetime]:
    """Return the original starts of a series in wall time, deleted ones too."""
    recurrence = item.values["Recurrence"]
    first = wall(item.text("Start"), zone_of(item))
    try:
        return list(islice(_expanded(recurrence, first), _MOST))
    except ValueError as error:
        raise EwsError("ErrorCalendarInvalidRecurrence", str(error)) from error


def _expanded(recurrence: etree._Element, first: datetime) -> Iterator[datetime]:
    pattern, boundary = list(recurrence)
    begins = _date(_child(boundary, "StartDate"))
    begin = datetime.combine(begins, first.time())
    options: dict[str, object] = {
        "dtstart": begin,
        "interval": int(_child(pattern, "Interval", "1")),
    }
    if local(boundary) == "NumberedRecurrence":
        options["count"] = int(_child(boundary, "NumberOfOccurrences"))
        if not 1 <= int(_child(boundary, "NumberOfOccurrences")) <= _MOST:
            raise EwsError("ErrorCalendarInvalidRecurrence", "The number of occurrences is wrong.")
    elif local(boundary) == "EndDateRecurrence":
        end = _date(_child(boundary, "EndDate"))
        if end < begins:
            raise EwsError("ErrorCalendarEndDateIsEarlierThanStartDate", "EndDate < StartDate")
        options["until"] = datetime.combine(end, time.max)
    if not 1 <= int(_child(pattern, "Interval", "1")) <= 999:
        raise EwsError("ErrorCalendarInvalidRecurrence", "The interval is wrong.")
    yield from rrule(**{**options, **_rule(pattern)})  # type: ignore[arg-type]  # see _rule


def _rule(pattern: etree._Element) -> dict[str, object]:
    days = [day for name in _child(pattern, "DaysOfWeek").split() for day in _DAYS[name]]
    match local(pattern):
        case "DailyRecurrence":
            return {"freq": DAILY}
        case "WeeklyRecurrence":
            begins = _DAYS[_child(pattern, "FirstDayOfWeek", "Sunday")][0]
            return {"freq": WEEKLY, "byweekday": days, "wkst": begins}
        case "AbsoluteMonthlyRecurrence":
            return {"freq": MONTHLY, **_day_of_month(pattern)}
        case "RelativeMonthlyRecurrence":
            return {"freq": MONTHLY, **_nth_day(pattern, days)}
        case "AbsoluteYearlyRecurrence":
            return {"freq": YEARLY, "bymonth": _month(pattern), **_day_of_month(pattern)}
        case "RelativeYearlyRecurrence":
            return {"freq": YEARLY, "bymonth": _month(pattern), **_nth_day(pattern, days)}
        case other:
            raise EwsError("ErrorCalendarInvalidRecurrence", other)


def _day_of_month(pattern: etree._Element) -> dict[str, object]:
    """The 31st is the last day in a shorter month."""
    day = int(_child(pattern, "DayOfMonth"))
    return {"bymonthday": tuple(range(min(day, 28), day + 1)), "bysetpos": -1}


def _nth_day(pattern: etree._Element, days: list[weekday]) -> dict[str, object]:
    return {"byweekday": days, "bysetpos": _NTH[_child(pattern, "DayOfWeekIndex")]}


def _month(pattern: etree._Element) -> int:
    return _MONTHS[_child(pattern, "Month")]


def _child(node: etree._Element, name: str, otherwise: str = "") -> str:
    for child in node:
        if local(child) == name:
            return child.text or ""
    return otherwise


def _date(text: str) -> date:
    """xs:date may end in a zone."""
    found = re.match(r"\d{4}-\d\d-\d\d", text)
    assert found, text
    return date.fromisoformat(found[0])
