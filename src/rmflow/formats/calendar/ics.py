"""A series as iCalendar (RFC 5545): an invitation by mail (RFC 5546), and an item that is stored."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from operator import itemgetter
from types import MappingProxyType
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component, Event

from rmflow.domain.pairing import PairingId
from rmflow.domain.people import Address
from rmflow.domain.recurrence import MOST_OCCURRENCES
from rmflow.domain.series import (
    Attendee,
    ParticipationStatus,
    Place,
    Response,
    SeriesSpec,
    SessionId,
    Uid,
)
from rmflow.domain.session import session_id
from rmflow.formats.calendar.mark import MARK
from rmflow.formats.calendar.rrule import canonical_rule
from rmflow.formats.calendar.vcalendar import (
    Zones,
    address_of,
    calendar_in,
    events_in,
    in_zone,
    length_of,
    number_of,
    parameter_of,
    status_of,
    text_of,
    users_of,
    values,
)
from rmflow.formats.calendar.vevent import events_of
from rmflow.formats.calendar.vtimezone import vtimezone

_NOBODY: Mapping[Address, ParticipationStatus] = MappingProxyType({})
_FARTHEST_YEARS = 50
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Method(Enum):
    """RFC 5546 section 1.4: what a calendar part in a mail wants."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    REPLY = "REPLY"
    ADD = "ADD"
    CANCEL = "CANCEL"
    REFRESH = "REFRESH"
    COUNTER = "COUNTER"
    DECLINECOUNTER = "DECLINECOUNTER"


def invitation(
    spec: SeriesSpec,
    *,
    method: Method,
    now: datetime,
    statuses: Mapping[Address, ParticipationStatus] = _NOBODY,
) -> bytes:
    """Return the text/calendar part of a mail: a REQUEST, or the CANCEL of the whole series.

    `now` becomes DTSTAMP. A REQUEST holds the master and every moved meeting, because a later
    one replaces all that the attendee's calendar knew (RFC 5546 section 3.2.2). A CANCEL names
    the series alone (section 3.2.5); raising `sequence` for it is the caller's business.
    """
    match method:
        case Method.REQUEST:
            events = events_of(spec, now, statuses, cancelled=False)
        case Method.CANCEL:
            events = events_of(spec, now, statuses, cancelled=True)[:1]
        case _:
            raise ValueError(f"an organiser does not send {method.value}")
    return _calendar(spec, events, method)


def stored(
    spec: SeriesSpec,
    *,
    now: datetime,
    cancelled: bool = False,
    statuses: Mapping[Address, ParticipationStatus] = _NOBODY,
    we_invite: bool = False,
) -> bytes:
    """Return the series as an item of a calendar folder or server (RFC 4791 section 4.1).

    `we_invite` keeps a server that could invite people from doing so (RFC 6638 section 7.1).
    """
    events = events_of(spec, now, statuses, cancelled=cancelled, we_invite=we_invite)
    return _calendar(spec, events, None)


