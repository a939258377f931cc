"""iTIP by mail (RFC 5546, RFC 6047): what the calendar part of an incoming mail says.

Nothing here is believed: a response is what the body claims. Whether this sender may answer for
this attendee, and whether the answer is newer than the last one, is decided elsewhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from types import MappingProxyType
from zoneinfo import ZoneInfo

from icalendar import Component

from rmflow.domain.series import (
    ParticipationStatus,
    Response,
    SeriesSpec,
    SessionId,
    Uid,
)
from rmflow.domain.session import session_id
from rmflow.formats.calendar.ics import Method
from rmflow.formats.calendar.vcalendar import (
    Zones,
    address_of,
    calendar_in,
    events_in,
    in_zone,
    number_of,
    parameter_of,
    status_of,
    text_of,
    users_of,
    values,
)

_NONE: Mapping[Uid, SeriesSpec] = MappingProxyType({})


def method_of(content: bytes) -> Method | None:
    """Return the METHOD of the body; None if there is no calendar or no method that we know.

    It is the body's, not the Content-Type's: the parameter is often missing or wrong.
    """
    try:
        return _method(calendar_in(content))
    except ValueError:
        return None


def read_responses(
    content: bytes, *, received_at: datetime, known: Mapping[Uid, SeriesSpec] = _NONE
) -> tuple[Response, ...]:
    """Return the answers in a REPLY or COUNTER, one for each attendee and VEVENT.

    Other methods, and what is no calendar, give none. `received_at` stands in for a DTSTAMP that
    is broken or lies in the future, so that no wrong clock outdates every later answer. `known`
    are our series: they tell the zone of a time without one, and which meeting it was that had
    been moved to where the attendee saw it. Without them such times are taken as UTC.
    """
    try:
        calendar = calendar_in(content)
    except ValueError:
        return ()
    method = _method(calendar)
    if method not in {Method.REPLY, Method.COUNTER}:
        return ()
    reading = _Reading(Zones(calendar), method, received_at, known)
    return tuple(answer for event in events_in(calendar) for answer in reading.answers(event))


def _method(calendar: Component) -> Method | None:
    try:
        return Method(text_of(calendar, "METHOD").strip().upper())
    except ValueError:
        return None


@dataclass(frozen=True)
class _Reading:
    """One body in hand."""

    zones: Zones
    method: Method
    received_at: datetime
    known: Mapping[Uid, SeriesSpec]

    def answers(self, event: Component) -> Iterator[Response]:
        uid = Uid(text_of(event, "UID").strip())
        if not uid:
            return
        users = list(users_of(event))
        counter = self.method is Method.COUNTER
        for user, address in users:
            status = status_of(user)
            # A client that sends the whole event back lists the others, who said nothing.
            if len(users) > 1 and status is ParticipationStatus.NEEDS_ACTION and not counter:
                continue
            yield Response(
                uid=uid,
                session=self._session(event, uid),
                attendee=address,
                status=status,
                sequence=number_of(event, "SEQUENCE"),
                stamped_at=self._stamp(event),
                comment=_comment(event, user),
                proposed_start=self._instant(event, "DTSTART", uid) if counter else None,
                organiser=next(map(address_of, values(event, "ORGANIZER")), None),
            )

    def _session(self, event: Component, uid: Uid) -> SessionId | None:
        """Return the meeting that is answered, None for the series as a whole."""
        original = self._instant(event, "RECURRENCE-ID", uid)
        if original is not None:
            return session_id(original)
        if self.method is not Method.COUNTER:
            return None
        # Outlook says where the meeting stood in the attendee's calendar.
        seen = self._instant(event, "X-MS-OLK-ORIGINALSTART", uid)
        return None if seen is None else session_id(self._before_move(seen, uid))

    def _before_move(self, seen: datetime, uid: Uid) -> datetime:
        """Return the original start of the meeting that an attendee saw at `seen`."""
        spec = self.known.get(uid)
        if spec is None:
            return seen
        zone = ZoneInfo(spec.zone)
        moved = {at.replace(tzinfo=zone).astimezone(UTC): was for was, at in spec.moved}
        original = moved.get(seen)
        return seen if original is None else original.replace(tzinfo=zone).astimezone(UTC)

    def _instant(self, event: Component, name: str, uid: Uid) -> datetime | None:
        """Return a date property as an instant in UTC, None if there is none to be read."""
        moment = self.zones.moment(event, name)
        if moment is None:
            return None
        spec = self.known.get(uid)
        zone: tzinfo = ZoneInfo(spec.zone) if spec else UTC
        if spec:
            return in_zone(moment, zone, spec.start.time()).astimezone(UTC)
        return in_zone(moment, zone).astimezone(UTC)

    def _stamp(self, event: Component) -> datetime:
        stamp = self.zones.moment(event, "DTSTAMP")
        if not isinstance(stamp, datetime):
            return self.received_at
        return min(in_zone(stamp, UTC), self.received_at)


def _comment(event: Component, user: object) -> str:
    """Return the attendee's note: COMMENT, or Google's property or parameter for it."""
    return (
        text_of(event, "COMMENT")
        or text_of(event, "X-RESPONSE-COMMENT")
        or parameter_of(user, "X-RESPONSE-COMMENT")
    ).strip()
