"""Scheduling by a server (RFC 6638): who invites, when people are busy, and a harmless probe."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Component, Event, FreeBusy
from icalendar.prop import vCalAddress, vPeriod

from rmflow.domain.busy import BusyTime
from rmflow.domain.people import Address
from rmflow.formats.calendar.vcalendar import (
    calendar_in,
    events_in,
    parameter_of,
    values,
)

# The value of SCHEDULE-AGENT with which a server leaves the invitations to us.
OUR_AGENT = "CLIENT"
# RFC 5545 section 3.2.9; an unknown type counts as BUSY.
_FREE = "FREE"
_AWAY = "BUSY-UNAVAILABLE"
_LONG_AGO = datetime(2001, 1, 1, 12, tzinfo=UTC)


def left_to_us(content: bytes) -> bool:
    """Return whether an item says of every attendee that we invite them, not the server.

    Section 7.1: without a word of it, the server does. Raises ValueError when it is no calendar.
    """
    attendees = [
        attendee
        for event in events_in(calendar_in(content))
        for attendee in values(event, "ATTENDEE")
    ]
    agents = {parameter_of(attendee, "SCHEDULE-AGENT").upper() for attendee in attendees}
    return agents <= {OUR_AGENT}


def probe(uid: str, now: datetime, organiser: Address | None = None) -> bytes:
    """Return an event of long ago, not ours, that proves that something can be stored.

    With an organiser, it has an attendee who is left to us, at an address where nobody can be
    (RFC 6761 section 6.4), so that the server's answer can be seen in what it stores.
    """
    event = Event()
    event.add("UID", uid)
    event.add("DTSTAMP", now.astimezone(UTC))
    event.add("DTSTART", _LONG_AGO)
    event.add("DTEND", _LONG_AGO + timedelta(hours=1))
    event.add("SUMMARY", "rmflow was here; this can be deleted")
    event.add("TRANSP", "TRANSPARENT")
    if organiser is not None:
        event.add("ORGANIZER", vCalAddress(f"mailto:{organiser}"))
        nobody = vCalAddress("mailto:nobody@rmflow.invalid")
        nobody.params["SCHEDULE-AGENT"] = OUR_AGENT
        event.add("ATTENDEE", nobody)
    return _calendar(event)


def busy_question(
    organiser: Address,
    people: Iterable[Address],
    start: datetime,
    end: datetime,
    *,
    uid: str,
    now: datetime,
) -> bytes:
    """Return the request for busy times of people (RFC 5546 section 3.3.2); times are aware."""
    question = FreeBusy()
    question.add("UID", uid)
    question.add("DTSTAMP", now.astimezone(UTC))
    question.add("DTSTART", start.astimezone(UTC))
    question.add("DTEND", end.astimezone(UTC))
    question.add("ORGANIZER", vCalAddress(f"mailto:{organiser}"))
    for person in people:
        question.add("ATTENDEE", vCalAddress(f"mailto:{person}"))
    return _calendar(question, "REQUEST")


def busy_answer(content: bytes) -> tuple[BusyTime, ...]:
    """Return the busy times in a VFREEBUSY, in order of start. Raises ValueError without one."""
    parts = [part for part in calendar_in(content).subcomponents if part.name == "VFREEBUSY"]
    if not parts:
        raise ValueError("holds no busy times")
    spans = (span for part in parts for span in _spans(part))
    return tuple(sorted(spans, key=lambda span: (span.start, span.end)))


def _spans(part: Component) -> Iterator[BusyTime]:
    for period in values(part, "FREEBUSY"):
        if not isinstance(period, vPeriod):  # left out, it would look free
            raise ValueError("holds a busy time that cannot be read")  # noqa: TRY004 - it is data
        kind = parameter_of(period, "FBTYPE").upper()
        start, end = _instant(period.start), _instant(period.end)
        if kind != _FREE and start < end:
            yield BusyTime(start, end, away=kind == _AWAY)


def _instant(moment: datetime) -> datetime:
    """Return the moment in UTC, the only zone of a FREEBUSY (RFC 5545 section 3.8.2.6)."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _calendar(component: Component, method: str = "") -> bytes:
    calendar = Calendar()
    calendar.add("PRODID", "-//rmflow//rmflow//EN")
    calendar.add("VERSION", "2.0")
    if method:
        calendar.add("METHOD", method)
    calendar.add_component(component)
    content: bytes = calendar.to_ical()
    return content
