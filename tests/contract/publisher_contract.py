"""What every Publisher must do; one subclass a backend, with a fixture `desk`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Protocol

import pytest

from rmflow.errors import ChangedError
from rmflow.formats.workbook.book import (
    MARK,
    Block,
    Book,
    ChartKind,
    Column,
    Figure,
    Look,
    Origin,
    Sheet,
    Tone,
    Typed,
    Value,
)
from rmflow.formats.workbook.merging import NOTES_KEPT, merged
from rmflow.ports.publisher import Publisher

NOW = datetime(2026, 11, 22, 9, 15, tzinfo=UTC)
NOTES = "Coordinator notes"
NOTE = Typed("Pairs", "P01", NOTES, "met them on Friday")
CHOICE = Typed("Pairs", "P02", "Do next", "pause")
ROWS: tuple[tuple[Value, ...], ...] = (
    ("P01", "Aylin Demir", "active", date(2026, 11, 3), datetime(2026, 12, 1, 10, 30), 4.5),
    ("P02", "Jonas Brandt", "paused", None, None, 0),
    ("P03", "Zoë Ngata", "active", date(2026, 11, 4), None, None),
    ("P04", "Mei Tan", "active", None, datetime(2026, 12, 2, 9), 3),
)
HOSTILE = (
    '=HYPERLINK("http://evil.example","click")',
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    "＝1+1",
    "＠SUM(A1:A9)",
    "'quoted",
    "007",
    "1e5",
    "TRUE",
    "2026-02-30",
    "12.11.2026",
    "#REF!",
    "多言語 עברית 👩🏽‍💻 e\u0301",
    "line one\nline two",
    "rmflow:Pairs",
)


class Desk(Protocol):
    """A workbook under the backend, and the hands of a coordinator at it."""

    def open(self) -> Publisher:
        """Return the publisher as a new run would open it."""
        ...

    def type_in(self, sheet: str, key: str, title: str, text: str) -> None:
        """Type into the cell of a row; a title that is not there becomes a new column."""
        ...

    def turn_over(self, sheet: str) -> None:
        """Bring the rows of a table into the opposite order, with all that is in them."""
        ...

    def add_sheet(self, name: str, text: str) -> None:
        """Add a sheet with a text in B2."""
        ...

    def rename(self, sheet: str, name: str) -> None:
        """Give a sheet another name."""
        ...

    def names(self) -> list[str]:
        """Return the names of the sheets that are not hidden."""
        ...

    def rows(self, sheet: str) -> list[dict[str, Any]]:
        """Return the rows of a table by the titles of its columns, dates as dates."""
        ...

    def text_in_b2(self, sheet: str) -> object:
        """Return what stands in B2."""
        ...


def a_book(rows: Sequence[tuple[Value, ...]] = ROWS, *more: Sheet) -> Book:
    columns = (
        Column(MARK + "Pairs", Look.KEY),
        Column("Mentor", Look.LONG_TEXT, width=20),
        Column("State", Look.STATE, tones=(("active", Tone.GOOD), ("paused", Tone.WARN))),
        Column("Last held", Look.DATE),
        Column("Next meeting", Look.DATE_TIME),
        Column("Rating", Look.DECIMAL),
        Column("Do next", typed=True, choices=("pause", "close"), hint="Choose."),
        Column(NOTES, Look.LONG_TEXT, typed=True),
    )
    filled = tuple((*row, None, None) for row in rows)
    pairs = Sheet("Pairs", "How every pair is doing.", columns, filled)
    return Book("Reverse Mentoring", "Europe/Berlin", (an_overview(), pairs, *more))


def an_overview() -> Sheet:
    block = Block("Meetings", ChartKind.STACKED, ("Month", "Confirmed"), (("Nov ’26", 3),))
    figures = tuple(Figure(f"Figure {n}", n, "held", Tone.GOOD) for n in range(7))
    return Sheet("Overview", "All.", figures=figures, blocks=(block,))


class PublisherContract:
    """The promises of the port Publisher."""

    @pytest.fixture
    def desk(self) -> Desk:
        raise NotImplementedError

    def test_there_is_nothing_to_conclude_from_no_workbook(self, desk: Desk) -> None:
        """What is not there is not a coordinator who deleted every note."""
        publisher = desk.open()
        assert publisher.fingerprint() == ""
        assert publisher.typed() is None

    def test_what_was_published_is_there_to_read(self, desk: Desk) -> None:
        publish(desk, a_book())
        assert desk.names() == ["Overview", "Pairs"]
        first, second, *_ = desk.rows("Pairs")
        assert first["Mentor"] == "Aylin Demir"
        assert first["Last held"] == date(2026, 11, 3)
        assert first["Next meeting"] == datetime(2026, 12, 1, 10, 30)
        assert (first["Rating"], second["Rating"]) == (4.5, 0)
        assert second["Last held"] is None

    def test_the_fingerprint_of_an_untouched_workbook_stays(self, desk: Desk) -> None:
        told = publish(desk, a_book())
        assert told == desk.open().fingerprint() != ""
        assert desk.open().typed() == ()

    def test_typing_changes_the_fingerprint_and_is_found(self, desk: Desk) -> None:
        told = publish(desk, a_book())
        desk.type_in("Pairs", NOTE.row, NOTE.column, NOTE.text)
        publisher = desk.open()
        assert publisher.fingerprint() != told
        assert publisher.typed() == (NOTE,)

    def test_what_people_write_stays_text_and_comes_back(self, desk: Desk) -> None:
        """A mail that begins with "=" must not become a formula in the coordinator's browser."""
        rows = [(f"P{n:02}", text, "active", None, None, None) for n, text in enumerate(HOSTILE)]
        notes = {replace(NOTE, row=f"P{n:02}", text=text) for n, text in enumerate(HOSTILE)}
        publish(desk, merged(a_book(rows), notes))
        shown = [(row["Mentor"], row[NOTES]) for row in desk.rows("Pairs")]
        assert shown == [(text, text) for text in HOSTILE]
        assert set(desk.open().typed() or ()) == notes

    def test_a_note_stays_with_its_row_however_it_was_sorted(self, desk: Desk) -> None:
        publish(desk, a_book())
        desk.type_in("Pairs", NOTE.row, NOTE.column, NOTE.text)
        desk.turn_over("Pairs")
        run(desk, a_book(ROWS[:1] + ROWS[2:]))
        assert [row["Mentor"] for row in desk.rows("Pairs")] == [r[1] for r in ROWS[:1] + ROWS[2:]]
        assert [row[NOTES] for row in desk.rows("Pairs")] == [NOTE.text, None, None]

    def test_columns_and_sheets_of_the_coordinator_survive_every_run(self, desk: Desk) -> None:
        publish(desk, a_book())
        desk.type_in("Pairs", "P03", "Budget", "12.5")
        desk.add_sheet("My list", "call Hannah")
        for number in range(3):
            run(desk, a_book(ROWS[number:]))
        assert [row["Budget"] for row in desk.rows("Pairs")] == [12.5, None]
        assert "My list" in desk.names()
        assert desk.text_in_b2("My list") == "call Hannah"

    def test_a_sheet_of_ours_is_known_under_another_name(self, desk: Desk) -> None:
        publish(desk, merged(a_book(), [NOTE]))
        desk.rename("Pairs", "Paare")
        assert desk.open().typed() == (NOTE,)

    def test_a_note_whose_row_is_gone_is_kept_and_returns(self, desk: Desk) -> None:
        publish(desk, merged(a_book(), [NOTE]))
        run(desk, a_book(ROWS[1:]))
        assert [row["Text"] for row in desk.rows(NOTES_KEPT)] == [NOTE.text]
        run(desk, a_book())
        assert desk.rows("Pairs")[0][NOTES] == NOTE.text
        assert NOTES_KEPT not in desk.names()

    def test_a_workbook_says_which_book_it_was_and_when_it_was_made(self, desk: Desk) -> None:
        """Whatever a person does to it afterwards."""
        book = merged(a_book(), [NOTE])
        publish(desk, book)
        desk.type_in("Pairs", CHOICE.row, CHOICE.column, CHOICE.text)
        desk.turn_over("Pairs")
        publisher = desk.open()
        publisher.typed()
        assert publisher.origin() == Origin(book.digest, NOW)

    def test_a_choice_that_was_obeyed_is_gone(self, desk: Desk) -> None:
        publish(desk, merged(a_book(), [NOTE]))
        desk.type_in("Pairs", CHOICE.row, CHOICE.column, CHOICE.text)
        publisher = desk.open()
        typed = publisher.typed() or ()
        assert set(typed) == {NOTE, CHOICE}
        publisher.publish(merged(a_book(), [NOTE]), NOW)
        assert desk.open().typed() == (NOTE,)

    def test_what_is_typed_while_we_plan_is_read_again_first(self, desk: Desk) -> None:
        publish(desk, a_book())
        publisher = desk.open()
        publisher.typed()
        desk.type_in("Pairs", NOTE.row, NOTE.column, NOTE.text)
        publisher.fingerprint()  # a look is not a reading
        with pytest.raises(ChangedError):
            publisher.publish(a_book(ROWS[1:]), NOW)
        run(desk, a_book(ROWS[::-1]))
        assert desk.rows("Pairs")[-1][NOTES] == NOTE.text

    def test_a_workbook_that_nobody_has_looked_at_is_not_replaced(self, desk: Desk) -> None:
        publish(desk, a_book())
        with pytest.raises(ChangedError):
            desk.open().publish(a_book(ROWS[1:]), NOW)

    def test_who_knows_the_fingerprint_need_not_read(self, desk: Desk) -> None:
        known = publish(desk, a_book())
        publisher = desk.open()
        assert publisher.fingerprint() == known
        assert publisher.publish(a_book(ROWS[1:]), NOW) == desk.open().fingerprint()

    def test_an_empty_table_can_be_filled_and_emptied_again(self, desk: Desk) -> None:
        for rows in ((), ROWS, (), ROWS[1:]):
            run(desk, a_book(rows))
            assert [row["Mentor"] for row in desk.rows("Pairs")] == [row[1] for row in rows]


def publish(desk: Desk, book: Book) -> str:
    """Publish a book as a run that knows what is there."""
    publisher = desk.open()
    publisher.fingerprint()
    return publisher.publish(book, NOW)


def run(desk: Desk, book: Book) -> str:
    """Read what was typed and publish the book with it, as a run does."""
    publisher = desk.open()
    return publisher.publish(merged(book, publisher.typed() or ()), NOW)
