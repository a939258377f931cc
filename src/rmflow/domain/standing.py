"""Whether a person gets mail now: what their mails, and the servers', said about taking part."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rmflow.domain.pairing import PairingId
from rmflow.domain.people import Participant
from rmflow.domain.records import SignalRecord
from rmflow.domain.signal import SignalKind

# A mailbox that is gone counts twice as much as one that is full, a day counts once: two days of
# the one or four of the other end the mail to an address. What is older than the span is forgotten.
_POINTS = {SignalKind.BOUNCED.value: 2, SignalKind.BOUNCED_FOR_NOW.value: 1}
_LIMIT = 4
_SPAN = timedelta(days=60)
_HELD = {kind.value for kind in (SignalKind.LEAVE, SignalKind.REMATCH, SignalKind.COMPLAINT)}
_RESTS = {kind.value for kind in (SignalKind.AWAY, SignalKind.PAUSE)}


@dataclass(frozen=True, slots=True)
class Standing:
    """How one person of one pairing stands.

    `rests`: the pauses and absences that are not over; `held`: the wish to leave, and the like,
    that a person must decide; `failures`: what came back from the address they have now.
    """

    rests: tuple[SignalRecord, ...] = ()
    held: SignalRecord | None = None
    failures: tuple[SignalRecord, ...] = ()

    @property
    def suspended(self) -> bool:
        """True when so much came back that nothing is sent any more."""
        days: dict[date, int] = {}
        newest = max((f.received_at for f in self.failures), default=None)
        for failure in self.failures:
            if newest and newest - failure.received_at <= _SPAN:
                day = failure.received_at.date()
                days[day] = max(days.get(day, 0), _POINTS[failure.kind])
        return sum(days.values()) >= _LIMIT


def standing(
    signals: Iterable[SignalRecord],
    person: Participant,
    pairing: PairingId,
    now: datetime,
    resumed_at: datetime | None = None,
) -> Standing:
    """Return how a person stands in a pairing, from everything that was said about them.

    Any sign of life ends the suspension; a new address begins without a past. `resumed_at`: when
    the coordinator last had the pairing go on, whatever had been said before.
    """
    rests: list[SignalRecord] = []
    failures: list[SignalRecord] = []
    held = None
    mine = (s for s in signals if s.person == person.id and (s.everywhere or s.pairing == pairing))
    mine = (s for s in mine if resumed_at is None or s.received_at > resumed_at)
    for signal in sorted(mine, key=lambda s: (s.received_at, s.id)):
        if signal.kind in _POINTS:
            failures += [signal] if signal.address == person.address else []
            continue
        failures = []
        if signal.kind == SignalKind.RESUME.value:
            rests, held = [], None
        elif signal.kind in _HELD:
            held = signal
        elif signal.kind in _RESTS:
            rests = [r for r in rests if r.kind != signal.kind] + [signal]
    over = (ends_at(rest, person) for rest in rests)
    open_ = tuple(rest for rest, end in zip(rests, over, strict=True) if end is None or end > now)
    return Standing(open_, held, tuple(failures))


def ends_at(rest: SignalRecord, person: Participant) -> datetime | None:
    """Return when a pause ends: with its last day, where the person is; None for an open one."""
    if not rest.until:
        return None
    following = date.fromisoformat(rest.until) + timedelta(days=1)
    return datetime.combine(following, time(), ZoneInfo(person.timezone))
