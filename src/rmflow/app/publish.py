"""Publish: what the coordinator typed is kept first, then the workbook is written anew."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from rmflow.app import remembered
from rmflow.app.copies import copy_read
from rmflow.app.outcome import Published, complaints
from rmflow.app.overview import overview
from rmflow.app.ports import Ports
from rmflow.domain.records import NoteRecord, SettingRecord
from rmflow.errors import BackendError, Problem
from rmflow.formats.workbook.book import Typed
from rmflow.formats.workbook.tracking import build
from rmflow.planner.commands import COLUMN, SHEET
from rmflow.planner.settling import is_choice
from rmflow.planner.state import Command


def keep_typed(ports: Ports, typed: Sequence[Typed], now: datetime) -> None:
    """Store what the coordinator typed, so that nothing is lost whatever happens to the file.

    A cell that was emptied is emptied here too, if the workbook can tell (`Copy`). Choices in
    "Do next" are stored when obeyed.
    """
    copy = copy_read(ports)
    before = {(n.sheet, n.row, n.column): n for n in ports.store.read(NoteRecord)}
    cells = {(t.sheet, t.row, t.column): t.text for t in typed if not _is_choice(t)}
    notes = {place: note for place, note in before.items() if note.text and not _is_choice(note)}
    texts = {place: "" for place in notes.keys() - cells.keys() if copy.empties(notes[place])}
    texts |= {place: copy.with_newer(text, notes.get(place)) for place, text in cells.items()}
    remembered_texts = {place: note.text for place, note in before.items()}
    changed = {p: text for p, text in texts.items() if remembered_texts.get(p, "") != text}
    ports.store.write([NoteRecord(*place, text, now) for place, text in changed.items()])


def publish(
    ports: Ports,
    now: datetime,
    problems: Collection[Problem] = (),
    waiting: Iterable[Command] = (),
) -> Published:
    """Write the workbook if it would say anything new. Other people's open files are respected.

    `waiting`: choices that could not be obeyed yet; they stay in their cells, and the next run
    reads them again.
    """
    view = overview(ports, now, problems)
    choices = [Typed(SHEET, command.pairing, COLUMN, command.text) for command in waiting]
    book = build(view, [*_notes(ports), *choices])
    unchanged = book.digest == ports.store.setting(remembered.BOOK)
    try:
        there = ports.tracking.fingerprint()
        if there and unchanged and there == ports.store.setting(remembered.TRACKING):
            return Published(written=False)
        fingerprint = ports.tracking.publish(book, now)
    except BackendError as error:
        ports.store.write([SettingRecord(remembered.BOOK, "")])
        return Published(
            written=False, problem=Problem("tracking workbook", error.reason, warning=True)
        )
    cleared = [replace(note, text="") for note in ports.store.read(NoteRecord) if _is_choice(note)]
    ports.store.write(
        [
            SettingRecord(remembered.BOOK, book.digest),
            SettingRecord(remembered.PUBLISHED, book.digest),
            SettingRecord(remembered.COMPLAINTS, complaints(problems)),
            SettingRecord(remembered.TRACKING, "" if choices else fingerprint),
            *cleared,
        ]
    )
    return Published(written=True)


def _notes(ports: Ports) -> list[Typed]:
    return [
        Typed(note.sheet, note.row, note.column, note.text)
        for note in ports.store.read(NoteRecord)
        if note.text and not _is_choice(note)
    ]


def _is_choice(cell: Typed | NoteRecord) -> bool:
    """Return whether a cell is a choice we know; any other text there is kept as it is."""
    return is_choice(cell.sheet, cell.column, cell.text)
