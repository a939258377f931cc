"""The xlsx file of the tracking workbook, judged by openpyxl and by what is read back."""

import io
import os
import shutil
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.spreadsheet import read_tables
from rmflow.adapters.workbook.cell_text import CUT, MOST_UNITS
from rmflow.adapters.workbook.drawing import drawn
from rmflow.adapters.workbook.tracking import Settings, XlsxTracking
from rmflow.errors import ChangedError, UnavailableError
from rmflow.formats.workbook.book import (
    MARK,
    Block,
    Book,
    Carried,
    ChartKind,
    Column,
    Figure,
    Look,
    Sheet,
    Tone,
    Typed,
    Value,
)
from rmflow.formats.workbook.merging import merged

NOW = datetime(2026, 11, 22, 9, 15, tzinfo=UTC)
HEADER = 4  # the row of the header, as people count
NOTE = Typed("Pairs", "P01", "Coordinator notes", "met them on Friday")

HOSTILE = (
    '=HYPERLINK("http://evil.example","click")',
    "=cmd|'/C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "＋1+1",
    "－2+3",
    "＠SUM(A1:A9)",
    " =1+1",
    "http://fabrikam.example/",
    "internal:Log!A1",
    "{=1+1}",
    "<r><t>injected</t></r>",
    "<r></si></sst></r>",
    "_x0041_ _x000D_",
    "]]> & < > \" ' &amp;",
    "007",
    "1e5",
    "TRUE",
    "#REF!",
    "2026-02-30",
    "多言語 עברית العربية 👩🏽‍💻 e\u0301",
    "line one\nline two",
    "added:0123",
    "rmflow:Pairs",
)


def a_book(
    rows: Sequence[tuple[Value, ...]] = (
        ("P01", "Aylin Demir", "active", date(2026, 11, 3), 4, None, None),
        ("P02", "Jonas Brandt", "paused", None, 0, None, None),
    ),
    *more: Sheet,
) -> Book:
    columns = (
        Column(MARK + "Pairs", Look.KEY),
        Column("Mentor", Look.LONG_TEXT, width=20),
        Column("State", Look.STATE, tones=(("active", Tone.GOOD), ("paused", Tone.WARN))),
        Column("Last held", Look.DATE),
        Column("Confirmed", Look.NUMBER),
        Column("Do next", typed=True, choices=("pause", "close"), hint="Choose."),
        Column("Coordinator notes", Look.LONG_TEXT, typed=True),
    )
    pairs = Sheet("Pairs", "How every pair is doing.", columns, tuple(rows))
    return Book("Reverse Mentoring", "Europe/Berlin", (pairs, *more))


def an_overview() -> Sheet:
    block = Block("Meetings", ChartKind.STACKED, ("Month", "Confirmed"), (("Nov ’26", 3),))
    return Sheet("Overview", "All.", figures=(Figure("Confirmed", 3, "held"),), blocks=(block,))


def opened(content: bytes | Path) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(content) if isinstance(content, bytes) else content)


def row_of(page: Worksheet, number: int) -> list[object]:
    return [cell.value for cell in page[number]]


@pytest.fixture
def tracking(tmp_path: Path) -> XlsxTracking:
    return tracking_in(tmp_path)


def tracking_in(folder: Path, keep_copies: int = 3) -> XlsxTracking:
    settings = Settings(path=Path("tracking.xlsx"), keep_copies=keep_copies)
    return XlsxTracking(settings, folder, StoppedClock(NOW))


def write(tracking: XlsxTracking, book: Book | None = None) -> str:
    tracking.fingerprint()
    return tracking.publish(book or a_book(), NOW)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def type_in(path: Path, cell: str, value: str | datetime, sheet: str = "Pairs") -> None:
    """Do what a coordinator does: open, type, save."""
    workbook = openpyxl.load_workbook(path)
    workbook[sheet][cell] = value
    workbook.save(path)


