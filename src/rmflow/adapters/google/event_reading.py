"""A Google event, with the meetings that differ from it, read as a series."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from rmflow.adapters.google.event import (
    BEGUN,
    ORGANISER,
    ORGANISER_NAME,
    PAIRING,
    SEQUENCE,
    STATE,
    UID,
    Event,
    address_in,
    is_ours,
    mark_of,
    people_in,
    recurrence_of,
)
from rmflow.adapters.google.event_times import instant, meets, wall, zone_called
from rmflow.domain.documents import to_json
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import Address
from rmflow.domain.series import (
    Attendee,
    ObservedSeries,
    ParticipationStatus,
    Place,
    Response,
    SeriesSpec,
    SessionId,
    Uid,
)
from rmflow.domain.session import session_id

_STATUSES: Mapping[str, ParticipationStatus] = MappingProxyType(
    {
        "needsAction": ParticipationStatus.NEEDS_ACTION,
        "accepted": ParticipationStatus.ACCEPTED,
        "declined": ParticipationStatus.DECLINED,
        "tentative": ParticipationStatus.TENTATIVE,
    }
)


@dataclass(frozen=True)
class Held:
    """A series of ours as Google holds it: its event, and its exceptions by instance id."""

    event: Event
    exceptions: Mapping[str, Event] = field(default_factory=dict)

    @property
    def ours(self) -> bool:
        """Whether it carries our mark under our id."""
        return is_ours(self.event)

    @property
    def cancelled(self) -> bool:
        """Whether somebody deleted it. It may have lost everything but its id."""
        return bool(self.event.get("status") == "cancelled")

    @property
    def state(self) -> str:
        """How far its writing has come."""
        return mark_of(self.event).get(STATE, "")

    @property
    def there(self) -> bool:
        """Whether anybody but us should hear of it: of ours, and finished or cancelled."""
        return self.ours and (self.cancelled or self.state != BEGUN)

    def series(self) -> ObservedSeries:
        """Return it as a series.

        Raises ValueError, with a sentence that begins at its verb ("has no time of day"), for
        what cannot be said as one of ours.
        """
        spec = self._with_exceptions(self._master())
        etag = _etag(spec, cancelled=self.cancelled)
        return ObservedSeries(spec, etag, self.cancelled, tuple(self._responses(spec)))

    def original(self, exception: Event) -> datetime:
        """Return the wall time at which a meeting was first meant to start."""
        zone = zone_called(self.event["start"].get("timeZone", ""))
        return wall(exception.get("originalStartTime"), zone)

    def _master(self) -> SeriesSpec:
        event, mark = self.event, mark_of(self.event)
        start = event.get("start", {})
        zone = zone_called(start.get("timeZone", ""))
        recurrence = recurrence_of(event)
        duration = instant(event.get("end")) - instant(start)
        if duration <= duration * 0:
            raise ValueError("has no end after its start")
        return SeriesSpec(
            uid=Uid(mark[UID]),
            pairing=PairingId(mark[PAIRING]),
            zone=zone.key,
            start=wall(start, zone),
            duration=duration,
            rrule=recurrence.rrule,
            summary=event.get("summary", ""),
            description=event.get("description", ""),
            location=event.get("location", ""),
            organiser=Address(mark.get(ORGANISER, "")),
            organiser_name=mark.get(ORGANISER_NAME, ""),
            attendees=tuple(_attendees(event)),
            excluded=recurrence.excluded,
            sequence=int(mark.get(SEQUENCE, "0")),
        )

    def _with_exceptions(self, spec: SeriesSpec) -> SeriesSpec:
        """Add what is said of single meetings, as far as the rule still has them."""
        excluded = set(spec.excluded)
        moved, elsewhere = {}, {}
        for original, exception in self._current_exceptions(spec):
            if exception.get("status") == "cancelled":
                excluded.add(original)
                continue
            start = wall(exception.get("start"), ZoneInfo(spec.zone))
            if start != original:
                moved[original] = start
            place = _place(exception)
            if place.name and place != _place(self.event):
                elsewhere[original] = place
        return replace(
            spec,
            excluded=frozenset(excluded),
            moved=tuple(sorted(item for item in moved.items() if item[0] not in excluded)),
            elsewhere=tuple((at, elsewhere[at]) for at in sorted(elsewhere.keys() - excluded)),
        )

    def _current_exceptions(self, spec: SeriesSpec) -> Iterator[tuple[datetime, Event]]:
        """Yield the exceptions with their original starts; those of another rule are left out.

        All meetings of a deleted series are cancelled: they say nothing more.
        """
        for exception in self.exceptions.values():
            original = self.original(exception)
            gone = self.cancelled and exception.get("status") == "cancelled"
            if not gone and meets(spec, original):
                yield original, exception

    def _responses(self, spec: SeriesSpec) -> Iterator[Response]:
        """Yield the answers to the series, then those to single meetings that differ from them."""
        usual = {}
        for entry in people_in(self.event):
            status = usual[address_in(entry)] = _status(entry)
            if status is not ParticipationStatus.NEEDS_ACTION:
                yield _response(spec, None, self.event, entry)
        zone = ZoneInfo(spec.zone)
        for original, exception in self._current_exceptions(spec):
            session = session_id(original.replace(tzinfo=zone))
            for entry in people_in(exception):
                before = usual.get(address_in(entry), ParticipationStatus.NEEDS_ACTION)
                if _status(entry) is not before:
                    yield _response(spec, session, exception, entry)


def _etag(spec: SeriesSpec, *, cancelled: bool) -> str:
    """Return a text that differs for every other series.

    Google's own etags change with every answer, and nobody says whether that of a series changes
    with its exceptions.
    """
    excluded = " ".join(f"{at:%Y%m%dT%H%M%S}" for at in sorted(spec.excluded))
    text = f"{to_json(replace(spec, excluded=frozenset()))} {excluded} {cancelled}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _attendees(event: Event) -> Iterator[Attendee]:
    for entry in people_in(event):
        room = bool(entry.get("resource"))
        optional = bool(entry.get("optional")) and not room
        yield Attendee(address_in(entry), entry.get("displayName", ""), optional, room)


def _place(event: Event) -> Place:
    rooms = (address_in(entry) for entry in people_in(event) if entry.get("resource"))
    return Place(event.get("location", ""), next(rooms, None))


def _status(entry: Mapping[str, Any]) -> ParticipationStatus:
    return _STATUSES.get(entry.get("responseStatus", ""), ParticipationStatus.NEEDS_ACTION)


def _response(
    spec: SeriesSpec, session: SessionId | None, event: Event, entry: Mapping[str, Any]
) -> Response:
    return Response(
        uid=spec.uid,
        session=session,
        attendee=address_in(entry),
        status=_status(entry),
        sequence=spec.sequence,
        stamped_at=datetime.fromisoformat(event["updated"]),
        comment=entry.get("comment", ""),
    )
