"""Graph's patternedRecurrence, expanded day by day, and what of it Exchange refuses.

Written from learn.microsoft.com/graph/api/resources/recurrencepattern and /recurrencerange, and
not from our adapter, so that one checks the other.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from graph import bad

Json = dict[str, Any]

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_INDEXES = ("first", "second", "third", "fourth", "last")
_NEEDED = {
    "daily": set(),
    "weekly": {"daysOfWeek", "firstDayOfWeek"},
    "absoluteMonthly": {"dayOfMonth"},
    "relativeMonthly": {"daysOfWeek"},
    "absoluteYearly": {"dayOfMonth", "month"},
    "relativeYearly": {"daysOfWeek", "month"},
}
_FARTHEST = timedelta(days=366 * 12)
_DAY = timedelta(days=1)


def refuse(recurrence: Json, start: date) -> None:
    """Raise GraphError for a recurrence that Exchange does not take, or would bend."""
    pattern, range_ = recurrence.get("pattern") or {}, recurrence.get("range") or {}
    kind = pattern.get("type")
    if kind not in _NEEDED or not isinstance(pattern.get("interval"), int):
        raise bad("recurrence pattern: type and interval are required")
    if not 1 <= pattern["interval"] <= 99:
        raise bad("recurrence pattern: interval is out of range")
    if missing := {name for name in _NEEDED[kind] if not pattern.get(name)}:
        raise bad(f"recurrence pattern: {sorted(missing)} required for {kind}")
    allowed = {"type", "interval", "index", *_NEEDED[kind]}
    if superfluous := pattern.keys() - allowed:
        raise bad(f"recurrence pattern: {sorted(superfluous)} not supported for {kind}")
    _refuse_range(range_, start)
    if next(days(recurrence), None) != start:
        raise bad("recurrence: the first day is not one of the pattern's")


def days(recurrence: Json) -> Iterator[date]:
    """Yield the days of a series, oldest first; an endless one ends after twelve years."""
    pattern, range_ = recurrence["pattern"], recurrence["range"]
    first = date.fromisoformat(range_["startDate"])
    last = first + _FARTHEST
    if range_["type"] == "endDate":
        last = min(last, date.fromisoformat(range_["endDate"]))
    most = range_["numberOfOccurrences"] if range_["type"] == "numbered" else 10_000
    day, found = first, 0
    while day <= last and found < most:
        if _meets(pattern, first, day):
            found += 1
            yield day
        day += _DAY


def told(recurrence: Json) -> Json:
    """Return a recurrence as Graph tells it: every property is there."""
    pattern, range_ = recurrence["pattern"], recurrence["range"]
    usual = {"month": 0, "dayOfMonth": 0, "daysOfWeek": [], "firstDayOfWeek": "sunday"}
    return {
        "pattern": {**usual, "index": "first", **pattern},
        "range": {"endDate": "0001-01-01", "numberOfOccurrences": 0, **range_},
    }


def _refuse_range(range_: Json, start: date) -> None:
    kind = range_.get("type")
    if kind not in ("noEnd", "endDate", "numbered") or range_.get("startDate") != start.isoformat():
        raise bad("recurrence range: type is required, and startDate must be the day of start")
    if kind == "numbered" and not 1 <= range_.get("numberOfOccurrences", 0) <= 999:
        raise bad("recurrence range: numberOfOccurrences is required")
    if kind == "endDate" and range_.get("endDate", "") < start.isoformat():
        raise bad("recurrence range: endDate is before startDate")


def _meets(pattern: Json, first: date, day: date) -> bool:
    name, interval = _DAYS[day.weekday()], pattern["interval"]
    months = (day.year - first.year) * 12 + day.month - first.month
    match pattern["type"]:
        case "daily":
            return bool((day - first).days % interval == 0)
        case "weekly":
            begins = _DAYS.index(pattern["firstDayOfWeek"])
            weeks = (_week(day, begins) - _week(first, begins)).days // 7
            return bool(name in pattern["daysOfWeek"] and weeks % interval == 0)
        case "absoluteMonthly":
            return bool(months % interval == 0 and day.day == pattern["dayOfMonth"])
        case "relativeMonthly":
            return bool(months % interval == 0 and day == _nth(pattern, day))
        case other:
            raise bad(f"the fake does not expand {other}")


def _week(day: date, begins: int) -> date:
    """Return the first day of a day's week."""
    return day - timedelta(days=(day.weekday() - begins) % 7)


def _nth(pattern: Json, month: date) -> date:
    """Return the day of a month that is meant; of several weekdays, the one that comes first."""
    all_days = [month.replace(day=1) + n * _DAY for n in range(31)]
    fitting = [
        day
        for day in all_days
        if day.month == month.month and _DAYS[day.weekday()] in pattern["daysOfWeek"]
    ]
    index = _INDEXES.index(pattern.get("index", "first"))
    return fitting[-1] if index == 4 else fitting[index]