class TestDrawing:
    def test_rows_are_a_real_table_with_filters_under_a_frozen_header(self) -> None:
        """FEATURES R1: a coordinator sorts and filters without setting anything up."""
        page = opened(drawn(a_book(), NOW))["Pairs"]

        (table,) = page.tables.values()
        assert table.ref == "A4:G6"
        assert table.autoFilter.ref == "A4:G6"
        assert page.freeze_panes == "C5"
        assert page.print_title_rows == "$4:$4"
        assert page.column_dimensions["A"].hidden
        assert row_of(page, HEADER)[1:4] == ["Mentor", "State", "Last held"]

    def test_dates_are_dates_and_numbers_are_numbers(self) -> None:
        page = opened(drawn(a_book(), NOW))["Pairs"]

        assert page["D5"].value == datetime(2026, 11, 3)
        assert page["D5"].is_date
        assert page["E5"].value == 4

    def test_a_date_that_excel_does_not_have_is_shown_as_text(self) -> None:
        """A typing error in a summary must not stop the workbook."""
        rows = [("P01", "Aylin", "active", date(26, 11, 3), 4, None, None)]

        assert opened(drawn(a_book(rows), NOW))["Pairs"]["D5"].value == "0026-11-03"

    def test_choices_are_a_drop_down(self) -> None:
        page = opened(drawn(a_book(), NOW))["Pairs"]

        rules = {str(rule.sqref): rule for rule in page.data_validations.dataValidation}
        assert rules["F5:F6"].formula1 == '"pause,close"'
        assert rules["F4"].prompt == "Choose."

    def test_an_empty_table_is_still_a_table(self) -> None:
        content = drawn(a_book(rows=()), NOW)

        assert list(opened(content)["Pairs"].tables)

    def test_times_say_their_zone(self) -> None:
        """A cell has no zone, so the sheet says which one it is."""
        page = opened(drawn(a_book(), NOW))["Pairs"]

        assert str(page["B3"].value).startswith(
            "Written by rmflow on 22 Nov 2026, 10:15. All times are Europe/Berlin."
        )

    def test_figures_have_charts_that_say_what_they_show(self) -> None:
        content = drawn(a_book((), an_overview()), NOW)

        assert len(opened(content)["Overview"]._charts) == 1  # type: ignore[attr-defined]
        drawing = zipfile.ZipFile(io.BytesIO(content)).read("xl/drawings/drawing1.xml")
        assert b"Chart: Meetings." in drawing

    def test_equal_books_at_an_equal_time_are_equal_bytes(self) -> None:
        assert drawn(a_book((), an_overview()), NOW) == drawn(a_book((), an_overview()), NOW)

    def test_the_file_says_who_made_it_and_when(self) -> None:
        properties = opened(drawn(a_book(), NOW)).properties

        assert properties.title == "Reverse Mentoring: tracking"
        assert properties.creator == "rmflow"
        assert properties.created == NOW.replace(tzinfo=None)

    def test_our_own_memory_is_out_of_sight(self) -> None:
        assert opened(drawn(a_book(), NOW))["_rmflow"].sheet_state == "veryHidden"

    @pytest.mark.parametrize("text", HOSTILE)
    def test_what_people_write_stays_text(self, text: str) -> None:
        """PITFALLS 4.1: text that starts like a formula is one for openpyxl, not for us."""
        page = opened(drawn(a_book([("P01", text, text, None, 1, None, text)]), NOW))["Pairs"]

        for cell in (page["B5"], page["C5"], page["G5"]):
            assert cell.data_type == "s"
            assert str(cell.value).strip() == text.strip()
            assert cell.hyperlink is None

    def test_a_text_in_rich_text_markup_cannot_inject_a_cell(self) -> None:
        """XlsxWriter writes a string from "<r>" to "</r>" as it is, into the XML."""
        content = drawn(a_book([("P01", "<r><t>no</t></r>", "", None, 1, None, None)]), NOW)

        strings = zipfile.ZipFile(io.BytesIO(content)).read("xl/sharedStrings.xml")
        assert b"&lt;r&gt;&lt;t&gt;no" in strings

    def test_characters_that_xml_lacks_are_left_out(self) -> None:
        text = "a\x00b\x08c\x0bd\x1be\x7ff\x85g\ud800h\uffffi\r\nj"
        page = opened(drawn(a_book([("P01", text, "", None, 1, None, None)]), NOW))["Pairs"]

        assert page["B5"].value == "abcdefghi\nj"

    @pytest.mark.parametrize("text", ["x" * 40_000, "👩" * 20_000], ids=["letters", "emoji"])
    def test_a_text_too_long_for_a_cell_is_cut_where_it_can_be_seen(self, text: str) -> None:
        """Excel calls a file with a longer text damaged; UTF-16 units count, not characters."""
        page = opened(drawn(a_book([("P01", text, "", None, 1, None, None)]), NOW))["Pairs"]

        shown = str(page["B5"].value)
        assert shown.endswith(CUT)
        assert len(shown.encode("utf-16-le")) // 2 in (MOST_UNITS, MOST_UNITS - 1)

    def test_titles_and_names_of_any_kind_make_a_file_that_opens(self) -> None:
        """A coordinator's sheet may come from another program, where names are freer."""
        own = Column("Budget <&> \"'", Look.LONG_TEXT, typed=True, own=True)
        book = a_book([("P01", "Aylin", "active", None, 1, None, None, 12.5)])
        sheet = book.sheets[0]
        book = replace(
            book,
            title='A & B "Mentoring" <2026>',
            sheets=(replace(sheet, columns=(*sheet.columns, own)),),
            carried=(
                Carried("a[b]:c*d?e/f\\g and a name that is far too long", ((1, 1, "x"),)),
                Carried("PAIRS", ((2, 2, True),)),
            ),
        )

        workbook = opened(drawn(book, NOW))

        assert workbook.sheetnames[1:3] == ["a-b--c-d-e-f-g and a name that ", "PAIRS (2)"]
        assert workbook["PAIRS (2)"]["B2"].value is True
        assert workbook["Pairs"]["H5"].value == 12.5

    def test_no_warning_is_hidden(self) -> None:
        """XlsxWriter warns and leaves things out where it should refuse."""
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            drawn(a_book((), an_overview()), NOW)


