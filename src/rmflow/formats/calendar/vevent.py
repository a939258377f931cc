"""VEVENT: a series as one master and an override for each moved meeting (RFC 5545, 3.6.1)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from icalendar import Event
from icalendar.prop import vCalAddress, vDDDTypes, vRecur

from rmflow.domain.people import Address
from rmflow.domain.series import Attendee, ParticipationStatus, SeriesSpec
from rmflow.formats.calendar.content_line import Text, plain
from rmflow.formats.calendar.mark import MARK
from rmflow.formats.calendar.scheduling import OUR_AGENT
from rmflow.formats.calendar.vcalendar import values


def events_of(
    spec: SeriesSpec,
    now: datetime,
    statuses: Mapping[Address, ParticipationStatus],
    *,
    cancelled: bool,
    we_invite: bool = False,
) -> list[Event]:
    """Return the master, then one override for each meeting with a time or place of its own."""
    master = _event(spec, spec.start, now, statuses, cancelled=cancelled)
    master.add("RRULE", vRecur.from_ical(spec.rrule))
    for excluded in sorted(spec.excluded):
        # A line each: some readers take only the first value of a list.
        master.add("EXDATE", _wall(spec, excluded))
    overrides = []
    for original in sorted(spec.moves.keys() | spec.places.keys()):
        start = spec.moves.get(original, original)
        override = _event(_there(spec, original), start, now, statuses, cancelled=cancelled)
        override.add("RECURRENCE-ID", _wall(spec, original))
        overrides.append(override)
    events = [master, *overrides]
    if we_invite:
        for event in events:
            _keep_server_silent(event)
    return events


def _keep_server_silent(event: Event) -> None:
    for attendee in values(event, "ATTENDEE"):
        assert isinstance(attendee, vCalAddress)
        attendee.params["SCHEDULE-AGENT"] = OUR_AGENT


def _there(spec: SeriesSpec, original: datetime) -> SeriesSpec:
    """Return the spec with the place, and the room, that one meeting has."""
    place = spec.places.get(original)
    if place is None:
        return spec
    return replace(spec, location=place.name, attendees=spec.attendees_at(place))


def _event(
    spec: SeriesSpec,
    start: datetime,
    now: datetime,
    statuses: Mapping[Address, ParticipationStatus],
    *,
    cancelled: bool,
) -> Event:
    event = Event()
    event.add("UID", spec.uid)
    event.add("DTSTAMP", now.astimezone(UTC))
    event.add("SEQUENCE", spec.sequence)
    event.add("DTSTART", _wall(spec, start))
    _add_end(event, spec, start)
    for name, text in (
        ("SUMMARY", spec.summary),
        ("DESCRIPTION", spec.description),
        ("LOCATION", spec.location),
    ):
        if text:
            event.add(name, Text(text))
    event.add("STATUS", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("TRANSP", "OPAQUE")
    # The talks are confidential: who merely shares a calendar sees that the time is taken.
    # Assistants get what they need as attendees of their own.
    event.add("CLASS", "PRIVATE")
    event.add(MARK, Text(spec.pairing))
    event.add("ORGANIZER", _user(spec.organiser, spec.organiser_name))
    for attendee in spec.attendees:
        status = statuses.get(attendee.address, ParticipationStatus.NEEDS_ACTION)
        event.add("ATTENDEE", _attendee(attendee, status))
    return event


def _add_end(event: Event, spec: SeriesSpec, start: datetime) -> None:
    """Say DTEND, which every client reads; where clocks change in between it cannot be said."""
    zone = ZoneInfo(spec.zone)
    ends = start.replace(tzinfo=zone).astimezone(UTC) + spec.duration
    wall = ends.astimezone(zone).replace(tzinfo=None, fold=0)
    if wall.replace(tzinfo=zone).astimezone(UTC) == ends:
        event.add("DTEND", _wall(spec, wall))
    else:
        event.add("DURATION", spec.duration)


def _wall(spec: SeriesSpec, wall: datetime) -> vDDDTypes:
    """Return wall time of the series with its TZID, the same form for every date of it."""
    if spec.zone == "UTC":
        return vDDDTypes(wall.replace(tzinfo=UTC))
    moment = vDDDTypes(wall)
    moment.params["TZID"] = spec.zone
    return moment


def _user(address: Address, name: str) -> vCalAddress:
    user = vCalAddress(f"mailto:{address}")
    if name:
        user.params["CN"] = plain(name)
    return user


def _attendee(attendee: Attendee, status: ParticipationStatus) -> vCalAddress:
    user = _user(attendee.address, attendee.name)
    user.params["CUTYPE"] = "ROOM" if attendee.room else "INDIVIDUAL"
    if attendee.room:
        user.params["ROLE"] = "NON-PARTICIPANT"
    else:
        user.params["ROLE"] = "OPT-PARTICIPANT" if attendee.optional else "REQ-PARTICIPANT"
    user.params["PARTSTAT"] = status.value
    user.params["RSVP"] = "TRUE"
    return user
