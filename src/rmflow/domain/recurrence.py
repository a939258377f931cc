"""Recurrence: a cadence becomes one RRULE; a series becomes its sessions.

Wall time in the mentor's zone is the truth. Expansion happens in naive wall time and the zone
is attached last, so the zone of the process plays no part and 09:00 stays 09:00 across clock
changes. A wall time inside the spring gap means the offset before it (RFC 5545 section 3.3.5).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import takewhile
from zoneinfo import ZoneInfo

from rmflow.domain.programme import Cadence, Frequency
from rmflow.domain.series import Past, SeriesSpec, SessionId
from rmflow.domain.session import Session, original_start, session_id

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# Ten years of weekly meetings: no series of people is longer, and no rule may run away.
MOST_OCCURRENCES = 520


def rule_of(cadence: Cadence, start: datetime, until: datetime | None = None) -> str:
    """Return the RRULE value for a series that begins at `start` (wall time), which matches it.

    Monthly is "the same weekday of the month": the fifth one, which many months lack, becomes
    the last. `until` (aware) becomes UNTIL in UTC, as RFC 5545 section 3.3.10 asks of a zoned
    DTSTART; it is left out where the cadence counts. WKST is always said: without it, two-week
    rules differ between calendars.
    """
    parts = [f"FREQ={cadence.frequency.value}"]
    if cadence.interval != 1:
        parts.append(f"INTERVAL={cadence.interval}")
    if cadence.count is not None:
        parts.append(f"COUNT={cadence.count}")
    elif until is not None:
        parts.append(f"UNTIL={until.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    weekday = _WEEKDAYS[start.weekday()]
    if cadence.frequency is Frequency.MONTHLY:
        nth = (start.day - 1) // 7 + 1
        weekday = f"{-1 if nth == 5 else nth}{weekday}"
    parts += [f"BYDAY={weekday}", "WKST=MO"]
    return ";".join(parts)


def cadence_of(name: str, rule: str, duration: timedelta) -> Cadence | None:
    """Return the cadence that makes such a rule; None for a frequency that none has."""
    parts = dict(part.split("=", 1) for part in rule.upper().split(";") if "=" in part)
    frequency = next((f for f in Frequency if f.value == parts.get("FREQ")), None)
    if frequency is None:
        return None
    count = int(parts["COUNT"]) if "COUNT" in parts else None
    return Cadence(name, duration, frequency, int(parts.get("INTERVAL", "1")), count)


def without_until(rule: str) -> str:
    """Return an RRULE value that never ends, unless it counts."""
    return ";".join(part for part in rule.split(";") if not part.startswith("UNTIL="))


def with_until(rule: str, until: datetime) -> str:
    """Return an RRULE value that does not count, ending at `until` (aware)."""
    parts = without_until(rule).split(";")
    place = 2 if ";INTERVAL=" in rule else 1
    last = f"UNTIL={until.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return ";".join([*parts[:place], last, *parts[place:]])


def last_day(spec: SeriesSpec) -> date | None:
    """Return the day of UNTIL in the series' zone, None for a rule without it."""
    found = re.search(r"UNTIL=(\d{8}T\d{6}Z)", spec.rrule)
    if found is None:
        return None
    until = datetime.strptime(found[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return until.astimezone(ZoneInfo(spec.zone)).date()


def end_of(day: date, zone: str) -> datetime:
    """Return the last second of a day."""
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(zone))


def sessions(spec: SeriesSpec, after: datetime, before: datetime) -> list[Session]:
    """Return the sessions that end after `after` and start before `before`, in order of start.

    Excluded ones are left out and do not count; moved ones appear at their new time with their
    original id and number.
    """
    held = _held(spec.past, before)
    since = held[-1].start + _half_a_period(spec.rrule) if held else None
    found = [*held, *(s for s in _by_rule(spec, before) if since is None or s.start >= since)]
    if held:
        found = [replace(session, number=n) for n, session in enumerate(found, 1)]
    near = (session for session in found if session.end > after and session.start < before)
    return sorted(near, key=lambda session: session.start)


def _held(past: Iterable[Past], before: datetime) -> list[Session]:
    """Return the sessions that were over, or had begun, when their series got other times.

    What the next rule has less than half a period after one of them is that meeting once more.
    """
    held: list[Session] = []
    for part in past:
        since = held[-1].start + _half_a_period(part.rrule) if held else None
        held += [
            session
            for session in _by_rule(part, min(before, part.until))
            if session.start < part.until and (since is None or session.start >= since)
        ]
    return held


def _half_a_period(rule: str) -> timedelta:
    parts = dict(part.split("=", 1) for part in rule.upper().split(";") if "=" in part)
    days = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 28, "YEARLY": 365}.get(parts.get("FREQ", ""), 1)
    return timedelta(days=days) * int(parts.get("INTERVAL", "1")) / 2


def _by_rule(spec: SeriesSpec | Past, before: datetime) -> Iterator[Session]:
    """Yield the sessions of one rule, by their original starts, a little further than asked."""
    zone, moves = ZoneInfo(spec.zone), spec.moves
    number = 0
    # A session may have been moved by weeks.
    last = before.astimezone(zone).replace(tzinfo=None) + timedelta(days=62)
    for original in takewhile(lambda at: at < last, _original_starts(spec)):
        if original in spec.excluded:
            continue
        number += 1
        start = moves.get(original, original).replace(tzinfo=zone)
        end = (start.astimezone(UTC) + spec.duration).astimezone(zone)
        id = session_id(original.replace(tzinfo=zone))
        yield Session(id, number, start, end, moved=original in moves)


def with_past(spec: SeriesSpec, before: SeriesSpec, at: datetime) -> SeriesSpec:
    """Return a series that has got other times at that moment, with the sessions that were.

    By the new rule they would have other ids: what was asked and answered would be asked anew.
    """
    rules = ((s.zone, s.start, without_until(s.rrule)) for s in (before, spec))
    if next(rules) == next(rules) or not any(s.start < at for s in _by_rule(before, at)):
        return spec
    past = Past(
        until=at,
        zone=before.zone,
        start=before.start,
        duration=before.duration,
        rrule=before.rrule,
        excluded=tuple(sorted(before.excluded)),
        moved=before.moved,
    )
    return replace(spec, past=(*before.past, past))


def original_wall_start(spec: SeriesSpec, id: SessionId) -> datetime:
    """Return the wall time in the series' zone at which session `id` was first meant to start."""
    return original_start(id).astimezone(ZoneInfo(spec.zone)).replace(tzinfo=None)


def _original_starts(spec: SeriesSpec | Past) -> Iterator[datetime]:
    """Yield the original wall starts of a series, excluded ones too."""
    rule = _parsed(spec.rrule, spec.start, spec.zone)
    for count, at in enumerate(rule):
        if count >= MOST_OCCURRENCES:
            return
        yield at


@lru_cache(maxsize=512)
def _parsed(value: str, start: datetime, zone: str) -> Iterable[datetime]:
    """Return the rule in wall time; UNTIL, an instant in the RFC, is turned into wall time too.

    The rule remembers what it has expanded: a pairing is looked at several times in a row.
    """
    from dateutil.rrule import rrulestr  # late: a run with nothing near expands nothing

    parts = []
    for part in value.split(";"):
        name, _, text = part.partition("=")
        if name.upper() == "UNTIL" and text.endswith("Z"):
            instant = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            text = f"{instant.astimezone(ZoneInfo(zone)):%Y%m%dT%H%M%S}"
        parts.append(f"{name}={text}")
    return rrulestr(";".join(parts), dtstart=start, cache=True)
