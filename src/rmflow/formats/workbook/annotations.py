"""What the coordinator added to a workbook of ours, found in its cells as they are now.

Sheets are recognised by the mark in their hidden first column, rows by their key, columns by
their title: renaming a sheet, moving columns and sorting rows change nothing. Whatever has no
such address (a row typed below the table, a remark beside the title) is returned as well, under
an address made from its content.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rmflow.formats.table import Table
from rmflow.formats.workbook.book import MARK, Origin, Typed
from rmflow.formats.workbook.manifest import SHEET, Kind, Manifest, read_manifest
from rmflow.formats.workbook.plain_value import spelled

ADDED = "added:"  # begins the row of a text without an address
_ROWS_ABOVE_A_TABLE = 50  # as far as we look for a mark that a coordinator has pushed down


def annotations(tables: Sequence[Table]) -> tuple[Typed, ...]:
    """Return everything in these sheets that is not ours, each address once."""
    manifest = read_manifest(tables)
    found: dict[tuple[str, str, str], str] = {}
    for typed in _all(tables, manifest):
        address = (typed.sheet, typed.row, typed.column)
        earlier = found.get(address)
        if earlier is None:
            found[address] = typed.text
        elif typed.text not in earlier.split("\n\n"):  # a row that was copied, then edited
            found[address] = f"{earlier}\n\n{typed.text}"
    return tuple(Typed(*address, text) for address, text in found.items())


def origin(tables: Sequence[Table]) -> Origin:
    """Return which book of ours these sheets were, and what for the coordinator they lack now."""
    manifest = read_manifest(tables)
    if manifest is None:
        return Origin()
    there: dict[str, set[str]] = {}
    for table in tables:
        if ours := _our_sheet(table):
            there.setdefault(ours.name, set(_titles(ours).values()))
    missing = {(sheet, "") for sheet in manifest.titles if sheet not in there}
    for sheet, titles in manifest.titles.items():
        theirs = {title for title, kind in titles.items() if kind is Kind.TYPED}
        missing |= {(sheet, title) for title in theirs - there.get(sheet, theirs)}
    return Origin(manifest.digest, manifest.made, frozenset(missing))


def _all(tables: Sequence[Table], manifest: Manifest | None) -> Iterator[Typed]:
    seen: set[str] = set()
    own_sheets = 0
    for table in tables:
        if table.name == SHEET:
            continue
        ours = _our_sheet(table)
        if ours and ours.name not in seen:
            seen.add(ours.name)
            yield from _in_our_sheet(ours, manifest)
        else:
            own_sheets += 1
            yield from _own_sheet(table, own_sheets, manifest)


@dataclass(frozen=True, slots=True)
class _OurSheet:
    """A sheet of ours by its first name. `rows` are spelled; the mark is at `header`, `mark`."""

    name: str
    rows: Sequence[Sequence[str]]
    header: int
    mark: int
    first_column: int


def _our_sheet(table: Table) -> _OurSheet | None:
    for header, row in enumerate(table.rows[:_ROWS_ABOVE_A_TABLE]):
        for mark, cell in enumerate(row):
            if isinstance(cell, str) and cell.startswith(MARK):
                rows = [[spelled(cell) for cell in row] for row in table.rows]
                name = cell.removeprefix(MARK).strip()
                return _OurSheet(name, rows, header, mark, table.first_column)
    return None


def _in_our_sheet(sheet: _OurSheet, manifest: Manifest | None) -> Iterator[Typed]:
    if manifest is None:  # somebody deleted it: the reader of these must know our columns
        yield from _in_table(sheet, None)
    elif sheet.name in manifest.titles:
        yield from _loose(sheet, sheet.rows[: sheet.header], manifest)
        yield from _in_table(sheet, manifest)
    else:
        yield from _loose(sheet, sheet.rows, manifest)


def _in_table(sheet: _OurSheet, manifest: Manifest | None) -> Iterator[Typed]:
    """Yield own columns, cells in coordinators' columns, and rows without a key."""
    titles = _titles(sheet)
    theirs = {
        index: title
        for index, title in titles.items()
        if manifest is None or manifest.is_typed(sheet.name, title)
    }
    if manifest:
        own = [title for title in theirs.values() if manifest.is_own(sheet.name, title)]
        for place, title in enumerate(own, start=1):
            yield Typed(sheet.name, "", title, f"{place:03d}")
    for row in sheet.rows[sheet.header + 1 :]:
        if key := row[sheet.mark]:
            for index, title in theirs.items():
                if row[index]:
                    yield Typed(sheet.name, key, title, row[index])
        elif parts := [f"{titles[i]}: {text}" for i, text in enumerate(row) if text]:
            yield _added(sheet.name, " · ".join(parts))


def _titles(sheet: _OurSheet) -> dict[int, str]:
    """Return the column titles by position, each once; a column with cells but none gets one."""
    body = sheet.rows[sheet.header + 1 :]
    seen: defaultdict[str, int] = defaultdict(int)
    titles = {}
    for index, text in enumerate(sheet.rows[sheet.header]):
        if index == sheet.mark or not (text or any(row[index] for row in body)):
            continue
        title = " ".join(text.split()) or f"Column {index + sheet.first_column}"
        seen[title] += 1
        titles[index] = title if seen[title] == 1 else f"{title} ({seen[title]})"
    return titles


def _loose(sheet: _OurSheet, rows: Iterable[Sequence[str]], manifest: Manifest) -> Iterator[Typed]:
    """Yield texts outside a table that we did not write."""
    ours = manifest.loose.get(sheet.name, frozenset())
    for row in rows:
        for text in row:
            if text and text not in ours and not text.startswith(MARK):
                yield _added(sheet.name, text)


def _added(sheet: str, text: str) -> Typed:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return Typed(sheet, ADDED + digest, "Added", text)


def _own_sheet(table: Table, place: int, manifest: Manifest | None) -> Iterator[Typed]:
    taken = manifest is not None and table.name in {*manifest.titles, *manifest.loose}
    name = f"{table.name} (2)" if taken else table.name
    yield Typed(name, "", "", f"{place:03d}")
    for number, row in enumerate(table.rows, start=table.first_row):
        for column, cell in enumerate(row, start=table.first_column):
            if text := spelled(cell):
                yield Typed(name, f"{number:07d}", f"{column:05d}", text)
