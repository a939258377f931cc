"""What the coordinator chooses in the column "Do next" of the sheet "Needs you"."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from rmflow.domain.audit import Entry, Event, facts
from rmflow.domain.keys import key_of
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import PersonId
from rmflow.domain.programme import Programme
from rmflow.domain.records import ASKED_AGAIN, NoteRecord, QuestionRecord, ReadingRecord, Record
from rmflow.planner.actions import Note, NoteKind
from rmflow.planner.commands import CHOICES, COLUMN
from rmflow.planner.commands import SHEET as PAIRS
from rmflow.planner.filing import file_reading
from rmflow.planner.state import History, Journal, Settlement

SHEET = "Needs you"
DONE, ASSIGN, ASK_AGAIN, DISCARD = "done", "assign", "ask again", "discard"
_WORDS = {DONE: DONE, ASK_AGAIN: ASK_AGAIN, DISCARD: DISCARD}
_ASSIGN = re.compile(
    r"assign(?: to)?(?: (?P<pair>[^\s,]+))??(?:,? (?P<day>\d{4}-\d\d-\d\d))?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice for a row. `pair` and `day` of an assignment may be empty: those of the row."""

    verb: str
    pair: PairingId = PairingId("")  # noqa: RUF009 - a NewType is no call worth the name
    day: date | None = None


def choice_of(text: str) -> Choice | None:
    """Return the choice that a cell holds, None for any other text."""
    words = " ".join(text.split())
    if verb := _WORDS.get(words.casefold()):
        return Choice(verb)
    match = _ASSIGN.fullmatch(words)
    if match is None:
        return None
    try:
        day = date.fromisoformat(match["day"]) if match["day"] else None
    except ValueError:  # 2026-02-30
        return None
    return Choice(ASSIGN, PairingId(match["pair"] or ""), day)


def is_choice(sheet: str, column: str, text: str) -> bool:
    """Return whether a cell is a choice we know, in either sheet that has some."""
    if column != COLUMN:
        return False
    if sheet == SHEET:
        return choice_of(text) is not None
    return sheet == PAIRS and text.strip().lower() in CHOICES


def settle(
    programme: Programme, settlements: Iterable[Settlement], journal: Journal, now: datetime
) -> tuple[tuple[Note, ...], Journal]:
    """Return the notes that obey the coordinator, and the journal with what they say.

    Each is one transaction with the record that it was obeyed.
    """
    histories = dict(journal.pairs)
    notes = []
    for settlement in settlements:
        history = histories.get(settlement.pairing, History())
        note, history = _settled(programme, settlement, history, now)
        seen = NoteRecord(SHEET, settlement.row, COLUMN, settlement.text, now)
        notes.append(replace(note, records=(*note.records, seen, settled_entry(settlement, now))))
        if settlement.pairing in histories:
            histories[settlement.pairing] = history
    return tuple(notes), replace(journal, pairs=histories)


def settled_entry(settlement: Settlement, now: datetime) -> Entry:
    """Return what the audit log tells of a choice of the coordinator."""
    choice = choice_of(settlement.text)
    told = facts(choice=choice.verb if choice else "")
    person = (settlement.filed.author if settlement.filed else None) or PersonId("")
    return Entry(now, Event.SETTLED, settlement.pairing, person, settlement.row, told)


def _settled(
    programme: Programme, settlement: Settlement, history: History, now: datetime
) -> tuple[Note, History]:
    if settlement.filed is not None:
        return file_reading(programme, settlement.filed, history)
    record: Record
    match settlement.about:
        case QuestionRecord() as question:
            record = replace(question, closed_at=now)
            others = (q for q in history.questions if q.key != question.key)
            history = replace(history, questions=(*others, record))
        case ReadingRecord() as reading:
            again = settlement.text == ASK_AGAIN
            record = replace(reading, state=ASKED_AGAIN if again else "discarded")
            waiting = history.waiting - {reading.session}
            asked = history.asked_again | ({record} if again else frozenset())
            history = replace(history, waiting=waiting, asked_again=asked)
    key = key_of(programme.salt, "settle", settlement.row, settlement.text)
    pairing = settlement.pairing
    return Note(key, pairing, NoteKind.COMMAND_OBEYED, settlement.text, (record,)), history
