"""Pairings: one mentor with one mentee, and the roster that names them all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import Enum
from typing import NewType

from rmflow.domain.people import Participant, PersonId

PairingId = NewType("PairingId", str)


class PairingStatus(Enum):
    """What the coordinator wants of a pairing."""

    ACTIVE = "active"
    PAUSED = "paused"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Slot:
    """A weekday (0 is Monday) and a wall time in the mentor's zone."""

    weekday: int
    at: time

    def __str__(self) -> str:
        return f"{('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')[self.weekday]} {self.at:%H:%M}"


@dataclass(frozen=True, slots=True)
class Pairing:
    """A row of the sheet Pairs. `place` is its cell, for messages; it takes no part in equality."""

    id: PairingId
    mentor: PersonId
    mentee: PersonId
    cadence: str
    start: date | None = None
    slot: Slot | None = None
    location: str = ""
    status: PairingStatus = PairingStatus.ACTIVE
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody and every pairing, valid as a whole: each pairing's people are in `people`."""

    people: Mapping[PersonId, Participant]
    pairings: Mapping[PairingId, Pairing]
