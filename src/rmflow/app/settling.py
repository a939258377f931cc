"""The rows of "Needs you" that the coordinator settles: what they stand for, and what is chosen."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from rmflow.app.history import histories
from rmflow.app.ports import Ports
from rmflow.app.waiting import assigned
from rmflow.domain.records import NoteRecord, QuestionRecord, ReadingRecord
from rmflow.errors import RmflowError
from rmflow.formats.workbook.book import Typed
from rmflow.planner.commands import COLUMN
from rmflow.planner.settling import ASK_AGAIN, ASSIGN, DONE, SHEET, Choice, choice_of
from rmflow.planner.state import Journal, Settlement

_Row = ReadingRecord | QuestionRecord


def settlements(
    ports: Ports, typed: Sequence[Typed] | None, now: datetime
) -> tuple[tuple[Settlement, ...], tuple[Typed, ...] | None]:
    """Return what was chosen and not obeyed before, and the cells with a reason where it cannot be.

    A choice for a row that is settled already needs nothing: its cell goes with the row.
    """
    chosen = [(cell, choice) for cell in typed or () if (choice := _choice(cell))]
    if typed is None or not chosen:
        return (), None if typed is None else tuple(typed)
    rows, obeyed = _rows(ports), _obeyed(ports)
    found: list[Settlement] = []
    refused: dict[Typed, Typed] = {}
    for cell, choice in chosen:
        row = rows.get(cell.row)
        if row is None or obeyed.get(cell.row) == _said(choice):
            continue
        try:
            found.append(_settlement(ports, cell.row, row, choice, now))
        except RmflowError as error:
            refused[cell] = replace(cell, text=f"{cell.text.strip()} ({error})")
    return tuple(found), tuple(refused.get(cell, cell) for cell in typed)


def with_settled(ports: Ports, journal: Journal, settled: Iterable[Settlement]) -> Journal:
    """Return the journal with the histories of the pairings that something was chosen for."""
    missing = {s.pairing for s in settled if s.pairing} - journal.pairs.keys()
    if not missing:
        return journal
    return replace(journal, pairs={**histories(ports.store, missing), **journal.pairs})


def _choice(cell: Typed) -> Choice | None:
    return choice_of(cell.text) if (cell.sheet, cell.column) == (SHEET, COLUMN) else None


def _said(choice: Choice) -> str:
    """Return a choice in one spelling."""
    day = choice.day.isoformat() if choice.day else ""
    return " ".join(filter(None, (choice.verb, choice.pair, day)))


def _rows(ports: Ports) -> dict[str, _Row]:
    """Return what the rows of the sheet stand for, by their keys."""
    questions = (q for q in ports.store.read(QuestionRecord) if q.closed_at is None)
    return {**{r.mail_id: r for r in ports.store.waiting()}, **{q.key: q for q in questions}}


def _obeyed(ports: Ports) -> dict[str, str]:
    notes = (n for n in ports.store.read(NoteRecord) if (n.sheet, n.column) == (SHEET, COLUMN))
    return {note.row: note.text for note in notes}


def _settlement(ports: Ports, key: str, row: _Row, choice: Choice, now: datetime) -> Settlement:
    """Return what a choice means for a row. Raises RmflowError when it means nothing there."""
    if isinstance(row, QuestionRecord):
        if choice.verb != DONE:
            raise RmflowError('only a mail can be that; choose "done"')
        return Settlement(key, DONE, row)
    if choice.verb == ASK_AGAIN and not row.session:
        raise RmflowError("it is not known which meeting this mail is about")
    if choice.verb != ASSIGN:
        return Settlement(key, choice.verb, row)
    day = choice.day.isoformat() if choice.day else ""
    filed = assigned(ports, row, choice.pair or row.pairing, day, now)
    return Settlement(key, _said(choice), row, filed.reading)
