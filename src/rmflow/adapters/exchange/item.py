"""A series as Exchange holds it: a recurring master, the meetings that differ, and our mark."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rmflow.adapters.exchange.mark import Mark, Stage
from rmflow.adapters.exchange.recurrence import rule_of, same_rule
from rmflow.adapters.exchange.zones import in_utc, is_shown_as
from rmflow.domain.documents import to_json
from rmflow.domain.people import Address
from rmflow.domain.series import (
    Attendee,
    ObservedSeries,
    ParticipationStatus,
    Place,
    Response,
    SeriesSpec,
)
from rmflow.domain.session import session_id

_ZONE = "_start_timezone"
# What is asked for of a master, and of a meeting that differs; exchangelib's names.
MASTER_FIELDS = (
    "parent_folder_id",
    "subject",
    "text_body",
    "datetime_created",
    "start",
    "end",
    "location",
    "organizer",
    "required_attendees",
    "optional_attendees",
    "resources",
    "recurrence",
    "modified_occurrences",
    "deleted_occurrences",
    _ZONE,
    "rmflow_uid",
    "rmflow_mark",
)
MEETING_FIELDS = (
    "start",
    "end",
    "original_start",
    "location",
    "required_attendees",
    "optional_attendees",
    "resources",
)
_STATUS = {
    "Accept": ParticipationStatus.ACCEPTED,
    "Decline": ParticipationStatus.DECLINED,
    "Tentative": ParticipationStatus.TENTATIVE,
}


@dataclass(frozen=True)
class Stored:
    """What was read. `meetings` are occurrences that differ. `binned`: it is in Deleted Items."""

    master: Any
    meetings: tuple[Any, ...]
    mark: Mark
    binned: bool

    @property
    def is_there(self) -> bool:
        """False for one that was begun and never finished."""
        return self.mark.stage is Stage.FINISHED or self.mark.before is not None


def observed(stored: Stored) -> ObservedSeries:
    """Return a series for the port. Under revision it is shown as it was before."""
    now = spec_of(stored)
    unfinished = stored.mark.stage is not Stage.FINISHED
    shown = stored.mark.before if unfinished and stored.mark.before else now
    return ObservedSeries(shown, _etag(stored, now), stored.binned, tuple(_responses(stored)))


def spec_of(stored: Stored) -> SeriesSpec:
    """Return what an item says, in our words where it says the same.

    Raises ValueError for one that cannot be understood.
    """
    item, ours = stored.master, stored.mark.spec
    if item.recurrence is None:
        raise ValueError("is no series any more")
    shown = zone_shown(item)
    zone = ours.zone if is_shown_as(ours.zone, shown) else shown.key
    start = wall(item.start, zone)
    spec = replace(
        ours,
        zone=zone,
        start=start,
        duration=timedelta(seconds=item.end.timestamp() - item.start.timestamp()),
        rrule=ours.rrule
        if same_rule(item.recurrence, ours.rrule, start, zone)
        else rule_of(item.recurrence, start, zone),
        summary=item.subject or "",
        description=_text(item.text_body, ours.description),
        location=item.location or "",
        organiser=_address(item.organizer) if item.organizer else ours.organiser,
        attendees=tuple(_attendees(item, ours)),
        excluded=frozenset(wall(gone.start, zone) for gone in item.deleted_occurrences or ()),
    )
    return replace(
        spec,
        moved=tuple(_moved(stored, ours, zone)),
        elsewhere=tuple(_elsewhere(stored, zone)),
    )


def zone_shown(item: Any) -> Any:
    """Return exchangelib's zone of an item, None if that is unknown."""
    return getattr(item, _ZONE)


def wall(instant: datetime, zone: str) -> datetime:
    """Return the naive wall time of an instant; plain, not one of exchangelib's."""
    at = datetime.fromtimestamp(instant.timestamp(), tz=ZoneInfo(zone))
    return at.replace(tzinfo=None)


def people_of(item: Any) -> Mapping[Address, tuple[Any, bool]]:
    """Return exchangelib's attendees who are persons, and whether each is optional."""
    found = {_address(person.mailbox): (person, False) for person in item.required_attendees or ()}
    return found | {_address(p.mailbox): (p, True) for p in item.optional_attendees or ()}


