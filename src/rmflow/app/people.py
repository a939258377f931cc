"""The roster of this run: read anew when somebody saved it, else as the last run left it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from rmflow.app import remembered
from rmflow.app.identity import Before, recognised, remembered_by, strangers
from rmflow.app.ports import Ports
from rmflow.app.tombstone import mark_of
from rmflow.domain.documents import from_json, to_json
from rmflow.domain.pairing import Pairing, PairingId, Roster
from rmflow.domain.people import Participant, PersonId
from rmflow.domain.records import PairingRecord, PersonRecord, SettingRecord
from rmflow.errors import BackendError, Problem, RosterError


@dataclass(frozen=True, slots=True)
class RosterView:
    """What the roster says, as far as this run needs it.

    `changed`: pairings to look at because they, or their people, are new or different.
    `gone`: pairings that the roster lacks and that are not over yet. `people_changed` is to be
    written down when the run is through. `fingerprint` "" : do not remember, look again.
    """

    roster: Roster
    gone: Mapping[PairingId, Pairing]
    changed: frozenset[PairingId]
    problems: tuple[Problem, ...] = ()
    people_changed: tuple[PersonRecord, ...] = ()
    fingerprint: str = ""
    known_pairings: int = 0
    still_there: int = 0
    complete: bool = False

    @property
    def usable(self) -> bool:
        """False when the file on disk has mistakes and an earlier roster stands in for it."""
        return all(problem.warning for problem in self.problems)


def view_roster(ports: Ports, now: datetime) -> RosterView:
    """Return the roster if it, or the configuration, has changed; else an empty view.

    A roster with mistakes stops nobody's mail, and neither does one that cannot be reached: the
    last good one stays in force, and its problems are reported by every run until they are mended.
    """
    try:
        fingerprint = ports.roster.fingerprint()
        same = fingerprint == ports.store.setting(remembered.ROSTER)
        if same and ports.settings_fingerprint == ports.store.setting(remembered.CONFIG):
            return _nothing_new(fingerprint)
        from rmflow.formats.roster.understanding import (
            understand,  # late: most runs find it unchanged
        )

        reading = understand(ports.roster.read(), ports.programme)
    except RosterError as error:
        return replace(_nothing_new(""), problems=error.problems)
    except BackendError as error:
        warning = Problem("roster", f"it cannot be read now: {error.reason}", warning=True)
        return replace(_nothing_new(""), problems=(warning,))
    if reading.roster is None:
        return replace(_nothing_new(""), problems=reading.problems)
    before = remembered_by(ports)
    roster = recognised(before, reading.roster)
    unwanted = (*strangers(before, roster), *_forgotten(ports, roster))
    if unwanted:
        return replace(_nothing_new(""), problems=(*reading.problems, *unwanted))
    config_changed = ports.settings_fingerprint != ports.store.setting(remembered.CONFIG)
    view = _compared(before, roster, now, config_changed=config_changed)
    return replace(view, problems=reading.problems, fingerprint=fingerprint)


def _forgotten(ports: Ports, roster: Roster) -> Iterable[Problem]:
    """Yield a problem for everybody in the roster whom `rmflow forget` has erased."""
    settings = {record.name: record.value for record in ports.store.read(SettingRecord)}
    for person in roster.people.values():
        since = settings.get(mark_of(ports.programme.salt, person.address))
        if since:
            text = (
                f"{person.address} was forgotten on {since}, as they asked; take the row out, or,"
                f" if they are back, say `rmflow forget --readmit {person.address}`"
            )
            yield Problem("roster, People", text)


def completed(ports: Ports, view: RosterView, pairings: Collection[PairingId] | None) -> RosterView:
    """Return the view with these pairings (None: all) and their people, as last remembered."""
    if view.complete:
        return view
    records = [r for r in ports.store.read(PairingRecord, pairings=pairings) if not r.ended_at]
    known = {record.id: from_json(Pairing, record.pairing_json) for record in records}
    ids = {person for record in records for person in (record.mentor, record.mentee)}
    people = {
        record.id: from_json(Participant, record.person_json)
        for record in ports.store.people(ids=ids, addresses=())
    }
    gone = {record.id: known[record.id] for record in records if record.gone_at}
    here = {id: pairing for id, pairing in known.items() if id not in gone}
    return replace(view, roster=Roster(people, here), gone=gone)


def _nothing_new(fingerprint: str) -> RosterView:
    return RosterView(Roster({}, {}), {}, frozenset(), fingerprint=fingerprint)


def _compared(before: Before, roster: Roster, now: datetime, *, config_changed: bool) -> RosterView:
    """Return the view of a roster that has just been read, against the last run's memory."""
    people_before, pairs_before = before.people, before.pairings
    people_changed = [*_people_changes(roster, people_before, now)]
    moved = {record.id for record in people_changed}
    changed = {
        id
        for id, pairing in roster.pairings.items()
        if config_changed
        or id not in pairs_before
        or pairs_before[id].pairing_json != to_json(pairing)
        or pairs_before[id].gone_at is not None
        or not moved.isdisjoint((pairing.mentor, pairing.mentee))
    }
    over = {id for id, record in pairs_before.items() if record.ended_at is not None}
    missing = pairs_before.keys() - roster.pairings.keys() - over
    gone = {id: from_json(Pairing, pairs_before[id].pairing_json) for id in missing}
    here_before = {id for id, r in pairs_before.items() if r.gone_at is None and id not in over}
    return RosterView(
        roster=replace(roster, people={**_departed(people_before, gone), **roster.people}),
        gone=gone,
        changed=frozenset(changed | {id for id in gone if pairs_before[id].gone_at is None}),
        people_changed=tuple(people_changed),
        known_pairings=len(here_before),
        still_there=len(here_before & roster.pairings.keys()),
        complete=True,
    )


def _people_changes(
    roster: Roster, before: Mapping[PersonId, PersonRecord], now: datetime
) -> Iterable[PersonRecord]:
    """Yield the records of people who are new, different, or gone."""
    for id, person in roster.people.items():
        record = PersonRecord(id, person.address, to_json(person))
        if before.get(id) != record:
            yield record
    for id, record in before.items():
        if id not in roster.people and record.left_at is None:
            yield replace(record, left_at=now)


def _departed(
    before: Mapping[PersonId, PersonRecord], gone: Mapping[PairingId, Pairing]
) -> dict[PersonId, Participant]:
    """Return the people of gone pairings, as the last roster described them."""
    ids = {person for pairing in gone.values() for person in (pairing.mentor, pairing.mentee)}
    return {id: from_json(Participant, before[id].person_json) for id in ids if id in before}
