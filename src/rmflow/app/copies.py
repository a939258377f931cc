"""Copies: the workbook that was read need not be the one that was written last."""

from dataclasses import dataclass

from rmflow.app import remembered
from rmflow.app.ports import Ports
from rmflow.domain.records import NoteRecord
from rmflow.formats.workbook.book import Origin


@dataclass(frozen=True, slots=True)
class Copy:
    """What the workbook that was read can say about a note that is remembered.

    Somebody may have put an older copy back, or saved one that was open while we wrote the next.
    What was typed into it is meant all the same. But what was noted after it was made it cannot
    know: where such a note is missing nobody has deleted it, where another text stands nobody has
    replaced it, so both are kept; and a choice there may be one that was obeyed long ago, so it is
    refused with a reason. Where nothing was noted since, a choice is fresh and is obeyed. What
    does not say when it was made (its hidden sheet was deleted) knows nothing.

    Nor is anything concluded from a sheet or a column of ours that is gone as a whole.
    """

    origin: Origin
    latest: bool

    def knows(self, note: NoteRecord) -> bool:
        """Return whether the note was in it, so that what is there now is somebody's will."""
        made = self.origin.made
        return self.latest or (made is not None and note.seen_at <= made)

    def empties(self, note: NoteRecord) -> bool:
        """Return whether a note that it lacks was deleted."""
        gone = not self.origin.missing.isdisjoint({(note.sheet, ""), (note.sheet, note.column)})
        return self.knows(note) and not gone

    def with_newer(self, text: str, note: NoteRecord | None) -> str:
        """Return a text that stands in it, after the note that is newer than it."""
        if note is None or not (note.row and note.text) or self.knows(note):
            return text
        parts = note.text.split("\n\n")
        return note.text if text in parts else "\n\n".join([*parts, text])


def copy_read(ports: Ports) -> Copy:
    """Return the workbook as it was read last."""
    origin = ports.tracking.origin()
    last = ports.store.setting(remembered.PUBLISHED)
    return Copy(origin, latest=bool(origin.digest) and origin.digest == last)
