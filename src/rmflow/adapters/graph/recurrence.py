"""RRULE and Graph's patternedRecurrence: the rules that mean the same in both.

Read: learn.microsoft.com/graph/api/resources/recurrencepattern and /recurrencerange. What differs:
a pattern has no last day of a month and no fifth weekday, and "relativeMonthly" with several
weekdays means the first of them that comes; a range ends with a date, not with an instant.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rmflow.formats.calendar.rrule import canonical_rule

_DAYS = {
    "MO": "monday",
    "TU": "tuesday",
    "WE": "wednesday",
    "TH": "thursday",
    "FR": "friday",
    "SA": "saturday",
    "SU": "sunday",
}
_CODES = {name: code for code, name in _DAYS.items()}
_INDEXES = {"1": "first", "2": "second", "3": "third", "4": "fourth", "-1": "last"}
_NUMBERS = {name: number for number, name in _INDEXES.items()}
# A meeting that does not repeat is a series of one.
_ONCE = "FREQ=WEEKLY;COUNT=1"


def pattern_of(rule: str, start: datetime, zone: str, windows_zone: str) -> dict[str, Any]:
    """Return the patternedRecurrence of a rule in the spelling of `formats.calendar.rrule`.

    `start` is wall time in `zone`. Raises ValueError for a rule that Exchange cannot follow.
    """
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    interval = int(parts.get("INTERVAL", "1"))
    if parts["FREQ"] == "WEEKLY":
        pattern = _weekly(parts)
    elif "BYMONTHDAY" in parts:
        pattern = _on_a_day(parts)
    else:
        pattern = _on_a_weekday(parts)
    range_ = {"startDate": start.date().isoformat(), "recurrenceTimeZone": windows_zone}
    return {
        "pattern": {**pattern, "interval": interval},
        "range": {**range_, **_end(parts, start, zone)},
    }


def rule_of(recurrence: Mapping[str, Any] | None, start: datetime, zone: str) -> str:
    """Return the rule of a patternedRecurrence, None standing for an event that happens once.

    Raises ValueError with a sentence for one that we do not follow.
    """
    if recurrence is None:
        return canonical_rule(_ONCE, start, ZoneInfo(zone))
    pattern, range_ = recurrence["pattern"], recurrence["range"]
    parts = _parts(pattern)
    if pattern.get("interval", 1) != 1:
        parts["INTERVAL"] = str(pattern["interval"])
    if range_["type"] == "numbered":
        parts["COUNT"] = str(range_["numberOfOccurrences"])
    elif range_["type"] == "endDate":
        parts["UNTIL"] = date.fromisoformat(range_["endDate"]).strftime("%Y%m%d")
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    return canonical_rule(text, start, ZoneInfo(zone))


def same_recurrence(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    """Return whether two recurrences repeat alike, whatever their zone and defaults are called."""
    if one is None or other is None:
        return one is other
    return _essence(one) == _essence(other)


def _weekly(parts: Mapping[str, str]) -> dict[str, Any]:
    days = parts["BYDAY"].split(",")
    if parts.keys() & {"BYSETPOS", "BYMONTHDAY"} or not set(days) <= _DAYS.keys():
        raise ValueError("Exchange knows no such weekly rule")
    return {
        "type": "weekly",
        "daysOfWeek": [_DAYS[day] for day in days],
        "firstDayOfWeek": _DAYS[parts["WKST"]],
    }


def _on_a_day(parts: Mapping[str, str]) -> dict[str, Any]:
    day = parts["BYMONTHDAY"]
    if parts.keys() & {"BYSETPOS", "BYDAY"} or not day.isdecimal() or int(day) > 28:
        raise ValueError("Exchange knows no such day of every month; use a weekday of the month")
    return {"type": "absoluteMonthly", "dayOfMonth": int(day)}


def _on_a_weekday(parts: Mapping[str, str]) -> dict[str, Any]:
    number, day = parts["BYDAY"][:-2].lstrip("+"), parts["BYDAY"][-2:]
    if "BYSETPOS" in parts or "," in parts["BYDAY"] or number not in _INDEXES:
        raise ValueError("Exchange knows only one weekday of a month, the first to fourth or last")
    return {"type": "relativeMonthly", "daysOfWeek": [_DAYS[day]], "index": _INDEXES[number]}


def _end(parts: Mapping[str, str], start: datetime, zone: str) -> dict[str, Any]:
    if "COUNT" in parts:
        return {"type": "numbered", "numberOfOccurrences": int(parts["COUNT"])}
    if "UNTIL" not in parts:
        return {"type": "noEnd"}
    instant = datetime.strptime(parts["UNTIL"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    until = instant.astimezone(ZoneInfo(zone))
    # The meeting of that day takes place only if it begins before the instant.
    last = until.date() if until.time() >= start.time() else until.date() - timedelta(days=1)
    return {"type": "endDate", "endDate": max(last, start.date()).isoformat()}


def _parts(pattern: Mapping[str, Any]) -> dict[str, str]:
    days = [_CODES[day] for day in pattern.get("daysOfWeek") or ()]
    if pattern["type"] == "weekly" and days:
        first = _CODES[pattern.get("firstDayOfWeek") or "sunday"]
        return {"FREQ": "WEEKLY", "BYDAY": ",".join(days), "WKST": first}
    if pattern["type"] == "absoluteMonthly":
        return {"FREQ": "MONTHLY", "BYMONTHDAY": str(pattern["dayOfMonth"])}
    if pattern["type"] == "relativeMonthly" and len(days) == 1:
        number = _NUMBERS[pattern.get("index") or "first"]
        return {"FREQ": "MONTHLY", "BYDAY": f"{number}{days[0]}"}
    raise ValueError(
        "its rule is one that rmflow does not follow; weekly and monthly are understood"
    )


def _essence(recurrence: Mapping[str, Any]) -> tuple[object, ...]:
    pattern, range_ = recurrence["pattern"], recurrence["range"]
    kind, end = pattern["type"], range_["type"]
    return (
        kind,
        pattern.get("interval", 1),
        frozenset(pattern.get("daysOfWeek") or ()) if kind != "absoluteMonthly" else (),
        (pattern.get("index") or "first") if kind == "relativeMonthly" else "",
        pattern.get("dayOfMonth") if kind == "absoluteMonthly" else 0,
        pattern.get("firstDayOfWeek") if kind == "weekly" else "",
        end,
        range_.get("numberOfOccurrences") if end == "numbered" else 0,
        range_.get("endDate") if end == "endDate" else "",
    )