class TestReadingBack:
    def test_there_is_nothing_to_conclude_from_no_workbook(self, tracking: XlsxTracking) -> None:
        """A deleted file is not a coordinator who deleted every note."""
        assert tracking.fingerprint() == ""
        assert tracking.typed() is None

    def test_an_untouched_workbook_has_nothing_typed(self, tracking: XlsxTracking) -> None:
        write(tracking, a_book((), an_overview()))

        assert tracking.typed() == ()

    @pytest.mark.parametrize("text", HOSTILE)
    def test_a_note_comes_back_as_it_was_typed(self, tracking: XlsxTracking, text: str) -> None:
        note = replace(NOTE, text=text.strip())
        write(tracking, merged(a_book(), [note]))

        assert tracking.typed() == (note,)

    def test_a_note_typed_in_the_file_is_found(
        self, tmp_path: Path, tracking: XlsxTracking
    ) -> None:
        write(tracking)
        type_in(tmp_path / "tracking.xlsx", "G6", datetime(2026, 12, 1))

        assert tracking.typed() == (Typed("Pairs", "P02", "Coordinator notes", "2026-12-01"),)

    def test_a_remark_on_the_overview_is_found_and_our_figures_are_not(
        self, tmp_path: Path, tracking: XlsxTracking
    ) -> None:
        write(tracking, a_book((), an_overview()))
        type_in(tmp_path / "tracking.xlsx", "H2", "show this to the board", sheet="Overview")

        (typed,) = tracking.typed() or ()
        assert (typed.sheet, typed.text) == ("Overview", "show this to the board")

    def test_a_workbook_that_lost_its_hidden_sheet_keeps_its_notes(
        self, tmp_path: Path, tracking: XlsxTracking
    ) -> None:
        write(tracking, merged(a_book(), [NOTE]))
        workbook = openpyxl.load_workbook(tmp_path / "tracking.xlsx")
        del workbook["_rmflow"]
        workbook.save(tmp_path / "tracking.xlsx")

        assert merged(a_book(), tracking.typed() or ()) == merged(a_book(), [NOTE])

    def test_a_workbook_that_is_not_ours_is_carried_over_whole(
        self, tmp_path: Path, tracking: XlsxTracking
    ) -> None:
        """The operator named a file that somebody had already."""
        workbook = openpyxl.Workbook()
        workbook.active["B2"] = "mine"  # type: ignore[index]
        workbook.save(tmp_path / "tracking.xlsx")

        typed = tracking.typed() or ()
        tracking.publish(merged(a_book(), typed), NOW)

        assert opened(tmp_path / "tracking.xlsx")["Sheet"]["B2"].value == "mine"


