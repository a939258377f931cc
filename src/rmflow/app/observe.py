"""Observe: the roster, the calendar, the mailbox, the workbook, the journal."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from rmflow.app import doubts, remembered
from rmflow.app.busy import busy_times
from rmflow.app.chosen import chosen
from rmflow.app.history import histories
from rmflow.app.inbox import Inbox, read_inbox
from rmflow.app.people import RosterView, completed, view_roster
from rmflow.app.ports import Ports
from rmflow.app.settling import settlements, with_settled
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import PersonId
from rmflow.domain.records import LetterRecord, PairingRecord, SignalRecord
from rmflow.errors import BackendError, Problem
from rmflow.formats.workbook.book import Typed
from rmflow.planner.post import WEEK
from rmflow.planner.state import Desired, Doubt, Journal, Observed
from rmflow.ports.calendar import CalendarChanges, Capability


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything a plan is made of, and what to remember once the plan is carried out.

    `typed` None: the workbook was not read, because nobody saved it or nobody can read it.
    """

    desired: Desired
    observed: Observed
    journal: Journal
    inbox: Inbox
    roster: RosterView
    calendar_token: str
    tracking_fingerprint: str
    typed: tuple[Typed, ...] | None
    problems: tuple[Problem, ...]


def observe(ports: Ports, now: datetime, *, keep: bool) -> Observation:
    """Look at everything once. `keep` False: nothing at all is written, not even raw mail."""
    view = view_roster(ports, now)
    inbox = read_inbox(ports, now, keep=keep)
    token = ports.store.setting(remembered.CALENDAR)
    live = ports.store.live_uids()
    changes = ports.calendar.changes(token, live)
    tracking, typed, problems = _workbook(ports)
    doubts_found, unsettled = doubts.look(ports, now)
    commands, typed = chosen(ports, typed)
    settled, typed = settlements(ports, typed, now)
    named = {reading.pairing for reading in inbox.readings if reading.pairing}
    named |= {id for doubt in doubts_found for id in _about(doubt)}
    named |= {command.pairing for command in commands}
    named |= {settlement.pairing for settlement in settled if settlement.pairing}
    touched = _touched(ports, changes)
    named |= touched
    named |= ports.store.due(now)
    named |= _pairings_of(ports, _spoken_of(ports, inbox))
    # A new series is placed beside the mentee's others, so for a command all of them are needed.
    view = completed(ports, view, None if commands else named)
    there = view.roster.pairings.keys() | view.gone.keys()
    awake = frozenset((named | view.changed) & there - unsettled)
    desired = Desired(
        programme=ports.programme,
        roster=view.roster,
        awake=awake,
        by_mail=Capability.INVITES_BY_MAIL in ports.calendar.capabilities,
        rooms=Capability.ROOMS in ports.calendar.capabilities,
        gone=view.gone,
        known_pairings=view.known_pairings,
        still_there=view.still_there,
        live_series=len(live),
    )
    clock = remembered.instant(ports.store, remembered.SEEN)
    journal = replace(_journal(ports, desired, inbox, now), doubts=doubts_found, clock=clock)
    journal = with_settled(ports, journal, settled)
    observed = Observed(
        series={seen.spec.uid: seen for seen in changes.series},
        vanished=changes.vanished,
        complete=changes.complete,
        readings=tuple(inbox.readings),
        commands=commands,
        settlements=settled,
        busy=busy_times(ports, desired, journal, now),
    )
    return Observation(
        desired=desired,
        observed=observed,
        journal=journal,
        inbox=inbox,
        roster=replace(view, fingerprint="") if unsettled & view.changed else view,
        calendar_token=token if unsettled & touched or not changes.complete else changes.token,
        tracking_fingerprint=tracking,
        typed=typed,
        problems=(*view.problems, *problems),
    )


def _spoken_of(ports: Ports, inbox: Inbox) -> set[PersonId]:
    """Return the people whose taking part the new mails say something about, in all pairings."""
    spoken_of = {r.signal.person for r in inbox.readings if r.signal}
    authors = {r.author for r in inbox.readings if r.author}
    return spoken_of | {signal.person for signal in ports.store.signals(authors)}


def _pairings_of(ports: Ports, people: Collection[PersonId]) -> set[PairingId]:
    if not people:
        return set()
    records = ports.store.read(PairingRecord)
    return {r.id for r in records if not {r.mentor, r.mentee}.isdisjoint(people)}


def _about(doubt: Doubt) -> set[PairingId]:
    """Return the pairings of a doubt: a merged letter is about several."""
    letters = (r for r in doubt.records if isinstance(r, LetterRecord))
    return {doubt.pairing, *(letter.pairing for letter in letters)}


def _touched(ports: Ports, changes: CalendarChanges) -> set[PairingId]:
    """Return the pairings whose series were changed in the calendar."""
    touched = {seen.spec.pairing for seen in changes.series}
    if changes.vanished:
        touched |= {record.pairing for record in ports.store.series(changes.vanished)}
    return touched


def _workbook(ports: Ports) -> tuple[str, tuple[Typed, ...] | None, tuple[Problem, ...]]:
    """Return the workbook's fingerprint, and what was typed if somebody has saved it since."""
    try:
        fingerprint = ports.tracking.fingerprint()
        if not fingerprint or fingerprint == ports.store.setting(remembered.TRACKING):
            return fingerprint, None, ()
        typed = ports.tracking.typed()
    except BackendError as error:
        return "", None, (Problem("tracking workbook", error.reason, warning=True),)
    if typed is None:
        text = "it cannot be read; what was typed before is kept, and the file is set aside"
        return fingerprint, None, (Problem("tracking workbook", text, warning=True),)
    return fingerprint, typed, ()


def _journal(ports: Ports, desired: Desired, inbox: Inbox, now: datetime) -> Journal:
    """Return what earlier runs wrote down about the pairings that are awake.

    Mails are filed for pairings that are over, too: what they correct has to be known.
    """
    awake = desired.awake
    written_about = {reading.pairing for reading in inbox.readings if reading.pairing}
    if not awake | written_about:
        return Journal()
    return Journal(
        done=ports.store.done(awake),
        pairs=histories(ports.store, awake | written_about),
        recent=ports.store.sent_since(now - WEEK, _people(desired)),
        signals=_signals(ports, desired, inbox),
    )


def _people(desired: Desired) -> set[PersonId]:
    """Return the people of the awake pairings."""
    roster, gone = desired.roster, desired.gone
    pairings = [roster.pairings.get(id) or gone[id] for id in desired.awake]
    return {person for pairing in pairings for person in (pairing.mentor, pairing.mentee)}


def _signals(
    ports: Ports, desired: Desired, inbox: Inbox
) -> Mapping[PersonId, tuple[SignalRecord, ...]]:
    """Return what was said about the taking part of these people, and of who has just written."""
    people = _people(desired) | {r.author for r in inbox.readings if r.author}
    found: dict[PersonId, tuple[SignalRecord, ...]] = {}
    for signal in ports.store.signals(people):
        found[signal.person] = (*found.get(signal.person, ()), signal)
    return found
