"""What the coordinator chose on the sheet "Pairs": what to obey, and why something is not."""

from collections.abc import Sequence
from dataclasses import replace

from rmflow.app.copies import Copy, copy_read
from rmflow.app.ports import Ports
from rmflow.domain.pairing import PairingId
from rmflow.domain.records import NoteRecord
from rmflow.formats.workbook.book import Typed
from rmflow.planner.commands import CHOICES, COLUMN, SHEET
from rmflow.planner.state import Command

_OLDER = (
    "this workbook is older than what was done here last; if you still want it, choose it again"
)


def chosen(
    ports: Ports, typed: Sequence[Typed] | None
) -> tuple[tuple[Command, ...], tuple[Typed, ...] | None]:
    """Return what no run has obeyed yet, and the cells with a reason where it cannot be."""
    choices = {cell: text for cell in typed or () if (text := _choice(cell))}
    if typed is None or not choices:
        return (), None if typed is None else tuple(typed)
    copy, notes = copy_read(ports), _notes(ports)
    fresh = {cell: text for cell, text in choices.items() if not _is(notes.get(cell.row), text)}
    refused = {cell for cell in fresh if _is_older(copy, notes.get(cell.row))}
    commands = (Command(PairingId(c.row), text) for c, text in fresh.items() if c not in refused)
    return tuple(commands), tuple(_because(c, _OLDER) if c in refused else c for c in typed)


def _choice(cell: Typed) -> str:
    """Return the choice that a cell holds, "" for anything else."""
    text = cell.text.strip().lower()
    return text if (cell.sheet, cell.column) == (SHEET, COLUMN) and text in CHOICES else ""


def _notes(ports: Ports) -> dict[str, NoteRecord]:
    """Return what is remembered of the column: choices that were obeyed, and other words."""
    notes = ports.store.read(NoteRecord)
    return {n.row: n for n in notes if (n.sheet, n.column) == (SHEET, COLUMN)}


def _is(note: NoteRecord | None, text: str) -> bool:
    """Return whether a choice was obeyed and its cell could not be emptied since."""
    return note is not None and note.text == text


def _is_older(copy: Copy, note: NoteRecord | None) -> bool:
    return note is not None and not copy.knows(note)


def _because(cell: Typed, reason: str) -> Typed:
    return replace(cell, text=f"{cell.text.strip()} ({reason})")