class TestPublishing:
    def test_publishing_gives_the_fingerprint_of_the_file(self, tracking: XlsxTracking) -> None:
        assert write(tracking) == tracking.fingerprint() != ""

    def test_saving_changes_the_fingerprint(self, tmp_path: Path, tracking: XlsxTracking) -> None:
        before = write(tracking)
        type_in(tmp_path / "tracking.xlsx", "G5", "a note")

        assert tracking.fingerprint() != before

    @pytest.mark.parametrize("lock", ["~$tracking.xlsx", ".~lock.tracking.xlsx#"])
    def test_a_workbook_that_is_open_is_left_alone(
        self, tmp_path: Path, tracking: XlsxTracking, lock: str
    ) -> None:
        """C20: Excel and LibreOffice leave a file beside the one they have open."""
        write(tracking)
        before = (tmp_path / "tracking.xlsx").read_bytes()
        (tmp_path / lock).touch()

        with pytest.raises(UnavailableError, match=r"tracking\.xlsx is open .* next run writes"):
            tracking.publish(a_book(rows=()), NOW)
        assert (tmp_path / "tracking.xlsx").read_bytes() == before
        assert names_in(tmp_path) == {lock, "tracking.xlsx"}

        (tmp_path / lock).unlink()
        tracking.publish(a_book(rows=()), NOW)

    def test_a_workbook_that_was_saved_meanwhile_is_read_again_first(
        self, tmp_path: Path, tracking: XlsxTracking
    ) -> None:
        write(tracking)
        tracking.typed()
        type_in(tmp_path / "tracking.xlsx", "G5", "typed while we planned")
        tracking.fingerprint()  # a look at the file is not a reading of it

        with pytest.raises(ChangedError):
            tracking.publish(a_book(), NOW)

        (note,) = tracking.typed() or ()
        tracking.publish(merged(a_book(), [note]), NOW)
        assert note.text == "typed while we planned"

    def test_a_workbook_nobody_has_looked_at_is_not_replaced(self, tmp_path: Path) -> None:
        write(tracking_in(tmp_path))

        with pytest.raises(ChangedError):
            tracking_in(tmp_path).publish(a_book(), NOW)

    def test_who_knows_the_fingerprint_need_not_read(self, tmp_path: Path) -> None:
        """A run that finds the workbook as it left it does not pay for reading it."""
        known = write(tracking_in(tmp_path))
        tracking = tracking_in(tmp_path)

        assert tracking.fingerprint() == known
        tracking.publish(a_book(), NOW)

    def test_the_last_copies_are_kept(self, tmp_path: Path) -> None:
        tracking = tracking_in(tmp_path, keep_copies=2)
        for number in range(5):
            write(tracking, replace(a_book(), title=f"Edition {number}"))

        titles = {
            path.name: opened(path).properties.title for path in (tmp_path / "copies").iterdir()
        }
        assert titles == {
            "tracking.1.xlsx": "Edition 3: tracking",
            "tracking.2.xlsx": "Edition 2: tracking",
        }

    def test_no_copies_are_kept_where_none_are_wanted(self, tmp_path: Path) -> None:
        tracking = tracking_in(tmp_path, keep_copies=0)
        write(tracking)
        write(tracking)

        assert names_in(tmp_path) == {"tracking.xlsx"}

    @pytest.mark.parametrize("kind", ["half", "empty", "text", "zip"])
    def test_a_broken_workbook_is_kept_under_a_name_that_says_so(
        self, tmp_path: Path, tracking: XlsxTracking, kind: str
    ) -> None:
        """A half-written file may hold the only copy of a note."""
        path = tmp_path / "tracking.xlsx"
        write(tracking)
        other = io.BytesIO()
        with zipfile.ZipFile(other, "w") as archive:
            archive.writestr("readme.txt", "hello")
        broken = {
            "half": path.read_bytes()[:3000],
            "empty": b"",
            "text": b"Dear Hannah,",
            "zip": other.getvalue(),
        }[kind]
        path.write_bytes(broken)

        assert tracking.typed() is None
        tracking.publish(a_book(), NOW)

        kept = tmp_path / "tracking.unreadable-20261122T091500.xlsx"
        assert kept.read_bytes() == broken
        assert tracking.typed() == ()

    def test_a_second_broken_workbook_does_not_replace_the_first(
        self, tmp_path: Path, tracking: XlsxTracking
    ) -> None:
        for text in (b"one", b"two"):
            (tmp_path / "tracking.xlsx").write_bytes(text)
            tracking.typed()
            tracking.publish(a_book(), NOW)

        kept = sorted(path.read_bytes() for path in tmp_path.glob("tracking.unreadable-*"))
        assert kept == [b"one", b"two"]

    def test_what_the_file_system_refuses_is_for_the_next_run(self, tmp_path: Path) -> None:
        (tmp_path / "folder").write_text("not a folder")

        with pytest.raises(UnavailableError):
            write(tracking_in(tmp_path / "folder" / "below"))

    def test_nothing_is_left_behind_when_replacing_fails(
        self, tmp_path: Path, tracking: XlsxTracking
    ) -> None:
        write(tracking)
        (tmp_path / "copies").write_text("a file where the folder should be")

        with pytest.raises(UnavailableError):
            write(tracking)
        assert names_in(tmp_path) == {"copies", "tracking.xlsx"}
        assert tracking.typed() == ()

    def test_a_link_to_a_share_stays_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "share").mkdir()
        (tmp_path / "tracking.xlsx").symlink_to(tmp_path / "share" / "mentoring.xlsx")

        write(tracking_in(tmp_path))

        assert (tmp_path / "tracking.xlsx").is_symlink()
        assert read_tables(tmp_path / "share" / "mentoring.xlsx")

    def test_who_may_read_the_file_stays_as_it_was(
        self, tmp_path: Path, tracking: XlsxTracking
    ) -> None:
        write(tracking)
        (tmp_path / "tracking.xlsx").chmod(0o664)
        tracking.typed()
        tracking.publish(a_book(), NOW)

        assert (tmp_path / "tracking.xlsx").stat().st_mode & 0o777 == 0o664

    def test_a_copy_is_made_where_there_are_no_links(
        self, tmp_path: Path, tracking: XlsxTracking, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """SMB and FAT have no hard links."""

        def no_links(*_: object) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(os, "link", no_links)
        write(tracking)
        write(tracking)

        assert read_tables(tmp_path / "copies" / "tracking.1.xlsx")

    def test_hundreds_of_rows_make_a_file_that_can_be_read_back(
        self, tracking: XlsxTracking
    ) -> None:
        """What we write must stay within the limits of what we read, repetitive or not."""
        rows = [
            (f"P{n}", "The same name", "active", date(2026, 1, 1) + timedelta(n % 2), 1, None, None)
            for n in range(3_000)
        ]
        write(tracking, merged(a_book(rows), [replace(NOTE, row="P2999")]))

        assert tracking.typed() == (replace(NOTE, row="P2999"),)


def test_a_copied_file_can_be_read_like_the_first(tmp_path: Path) -> None:
    """Walk-away insurance (O8): the workbook needs nothing but itself."""
    tracking = tracking_in(tmp_path)
    write(tracking, merged(a_book(), [NOTE]))
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(tmp_path / "tracking.xlsx", tmp_path / "elsewhere" / "tracking.xlsx")

    assert tracking_in(tmp_path / "elsewhere").typed() == (NOTE,)
