"""Notes: what is written down without touching the outside world."""

from dataclasses import replace

from rmflow.domain.keys import key_of
from rmflow.domain.records import QuestionRecord
from rmflow.planner.actions import Note, NoteKind
from rmflow.planner.scene import Scene


def question(scene: Scene, about: str, text: str, *parts: str) -> Note:
    """Return a question to the coordinator; asked once for each `about` and `parts`."""
    key = scene.key("question", about, *parts)
    record = QuestionRecord(key, scene.pairing.id, about, text, scene.now)
    return Note(key, scene.pairing.id, NoteKind.QUESTION_ASKED, text, (record,))


def closed_questions(scene: Scene, because: str) -> tuple[Note, ...]:
    """Return a note that closes each open question of the pairing."""
    open_ones = [record for record in scene.history.questions if record.closed_at is None]
    return tuple(
        Note(
            key_of(scene.programme.salt, "close", record.key, f"{scene.now:%Y%m%dT%H%M}"),
            scene.pairing.id,
            NoteKind.QUESTION_CLOSED,
            because,
            (replace(record, closed_at=scene.now),),
        )
        for record in open_ones
    )