def rooms_of(item: Any) -> tuple[Address, ...]:
    """Return the rooms that are invited."""
    return tuple(_address(room.mailbox) for room in item.resources or ())


def original_start(meeting: Any, zone: str) -> datetime:
    """Return the wall time at which a meeting was first meant to start."""
    return wall(meeting.original_start, zone)


def _text(found: str | None, ours: str) -> str:
    """Return a body with plain line ends; Exchange ends lines its own way and adds some."""
    lines = (found or "").replace("\r\n", "\n")
    return ours if lines.strip() == ours.replace("\r\n", "\n").strip() else lines


def _attendees(item: Any, ours: SeriesSpec) -> Iterator[Attendee]:
    """Yield everybody who is invited: first those whom we invited, under the names we gave."""
    people = people_of(item)
    rooms = {_address(room.mailbox): room.mailbox for room in item.resources or ()}
    for attendee in ours.attendees:
        if attendee.address in people:
            optional = people[attendee.address][1]
            yield replace(attendee, optional=optional, room=False)
        elif attendee.address in rooms:
            yield replace(attendee, optional=False, room=True)
    known = {attendee.address for attendee in ours.attendees}
    for address, (person, optional) in people.items():
        if address not in known:
            yield Attendee(address, person.mailbox.name or address, optional)
    for address, mailbox in rooms.items():
        if address not in known:
            yield Attendee(address, mailbox.name or address, room=True)


def _moved(stored: Stored, ours: SeriesSpec, zone: str) -> Iterator[tuple[datetime, datetime]]:
    """Yield moves in order. One to its own time, which a person put back, is known only to us."""
    gone = {wall(one.start, zone) for one in stored.master.deleted_occurrences or ()}
    starts = {original_start(one, zone): wall(one.start, zone) for one in stored.meetings}
    kept = {was: was for was, now in ours.moved if was == now and was not in gone}
    moves = kept | {was: now for was, now in starts.items() if was != now}
    yield from sorted(moves.items())


def _elsewhere(stored: Stored, zone: str) -> Iterator[tuple[datetime, Place]]:
    usual = stored.master.location or "", rooms_of(stored.master)
    for one in sorted(stored.meetings, key=lambda meeting: meeting.original_start):
        rooms = rooms_of(one)
        if (one.location or "", rooms) != usual:
            room = rooms[0] if rooms else None
            yield original_start(one, zone), Place(one.location or "", room)


def _responses(stored: Stored) -> Iterator[Response]:
    """Yield answers to the series, then those to single meetings that differ from them."""
    spec, since = stored.mark.spec, stored.master.datetime_created
    usual = dict(_answers(stored.master, since))
    for address, (status, at) in usual.items():
        yield Response(spec.uid, None, address, status, spec.sequence, at)
    for one in stored.meetings:
        session = session_id(in_utc(one.original_start))
        for address, answer in _answers(one, since):
            if usual.get(address) != answer:
                yield Response(spec.uid, session, address, answer[0], spec.sequence, answer[1])


def _answers(
    item: Any, since: datetime
) -> Iterator[tuple[Address, tuple[ParticipationStatus, datetime]]]:
    """Yield what people and rooms answered, and when; `since` where Exchange does not say when."""
    lists = item.required_attendees, item.optional_attendees, item.resources
    for attendee in (one for some in lists for one in some or ()):
        status = _STATUS.get(attendee.response_type)
        if status is not None:
            at = attendee.last_response_time or since
            yield (
                _address(attendee.mailbox),
                (status, in_utc(at)),
            )


def _address(mailbox: Any) -> Address:
    return Address((mailbox.email_address or "").lower())


def _etag(stored: Stored, now: SeriesSpec) -> str:
    """Return a text for the content: who answered what is not in it, nor what only Exchange
    touches. A write is guarded by Exchange's own change key besides.
    """
    lines: Iterable[str] = (
        stored.mark.stage.value,
        str(stored.binned),
        to_json(replace(now, excluded=frozenset())),
        *sorted(f"{at}" for at in now.excluded),
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]
