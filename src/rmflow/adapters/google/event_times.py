"""Times of a Google event: wall time with a zone, and the lines of `recurrence`."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rmflow.domain.recurrence import sessions
from rmflow.domain.series import SeriesSpec
from rmflow.domain.session import session_id
from rmflow.formats.calendar.rrule import canonical_rule

_LINE = re.compile(r"([A-Za-z]+)((?:;[^:;=]+=[^:;]+)*):(.*)", re.DOTALL)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """The lines of `recurrence`, read: the rule as our domain spells it, what is taken out of it
    (wall time), and lines that we leave as they are.
    """

    rrule: str
    excluded: frozenset[datetime]
    others: tuple[str, ...]

    @classmethod
    def read(cls, lines: Iterable[str], start: datetime, zone: ZoneInfo) -> "Recurrence":
        """Understand the lines. Raises ValueError for a rule that is not one of ours.

        An event without a rule is one meeting: somebody chose "Does not repeat". Dates beside
        the rule (RDATE) stay in the calendar and are not seen.
        """
        rules, excluded, others = [], set[datetime](), []
        for line in lines:
            matched = _LINE.fullmatch(line.strip())
            name = matched[1].upper() if matched else ""
            if matched and name == "RRULE":
                rules.append(matched[3])
            elif matched and name == "EXDATE":
                excluded.update(_dates(matched, start, zone))
            elif name == "RDATE":
                others.append(line)
            else:
                raise ValueError("has a recurrence that is not understood")
        if len(rules) > 1:
            raise ValueError("has more than one rule")
        rule = rules[0] if rules else "FREQ=WEEKLY;COUNT=1"
        return cls(canonical_rule(rule, start, zone), frozenset(excluded), tuple(others))


def recurrence_lines(
    spec: SeriesSpec, excluded: Collection[datetime], others: Iterable[str] = ()
) -> list[str]:
    """Return `recurrence` for a series without these meetings; a line each, in its own zone."""
    exdates = [f"EXDATE;TZID={spec.zone}:{at:%Y%m%dT%H%M%S}" for at in sorted(excluded)]
    return [f"RRULE:{spec.rrule}", *exdates, *others]


def event_time(wall: datetime, zone: str) -> dict[str, str]:
    """Return wall time as an event's `start` or `end`; without an offset the zone says it."""
    return {"dateTime": wall.isoformat(timespec="seconds"), "timeZone": zone}


def event_span(spec: SeriesSpec, start: datetime) -> dict[str, dict[str, str]]:
    """Return `start` and `end` of a meeting of a series that begins at this wall time."""
    zone = ZoneInfo(spec.zone)
    end = (start.replace(tzinfo=zone).astimezone(UTC) + spec.duration).astimezone(zone)
    return {
        "start": event_time(start, spec.zone),
        "end": event_time(end.replace(tzinfo=None), spec.zone),
    }


def instant(time: Mapping[str, Any] | None) -> datetime:
    """Return the instant of a `start` or `end` as Google shows it. Raises ValueError."""
    if not time or "dateTime" not in time:
        raise ValueError("has no time of day")
    at = datetime.fromisoformat(time["dateTime"])
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone_called(time.get("timeZone", "")))
    return at.astimezone(UTC)


def wall(time: Mapping[str, Any] | None, zone: ZoneInfo) -> datetime:
    """Return the wall time of a `start` or `end` in a zone. Raises ValueError."""
    return _in(instant(time), zone)


def zone_called(name: str) -> ZoneInfo:
    """Return a zone. Raises ValueError, also where none is named."""
    try:
        return ZoneInfo(name)
    except (LookupError, OSError, ValueError) as error:
        raise ValueError(f'is in the time zone "{name}", which nobody knows') from error


def meets(spec: SeriesSpec, original: datetime) -> bool:
    """Return whether a series has a meeting by its rule at this wall time, excluded or not."""
    at = original.replace(tzinfo=ZoneInfo(spec.zone))
    rule = replace(spec, excluded=frozenset(), moved=())
    return any(s.id == session_id(at) for s in sessions(rule, at - _DAY, at + _DAY))


def _dates(line: re.Match[str], start: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the dates of a line in wall time; a bare date means the usual time on that day."""
    named = re.search(r";TZID=([^;:]+)", line[2], re.IGNORECASE)
    own = zone_called(named[1].strip('"')) if named else zone
    for text in line[3].split(","):
        if len(text) == 8:
            yield datetime.combine(datetime.fromisoformat(text), start.time())
        elif text.endswith("Z"):
            yield _in(datetime.fromisoformat(text), zone)
        else:
            yield _in(datetime.fromisoformat(text).replace(tzinfo=own), zone)


def _in(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None, fold=0)
