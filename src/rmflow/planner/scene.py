"""The scene of one pairing: everything its decisions depend on, in one value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rmflow.domain.busy import BusyTime
from rmflow.domain.keys import Key, key_of
from rmflow.domain.pairing import Pairing, PairingStatus, Slot
from rmflow.domain.people import Address, Participant, Role
from rmflow.domain.programme import Programme
from rmflow.domain.records import SignalRecord
from rmflow.domain.series import Place
from rmflow.domain.standing import Standing, ends_at, standing
from rmflow.planner.choice import chosen_slot
from rmflow.planner.state import History


@dataclass(frozen=True, slots=True)
class Scene:
    """A pairing that the roster has, its two people, what is known of it, and the time.

    `rank`: how many pairings of the same mentee come before it; spreads their slots.
    `gone`: the roster does not have it any more. `busy`: when the two cannot come, as far as it
    was asked. `rooms` True: the calendar can invite rooms. `signals`: what mails said about the
    two's taking part.
    """

    programme: Programme
    pairing: Pairing
    mentor: Participant
    mentee: Participant
    history: History
    rank: int
    by_mail: bool
    done: frozenset[Key]
    now: datetime
    gone: bool = False
    busy: Mapping[Address, tuple[BusyTime, ...]] = field(default_factory=dict)
    rooms: bool = False
    signals: tuple[SignalRecord, ...] = ()

    def person(self, role: Role) -> Participant:
        """Return who plays the role."""
        return self.mentor if role is Role.MENTOR else self.mentee

    def role_of(self, address: str) -> Role | None:
        """Return the role of the person with this address, None for anybody else."""
        for role in Role:
            if self.person(role).address == address.lower():
                return role
        return None

    def key(self, effect: str, *parts: str) -> Key:
        """Return the key of an effect of this pairing."""
        return key_of(self.programme.salt, effect, self.programme.id, self.pairing.id, *parts)

    @property
    def location(self) -> str:
        """The mentor's space: what the row says, else where the mentor sits."""
        return self.pairing.location or self.mentor.location

    @property
    def place(self) -> Place:
        """The mentor's space, with its room where that can be booked."""
        return self.place_called(self.location)

    def place_called(self, name: str) -> Place:
        """Return a place by its name, with its room where that can be booked."""
        known = (p for p in self.programme.rooms if p.name.casefold() == name.casefold())
        return next(known, Place(name)) if self.rooms else Place(name)

    @property
    def asked(self) -> str:
        """What the roster asks of the series' times."""
        pairing = self.pairing
        return f"{pairing.cadence}|{pairing.slot or ''}|{pairing.start or ''}"

    @property
    def wish(self) -> str:
        """What is asked of the series' times, by whomever; see `planner.asked`."""
        chosen = chosen_slot(self.history, self.asked)
        return f"{self.asked}|{chosen or ''}|{self.programme.end or ''}"

    @property
    def slot(self) -> Slot | None:
        """The slot that somebody chose from an offer of ours, else the one in the roster."""
        return chosen_slot(self.history, self.asked) or self.pairing.slot

    @property
    def override(self) -> str:
        """What the coordinator chose in the workbook: "", "paused", "closed" or "rematch"."""
        return self.history.record.override if self.history.record else ""

    @property
    def closed(self) -> bool:
        """True when no more meetings are wanted."""
        closed = self.gone or self.pairing.status is PairingStatus.CLOSED
        return closed or self.override in ("closed", "rematch")

    @property
    def paused(self) -> bool:
        """True while no mail is wanted and near meetings are taken out."""
        return self.paused_by_choice or any(self.standing(role).rests for role in Role)

    @property
    def paused_by_choice(self) -> bool:
        """True while the roster or the workbook says so: such a pause has no known end."""
        return self.pairing.status is PairingStatus.PAUSED or self.override == "paused"

    @property
    def rests_until(self) -> datetime | None:
        """When a pause ends by itself; None for one without an end, and when there is none."""
        ends = [
            ends_at(rest, self.person(role)) for role in Role for rest in self.standing(role).rests
        ]
        known = [end for end in ends if end is not None]
        return None if self.paused_by_choice or len(known) < len(ends) else max(known, default=None)

    def standing(self, role: Role) -> Standing:
        """Return whether this person gets mail now."""
        record = self.history.record
        resumed_at = record.resumed_at if record else None
        return standing(self.signals, self.person(role), self.pairing.id, self.now, resumed_at)
