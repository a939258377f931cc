"""Answers that the calendar itself has noted: people who accept, decline or propose there.

Where invitations go by mail the answers come by mail as well, and are filed with it.
"""

from dataclasses import replace

from rmflow.domain.pairing import PairingId
from rmflow.domain.records import ResponseRecord
from rmflow.domain.series import ObservedSeries, Response, SessionId
from rmflow.planner.actions import Note, NoteKind
from rmflow.planner.scene import Scene
from rmflow.planner.state import History, Observed


def noted_answers(scene: Scene, observed: Observed) -> tuple[History, tuple[Note, ...]]:
    """Return the history with what was answered since the last look, and the note that says so.

    Calendars keep an answer, not always when it was given: only another answer is a new one.
    Answers of people who merely got the invitation forwarded are nobody's.
    """
    live = scene.history.live
    seen = observed.series.get(live.spec.uid) if live else None
    fresh = _fresh(scene, seen) if seen else ()
    if not fresh:
        return scene.history, ()
    newer = {(r.uid, r.session, r.attendee) for r in fresh}
    kept = (r for r in scene.history.responses if (r.uid, r.session, r.attendee) not in newer)
    parts = (f"{r.session} {r.attendee} {_said(r)} {r.stamped_at.isoformat()}" for r in fresh)
    key = scene.key("answers", *sorted(parts))
    text = ", ".join(sorted({_said(record) for record in fresh}))
    note = Note(key, scene.pairing.id, NoteKind.ANSWERS_NOTED, text, fresh)
    return replace(scene.history, responses=(*kept, *fresh)), (note,)


def _fresh(scene: Scene, seen: ObservedSeries) -> tuple[ResponseRecord, ...]:
    known = {(r.uid, r.session, r.attendee): r for r in scene.history.responses}
    rooms = {attendee.address for attendee in seen.spec.attendees if attendee.room}
    rooms |= {place.room for _, place in seen.spec.elsewhere if place.room}
    records = (
        response_record(scene.pairing.id, response)
        for response in seen.responses
        if scene.role_of(response.attendee) or response.attendee in rooms
    )
    return tuple(
        record
        for record in records
        if _is_new(record, known.get((record.uid, record.session, record.attendee)))
    )


def _is_new(record: ResponseRecord, known: ResponseRecord | None) -> bool:
    if known is None:
        return True
    if record.stamped_at < known.stamped_at:
        return False
    return (record.status, record.proposed_start) != (known.status, known.proposed_start)


def response_record(pairing: PairingId, response: Response) -> ResponseRecord:
    """Return an answer as the store keeps it."""
    return ResponseRecord(
        uid=response.uid,
        session=response.session or SessionId(""),
        attendee=response.attendee,
        pairing=pairing,
        status=response.status.value,
        sequence=response.sequence,
        stamped_at=response.stamped_at,
        comment=response.comment,
        proposed_start=response.proposed_start,
    )


def _said(record: ResponseRecord) -> str:
    if record.proposed_start is not None:
        return f"proposes {record.proposed_start:%Y-%m-%d %H:%M}Z"
    return record.status.lower().replace("-", " ")
