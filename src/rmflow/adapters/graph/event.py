"""A series as an event of Graph: what is written, piece by piece.

Read: learn.microsoft.com/graph/api/resources/event, /graph/api/event-update (November 2026).
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from rmflow.adapters.graph.properties import Details, State, marking
from rmflow.adapters.graph.recurrence import pattern_of
from rmflow.adapters.graph.zones import windows_zone
from rmflow.domain.series import Attendee, Place, SeriesSpec, Uid

Json = dict[str, Any]

_TRANSACTIONS = UUID("0d8e6f0a-3f0b-5d1a-8f3e-6a2b7c9d4e51")
_CANCELLED = "✗ "


def transaction_id(uid: Uid, state: State) -> str:
    """Return the id by which the service knows a repeated POST: one for each UID and purpose."""
    return str(uuid5(_TRANSACTIONS, f"{uid} {state.value}"))


def times(spec: SeriesSpec) -> Json:
    """Return when the series takes place. Raises ValueError for what Exchange cannot keep."""
    zone = windows_zone(spec.zone, spec.start.year)
    return {
        **span(spec, spec.start),
        "recurrence": pattern_of(spec.rrule, spec.start, spec.zone, zone),
    }


def span(spec: SeriesSpec, start: datetime) -> Json:
    """Return start and end of a meeting that begins at `start`, wall time of the series."""
    zone = windows_zone(spec.zone, spec.start.year)
    begin = start.replace(tzinfo=ZoneInfo(spec.zone))
    end = (begin.astimezone(UTC) + spec.duration).astimezone(begin.tzinfo)
    return {"start": _moment(begin, zone), "end": _moment(end, zone)}


def location(place: Place) -> Json:
    """Return a place; a room is named by its address as well."""
    if place.room is None:
        return {"displayName": place.name}
    return {
        "displayName": place.name,
        "locationEmailAddress": place.room,
        "locationType": "conferenceRoom",
    }


def attendees(invited: Iterable[Attendee]) -> list[Json]:
    """Return the guests of a meeting; a room is a resource."""
    return [
        {
            "emailAddress": {"address": attendee.address, "name": attendee.name},
            "type": "resource"
            if attendee.room
            else "optional"
            if attendee.optional
            else "required",
        }
        for attendee in invited
    ]


def shell(spec: SeriesSpec, *, online: bool, reminder: timedelta | None) -> Json:
    """Return the event before people are invited; rooms, which tell nobody, are in it."""
    rooms = tuple(attendee for attendee in spec.attendees if attendee.room)
    meeting = {"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"}
    return {
        **wording(spec),
        **times(spec),
        "location": location(place_of(spec)),
        **({"attendees": attendees(rooms)} if rooms else {}),
        "sensitivity": "private",
        "showAs": "busy",
        "responseRequested": True,
        "allowNewTimeProposals": True,
        "isReminderOn": reminder is not None,
        "reminderMinutesBeforeStart": int((reminder or timedelta()).total_seconds() // 60),
        **(meeting if online else {}),
        "transactionId": transaction_id(spec.uid, State.BEGUN),
        "singleValueExtendedProperties": marking(
            spec.uid, State.BEGUN, Details.of(spec, spec.sequence)
        ),
    }


def wording(spec: SeriesSpec) -> Json:
    """Return subject and body."""
    return {
        "subject": spec.summary,
        "body": {"contentType": "text", "content": spec.description},
    }


def tombstone(spec: SeriesSpec) -> Json:
    """Return the event that remembers a cancelled series: one hour of nobody's time, no guests."""
    return {
        "subject": _CANCELLED + spec.summary,
        **span(spec, spec.start),
        "sensitivity": "private",
        "showAs": "free",
        "isReminderOn": False,
        "responseRequested": False,
        "transactionId": transaction_id(spec.uid, State.CANCELLED),
        "singleValueExtendedProperties": marking(
            spec.uid, State.CANCELLED, Details.of(spec, spec.sequence)
        ),
    }


def place_of(spec: SeriesSpec) -> Place:
    """Return where the series is held, with its room if it has one."""
    room = next((attendee.address for attendee in spec.attendees if attendee.room), None)
    return Place(spec.location, room)


def _moment(at: datetime, zone: str) -> Json:
    return {"dateTime": at.replace(tzinfo=None).isoformat(), "timeZone": zone}
