"""Free and busy times (learn.microsoft.com/graph/api/calendar-getschedule)."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from rmflow.adapters.graph.client import GraphClient
from rmflow.adapters.graph.reading import PREFER, instant
from rmflow.domain.busy import BusyTime
from rmflow.domain.people import Address

_MOST_PEOPLE = 20
_LONGEST = timedelta(days=62)
_TAKEN = ("busy", "oof")


def busy_times(
    client: GraphClient, people: Collection[Address], start: datetime, end: datetime
) -> Mapping[Address, tuple[BusyTime, ...]]:
    """Return when people cannot come; tentative meetings and work elsewhere do not count.

    Somebody whose calendar could not be read for all of the time is missing.
    """
    found: dict[Address, set[BusyTime]] = {person: set() for person in people}
    for group in _groups(people):
        for since, until in _windows(start, end):
            told = _schedules(client, group, since, until)
            for person in group:
                if person in found and told.get(person) is not None:
                    found[person] |= set(told[person] or ())
                else:
                    found.pop(person, None)
    return {
        person: tuple(sorted(times, key=lambda time: (time.start, time.end)))
        for person, times in found.items()
    }


def _schedules(
    client: GraphClient, people: Collection[Address], start: datetime, end: datetime
) -> Mapping[Address, list[BusyTime] | None]:
    """Return the times of each person, None for one that cannot be read."""
    operation = "read free and busy times"
    body = {
        "schedules": list(people),
        "startTime": _moment(start),
        "endTime": _moment(end),
        "availabilityViewInterval": 1440,
    }
    at = client.mailbox("calendar", "getSchedule")
    answer = client.ask(operation, "POST", at, body=body, prefer=PREFER[:1])
    schedules = client.understood(operation, answer).get("value", [])
    told = {schedule["scheduleId"].lower(): _read(schedule) for schedule in schedules}
    return {person: told.get(person) for person in people}


def _read(schedule: Mapping[str, Any]) -> list[BusyTime] | None:
    items = schedule.get("scheduleItems")
    if schedule.get("error") or items is None:
        return None
    return [
        BusyTime(instant(item["start"]), instant(item["end"]), away=item["status"] == "oof")
        for item in items
        if item["status"] in _TAKEN
    ]


def _groups(people: Collection[Address]) -> Iterator[list[Address]]:
    everybody = sorted(people)
    for at in range(0, len(everybody), _MOST_PEOPLE):
        yield everybody[at : at + _MOST_PEOPLE]


def _windows(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    while start < end:
        until = min(start + _LONGEST, end)
        yield start, until
        start = until


def _moment(at: datetime) -> dict[str, str]:
    wall = at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return {"dateTime": wall.isoformat(), "timeZone": "UTC"}
