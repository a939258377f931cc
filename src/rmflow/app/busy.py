"""Free and busy: asked of the calendar for those people whose meetings are being planned."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from rmflow.app.ports import Ports
from rmflow.domain.busy import BusyTime
from rmflow.domain.documents import from_json
from rmflow.domain.pairing import Pairing, PairingId, PairingStatus
from rmflow.domain.people import Address, PersonId
from rmflow.domain.records import SeriesRecord
from rmflow.domain.recurrence import sessions
from rmflow.domain.series import SeriesSpec
from rmflow.errors import BackendError
from rmflow.planner.state import Desired, Journal, SeriesState
from rmflow.ports.calendar import Capability

_log = logging.getLogger(__name__)
# Calendars fill up some weeks ahead; every meeting comes into this window before it is held.
_NEAR = timedelta(days=62)


def busy_times(
    ports: Ports, desired: Desired, journal: Journal, now: datetime
) -> Mapping[Address, tuple[BusyTime, ...]]:
    """Return when the people of the awake pairings cannot come.

    For a pairing without meetings as far as meetings are planned, for the others some weeks
    ahead. Where a calendar knows nothing of that, the other meetings of the same people count.
    """
    awake = [p for id in desired.awake if (p := desired.roster.pairings.get(id)) and _meets(p)]
    new = [pairing for pairing in awake if journal.history(pairing.id).live is None]
    horizon = desired.programme.timing.horizon
    if Capability.FREE_BUSY not in ports.calendar.capabilities:
        return _other_meetings(ports, desired, new, now, now + horizon) if new else {}
    beginners = _addresses(desired, new)
    others = _addresses(desired, awake) - beginners
    found: dict[Address, tuple[BusyTime, ...]] = {}
    if beginners:
        found |= _asked(ports, beginners, now, now + horizon)
    if others:
        found |= _asked(ports, others, now, now + _NEAR)
    return found


def _asked(
    ports: Ports, people: Iterable[Address], start: datetime, end: datetime
) -> dict[Address, tuple[BusyTime, ...]]:
    """Return what the calendar says, without appointments that the end of the question cuts off.

    What is left of a meeting of ours would look like somebody else's. Where the calendar does
    not answer, nothing is known of anybody: meetings are made and held all the same.
    """
    try:
        answer = ports.calendar.busy(sorted(people), start, end)
    except BackendError as error:
        _log.warning("free and busy times are not known: %s", error)
        return {}
    return {
        person: tuple(time for time in times if time.away or time.end < end)
        for person, times in answer.items()
    }


def _meets(pairing: Pairing) -> bool:
    return pairing.status is PairingStatus.ACTIVE


def _addresses(desired: Desired, pairings: Iterable[Pairing]) -> set[Address]:
    return {desired.roster.people[id].address for p in pairings for id in (p.mentor, p.mentee)}


def _other_meetings(
    ports: Ports, desired: Desired, new: Iterable[Pairing], start: datetime, end: datetime
) -> Mapping[Address, tuple[BusyTime, ...]]:
    """Return the meetings that the people of new pairings have in their other pairings."""
    people = {id for pairing in new for id in (pairing.mentor, pairing.mentee)}
    related = {
        pairing.id: pairing
        for pairing in desired.roster.pairings.values()
        if not people.isdisjoint((pairing.mentor, pairing.mentee))
    }
    busy: dict[PersonId, list[BusyTime]] = {}
    for pairing, time in _meetings(ports, related.keys(), start, end):
        for person in people & {related[pairing].mentor, related[pairing].mentee}:
            busy.setdefault(person, []).append(time)
    address = {id: desired.roster.people[id].address for id in busy}
    return {address[id]: tuple(sorted(times, key=_start)) for id, times in busy.items()}


def _meetings(
    ports: Ports, pairings: Iterable[PairingId], start: datetime, end: datetime
) -> Iterator[tuple[PairingId, BusyTime]]:
    for record in ports.store.read(SeriesRecord, pairings=list(pairings)):
        if record.state == SeriesState.LIVE.value:
            spec = from_json(SeriesSpec, record.spec_json)
            for session in sessions(spec, start, end):
                yield record.pairing, BusyTime(session.start, session.end)


def _start(busy: BusyTime) -> datetime:
    return busy.start
