"""Row 6: our workbook of the same cells: a table, drop-downs, colours, row heights, the manifest."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from rmflow.adapters.workbook.drawing import drawn
from rmflow.formats.workbook.book import Book, Column, Look, Sheet, Tone

sys.path.insert(0, str(Path(__file__).parents[1]))
from cells import COLUMNS, rows

_TONES = (("confirmed", Tone.GOOD), ("presumed", Tone.BUSY), ("unknown", Tone.WARN))

columns = tuple(
    Column(
        title,
        Look(kind),
        width=40 if kind == "long text" else 16,
        typed=title == "Coordinator notes",
        tones=_TONES if kind == "state" else (),
    )
    for title, kind in COLUMNS
)
sheet = Sheet("Meetings", "Every meeting.", columns, tuple(rows()))
content = drawn(Book("Reverse Mentoring", "Europe/Berlin", (sheet,)), datetime.now(UTC))
Path(sys.argv[1], "tracking.xlsx").write_bytes(content)
