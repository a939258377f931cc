"""The requests that turn any spreadsheet into what the book says, on the fake's documents alone."""

import copy
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import count

import pytest
from google_sheets import as_told
from publisher_contract import NOTES, NOW, ROWS, a_book
from sheets_document import Document, Tab
from sheets_hands import add_tab, insert, move_column, name_of, says, type_in

from rmflow.adapters.google.sheets_grid import Spreadsheet, spreadsheet_of
from rmflow.adapters.google.sheets_order import Delete, Insert, Move, edits
from rmflow.adapters.google.sheets_plan import plan
from rmflow.formats.workbook.annotations import annotations
from rmflow.formats.workbook.book import Book, Typed, Value
from rmflow.formats.workbook.merging import merged

IDS = count(1000)


def seen(document: Document) -> Spreadsheet:
    return spreadsheet_of(as_told(document))


def published(document: Document, book: Book) -> None:
    requests = plan(book, seen(document), NOW, lambda: next(IDS))
    if requests:
        document.batch(requests)


def typed(document: Document) -> tuple[Typed, ...]:
    return annotations(seen(document).tables())


def rows_of_the_book(dice: random.Random) -> Sequence[tuple[Value, ...]]:
    chosen = dice.sample(ROWS, dice.randint(0, len(ROWS)))
    return [(*row[:5], dice.choice([None, 1, 2.5])) for row in chosen]


class Coordinator:
    """Does anything, and remembers which notes must be found again."""

    def __init__(self, document: Document, dice: random.Random) -> None:
        self._document = document
        self._dice = dice
        self.notes: set[str] = set()
        self._words = (f"note {number}" for number in count())

    def does_something(self) -> None:
        act = self._dice.choice(
            [
                self._types,
                self._types_anywhere,
                self._types_in_a_column_of_their_own,
                self._sorts,
                self._inserts,
                self._moves,
                self._adds_a_sheet,
            ]
        )
        act(self._document.tabs[self._place("Pairs")])

    def _place(self, name: str) -> int:
        return next(n for n, tab in enumerate(self._document.tabs) if tab.title == name)

    def _word(self) -> str:
        word = next(self._words)
        self.notes.add(word)
        return word

    def _header(self, tab: Tab) -> tuple[int, dict[object, int]]:
        for row in range(40):
            shown = {says(tab, name_of(row, c)): c for c in range(min(tab.columns, 26))}
            if "rmflow:Pairs" in shown:
                return row, {title: c for title, c in shown.items() if title is not None}
        raise AssertionError("the header is gone")

    def _types(self, tab: Tab) -> None:
        row, titles = self._header(tab)
        where = name_of(row + self._dice.randint(1, 4), titles[NOTES])
        earlier = says(tab, where)
        if earlier is None:
            type_in(tab, where, self._word())

    def _types_anywhere(self, tab: Tab) -> None:
        last = max(row for (row, _), cell in tab.cells.items() if "userEnteredValue" in cell)
        where = name_of(*self._dice.choice([(min(last + 2, tab.rows - 1), 3), (0, 6), (1, 7)]))
        if says(tab, where) is None:
            type_in(tab, where, self._word())

    def _types_in_a_column_of_their_own(self, tab: Tab) -> None:
        row, titles = self._header(tab)
        column = titles.get("Budget", max(titles.values()) + 1)
        if "Budget" not in titles:
            type_in(tab, name_of(row, column), "Budget")
        where = name_of(row + 1, column)
        if says(tab, where) is None:
            type_in(tab, where, self._word())

    def _sorts(self, tab: Tab) -> None:
        row, _ = self._header(tab)
        body = list(range(row + 1, row + 4))
        self._dice.shuffle(body)
        tab.reorder("ROWS", [*range(row + 1), *body, *range(row + 4, tab.rows)])

    def _inserts(self, tab: Tab) -> None:
        insert(tab, self._dice.choice(["ROWS", "COLUMNS"]), self._dice.randint(0, 6))

    def _moves(self, tab: Tab) -> None:
        move_column(tab, self._dice.choice("BCDEFGH"), self._dice.randint(1, 7))

    def _adds_a_sheet(self, tab: Tab) -> None:
        title = f"Sheet {next(IDS)}"
        own = add_tab(self._document, title)
        own.id = next(IDS)
        type_in(own, "C3", self._word())


