"""What the coordinator chooses in the column "Do next" of the workbook."""

from dataclasses import dataclass, replace
from datetime import datetime

from rmflow.domain.documents import to_json
from rmflow.domain.pairing import Pairing
from rmflow.domain.records import NoteRecord, PairingRecord, Record
from rmflow.planner.scene import Scene

SHEET = "Pairs"
COLUMN = "Do next"

# What a choice turns the state of a pairing into; None leaves it alone.
_STATES = {
    "pause": "paused",
    "resume": "",
    "skip next": None,
    "resend invitation": None,
    "rematch": "rematch",
    "close": "closed",
}
CHOICES = tuple(_STATES)


@dataclass(frozen=True, slots=True)
class Obeyed:
    """A scene in which the coordinator's choice holds, and the records that say so."""

    scene: Scene
    records: tuple[Record, ...] = ()


def obey(scene: Scene, choice: str) -> Obeyed:
    """Return the scene with a choice in force. An unknown choice changes nothing."""
    if choice not in _STATES:
        return Obeyed(scene)
    state = _STATES[choice]
    record = scene.history.record or pairing_record(scene.pairing)
    if state is not None:
        record = replace(record, override=state)
    if choice == "resume":
        record = replace(record, resumed_at=scene.now)
    history = replace(scene.history, record=record)
    seen = NoteRecord(SHEET, scene.pairing.id, COLUMN, choice, scene.now)
    return Obeyed(replace(scene, history=history), (record, seen))


def pairing_record(
    pairing: Pairing,
    before: PairingRecord | None = None,
    wake_at: datetime | None = None,
) -> PairingRecord:
    """Return a pairing as the store keeps it, with what earlier runs knew of it."""
    return PairingRecord(
        id=pairing.id,
        mentor=pairing.mentor,
        mentee=pairing.mentee,
        pairing_json=to_json(pairing),
        override=before.override if before else "",
        wake_at=wake_at,
        ended_at=None,
        resumed_at=before.resumed_at if before else None,
    )
