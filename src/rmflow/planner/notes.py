"""Notes: what is written down without touching the outside world."""

from collections.abc import Iterable
from dataclasses import replace

from rmflow.domain.keys import key_of
from rmflow.domain.records import QuestionRecord
from rmflow.domain.series import ParticipationStatus, SessionId, Uid
from rmflow.domain.session import original_start
from rmflow.planner.actions import Note, NoteKind
from rmflow.planner.scene import Scene

_NO_SESSION = SessionId("")


def question(
    scene: Scene, about: str, text: str, *parts: str, session: SessionId = _NO_SESSION
) -> Note:
    """Return a question to the coordinator; asked once for each `about` and `parts`."""
    key = scene.key("question", about, *parts)
    record = QuestionRecord(key, scene.pairing.id, about, text, scene.now, session)
    return Note(key, scene.pairing.id, NoteKind.QUESTION_ASKED, text, (record,))


def closed_questions(
    scene: Scene, *, answered: bool, concerns: Iterable[Note] = (), about: tuple[str, ...] = ()
) -> tuple[Note, ...]:
    """Return a note for each open question that is settled.

    `answered`: the coordinator has just chosen what to do, which settles them all. Else those
    are, whose cause is gone: of the ones `about` people's taking part, all but the `concerns`.
    """
    kept = {note.key for note in concerns}
    return tuple(
        Note(
            key_of(scene.programme.salt, "close", record.key),
            scene.pairing.id,
            NoteKind.QUESTION_CLOSED,
            record.about.replace("-", " "),
            (replace(record, closed_at=scene.now),),
        )
        for record in scene.history.questions
        if record.closed_at is None
        and (
            answered
            or _settled(scene, record)
            or (record.about in about and record.key not in kept)
        )
    )


def _settled(scene: Scene, record: QuestionRecord) -> bool:
    """Return whether the cause of a question is gone."""
    live = scene.history.live
    match record.about:
        case "no-slot" | "series-deleted":
            return live is not None
        case "series-declined":
            return live is None or not _declined_series(scene, live.spec.uid)
        case "proposal" | "declines" | "no-room":
            return bool(record.session) and original_start(record.session) < scene.now
        case _:
            return False


def _declined_series(scene: Scene, uid: Uid) -> bool:
    """Return whether somebody's newest answer for the whole series is a no."""
    whole = [r for r in scene.history.responses if r.uid == uid and not r.session]
    return any(r.status == ParticipationStatus.DECLINED.value for r in whole)
