"""Puts what the coordinator added back into a fresh book. Nothing of it is ever dropped.

Cells go back to their row and column. What has no row any more goes to the sheet `Notes kept`,
and returns to its row should that come back.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from rmflow.formats.workbook.annotations import ADDED
from rmflow.formats.workbook.book import MARK, Book, Carried, Column, Look, Sheet, Typed, Value
from rmflow.formats.workbook.plain_value import read

NOTES_KEPT = "Notes kept"
_TEXT = "Text"

_Texts = dict[str, dict[tuple[str, str], str]]  # by sheet, then by row and column
_Places = Mapping[str, Mapping[str, str]]  # by sheet, the coordinator's own columns in order


def merged(book: Book, typed: Iterable[Typed]) -> Book:
    """Return the book with everything typed in its place; its own typed cells are empty."""
    typed = tuple(typed)
    own_sheets = sorted((t.text, t.sheet) for t in typed if not t.row and not t.column)
    own_names = {name for _, name in own_sheets}
    places = _places(typed)
    texts = _texts(t for t in typed if t.row and t.sheet not in own_names)
    sheets = [_filled(s, texts.pop(s.name, {}), places.get(s.name, {})) for s in book.sheets]
    for _, homeless in sheets:
        for sheet, texts_there in homeless.items():
            texts.setdefault(sheet, {}).update(texts_there)
    filled = [sheet for sheet, _ in sheets]
    if any(texts.values()):
        filled.append(_notes_kept(texts))
    taken = {sheet.name.casefold() for sheet in filled}
    carried = tuple(_carried(name, typed, taken) for _, name in own_sheets)
    return replace(book, sheets=tuple(filled), carried=carried)


def _places(typed: Iterable[Typed]) -> _Places:
    places: dict[str, dict[str, str]] = {}
    for t in sorted((t for t in typed if t.column and not t.row), key=lambda t: (t.text, t.column)):
        places.setdefault(t.sheet, {})[t.column] = t.text
    return places


def _texts(typed: Iterable[Typed]) -> _Texts:
    """Return the texts by where they were first typed; those in `Notes kept` know that."""
    texts: _Texts = {}
    for t in typed:
        sheet, row, column = _first_address(t)
        there = texts.setdefault(sheet, {})
        earlier = there.get((row, column))
        if earlier is None:
            there[row, column] = t.text
        elif t.text not in earlier.split("\n\n"):
            there[row, column] = f"{earlier}\n\n{t.text}"
    return texts


def _first_address(typed: Typed) -> tuple[str, str, str]:
    if typed.sheet == NOTES_KEPT and typed.column == _TEXT and typed.row.startswith("["):
        sheet, row, column = json.loads(typed.row)
        return sheet, row, column
    return typed.sheet, typed.row, typed.column


def _filled(
    sheet: Sheet, texts: Mapping[tuple[str, str], str], own: Mapping[str, str]
) -> tuple[Sheet, _Texts]:
    """Return the sheet with the texts that have a row in it, and the others.

    A text in a column that is ours alone is what we wrote ourselves: it was read back from a
    workbook that had lost its hidden sheet.
    """
    if not texts and not own:
        return sheet, {}
    key = sheet.key_index
    keys = set() if key is None else {row[key] for row in sheet.rows}
    ours_alone = {c.title for c in sheet.columns if not c.typed} - own.keys()
    known = {c.title for c in sheet.columns}
    own_titles = list(own)
    by_row: dict[Value, dict[str, str]] = {}
    homeless: dict[tuple[str, str], str] = {}
    for (row, title), text in texts.items():
        if title in ours_alone:
            continue
        if row not in keys:
            homeless[row, title] = text
            continue
        by_row.setdefault(row, {})[title] = text
        if title not in known and title not in own_titles:
            own_titles.append(title)
    filled = sheet if key is None else _with_cells(sheet, key, by_row, own_titles)
    return filled, {sheet.name: homeless}


def _with_cells(
    sheet: Sheet, key: int, by_row: Mapping[Value, Mapping[str, str]], own: Sequence[str]
) -> Sheet:
    typed_at = {i: c.title for i, c in enumerate(sheet.columns) if c.typed and c.title not in own}
    rows = []
    for row in sheet.rows:
        texts = by_row.get(row[key], {})
        cells = list(row)
        for index, title in typed_at.items():
            cells[index] = texts.get(title)
        cells += [read(texts[title]) if title in texts else None for title in own]
        rows.append(tuple(cells))
    columns = list(sheet.columns)
    for title in own:
        columns.append(_own_column(title, columns))
    return replace(sheet, columns=tuple(columns), rows=tuple(rows))


def _own_column(title: str, beside: Sequence[Column]) -> Column:
    """Return a column for this title; a newer column of ours may have taken it meanwhile."""
    taken = {column.title.casefold() for column in beside}
    free = _free(title, taken)
    return Column(free, Look.LONG_TEXT, width=24, typed=True, own=True)


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 2
    while free.casefold() in taken:
        free, number = f"{name} ({number})", number + 1
    return free


def _notes_kept(texts: _Texts) -> Sheet:
    rows = sorted(
        (json.dumps([sheet, row, column], ensure_ascii=False), sheet, _row_name(row), column, text)
        for sheet, there in texts.items()
        for (row, column), text in there.items()
    )
    return Sheet(
        NOTES_KEPT,
        "What you wrote beside a row that is gone, or outside the tables. A note returns to its "
        "row when that comes back. Delete the text of a note that you no longer need.",
        columns=(
            Column(MARK + NOTES_KEPT, Look.KEY),
            Column("Sheet", width=14),
            Column("Row", width=24),
            Column("Column", width=20),
            Column(_TEXT, Look.LONG_TEXT, width=80, typed=True),
        ),
        rows=tuple(rows),
    )


def _row_name(row: str) -> str:
    return "(yours)" if row.startswith(ADDED) else row


def _carried(name: str, typed: Iterable[Typed], taken: set[str]) -> Carried:
    """Return a sheet of the coordinator's; ours go by their names first."""
    cells = sorted(
        (int(t.row), int(t.column), read(t.text)) for t in typed if t.sheet == name and t.row
    )
    free = _free(name, taken)
    taken.add(free.casefold())
    return Carried(free, tuple(cells))
