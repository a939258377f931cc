"""The plan: the fewest actions that turn what is observed into what is desired.

Pure: the same arguments give the same plan, on any machine, in any time zone, any number of times.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from rmflow.domain.keys import Key
from rmflow.domain.pairing import Pairing, PairingId
from rmflow.domain.reading import Reading
from rmflow.domain.records import PairingRecord, Record, SignalRecord
from rmflow.planner.actions import (
    Action,
    CancelSeries,
    CreateSeries,
    DropDoubt,
    HoldDoubt,
    Note,
    NoteKind,
    ReviseSeries,
    SendLetter,
    SettleDoubt,
)
from rmflow.planner.answers import noted_answers
from rmflow.planner.calendar import plan_series
from rmflow.planner.commands import obey, pairing_record
from rmflow.planner.describe import line
from rmflow.planner.doubts import resolution, settled
from rmflow.planner.ending import over_since
from rmflow.planner.filing import file_reading
from rmflow.planner.mail import DueLetter, plan_mail
from rmflow.planner.notes import closed_questions
from rmflow.planner.post import plan_post
from rmflow.planner.revision import pause_reaches
from rmflow.planner.safety import alarms
from rmflow.planner.scene import Scene
from rmflow.planner.settling import settle
from rmflow.planner.state import Desired, History, Journal, Observed
from rmflow.planner.taking_part import ABOUT, concerns

_LOOK_AGAIN = timedelta(days=28)  # new occurrences come into sight, new holidays are known


@dataclass(frozen=True)
class Plan:
    """Actions in the order to perform them, alarms, and what to remember of each pairing.

    `pairings` is bookkeeping (when to look again), written after everything else; it is no effect.
    """

    actions: tuple[Action, ...]
    alarms: tuple[str, ...] = ()
    pairings: tuple[PairingRecord, ...] = ()

    @cached_property
    def digest(self) -> str:
        """Return 12 hex digits that name this plan: what was read is what is run."""
        text = "\n".join(f"{line(action)} {_meaning(action)}" for action in self.actions)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class _PairPlan:
    """What one pairing contributes."""

    actions: tuple[Action, ...]
    letters: tuple[DueLetter, ...]
    record: PairingRecord


def _meaning(action: Action) -> str:
    """Return what the description of an action leaves out and the digest must hold."""
    match action:
        case CreateSeries(spec=spec) | ReviseSeries(spec=spec) | CancelSeries(spec=spec):
            return f"{replace(spec, excluded=frozenset())} {sorted(spec.excluded)}"  # a set has no order
        case SendLetter():
            return " ".join(action.covers)
        case _:
            return ""


def plan(desired: Desired, observed: Observed, journal: Journal, *, now: datetime) -> Plan:
    """Return what to do now for the pairings that are awake."""
    doubts = tuple(resolution(doubt) for doubt in journal.doubts)
    journal, observed = settled(journal, observed)
    filed, journal = _file(desired, observed.readings, journal)
    decided, journal = settle(desired.programme, observed.settlements, journal, now)
    ranks = _ranks(desired.roster.pairings.values())
    actions: list[Action] = [*doubts, *filed, *decided]
    letters: list[DueLetter] = []
    records: list[PairingRecord] = []
    for id in sorted(desired.awake):
        scene = _scene(desired, id, observed, journal, rank=ranks.get(id, 0), now=now)
        part = _pair(scene, observed)
        actions += part.actions
        letters += part.letters
        records.append(part.record)
    post = plan_post(desired.programme, letters, journal.recent, now)
    ordered = (*sorted(actions, key=_order), *post.mails)
    kept = tuple(_woken(record, post.postponed) for record in records)
    return Plan(ordered, alarms(desired, ordered, journal, now), kept)


def _pair(scene: Scene, observed: Observed) -> _PairPlan:
    """Return what a pairing of the roster needs."""
    history, answers = noted_answers(scene, observed)
    scene = replace(scene, history=history)
    choice = next((c.text for c in observed.commands if c.pairing == scene.pairing.id), "")
    obeyed = obey(scene, choice)
    scene = obeyed.scene
    series = plan_series(scene, observed, choice)
    actions = [*answers, *_with_records(scene, series.actions, choice, obeyed.records)]
    scene = replace(scene, history=series.history)
    actions = [action for action in actions if not _is_open(scene, action)]
    asked = {record.key for record in scene.history.questions}
    worries = concerns(scene)
    actions += [note for note in worries if note.key not in asked]
    answered = bool(obeyed.records)
    actions += closed_questions(scene, answered=answered, concerns=worries, about=ABOUT)
    mail = plan_mail(scene, _series_keys(actions))
    times = (mail.wake, pause_reaches(scene), scene.now + _LOOK_AGAIN)
    wake = min(at for at in times if at is not None)
    return _PairPlan(tuple(actions), mail.due, _record(scene, wake))


def _scene(
    desired: Desired,
    id: PairingId,
    observed: Observed,
    journal: Journal,
    *,
    rank: int,
    now: datetime,
) -> Scene:
    """Return the scene of a pairing; one that the roster no longer has is played as closed."""
    pairing = desired.roster.pairings.get(id) or desired.gone[id]
    mentor, mentee = (desired.roster.people[p] for p in (pairing.mentor, pairing.mentee))
    return Scene(
        programme=desired.programme,
        pairing=pairing,
        mentor=mentor,
        mentee=mentee,
        history=_history(journal, id, gone=id in desired.gone),
        rank=rank,
        by_mail=desired.by_mail,
        done=journal.done,
        now=now,
        gone=id in desired.gone,
        busy={a: observed.busy.get(a, ()) for a in (mentor.address, mentee.address)},
        rooms=desired.rooms,
        signals=tuple(s for p in (mentor.id, mentee.id) for s in journal.signals.get(p, ())),
    )


def _history(journal: Journal, id: PairingId, *, gone: bool) -> History:
    """Return the history of a pairing; its return to the roster is newer than what was chosen."""
    history = journal.history(id)
    if gone or history.record is None or history.record.gone_at is None:
        return history
    return replace(history, record=replace(history.record, override="", gone_at=None))


def _record(scene: Scene, wake: datetime) -> PairingRecord:
    """Return the bookkeeping of a pairing; one that is gone is over once this plan is done."""
    before, over = scene.history.record, over_since(scene)
    emptied_at = before.emptied_at if before and before.over_since == over else None
    record = pairing_record(scene.pairing, before, wake)
    record = replace(record, over_since=over, emptied_at=emptied_at)
    if not scene.gone:
        return record
    since = before.gone_at if before else None
    return replace(record, gone_at=since or scene.now, wake_at=None, ended_at=scene.now)


def _file(
    desired: Desired, readings: Iterable[Reading], journal: Journal
) -> tuple[list[Note], Journal]:
    """Return the notes that file all mails, and the journal with what the mails said."""
    histories, signals = dict(journal.pairs), dict(journal.signals)
    notes = []
    for reading in sorted(readings, key=lambda r: (r.received_at, r.mail_id)):
        pairing = reading.pairing or PairingId("")
        history = histories.get(pairing, History())
        said = signals.get(reading.author, ()) if reading.author else ()
        note, histories[pairing] = file_reading(desired.programme, reading, history, said)
        notes.append(note)
        for record in note.records:
            if isinstance(record, SignalRecord):
                signals[record.person] = (*signals.get(record.person, ()), record)
    return notes, replace(journal, pairs=histories, signals=signals)


def _with_records(
    scene: Scene, actions: Iterable[Action], choice: str, records: tuple[Record, ...]
) -> list[Action]:
    """Let the coordinator's choice be written down together with the series action it causes.

    Apart from each other, a crash between the two would lose the choice or obey it twice.
    """
    listed = list(actions)
    if not records:
        return listed
    for index, action in enumerate(listed):
        if isinstance(action, CreateSeries | ReviseSeries | CancelSeries):
            listed[index] = replace(action, records=records)
            return listed
    key = scene.key("obey", choice)
    listed.append(Note(key, scene.pairing.id, NoteKind.COMMAND_OBEYED, choice, records))
    return listed


def _is_open(scene: Scene, action: Action) -> bool:
    """Return whether an action asks what is asked already."""
    asked = {record.key for record in scene.history.questions if record.closed_at is None}
    return isinstance(action, Note) and action.key in asked


def _series_keys(actions: Iterable[Action]) -> dict[str, Key]:
    """Return the keys of the series actions by UID: letters about them wait for their success."""
    changing = (CreateSeries, ReviseSeries, CancelSeries)
    return {action.spec.uid: action.key for action in actions if isinstance(action, changing)}


def _ranks(pairings: Iterable[Pairing]) -> dict[PairingId, int]:
    """Return for each pairing how many of the same mentee come before it."""
    ranks: dict[PairingId, int] = {}
    seen: Counter[str] = Counter()
    for pairing in sorted(pairings, key=lambda p: p.id):
        ranks[pairing.id] = seen[pairing.mentee]
        seen[pairing.mentee] += 1
    return ranks


def _order(action: Action) -> int:
    """Look back first, then read, then end, change and begin series; questions come last."""
    match action:
        case SettleDoubt() | HoldDoubt() | DropDoubt():
            return 0
        case Note(kind=NoteKind.QUESTION_ASKED):
            return 5
        case Note():
            return 1
        case CancelSeries():
            return 2
        case ReviseSeries():
            return 3
        case _:
            return 4


def _woken(record: PairingRecord, postponed: Mapping[PairingId, datetime]) -> PairingRecord:
    """Return the record with an earlier wake where letters were postponed, be it of an ended pair."""
    again = postponed.get(record.id)
    if again is None or (record.wake_at is not None and record.wake_at <= again):
        return record
    return replace(record, wake_at=again, ended_at=None)
