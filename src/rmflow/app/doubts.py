"""Doubts: effects of a run that was cut off. Look before acting again."""

import json

from rmflow.app.payloads import is_letter, letter_payload, series_payload
from rmflow.app.ports import Ports
from rmflow.domain.keys import Key
from rmflow.domain.records import Effect
from rmflow.domain.series import ObservedSeries
from rmflow.planner.state import Doubt, Found
from rmflow.ports.mail import Departure

_FOUND = {
    Departure.LEFT: Found.HAPPENED,
    Departure.NOT_LEFT: Found.DID_NOT,
    Departure.UNKNOWN: Found.UNKNOWABLE,
}


def look(ports: Ports) -> tuple[Doubt, ...]:
    """Return every doubt with what the world shows of it."""
    effects = ports.store.doubts()
    letters = [effect for effect in effects if is_letter(effect)]
    series = [effect for effect in effects if not is_letter(effect)]
    found = {**_letters_found(ports, letters), **_series_found(ports, series)}
    return tuple(
        Doubt(
            key=effect.key,
            pairing=effect.pairing,
            kind=effect.kind,
            found=found[effect.key],
            covers=tuple(Key(key) for key in json.loads(effect.covers_json)),
        )
        for effect in effects
    )


def _letters_found(ports: Ports, effects: list[Effect]) -> dict[Key, Found]:
    mails = [letter_payload(effect).mail(effect) for effect in effects]
    if not mails:
        return {}
    departures = ports.mailer.departures(mails)
    return {mail.key: _FOUND[departures[mail.key]] for mail in mails}


def _series_found(ports: Ports, effects: list[Effect]) -> dict[Key, Found]:
    wanted = {effect.key: series_payload(effect).series for effect in effects}
    if not wanted:
        return {}
    seen = ports.calendar.look({record.uid for record in wanted.values()})
    return {
        key: _series_state(seen.get(record.uid), record.state, _sequence(record.spec_json))
        for key, record in wanted.items()
    }


def _sequence(spec_json: str) -> int:
    return int(json.loads(spec_json)["sequence"])


def _series_state(seen: ObservedSeries | None, wanted: str, sequence: int) -> Found:
    """Return whether a series stands as it was wanted; a later revision includes an earlier one."""
    if seen is None:
        return Found.DID_NOT
    if wanted == "cancelled":
        return Found.HAPPENED if seen.cancelled else Found.DID_NOT
    return Found.HAPPENED if seen.spec.sequence >= sequence else Found.DID_NOT
