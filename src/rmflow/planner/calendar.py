"""Series: created once, followed when a person edits them, revised when the roster or the year asks.

A human's edit wins. A series that a person deleted is never made again by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rmflow.domain.keys import Key, key_of
from rmflow.domain.programme import Programme
from rmflow.domain.reason import Cause, Reason, Reasons
from rmflow.domain.records import SeriesRecord
from rmflow.domain.recurrence import sessions, with_past
from rmflow.domain.series import ObservedSeries, SeriesSpec
from rmflow.planner.actions import Action, CancelSeries, CreateSeries, Note, NoteKind, ReviseSeries
from rmflow.planner.asked import over_already, stands_as_asked, with_end
from rmflow.planner.creation import create, planned, series_uid
from rmflow.planner.exceptions import with_exceptions
from rmflow.planner.new_times import unsettled
from rmflow.planner.notes import question
from rmflow.planner.responses import follow_responses
from rmflow.planner.resumption import put_back, rested, still_out
from rmflow.planner.revision import (
    begun,
    differs,
    ended,
    kept_by_hand,
    merged,
    next_skipped,
    people_and_place,
    place_wanted,
    same_meetings,
    with_words_and_guests,
)
from rmflow.planner.rooms import rooms_found
from rmflow.planner.scene import Scene
from rmflow.planner.state import History, KnownSeries, Observed, SeriesState, known_of, record_of

_ANEW = ("resend invitation", "resume")
_A_WEEK = timedelta(days=7)
_MORE_THAN_ONE_OR_TWO = 3
_FOLLOWED = (NoteKind.CALENDAR_FOLLOWED, NoteKind.ROSTER_FOLLOWED)
_DELETED = (
    "The meetings were deleted in the calendar; rmflow does not put them back by itself. "
    'Choose "resend invitation" to start anew, or "close".'
)


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """What to do about the series of a pairing, and how it will stand once that is done."""

    actions: tuple[Action, ...]
    history: History


@dataclass(frozen=True, slots=True)
class _Seen:
    """A live series after a look at the calendar.

    `known` is how the attendees know it (None: somebody deleted it), `spec` how it stands there.
    """

    known: KnownSeries | None
    spec: SeriesSpec
    because: Reasons = ()
    notes: tuple[Note, ...] = ()


def plan_series(scene: Scene, observed: Observed, command: str = "") -> SeriesPlan:
    """Return the actions that bring the series of a pairing to what is wanted.

    `command` is what the coordinator has just chosen; a state it sets is in the history already.
    """
    actions: list[Action] = []
    history = scene.history
    if history.live is not None:
        seen = _look(scene, history.live, observed)
        actions += seen.notes
        history = _replaced(history, seen.known or _deleted(history.live, scene.now))
        if seen.known is not None:
            steered = _steer(scene, seen.known, seen.spec, command, seen.because)
            # What was refused before is left to a person; "resend invitation" tries it again.
            actions += [action for action in steered if action.key not in scene.done]
    history = _resulting(history, actions, scene.now)
    if _wants_new(scene, history, command):
        made = _begin(replace(scene, history=history), observed, anew=command in _ANEW)
        actions += made
        history = _resulting(history, made, scene.now)
    return SeriesPlan(tuple(actions), history)


def cancellation(programme: Programme, live: KnownSeries) -> CancelSeries:
    """Return the action that cancels a series."""
    spec = replace(live.spec, sequence=live.spec.sequence + 1)
    key = key_of(programme.salt, "cancel", spec.uid)
    return CancelSeries(key, spec.pairing, spec, live)


def _begin(scene: Scene, observed: Observed, *, anew: bool) -> list[Action]:
    """Return what begins a series: its creation, or, where it stands in the calendar already,
    that it is taken over: rmflow has lost its memory, and people have had their invitations.
    """
    made = create(scene, anew=anew)
    if not isinstance(made, CreateSeries) or made.spec.uid not in observed.series:
        return [made] if made else []
    adopted: list[KnownSeries] = []
    generation = made.generation
    while (seen := observed.series.get(series_uid(scene, generation))) is not None:
        adopted = [_over(known, scene.now) for known in adopted]
        adopted.append(_adopted(replace(made, generation=generation), seen, scene.now))
        generation += 1
    notes: list[Action] = [_adoption(scene, known) for known in adopted]
    if adopted[-1].state is SeriesState.DELETED:
        notes.append(question(scene, "series-deleted", _DELETED, adopted[-1].spec.uid))
    return notes


def _adopted(made: CreateSeries, seen: ObservedSeries, now: datetime) -> KnownSeries:
    """Return a series as it stands in the calendar."""
    told = seen.spec.sequence
    spec = merged(replace(made.spec, uid=seen.spec.uid), seen)
    known = replace(created(made), spec=spec, etag=seen.etag, told=told)
    return _deleted(known, now) if seen.cancelled else known


def _over(known: KnownSeries, now: datetime) -> KnownSeries:
    """Return a series that another has followed."""
    live = known.state is SeriesState.LIVE
    state = SeriesState.ENDED if live else SeriesState.CANCELLED
    return replace(known, state=state, ended_at=now)


def _adoption(scene: Scene, known: KnownSeries) -> Note:
    key = scene.key("adopt", known.spec.uid, known.etag)
    text = f"{known.state.value}, as the calendar remembers"
    return Note(key, scene.pairing.id, NoteKind.SERIES_ADOPTED, text, (record_of(known),))


def _look(scene: Scene, live: KnownSeries, observed: Observed) -> _Seen:
    """Take over what a person did to the series in the calendar."""
    uid = live.spec.uid
    seen = observed.series.get(uid)
    if (uid in observed.vanished and observed.complete) or (seen is not None and seen.cancelled):
        gone = _followed(scene, _deleted(live, scene.now), "deleted by a person")
        return _Seen(
            None, live.spec, notes=(gone, question(scene, "series-deleted", _DELETED, uid))
        )
    if seen is None or seen.etag == live.etag:
        return _Seen(live, live.spec)
    spec = kept_by_hand(live.spec, merged(live.spec, seen))
    spec = with_past(spec, live.spec, scene.now)
    if scene.by_mail and seen.spec.sequence > live.spec.sequence:
        ahead = _ahead(live, spec, seen.etag)
        text = "further than remembered"
        return _Seen(ahead, ahead.spec, notes=(_followed(scene, ahead, text),))
    if not differs(seen.spec, live.spec):
        same = replace(live, spec=with_words_and_guests(live.spec, seen), etag=seen.etag)
        return _Seen(same, same.spec, notes=(_followed(scene, same, "saved again, unchanged"),))
    cut = _cut_short(scene, live.spec, spec)
    if scene.by_mail:  # the attendees must hear of it: a revision follows
        return _Seen(replace(live, etag=seen.etag), spec, (_by_hand(live.spec, spec),), cut)
    moved = replace(live, spec=spec, etag=seen.etag)
    return _Seen(moved, spec, notes=(_followed(scene, moved, "changed in the calendar"), *cut))


def _cut_short(scene: Scene, before: SeriesSpec, now: SeriesSpec) -> tuple[Note, ...]:
    """Return the question about a series that somebody has let end earlier.

    "This and following" in a calendar program ends the series and begins another, which does not
    carry our mark: from there on nobody is asked for anything.
    """
    until = scene.now + scene.programme.timing.horizon
    was, coming = (sessions(spec, scene.now, until) for spec in (before, now))
    last = max((s.start for s in coming), default=scene.now)
    lost = [session for session in was if session.start > last + _A_WEEK]
    if before.rrule == now.rrule or len(lost) < _MORE_THAN_ONE_OR_TWO:
        return ()
    text = (
        f"The meetings now end on {last:%d %B %Y}: somebody has shortened them in the calendar, or "
        'changed "this and all following" ones, which rmflow cannot follow. If they are to go on, '
        'delete what follows there and choose "resend invitation"; else choose "close".'
    )
    return (question(scene, "series-cut-short", text, now.uid, now.rrule),)


def _was_cut_short(scene: Scene, live: KnownSeries) -> bool:
    """Return whether the coordinator has been asked that about this series as it stands."""
    about = question(scene, "series-cut-short", "", live.spec.uid, live.spec.rrule)
    return any(record.key == about.key for record in scene.history.questions)


def _ahead(live: KnownSeries, spec: SeriesSpec, etag: str) -> KnownSeries:
    """Return a series whose SEQUENCE in the calendar is one that we do not remember.

    Ours, from a lost memory, or a calendar program's: either way it is the one that the letter
    about it carries. A second revision on top would be a second mail about the same change.
    """
    because = (_by_hand(live.spec, spec),)
    return replace(live, spec=spec, etag=etag, previous=live.spec, because=because)


def _by_hand(before: SeriesSpec, now: SeriesSpec) -> Reason:
    """Return what a person changed in the calendar: the place alone, or times."""
    place_alone = not differs(replace(before, location=now.location), now)
    return Reason(Cause.NEW_PLACE if place_alone else Cause.MOVED_BY_HAND)


def _steer(
    scene: Scene, live: KnownSeries, spec: SeriesSpec, command: str, because: Reasons
) -> list[Action]:
    """Return the cancellation, the ending or the revision that a live series needs, if any."""
    if scene.closed:
        return [_closing(scene, live, spec)]
    anew = command in _ANEW and _was_cut_short(scene, live)
    if anew or not stands_as_asked(scene, live.wish, spec):
        return _new_rhythm(scene, live, spec)
    lasting, reason = with_end(scene, live.wish, spec)
    if reason and over_already(scene, spec):
        return [_closing(scene, live, spec)]
    spec, reasons = lasting, [*because, *reason]
    spec, reason = people_and_place(scene, spec, live.place)
    reasons += reason
    for change in (put_back, with_exceptions):
        spec, reason = change(scene, spec)
        reasons += reason
    live, spec, reason = rested(scene, live, spec)
    reasons += reason
    if command == "skip next":
        spec, reason = next_skipped(scene, spec)
        reasons += reason
    spec, reason, notes = rooms_found(scene, spec)
    reasons += reason
    followed = follow_responses(scene, spec)
    asked = {record.key for record in scene.history.questions}
    notes = tuple(note for note in (*notes, *unsettled(scene)) if note.key not in asked)
    followed = replace(followed, notes=(*notes, *followed.notes))
    reasons += followed.reasons
    if command == "resend invitation":
        reasons.append(Reason(Cause.SENT_AGAIN))
    told = tuple(dict.fromkeys(reasons))
    if not told:
        return [*followed.notes, *_in_other_words(scene, live)]
    live = replace(live, wish=scene.wish)
    return [*followed.notes, _revision(scene, live, followed.spec, told, followed.covers)]


def _closing(scene: Scene, live: KnownSeries, spec: SeriesSpec) -> Action:
    """Return the end of a series: cancelled, or, where all of it has passed, left in peace."""
    return _passed(scene, live, spec) or cancellation(scene.programme, live)


def _passed(scene: Scene, live: KnownSeries, spec: SeriesSpec) -> Note | None:
    """Return the quiet end of a series that has begun and has no meeting to come."""
    coming = sessions(spec, scene.now, scene.now + scene.programme.timing.horizon)
    if coming or not begun(scene, spec):
        return None
    over = replace(live, spec=spec, state=SeriesState.ENDED, ended_at=scene.now)
    return _followed(scene, over, "all meetings have passed")


def _new_rhythm(scene: Scene, live: KnownSeries, spec: SeriesSpec) -> list[Action]:
    """Return what a new rhythm in the roster makes of a series.

    One that has begun ends here, and a new one follows: its past stays where it was. One that has
    not is revised as it is; people get one mail.
    """
    reason = (Reason(Cause.NEW_RHYTHM),)
    if passed := _passed(scene, live, spec):
        return [passed]
    if begun(scene, spec):
        return [replace(_revision(scene, live, ended(scene, spec), reason), ends=True)]
    anew = planned(scene, live.generation)
    if anew is None:
        return [cancellation(scene.programme, live)]
    anew = replace(
        anew,
        uid=spec.uid,
        sequence=spec.sequence,
        summary=spec.summary,
        description=spec.description,
        location=place_wanted(scene, spec, live.place),
        attendees=(*anew.attendees, *spec.guests),
    )
    if spec == live.spec and same_meetings(anew, spec):
        return list(_in_other_words(scene, live))
    live = replace(live, wish=scene.wish, taken_out=())
    return [_revision(scene, live, anew, (Reason(Cause.NEW_TIME),))]


def _revision(
    scene: Scene,
    live: KnownSeries,
    spec: SeriesSpec,
    because: Reasons,
    covers: tuple[Key, ...] = (),
) -> ReviseSeries:
    spec = replace(spec, sequence=spec.sequence + 1)
    key = key_of(scene.programme.salt, "revise", spec.uid, str(spec.sequence))
    while key in scene.done and Reason(Cause.SENT_AGAIN) in because:
        spec = replace(spec, sequence=spec.sequence + 1)
        key = key_of(scene.programme.salt, "revise", spec.uid, str(spec.sequence))
    known = replace(live, place=scene.location)
    return ReviseSeries(key, scene.pairing.id, spec, known, because, covers)


def _wants_new(scene: Scene, history: History, command: str) -> bool:
    """Return whether a series should be made: none is live, and nobody deleted the last one."""
    if history.live is not None or scene.closed or scene.paused:
        return False
    if scene.programme.end is not None and scene.now.date() >= scene.programme.end:
        return False
    deleted = bool(history.series) and history.series[-1].state is SeriesState.DELETED
    return not deleted or command in _ANEW


def _followed(scene: Scene, known: KnownSeries, text: str) -> Note:
    """Return the note that the journal follows the calendar."""
    known = replace(known, taken_out=still_out(known, known.spec))
    key = scene.key("follow", known.spec.uid, known.etag, known.state.value)
    return Note(key, scene.pairing.id, NoteKind.CALENDAR_FOLLOWED, text, (record_of(known),))


def _in_other_words(scene: Scene, live: KnownSeries) -> tuple[Note, ...]:
    """Return the note that the roster has other words for how a series stands."""
    if live.wish == scene.wish:
        return ()
    key = scene.key("roster", live.spec.uid, live.wish, scene.wish)
    record = record_of(replace(live, wish=scene.wish))
    text = "the meetings stand like that already"
    return (Note(key, scene.pairing.id, NoteKind.ROSTER_FOLLOWED, text, (record,)),)


def _deleted(known: KnownSeries, now: datetime) -> KnownSeries:
    """Return the series as deleted. Its SEQUENCE is raised for a CANCEL to its attendees."""
    spec = replace(known.spec, sequence=known.spec.sequence + 1)
    return replace(known, spec=spec, state=SeriesState.DELETED, ended_at=now)


def _replaced(history: History, known: KnownSeries) -> History:
    """Return the history with this series in the place of the one with the same UID."""
    series = tuple(known if k.spec.uid == known.spec.uid else k for k in history.series)
    return replace(history, series=series)


def _resulting(history: History, actions: Iterable[Action], now: datetime) -> History:
    """Return the history as it will be once the actions are done."""
    for action in actions:
        match action:
            case CreateSeries():
                history = replace(history, series=(*history.series, created(action)))
            case ReviseSeries():
                history = _replaced(history, revised(action, now))
            case CancelSeries():
                history = _replaced(history, cancelled(action, now))
            case Note(kind=kind, records=(SeriesRecord() as record,)) if kind in _FOLLOWED:
                history = _replaced(history, known_of(record))
            case Note(kind=NoteKind.SERIES_ADOPTED, records=(SeriesRecord() as record,)):
                history = replace(history, series=(*history.series, known_of(record)))
            case _:
                pass
    return history


def created(action: CreateSeries) -> KnownSeries:
    """Return the series once it is created; its etag is not yet known."""
    spec = action.spec
    return KnownSeries(
        spec, action.generation, SeriesState.LIVE, "", action.wish, place=spec.location
    )


def revised(action: ReviseSeries, now: datetime) -> KnownSeries:
    """Return the series once it is revised. An ended one keeps its past and gives no letters."""
    return replace(
        action.known,
        spec=action.spec,
        previous=action.known.spec,
        because=action.because,
        state=SeriesState.ENDED if action.ends else SeriesState.LIVE,
        ended_at=now if action.ends else None,
    )


def cancelled(action: CancelSeries, now: datetime) -> KnownSeries:
    """Return the series once it is cancelled."""
    return replace(
        action.known,
        spec=action.spec,
        previous=action.known.spec,
        because=(),
        state=SeriesState.CANCELLED,
        ended_at=now,
    )