def _calendar(spec: SeriesSpec, events: Iterable[Event], method: Method | None) -> bytes:
    calendar = Calendar()
    calendar.add("PRODID", "-//rmflow//rmflow//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    if method is not None:
        calendar.add("METHOD", method.value)
    if spec.zone != "UTC":
        calendar.add_component(vtimezone(spec.zone, spec.start.year, _last_year(spec)))
    for event in events:
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _last_year(spec: SeriesSpec) -> int:
    """Return a year in or after that of the last meeting, without counting the meetings."""
    parts = dict(part.split("=", 1) for part in spec.rrule.split(";"))
    step = timedelta(days=7 if parts["FREQ"] == "WEEKLY" else 31)
    if "UNTIL" in parts:
        last = int(parts["UNTIL"][:4]) + 1
    else:
        count = int(parts.get("COUNT", MOST_OCCURRENCES))
        last = spec.start.year + (step * int(parts.get("INTERVAL", 1)) * count).days // 365 + 1
    last = max([last, *(moved.year for _, moved in spec.moved)])
    return min(last, spec.start.year + _FARTHEST_YEARS)


@dataclass(frozen=True, slots=True)
class StoredSeries:
    """What an item says. `responses` are the attendees' answers other than NEEDS-ACTION.

    `sequence` is that of the series itself; in `spec` it is the highest of all its events.
    """

    spec: SeriesSpec
    cancelled: bool
    responses: tuple[Response, ...]
    sequence: int


def read_stored(content: bytes) -> StoredSeries:
    """Return the series of an item, in the zone that its first meeting is written in.

    Raises ValueError, with a sentence that begins at its verb ("has no organiser"), for what is
    no series of ours or cannot be said as one: all-day or floating times, additional dates,
    rules other than ours.
    """
    calendar = calendar_in(content)
    events = events_in(calendar)
    masters = [event for event in events if "RECURRENCE-ID" not in event]
    if len({text_of(event, "UID") for event in events}) != 1 or len(masters) != 1:
        raise ValueError("is not exactly one recurring event")
    zones = Zones(calendar)
    start, zone = _beginning(zones, masters[0])
    return _Item(zones, masters[0], events, start, zone).series()


def _beginning(zones: Zones, master: Component) -> tuple[datetime, ZoneInfo]:
    """Return the first meeting and its zone, which must be one with a name."""
    match zones.moment(master, "DTSTART"):
        case datetime(tzinfo=ZoneInfo() as zone) as start:
            return start, zone
        case datetime(tzinfo=None):
            raise ValueError("has a start without a time zone, or in one that nobody knows")
        case datetime():
            raise ValueError("has a start in a time zone of its own making")
        case _:
            raise ValueError("has no start with a time of day")


@dataclass(frozen=True)
class _Item:
    """One item in hand: its zones, its master, all its events; `start` is aware, in `zone`."""

    zones: Zones
    master: Component
    events: list[Component]
    start: datetime
    zone: ZoneInfo

    def series(self) -> StoredSeries:
        excluded, moved = self._exceptions()
        elsewhere = {was: place for was, place in self._elsewhere() if was not in excluded}
        spec = SeriesSpec(
            uid=Uid(text_of(self.master, "UID")),
            pairing=self._pairing(),
            zone=self.zone.key,
            start=self._wall(self.start),
            duration=self._duration(),
            rrule=self._rule(),
            summary=text_of(self.master, "SUMMARY"),
            description=text_of(self.master, "DESCRIPTION"),
            location=text_of(self.master, "LOCATION"),
            organiser=self._organiser(),
            organiser_name=parameter_of(values(self.master, "ORGANIZER")[0], "CN"),
            attendees=tuple(self._attendees(self.master)),
            excluded=frozenset(excluded),
            moved=tuple(sorted((was, at) for was, at in moved.items() if was not in excluded)),
            elsewhere=tuple(sorted(elsewhere.items(), key=itemgetter(0))),
            sequence=max(number_of(event, "SEQUENCE") for event in self.events),
        )
        responses = tuple(self._responses())
        sequence = number_of(self.master, "SEQUENCE")
        return StoredSeries(spec, _cancelled(self.master), responses, sequence)

    def _pairing(self) -> PairingId:
        pairing = text_of(self.master, MARK)
        if not pairing:
            raise ValueError(f"has lost its mark ({MARK})")
        return PairingId(pairing)

    def _wall(self, moment: datetime | date) -> datetime:
        """Return wall time of the series; a bare date means the usual time on that day."""
        wall = in_zone(moment, self.zone, self.start.time())
        return wall.replace(tzinfo=None, fold=0)  # wall time alone cannot say which 02:30

    def _duration(self) -> timedelta:
        length = length_of(self.master, self.start, self.zones)
        if length is None or length <= timedelta():
            raise ValueError("has no end after its start")
        return length

    def _rule(self) -> str:
        rules = values(self.master, "RRULE")
        if len(rules) != 1:
            raise ValueError("does not have exactly one rule")
        if "RDATE" in self.master or "EXRULE" in self.master:
            raise ValueError("has dates beside its rule (RDATE, EXRULE)")
        return canonical_rule(str(rules[0]), self._wall(self.start), self.zone)

    def _organiser(self) -> Address:
        for user in values(self.master, "ORGANIZER"):
            if address := address_of(user):
                return address
        raise ValueError("has no organiser with a mail address")

    def _attendees(self, event: Component) -> Iterator[Attendee]:
        for user, address in users_of(event):
            room = parameter_of(user, "CUTYPE").upper() in {"ROOM", "RESOURCE"}
            role = parameter_of(user, "ROLE").upper()
            optional = role in {"OPT-PARTICIPANT", "NON-PARTICIPANT"} and not room
            yield Attendee(address, parameter_of(user, "CN"), optional, room)

    def _elsewhere(self) -> Iterator[tuple[datetime, Place]]:
        """Yield the places of single meetings that are not held where the series is."""
        usual = self._place(self.master)
        for event in self.events:
            if event is not self.master and not _cancelled(event):
                place = self._place(event)
                if place.name and place != usual:
                    yield self._original(event), place

    def _place(self, event: Component) -> Place:
        rooms = (a.address for a in self._attendees(event) if a.room)
        return Place(text_of(event, "LOCATION"), next(rooms, None))

    def _exceptions(self) -> tuple[set[datetime], dict[datetime, datetime]]:
        """Return original starts that do not take place, and when others do."""
        excluded = {self._wall(moment) for moment in self.zones.moments(self.master, "EXDATE")}
        moved = {}
        for event in self.events:
            if event is self.master:
                continue
            original = self._original(event)
            start = self.zones.moment(event, "DTSTART")
            if _cancelled(event) and not _cancelled(self.master):
                excluded.add(original)
            elif not isinstance(start, datetime):
                raise ValueError(f"moves its meeting of {original:%Y-%m-%d} to no time of day")
            elif self._wall(start) != original:
                moved[original] = self._wall(start)
        return excluded, moved

    def _original(self, event: Component) -> datetime:
        """Return the original start of an override."""
        original = self.zones.moment(event, "RECURRENCE-ID")
        if original is None:
            raise ValueError("changes a meeting without saying which (RECURRENCE-ID)")
        if parameter_of(values(event, "RECURRENCE-ID")[0], "RANGE"):
            raise ValueError("changes this and all following meetings (RANGE); make two series")
        return self._wall(original)

    def _responses(self) -> Iterator[Response]:
        """Yield the answers to the series, then those to single meetings that differ from them."""
        usual: dict[Address, ParticipationStatus] = {}
        for user, address in users_of(self.master):
            usual[address] = status_of(user)
            if usual[address] is not ParticipationStatus.NEEDS_ACTION:
                yield self._response(self.master, None, address, usual[address])
        for event in self.events:
            if event is self.master:
                continue
            session = session_id(self._original(event).replace(tzinfo=self.zone))
            for user, address in users_of(event):
                status = status_of(user)
                if status is not usual.get(address, ParticipationStatus.NEEDS_ACTION):
                    yield self._response(event, session, address, status)

    def _response(
        self,
        event: Component,
        session: SessionId | None,
        attendee: Address,
        status: ParticipationStatus,
    ) -> Response:
        stamp = self.zones.moment(event, "DTSTAMP")
        return Response(
            uid=Uid(text_of(event, "UID")),
            session=session,
            attendee=attendee,
            status=status,
            sequence=number_of(event, "SEQUENCE"),
            stamped_at=_LONG_AGO if stamp is None else in_zone(stamp, UTC),
        )


def _cancelled(event: Component) -> bool:
    return text_of(event, "STATUS").upper() == "CANCELLED"
