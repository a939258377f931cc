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
_UNKNOWN = "this is no choice; take one from the list, or write it into the notes"


def chosen(
    ports: Ports, typed: Sequence[Typed] | None
) -> tuple[tuple[Command, ...], tuple[Typed, ...] | None]:
    """Return what no run has obeyed yet, and the cells with a reason where it cannot be."""
    ours = [cell for cell in typed or () if (cell.sheet, cell.column) == (SHEET, COLUMN)]
    if typed is None or not ours:
        return (), None if typed is None else tuple(typed)
    copy, notes = copy_read(ports), _notes(ports)
    fresh = [cell for cell in ours if not _is_obeyed(cell, notes.get(cell.row))]
    reasons = {cell: _reason(cell, copy, notes.get(cell.row)) for cell in fresh}
    choices = [c for c in fresh if _text(c) in CHOICES and not reasons[c]]
    commands = tuple(Command(PairingId(c.row), _text(c)) for c in choices)
    return commands, tuple(_because(cell, reasons.get(cell, "")) for cell in typed)


def _notes(ports: Ports) -> dict[str, NoteRecord]:
    """Return what is remembered of the column: choices that were obeyed, and other words."""
    notes = ports.store.read(NoteRecord)
    return {n.row: n for n in notes if (n.sheet, n.column) == (SHEET, COLUMN)}


def _text(cell: Typed) -> str:
    return cell.text.strip().lower()


def _is_obeyed(cell: Typed, note: NoteRecord | None) -> bool:
    """Return whether a choice was obeyed and its cell could not be emptied since."""
    return note is not None and note.text == _text(cell) and note.text in CHOICES


def _reason(cell: Typed, copy: Copy, note: NoteRecord | None) -> str:
    """Return why a cell is not obeyed, "" if it is, or says so already."""
    if _text(cell) in CHOICES:
        return _OLDER if note is not None and not copy.knows(note) else ""
    says_so = cell.text.rstrip().endswith((f"({_OLDER})", f"({_UNKNOWN})"))
    return "" if says_so else _UNKNOWN


def _because(cell: Typed, reason: str) -> Typed:
    return replace(cell, text=f"{cell.text.strip()} ({reason})") if reason else cell
