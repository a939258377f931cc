"""A series: the recurring event of a pairing, wanted (`SeriesSpec`) and seen (`ObservedSeries`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import NewType

from rmflow.domain.pairing import PairingId
from rmflow.domain.people import Address

Uid = NewType("Uid", str)
# One occurrence: its original start in UTC, "20261103T080000Z", unchanged when it is moved
# (RFC 5545 section 3.8.4.4). UTC, because replies name it in any zone.
SessionId = NewType("SessionId", str)


class ParticipationStatus(Enum):
    """RFC 5545 section 3.2.12, for events."""

    NEEDS_ACTION = "NEEDS-ACTION"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    TENTATIVE = "TENTATIVE"
    DELEGATED = "DELEGATED"


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody who is invited. An optional one gets logistics only (an assistant).

    `room` True: it is no person but a bookable room, which answers by itself.
    """

    address: Address
    name: str
    optional: bool = False
    room: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where one meeting is held. `room`: the address it is booked under, if it can be booked."""

    name: str
    room: Address | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """How a series went until somebody gave all its meetings other times; see `SeriesSpec`.

    The calendar says it of those that were held, too, but they were when they were.
    """

    until: datetime
    zone: str
    start: datetime
    duration: timedelta
    rrule: str
    excluded: tuple[datetime, ...]
    moved: tuple[tuple[datetime, datetime], ...]

    @property
    def moves(self) -> Mapping[datetime, datetime]:
        """`moved` as a mapping from original start to new start."""
        return dict(self.moved)


@dataclass(frozen=True, slots=True)
class TakenOut:
    """A meeting that a pause took out: its original start, and where and when it was to be held
    if not as usual.
    """

    original: datetime
    moved: datetime | None = None
    elsewhere: Place | None = None


@dataclass(frozen=True, slots=True)
class SeriesSpec:
    """A series as we want it. All datetimes are naive: wall time in `zone`, the mentor's.

    `rrule` is the value of an RRULE property without UNTIL in local time ("FREQ=…"). `start`
    matches it. `excluded` are original starts that do not take place; `moved` maps original
    starts to new ones; `elsewhere` maps original starts to a place of their own, whose room is
    invited instead of the series'. `organiser` is the programme mailbox, equal to From of every
    mail. `past`, the oldest first, is ours alone: no calendar has it.
    """

    uid: Uid
    pairing: PairingId
    zone: str
    start: datetime
    duration: timedelta
    rrule: str
    summary: str
    description: str
    location: str
    organiser: Address
    organiser_name: str
    attendees: tuple[Attendee, ...]
    excluded: frozenset[datetime] = frozenset()
    moved: tuple[tuple[datetime, datetime], ...] = ()
    elsewhere: tuple[tuple[datetime, Place], ...] = ()
    sequence: int = 0
    past: tuple[Past, ...] = ()

    @property
    def guests(self) -> tuple[Attendee, ...]:
        """Who was invited by hand: all but the two people, who stand first, and rooms."""
        return tuple(attendee for attendee in self.attendees[2:] if not attendee.room)

    @property
    def moves(self) -> Mapping[datetime, datetime]:
        """`moved` as a mapping from original start to new start."""
        return dict(self.moved)

    @property
    def places(self) -> Mapping[datetime, Place]:
        """`elsewhere` as a mapping from original start to place."""
        return dict(self.elsewhere)

    def attendees_at(self, place: Place) -> tuple[Attendee, ...]:
        """Return who is invited to a meeting held there: the people, and its room if it has one."""
        people = tuple(attendee for attendee in self.attendees if not attendee.room)
        room = (Attendee(place.room, place.name, room=True),) if place.room else ()
        return (*people, *room)


@dataclass(frozen=True, slots=True)
class Response:
    """What an attendee answered; `session` None means the whole series.

    Ordered by `sequence`, then `stamped_at` (DTSTAMP): RFC 5546 section 2.1.5.
    `proposed_start` (aware) is set for a COUNTER and leaves `status` as it was sent. `organiser`
    is who the answer says has invited; some programs say nothing.
    """

    uid: Uid
    session: SessionId | None
    attendee: Address
    status: ParticipationStatus
    sequence: int
    stamped_at: datetime
    comment: str = ""
    proposed_start: datetime | None = None
    organiser: Address | None = None


@dataclass(frozen=True, slots=True)
class ObservedSeries:
    """A series of ours as a calendar holds it now. `etag` changes with every edit.

    `cancelled` True: it is there, or was, and somebody cancelled or deleted it.
    """

    spec: SeriesSpec
    etag: str
    cancelled: bool = False
    responses: tuple[Response, ...] = field(default=())


def kept_answers(
    before: SeriesSpec, responses: Iterable[Response], now: SeriesSpec
) -> Mapping[Address, ParticipationStatus]:
    """Return the answers to a series that a revision keeps; none if it is about other times."""

    def times(spec: SeriesSpec) -> tuple[object, ...]:
        return spec.zone, spec.start, spec.duration, spec.rrule

    if times(before) != times(now):
        return {}
    return {r.attendee: r.status for r in responses if r.session is None}
