"""Signals: what a mail says about somebody's taking part."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from rmflow.domain.pairing import PairingId
from rmflow.domain.people import PersonId


class SignalKind(Enum):
    """What a mail says about somebody's taking part."""

    AWAY = "away"
    PAUSE = "pause"
    RESUME = "resume"
    LEAVE = "leave"
    REMATCH = "rematch"
    COMPLAINT = "complaint"
    BOUNCED = "bounced"
    BOUNCED_FOR_NOW = "bounced for now"
    HEARD = "heard"

    @property
    def is_wish(self) -> bool:
        """True for what the person asked for, in words; it is confirmed by mail."""
        return self in (SignalKind.PAUSE, SignalKind.RESUME, SignalKind.LEAVE, SignalKind.REMATCH)


@dataclass(frozen=True, slots=True)
class Signal:
    """What a mail says about somebody's taking part, before it is filed.

    `until` is the last day of a pause or an absence, None for an open one. `everywhere` False: it
    is about `pairing` alone. `address` is the one that a mail came back from.
    """

    kind: SignalKind
    person: PersonId
    pairing: PairingId = PairingId("")  # noqa: RUF009 - a NewType is no call worth the name
    everywhere: bool = True
    until: date | None = None
    address: str = ""
    reason: str = ""
