"""The hidden sheet `_rmflow`: which titles and texts of a workbook are ours, and which book it is.

What is not in it was added by the coordinator, also when a later version of rmflow has other
columns than the version that wrote the workbook.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from rmflow.formats.table import Table
from rmflow.formats.workbook.book import Book

SHEET = "_rmflow"
FORMAT = 1
_OF_US, _DIGEST, _MADE = "rmflow", "digest", "made"


class Kind(Enum):
    """What a text of ours is."""

    OURS = "our column"
    TYPED = "coordinator's column"
    LOOSE = "text outside a table"


@dataclass(frozen=True, slots=True)
class Manifest:
    """For each sheet of ours, by the name we gave it: its column titles, and its other texts.

    `digest` of the book and when it was `made`: "" and None where nobody can say.
    """

    titles: Mapping[str, Mapping[str, Kind]]
    loose: Mapping[str, frozenset[str]]
    digest: str = ""
    made: datetime | None = None

    def is_typed(self, sheet: str, title: str) -> bool:
        """Return True for a column that is the coordinator's: one of ours for them, or their own."""
        return self.titles.get(sheet, {}).get(title) is not Kind.OURS

    def is_own(self, sheet: str, title: str) -> bool:
        """Return True for a column that the coordinator added."""
        return title not in self.titles.get(sheet, {})


def manifest_rows(book: Book, loose: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str, str]]:
    """Yield the rows of the hidden sheet; `loose`: by sheet, the texts written outside a table."""
    yield (_OF_US, "format", str(FORMAT))
    yield (_OF_US, _DIGEST, book.digest)
    for sheet in book.sheets:
        for column in sheet.columns:
            if not column.own:
                kind = Kind.TYPED if column.typed else Kind.OURS
                yield (sheet.name, kind.value, column.title)
        for text in loose.get(sheet.name, ()):
            yield (sheet.name, Kind.LOOSE.value, text)


def made_row(now: datetime) -> tuple[str, str, str]:
    """Return the row that says when the workbook was written; equal books differ in nothing else."""
    return (_OF_US, _MADE, now.astimezone(UTC).isoformat())


def read_manifest(tables: Iterable[Table]) -> Manifest | None:
    """Return what the hidden sheet says, None where there is none."""
    table = next((table for table in tables if table.name == SHEET), None)
    if table is None:
        return None
    titles: dict[str, dict[str, Kind]] = defaultdict(dict)
    loose: dict[str, set[str]] = defaultdict(set)
    facts: dict[str, str] = {}
    for row in table.rows:
        sheet, kind, text = (str(cell or "") for cell in (*row, None, None, None)[:3])
        if kind == Kind.LOOSE.value:
            loose[sheet].add(text)
        elif kind in (Kind.OURS.value, Kind.TYPED.value):
            titles[sheet][text] = Kind(kind)
        elif sheet == _OF_US:
            facts[kind] = text
    texts = {sheet: frozenset(found) for sheet, found in loose.items()}
    return Manifest(titles, texts, facts.get(_DIGEST, ""), _instant(facts.get(_MADE, "")))


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