@pytest.mark.parametrize("seed", range(40))
def test_whatever_a_coordinator_does_the_book_comes_out_and_no_note_is_lost(seed: int) -> None:
    """Inserted, sorted, moved and deleted lines; a note is in its row or in `Notes kept`."""
    dice = random.Random(seed)
    document = Document("Mentoring")
    published(document, a_book())
    coordinator = Coordinator(document, dice)
    for _ in range(6):
        for _ in range(dice.randint(0, 4)):
            coordinator.does_something()
        rows = rows_of_the_book(dice)
        book = merged(a_book(rows), typed(document))
        published(document, book)
        assert plan(book, seen(document), NOW, lambda: 1) == []
        pairs = document.tab("Pairs")
        shown = [says(pairs, name_of(4 + n, 1)) for n in range(len(rows) + 1)]
        assert shown == [*(row[1] for row in rows), None]
        texts = "\n".join(cell.text for cell in typed(document))
        assert [note for note in coordinator.notes if note not in texts] == []
    assert document.formulas == 0


def test_a_book_that_did_not_change_asks_for_nothing_an_hour_later() -> None:
    document = Document("Mentoring")
    published(document, a_book())
    later = datetime(2026, 11, 23, 20, tzinfo=UTC)
    assert plan(a_book(), seen(document), later, lambda: 1) == []


def test_one_row_more_is_one_row_in_the_requests() -> None:
    """A run writes what is new, and not three hundred pairs."""
    document = Document("Mentoring")
    published(document, a_book(ROWS))
    more = ("P00", "New", "active", date(2026, 11, 5), None, None)
    requests = plan(a_book([more, *ROWS]), seen(document), NOW, lambda: 4711)
    kinds = [next(iter(request)) for request in requests]
    assert kinds.count("insertDimension") == 1
    cells = [r["updateCells"] for r in requests if "updateCells" in r]
    pairs = document.tab("Pairs").id
    (written,) = [c for c in cells if c["start"]["sheetId"] == pairs and c["start"]["rowIndex"] > 2]
    assert (written["start"]["rowIndex"], len(written["rows"])) == (4, 1)


def test_a_request_that_fails_leaves_everything_as_it_was() -> None:
    """The fake applies all or nothing, like Google."""
    document = Document("Mentoring")
    published(document, a_book())
    before = copy.deepcopy(document.tabs)
    requests = plan(a_book(ROWS[:1]), seen(document), NOW, lambda: next(IDS))
    with pytest.raises(Exception, match="No sheet with id: 999"):
        document.batch([*requests, {"deleteSheet": {"sheetId": 999}}])
    assert document.tabs == before


# The order of lines.


def followed(lines: Sequence[str], wanted: Sequence[str]) -> list[str | None]:
    found: list[str | None] = list(lines)
    for step in edits(lines, wanted):
        match step:
            case Delete(start, end):
                del found[start:end]
            case Move(source, to):
                found.insert(to, found[source])
                del found[source + (source > to)]
            case Insert(start, end):
                found[start:start] = [None] * (end - start)
    return found


def shuffles() -> Iterator[tuple[list[str], list[str]]]:
    dice = random.Random(7)
    for _ in range(3_000):
        wanted = dice.sample("abcdefghij", dice.randint(0, 9))
        yield [dice.choice("abcdefghijxy") for _ in range(dice.randint(0, 10))], wanted


def test_lines_come_into_the_wanted_order_and_only_new_ones_are_empty() -> None:
    for lines, wanted in shuffles():
        found = followed(lines, wanted)
        assert [name or other for name, other in zip(found, wanted, strict=True)] == wanted
        assert {name for name in found if name} == set(lines) & set(wanted)


def test_one_line_that_is_out_of_order_is_one_move() -> None:
    assert edits("abcdef", "bcdefa") == [Move(0, 6)]
    assert edits("abcdef", "fabcde") == [Move(5, 0)]


def test_a_table_that_was_turned_over_is_written_anew_beyond_a_limit() -> None:
    """A move is one request each; what is not moved is deleted and inserted, text and all."""
    lines = [f"P{number}" for number in range(3_000)]
    steps = edits(lines[::-1], lines)
    assert sum(isinstance(step, Move) for step in steps) <= 1_000
    found = followed(lines[::-1], lines)
    assert [name or other for name, other in zip(found, lines, strict=True)] == lines
