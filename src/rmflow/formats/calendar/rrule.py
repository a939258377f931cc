"""RRULE: the rules a series of two people can have, in one spelling."""

import re
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from rmflow.domain.recurrence import MOST_OCCURRENCES

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = "(MO|TU|WE|TH|FR|SA|SU)"
_NUMBERS = r"[+-]?\d{1,2}(,[+-]?\d{1,2}){0,30}"
# The order of the parts is the order in which they are written.
_PARTS = {
    "FREQ": re.compile("WEEKLY|MONTHLY"),
    "INTERVAL": re.compile(r"\d{1,3}"),
    "COUNT": re.compile(r"\d{1,3}"),
    "UNTIL": re.compile(r"\d{8}(T\d{6}Z?)?"),
    "BYDAY": re.compile(rf"([+-]?[1-5])?{_DAY}(,([+-]?[1-5])?{_DAY}){{0,6}}"),
    "BYMONTHDAY": re.compile(_NUMBERS),
    "BYSETPOS": re.compile(_NUMBERS),
    "WKST": re.compile(_DAY),
}
_LONGEST = 300


def canonical_rule(value: str, start: datetime, zone: ZoneInfo) -> str:
    """Return the rule as `domain.recurrence.rule_of` spells it; `start` is wall time in `zone`.

    UNTIL becomes an instant in UTC, the weekday and the week's first day are always said. Raises
    ValueError with a sentence for a rule that we do not follow: other frequencies, more than
    `MOST_OCCURRENCES`, parts that make it dense, and a start that is not a meeting (calendars
    disagree whether that one takes place).
    """
    parts = _split(value.strip().upper())
    for name in parts.keys() & {"INTERVAL", "COUNT"}:
        parts[name] = str(int(parts[name]))
        if not 1 <= int(parts[name]) <= MOST_OCCURRENCES:
            raise ValueError(f"its rule has {name}={parts[name]}; use 1 to {MOST_OCCURRENCES}")
    if "COUNT" in parts and "UNTIL" in parts:
        raise ValueError("its rule has both COUNT and UNTIL; keep one of them")
    if parts["FREQ"] == "WEEKLY" and not parts.keys() & {"BYDAY", "BYSETPOS", "BYMONTHDAY"}:
        parts["BYDAY"] = _WEEKDAYS[start.weekday()]
    if parts.get("INTERVAL") == "1":
        del parts["INTERVAL"]
    if "UNTIL" in parts:
        parts["UNTIL"] = _instant(parts["UNTIL"], zone)
    parts.setdefault("WKST", "MO")
    rule = ";".join(f"{name}={parts[name]}" for name in _PARTS if name in parts)
    if not _begins(parts, start):
        raise ValueError(
            f"its first meeting ({start:%Y-%m-%d}) is not one of its own rule ({rule})"
        )
    return rule


def _split(value: str) -> dict[str, str]:
    """Return the parts of a rule, each one allowed and well-formed."""
    if len(value) > _LONGEST:
        raise ValueError("its rule is longer than any that two people need")
    pairs = [part.partition("=")[::2] for part in value.split(";") if part]
    parts = dict(pairs)
    if len(parts) != len(pairs) or "FREQ" not in parts:
        raise ValueError(f'its rule "{value}" is not one of RFC 5545')
    for name, text in pairs:
        if name not in _PARTS or not _PARTS[name].fullmatch(text):
            raise ValueError(
                f'its rule has "{name}={text}"; weekly and monthly rules are understood'
            )
    return parts


def _instant(until: str, zone: ZoneInfo) -> str:
    """Return an UNTIL as an instant in UTC; a date includes its whole day in `zone`."""
    try:
        if until.endswith("Z"):
            datetime.strptime(until, "%Y%m%dT%H%M%SZ")  # noqa: DTZ007 - only whether it is one
            return until
        if len(until) == 8:
            day = datetime.strptime(until, "%Y%m%d")  # noqa: DTZ007 - given its zone below
            wall = datetime.combine(day, time(23, 59, 59))
        else:
            wall = datetime.strptime(until, "%Y%m%dT%H%M%S")  # noqa: DTZ007 - the same
        return f"{wall.replace(tzinfo=zone).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    except (ValueError, OverflowError) as error:
        raise ValueError(f'its rule ends at "{until}", which is no date') from error


def _begins(parts: dict[str, str], start: datetime) -> bool:
    """Return whether the rule itself meets at `start`; looks no further, so it is quick."""
    bare = ";".join(
        f"{name}={text}" for name, text in parts.items() if name not in {"COUNT", "UNTIL"}
    )
    try:
        first = next(iter(rrulestr(f"{bare};UNTIL={start:%Y%m%dT%H%M%S}", dtstart=start)), None)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"its rule is not one of RFC 5545: {error}") from error
    return first == start
