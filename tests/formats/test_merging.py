"""What a coordinator added is found in the cells and put back: nothing is ever lost."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rmflow.formats.table import Cell, Table
from rmflow.formats.workbook.annotations import annotations
from rmflow.formats.workbook.book import MARK, Book, Carried, Column, Look, Sheet, Typed, Value
from rmflow.formats.workbook.manifest import SHEET, manifest_rows
from rmflow.formats.workbook.merging import NOTES_KEPT, merged

NOTES = "Coordinator notes"


def a_sheet(*keys: str, name: str = "Pairs") -> Sheet:
    columns = (
        Column(MARK + name, Look.KEY),
        Column("Mentor"),
        Column("Do next", typed=True),
        Column(NOTES, Look.LONG_TEXT, typed=True),
    )
    return Sheet(
        name, "An intro.", columns, tuple((key, f"Mentor {key}", None, None) for key in keys)
    )


def a_book(*keys: str, more: Sequence[Sheet] = ()) -> Book:
    return Book("Reverse Mentoring", "UTC", (a_sheet(*keys), *more))


def saved(book: Book) -> list[Table]:
    """Return the sheets of a workbook that shows this book, as they are read back."""
    tables = []
    for sheet in book.sheets:
        heading: list[tuple[Value, ...]] = [(None, book.title), (None, sheet.intro)]
        titles = tuple(column.title for column in sheet.columns)
        tables.append(a_table(sheet.name, [*heading, titles, *sheet.rows]))
    for carried in book.carried:
        last_row = max(row for row, _, _ in carried.cells)
        last_column = max(column for _, column, _ in carried.cells)
        grid: list[list[Value]] = [[None for _ in range(last_column)] for _ in range(last_row)]
        for row, column, value in carried.cells:
            grid[row - 1][column - 1] = value
        tables.append(a_table(carried.name, grid))
    loose = {sheet.name: [book.title, sheet.intro] for sheet in book.sheets}
    return [*tables, a_table(SHEET, list(manifest_rows(book, loose)))]


def a_table(name: str, rows: Sequence[Sequence[Cell]]) -> Table:
    width = max(len(row) for row in rows)
    padded = tuple((*row, *[None] * (width - len(row))) for row in rows)
    return Table("tracking.xlsx", name, padded)


def cell(book: Book, sheet: str, row: str, title: str) -> Value:
    found = next(s for s in book.sheets if s.name == sheet)
    index = [column.title for column in found.columns].index(title)
    return next(r for r in found.rows if r[0] == row)[index]


def column_moved(table: Table, source: int, target: int) -> Table:
    rows = []
    for row in table.rows:
        cells = list(row)
        cells.insert(target, cells.pop(source))
        rows.append(tuple(cells))
    return replace(table, rows=tuple(rows))


class TestFinding:
    NOTE = Typed("Pairs", "P2", NOTES, "call them")

    def test_our_own_words_are_not_taken_for_notes(self) -> None:
        assert annotations(saved(a_book("P1", "P2"))) == ()

    def test_a_note_is_found_wherever_its_row_and_column_stand_now(self) -> None:
        pairs, *rest = saved(merged(a_book("P1", "P2", "P3"), [self.NOTE]))
        heading, body = pairs.rows[:3], pairs.rows[3:]

        sorted_down = replace(pairs, rows=(*heading, *reversed(body)))
        moved = column_moved(column_moved(sorted_down, 3, 1), 0, 2)
        pushed_down = replace(moved, name="Paare", rows=((None,) * 4, *moved.rows))

        assert annotations([*rest, pushed_down]) == (self.NOTE,)

    def test_a_row_typed_below_the_table_is_kept_with_its_titles(self) -> None:
        pairs, *rest = saved(a_book("P1"))
        mine: tuple[Cell, ...] = (None, "Somebody new", None, "joins in May")

        (typed,) = annotations([replace(pairs, rows=(*pairs.rows, mine)), *rest])

        assert typed.text == f"Mentor: Somebody new · {NOTES}: joins in May"

    def test_a_remark_beside_the_title_is_kept(self) -> None:
        pairs, *rest = saved(a_book("P1"))
        first: tuple[Cell, ...] = (None, "Reverse Mentoring", "print this on Friday", None)

        (typed,) = annotations([replace(pairs, rows=(first, *pairs.rows[1:])), *rest])

        assert (typed.sheet, typed.text) == ("Pairs", "print this on Friday")

    def test_a_column_of_their_own_is_found_even_while_it_is_empty(self) -> None:
        pairs, *rest = saved(a_book("P1"))
        titled = [(*row, "Budget" if n == 2 else None) for n, row in enumerate(pairs.rows)]

        assert annotations([a_table("Pairs", titled), *rest]) == (
            Typed("Pairs", "", "Budget", "001"),
        )

    def test_a_column_without_a_title_is_named_by_its_place(self) -> None:
        pairs, *rest = saved(a_book("P1"))
        added = [(*row, 12.5 if n == 3 else None) for n, row in enumerate(pairs.rows)]

        assert annotations([a_table("Pairs", added), *rest]) == (
            Typed("Pairs", "", "Column 5", "001"),
            Typed("Pairs", "P1", "Column 5", "12.5"),
        )

    def test_a_row_that_was_copied_and_edited_keeps_both_texts(self) -> None:
        pairs, *rest = saved(merged(a_book("P2"), [self.NOTE]))
        copy: tuple[Cell, ...] = ("P2", "Mentor P2", None, "wrote to them")

        (typed,) = annotations([replace(pairs, rows=(*pairs.rows, copy)), *rest])

        assert typed.text == "call them\n\nwrote to them"

    def test_a_copy_of_our_sheet_is_a_sheet_of_theirs(self) -> None:
        pairs, *rest = saved(merged(a_book("P2"), [self.NOTE]))

        found = annotations([pairs, replace(pairs, name="Pairs (spring)"), *rest])

        assert found[0] == self.NOTE
        assert Typed("Pairs (spring)", "", "", "001") in found
        assert Typed("Pairs (spring)", "0000004", "00004", "call them") in found

    def test_a_column_that_a_newer_version_dropped_is_not_theirs(self) -> None:
        """The hidden sheet says what was ours when the workbook was written."""
        old = a_book("P1")
        columns = (*old.sheets[0].columns, Column("Mood", Look.STATE))
        rows = tuple((*row, "sunny") for row in old.sheets[0].rows)
        old = replace(old, sheets=(replace(old.sheets[0], columns=columns, rows=rows),))

        assert annotations(saved(old)) == ()


class TestMerging:
    def test_a_note_goes_to_its_row_and_column(self) -> None:
        book = merged(a_book("P1", "P2"), [Typed("Pairs", "P2", NOTES, "call them")])

        assert cell(book, "Pairs", "P2", NOTES) == "call them"
        assert cell(book, "Pairs", "P1", NOTES) is None

    def test_a_note_stays_text_and_an_own_number_stays_a_number(self) -> None:
        typed = [
            Typed("Pairs", "", "Budget", "001"),
            Typed("Pairs", "P1", "Budget", "0"),
            Typed("Pairs", "P1", NOTES, "12"),
        ]

        book = merged(a_book("P1"), typed)

        assert cell(book, "Pairs", "P1", "Budget") == 0
        assert cell(book, "Pairs", "P1", NOTES) == "12"

    def test_a_note_whose_row_is_gone_is_kept_and_returns_with_it(self) -> None:
        """A pair that leaves the roster by mistake comes back the next day."""
        note = Typed("Pairs", "P2", NOTES, "call them")

        without = merged(a_book("P1"), [note])
        read_back = annotations(saved(without))
        again = merged(a_book("P1", "P2"), read_back)

        assert [row[1:] for row in without.sheets[-1].rows] == [("Pairs", "P2", NOTES, "call them")]
        assert cell(again, "Pairs", "P2", NOTES) == "call them"
        assert NOTES_KEPT not in [sheet.name for sheet in again.sheets]

    def test_a_kept_note_and_a_new_one_for_the_same_cell_are_both_shown(self) -> None:
        kept = Typed(NOTES_KEPT, f'["Pairs", "P1", "{NOTES}"]', "Text", "old")
        new = Typed("Pairs", "P1", NOTES, "new")

        assert cell(merged(a_book("P1"), [new, kept]), "Pairs", "P1", NOTES) == "new\n\nold"

    def test_a_note_that_is_deleted_from_notes_kept_is_gone(self) -> None:
        book = merged(a_book("P1"), [Typed("Pairs", "P2", NOTES, "call them")])
        *sheets, kept = book.sheets
        emptied = replace(kept, rows=tuple((*row[:-1], None) for row in kept.rows))

        assert annotations(saved(replace(book, sheets=(*sheets, emptied)))) == ()

    def test_own_columns_keep_their_order_at_the_right_end(self) -> None:
        typed = [
            Typed("Pairs", "", "Zebra", "001"),
            Typed("Pairs", "", "Apple", "002"),
        ]

        columns = merged(a_book("P1"), typed).sheets[0].columns

        assert [column.title for column in columns[-2:]] == ["Zebra", "Apple"]
        assert all(column.own for column in columns[-2:])

    def test_an_own_column_gives_way_to_a_new_one_of_ours(self) -> None:
        typed = [
            Typed("Pairs", "", "Mentor", "001"),
            Typed("Pairs", "P1", "Mentor", "speaks Greek"),
        ]

        book = merged(a_book("P1"), typed)

        assert cell(book, "Pairs", "P1", "Mentor") == "Mentor P1"
        assert cell(book, "Pairs", "P1", "Mentor (2)") == "speaks Greek"

    def test_an_own_sheet_gives_way_to_a_new_one_of_ours(self) -> None:
        typed = [Typed("Pairs", "", "", "001"), Typed("Pairs", "0000003", "00002", "12.5")]

        assert merged(a_book("P1"), typed).carried == (Carried("Pairs (2)", ((3, 2, 12.5),)),)

    def test_without_the_hidden_sheet_our_own_words_are_not_doubled(self) -> None:
        note = Typed("Pairs", "P1", NOTES, "call them")
        tables = saved(merged(a_book("P1", "P2"), [note]))[:-1]

        assert merged(a_book("P1"), annotations(tables)) == merged(a_book("P1"), [note])


_WORDS = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zs", "Zl", "Zp"]), min_size=1, max_size=12
)
_KEYS = st.sampled_from(["P1", "P2", "P3", "gone", "added:1"])
_TYPED = st.lists(
    st.one_of(
        st.builds(Typed, st.just("Pairs"), _KEYS, st.sampled_from([NOTES, "Do next"]), _WORDS),
        st.builds(Typed, st.just("Vanished"), _KEYS, _WORDS, _WORDS),
        st.builds(Typed, st.just(NOTES_KEPT), _KEYS, _WORDS, _WORDS),
    ),
    unique_by=lambda t: (t.sheet, t.row, t.column),
)


@given(_TYPED)
def test_whatever_was_typed_is_still_there_after_any_number_of_runs(typed: list[Typed]) -> None:
    """Read, merge and write again: the same book, and every text in it."""
    once = merged(a_book("P1", "P2", "P3"), typed)
    twice = merged(a_book("P1", "P2", "P3"), annotations(saved(once)))

    assert twice == once
    shown = {value for sheet in once.sheets for row in sheet.rows for value in row}
    assert {t.text for t in typed} <= shown
