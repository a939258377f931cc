"""Doubts: effects of a run that was cut off. Look before acting again."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from rmflow.app.payloads import is_letter, letter_payload, series_payload
from rmflow.app.ports import Ports
from rmflow.domain.documents import from_json
from rmflow.domain.keys import Key
from rmflow.domain.pairing import PairingId
from rmflow.domain.records import Effect, Record, SeriesRecord
from rmflow.domain.series import ObservedSeries, SeriesSpec, Uid
from rmflow.errors import RejectedError
from rmflow.planner.revision import same_meetings
from rmflow.planner.state import Doubt, Found, SeriesState
from rmflow.ports.mail import Departure, OutgoingMail

_LATEST = 1_000
_FOUND = {
    Departure.LEFT: Found.HAPPENED,
    Departure.NOT_LEFT: Found.DID_NOT,
    Departure.UNKNOWN: Found.UNKNOWABLE,
}


def look(ports: Ports, now: datetime) -> tuple[tuple[Doubt, ...], frozenset[PairingId]]:
    """Return every doubt with what the world shows of it, and the pairings to leave in peace.

    A service may take a while to show what it has done: until then nobody can know, and nothing
    is done for those pairings.
    """
    effects, unsettled = _settled(ports, ports.store.doubts(), now)
    letters = [effect for effect in effects if is_letter(effect)]
    series = [effect for effect in effects if not is_letter(effect)]
    seen, unreadable = _seen(ports, {series_payload(effect).series.uid for effect in series})
    departures = _departures(ports, letters)
    by_key = {effect.key: _letter_doubt(effect, departures) for effect in letters}
    by_key |= {effect.key: _series_doubt(effect, seen, unreadable) for effect in series}
    return tuple(by_key[effect.key] for effect in effects), unsettled


def _settled(
    ports: Ports, effects: Iterable[Effect], now: datetime
) -> tuple[list[Effect], frozenset[PairingId]]:
    """Return the effects that can be looked for, and the pairings of all others."""
    old: list[Effect] = []
    young: set[PairingId] = set()
    for effect in effects:
        letter = is_letter(effect)
        needs = ports.mailer.settling if letter else ports.calendar.settling
        assert effect.claimed_at is not None
        if now - effect.claimed_at >= needs:
            old.append(effect)
        else:
            young |= {effect.pairing}
            young |= {r.pairing for r in letter_payload(effect).records} if letter else set()
    return old, frozenset(young)


def _seen(
    ports: Ports, uids: Collection[Uid]
) -> tuple[Mapping[Uid, ObservedSeries], frozenset[Uid]]:
    """Return the series that are there, and those that only a person can make sense of.

    One of these must not keep all others from being looked at.
    """
    try:
        return ports.calendar.look(uids), frozenset()
    except RejectedError:
        seen: dict[Uid, ObservedSeries] = {}
        unreadable = set[Uid]()
    for uid in uids:
        try:
            seen |= ports.calendar.look([uid])
        except RejectedError:
            unreadable.add(uid)
    return seen, frozenset(unreadable)


def _departures(ports: Ports, effects: Iterable[Effect]) -> Mapping[Key, Departure]:
    return departures(ports, [letter_payload(effect).mail(effect) for effect in effects])


def departures(ports: Ports, mails: Collection[OutgoingMail]) -> Mapping[Key, Departure]:
    """Ask for each mail whether it has left; those that are known to have need no look."""
    if not mails:
        return {}
    others = frozenset(effect.service_id for effect in ports.store.latest(_LATEST))
    return ports.mailer.departures(mails, others - {""})


def _letter_doubt(effect: Effect, departures: Mapping[Key, Departure]) -> Doubt:
    records = letter_payload(effect).records
    return _doubt(effect, _FOUND[departures[effect.key]], records)


def _series_doubt(
    effect: Effect, seen: Mapping[Uid, ObservedSeries], unreadable: Collection[Uid]
) -> Doubt:
    payload = series_payload(effect)
    there = seen.get(payload.series.uid)
    records = payload.records_of(there)
    if payload.series.uid in unreadable:
        return _doubt(effect, Found.UNKNOWABLE, records)
    return _doubt(effect, _series_found(there, payload.series), records)


def _series_found(seen: ObservedSeries | None, wanted: SeriesRecord) -> Found:
    spec = from_json(SeriesSpec, wanted.spec_json)
    cancelled = wanted.state == SeriesState.CANCELLED.value
    return Found.HAPPENED if stands(seen, spec, cancelled=cancelled) else Found.DID_NOT


def stands(seen: ObservedSeries | None, wanted: SeriesSpec, *, cancelled: bool) -> bool:
    """Return whether a series stands as it was wanted; a later revision includes an earlier one.

    Not every calendar can keep our SEQUENCE with each change: there the content tells.
    """
    if seen is None:
        return False
    if cancelled:
        return seen.cancelled
    return seen.spec.sequence >= wanted.sequence or same_meetings(seen.spec, wanted)


def _doubt(effect: Effect, found: Found, records: Iterable[Record]) -> Doubt:
    covers = tuple(Key(key) for key in json.loads(effect.covers_json))
    return Doubt(effect.key, effect.pairing, effect.kind, found, covers, tuple(records))
