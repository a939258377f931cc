"""When people are busy, from Google Calendar.

Peculiarities (developers.google.com/workspace/calendar/api/v3/reference/freebusy/query, read
2026-11). One query is about at most 50 calendars. The longest span is not documented; two months
are commonly accepted. A calendar that cannot be seen has `errors`. Why somebody is busy is not
said, so nobody is ever `away`.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from rmflow.domain.busy import BusyTime
from rmflow.domain.people import Address

_MOST = 50
_LONGEST = timedelta(days=60)


def busy_times(
    service: Any, people: Collection[Address], start: datetime, end: datetime
) -> Mapping[Address, tuple[BusyTime, ...]]:
    """Return when these people are busy. Somebody who cannot be seen all of the time is missing."""
    asked = sorted(set(people))
    found: dict[Address, tuple[BusyTime, ...]] = {}
    for at in range(0, len(asked), _MOST):
        some = asked[at : at + _MOST]
        windows = [_seen(service, some, *window) for window in _windows(start, end)]
        for person in some:
            if windows and all(person in window for window in windows):
                found[person] = _joined([each for window in windows for each in window[person]])
    return found


def _windows(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    while start < end:
        yield start, min(start + _LONGEST, end)
        start += _LONGEST


def _seen(
    service: Any, people: Collection[Address], start: datetime, end: datetime
) -> Mapping[Address, list[BusyTime]]:
    body = {
        "timeMin": start.astimezone(UTC).isoformat(),
        "timeMax": end.astimezone(UTC).isoformat(),
        "items": [{"id": person} for person in people],
        "calendarExpansionMax": _MOST,
    }
    calendars = service.freebusy().query(body=body).execute().get("calendars", {})
    answers = {person: calendars.get(person, {"errors": ["no answer"]}) for person in people}
    return {
        person: [_busy(span) for span in answer.get("busy", ())]
        for person, answer in answers.items()
        if not answer.get("errors")
    }


def _busy(span: Mapping[str, str]) -> BusyTime:
    start, end = (datetime.fromisoformat(span[name]).astimezone(UTC) for name in ("start", "end"))
    return BusyTime(start, end)


def _joined(times: list[BusyTime]) -> tuple[BusyTime, ...]:
    """Return the times in order; those that meet or overlap are one."""
    joined: list[BusyTime] = []
    for each in sorted(times, key=lambda busy: busy.start):
        if joined and each.start <= joined[-1].end:
            last = joined.pop()
            joined.append(BusyTime(last.start, max(last.end, each.end)))
        else:
            joined.append(each)
    return tuple(joined)
