"""Google Sheets as tracking: the promises of a Publisher, edits meanwhile, faults, rights."""

import copy
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google_login import ACCOUNT
from google_sheets import ID, GoogleSheets
from publisher_contract import (
    NOTE,
    NOTES,
    NOW,
    ROWS,
    Desk,
    PublisherContract,
    a_book,
    publish,
    run,
)
from sheets_document import Document, Tab
from sheets_hands import add_tab, formula, insert, move_column, name_of, says, type_in
from web_server import Fault

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.google.sheets_settings import TrackingSettings
from rmflow.adapters.google.sheets_tracking import SheetsTracking
from rmflow.config.secret import SecretRef
from rmflow.errors import ChangedError, DeniedError, UnavailableError, UncertainError
from rmflow.formats.workbook.book import Typed
from rmflow.formats.workbook.merging import NOTES_KEPT, merged
from rmflow.ports.checkup import Verdict

_HEADER = 3
_ZERO = datetime(1899, 12, 30)


class SheetsDesk:
    """A shared spreadsheet, and the browser of the coordinator."""

    def __init__(self, service: GoogleSheets, folder: Path) -> None:
        self.service = service
        self._folder = folder
        service.document.roles[ACCOUNT] = "writer"
        service.login.write_key(folder / "key.json", f"{service.url}/token")

    @property
    def document(self) -> Document:
        return self.service.document

    @property
    def pairs(self) -> Tab:
        return self.document.tab("Pairs")

    def open(self) -> SheetsTracking:
        settings = TrackingSettings(
            spreadsheet=ID,
            key=SecretRef("file", "key.json"),
            url=self.service.url,
            timeout_s=self.service.timeout_s,
        )
        return SheetsTracking(settings, self._folder, StoppedClock(NOW))

    def type_in(self, sheet: str, key: str, title: str, text: str) -> None:
        tab = self.document.tab(sheet)
        titles = _titles(tab)
        column = titles.get(title, max(titles.values()) + 1)
        if title not in titles:
            type_in(tab, name_of(_HEADER, column), title)
        type_in(tab, name_of(_row_of(tab, key), column), text)

    def turn_over(self, sheet: str) -> None:
        tab = self.document.tab(sheet)
        last = _last_row(tab) + 1
        body = list(range(_HEADER + 1, last))
        tab.reorder("ROWS", [*range(_HEADER + 1), *reversed(body), *range(last, tab.rows)])

    def add_sheet(self, name: str, text: str) -> None:
        type_in(add_tab(self.document, name), "B2", text)

    def rename(self, sheet: str, name: str) -> None:
        self.document.tab(sheet).title = name

    def names(self) -> list[str]:
        return [t.title for t in self.document.tabs if not t.hidden and t.title != "Sheet1"]

    def rows(self, sheet: str) -> list[dict[str, Any]]:
        tab = self.document.tab(sheet)
        titles = _titles(tab)
        return [
            {title: _value(tab, row, column) for title, column in titles.items()}
            for row in range(_HEADER + 1, _last_row(tab) + 1)
        ]

    def text_in_b2(self, sheet: str) -> object:
        return says(self.document.tab(sheet), "B2")


def _titles(tab: Tab) -> dict[str, int]:
    titles = {says(tab, name_of(_HEADER, column)): column for column in range(26)}
    return {str(title): column for title, column in titles.items() if title is not None}


def _last_row(tab: Tab) -> int:
    return max(row for (row, _), cell in tab.cells.items() if "effectiveValue" in cell)


def _row_of(tab: Tab, key: str) -> int:
    return next(row for row in range(tab.rows) if says(tab, name_of(row, 0)) == key)


def _value(tab: Tab, row: int, column: int) -> object:
    shown = says(tab, name_of(row, column))
    form = tab.cells.get((row, column), {}).get("userEnteredFormat", {}).get("numberFormat", {})
    if shown is None or form.get("type") not in ("DATE", "DATE_TIME"):
        return shown
    assert isinstance(shown, int | float), shown
    moment = _ZERO + timedelta(seconds=round(shown * 86_400))
    return moment.date() if form["type"] == "DATE" else moment


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[SheetsDesk]:
    with GoogleSheets() as service:
        yield SheetsDesk(service, tmp_path)


@pytest.fixture(scope="module")
def published_document(tmp_path_factory: pytest.TempPathFactory) -> Document:
    with GoogleSheets() as service:
        publish(SheetsDesk(service, tmp_path_factory.mktemp("published")), a_book())
        return service.document


@pytest.fixture
def published(desk: SheetsDesk, published_document: Document) -> SheetsDesk:
    """A spreadsheet into which `a_book()` was published."""
    desk.service.state.documents[ID] = copy.deepcopy(published_document)
    return desk


class TestSheetsTracking(PublisherContract):
    @pytest.fixture
    def desk(self, tmp_path: Path) -> Iterator[Desk]:
        with GoogleSheets() as service:
            yield SheetsDesk(service, tmp_path)


# What only a live document has: formulas, comments, moves.


def test_publishing_the_same_book_twice_writes_nothing(desk: SheetsDesk) -> None:
    told = publish(desk, a_book())
    before = copy.deepcopy(desk.document.tabs)
    publisher = desk.open()
    publisher.fingerprint()
    assert publisher.publish(a_book(), NOW + timedelta(hours=1)) == told
    assert len(desk.service.writes) == 1
    assert desk.document.tabs == before


def test_no_text_of_ours_is_ever_calculated(desk: SheetsDesk) -> None:
    rows = [("P01", '=IMPORTXML("http://evil.example","//a")', "active", None, None, None)]
    run(desk, merged(a_book(rows), [Typed("My list", "0000001", "00001", "=1+1")]))
    assert desk.document.formulas == 0


def test_what_is_attached_to_a_row_moves_with_it(published: SheetsDesk) -> None:
    """A comment about one pair must not end up beside another."""
    published.pairs.cell(_row_of(published.pairs, "P03"), 1)["note"] = "call her first"
    published.turn_over("Pairs")
    run(published, a_book((("P00", "New", "active", None, None, None), *ROWS[1:])))
    notes = {
        place: cell["note"] for place, cell in published.pairs.cells.items() if cell.get("note")
    }
    assert notes == {
        (_row_of(published.pairs, "P03"), 1): "call her first",
        (_HEADER, 6): "Choose.",
    }


def test_a_formula_in_a_column_of_their_own_stays_a_formula(published: SheetsDesk) -> None:
    published.type_in("Pairs", "P01", "Double", "0")
    cell = name_of(_row_of(published.pairs, "P01"), _titles(published.pairs)["Double"])
    formula(published.pairs, cell, "=F5*2", 9)
    run(published, a_book(ROWS[::-1]))
    where = (_row_of(published.pairs, "P01"), _titles(published.pairs)["Double"])
    assert published.pairs.cells[where]["userEnteredValue"] == {"formulaValue": "=F5*2"}
    assert where[0] == _HEADER + 4


def test_columns_and_rows_come_back_to_their_places(desk: SheetsDesk) -> None:
    publish(desk, merged(a_book(), [NOTE]))
    pairs = desk.pairs
    insert(pairs, "ROWS", 0)
    insert(pairs, "COLUMNS", 0)
    insert(pairs, "COLUMNS", 4)
    move_column(pairs, "J", 2)
    type_in(pairs, "C1", "a remark above")
    type_in(pairs, "C30", "a remark below")
    run(desk, a_book())
    assert list(_titles(desk.pairs))[1:4] == ["Mentor", "State", "Last held"]
    assert [row[NOTES] for row in desk.rows("Pairs")] == [NOTE.text, None, None, None]
    kept = {row["Text"] for row in desk.rows(NOTES_KEPT)}
    assert kept == {"a remark above", f"{NOTES}: a remark below"}


def test_our_column_that_somebody_deleted_comes_back_with_its_looks(published: SheetsDesk) -> None:
    published.pairs.reorder("COLUMNS", [0, 1, *range(3, published.pairs.columns)])
    run(published, a_book())
    assert list(_titles(published.pairs))[1:4] == ["Mentor", "State", "Last held"]
    colours = [rule["booleanRule"]["condition"]["values"] for rule in published.pairs.rules]
    assert sorted(str(values) for values in colours) == [
        "[{'userEnteredValue': 'active'}]",
        "[{'userEnteredValue': 'paused'}]",
    ]


def test_a_sheet_that_somebody_deleted_is_made_anew(desk: SheetsDesk) -> None:
    publish(desk, merged(a_book(), [NOTE]))
    desk.document.tabs.remove(desk.pairs)
    run(desk, merged(a_book(), [NOTE]))
    assert len(desk.rows("Pairs")) == len(ROWS)


def test_the_spreadsheet_survives_the_loss_of_its_hidden_sheet(desk: SheetsDesk) -> None:
    publish(desk, merged(a_book(), [NOTE]))
    desk.document.tabs.remove(desk.document.tab("_rmflow"))
    publisher = desk.open()
    typed = publisher.typed() or ()
    publisher.publish(merged(a_book(ROWS[1:] + ROWS[:1]), typed), NOW)
    assert [row[NOTES] for row in desk.rows("Pairs")] == [None, None, None, NOTE.text]
    assert desk.document.tab("_rmflow").hidden


def test_a_sheet_of_theirs_with_a_name_of_ours_is_left_alone(desk: SheetsDesk) -> None:
    theirs = add_tab(desk.document, "Pairs")
    type_in(theirs, "B2", "mine")
    for number in range(3):
        run(desk, a_book(ROWS[number:]))
    assert says(theirs, "B2") == "mine"
    assert sorted(desk.names()) == ["Overview", "Pairs", "Pairs (2)"]
    assert len(desk.rows("Pairs (2)")) == 2


def test_a_copy_of_our_sheet_is_theirs(published: SheetsDesk) -> None:
    copied = copy.deepcopy(published.pairs)
    copied.id, copied.title = 99, "Copy of Pairs"
    published.document.tabs.append(copied)
    before = copy.deepcopy(copied)
    run(published, a_book(ROWS[1:]))
    assert published.document.tab("Copy of Pairs") == before
    assert len(published.rows("Pairs")) == 3


def test_their_sheet_is_restored_in_a_new_spreadsheet(desk: SheetsDesk) -> None:
    """What the store remembers of a spreadsheet that was thrown away."""
    typed = [
        Typed("My list", "", "", "001"),
        Typed("My list", "0000002", "00002", "call Hannah"),
    ]
    publish(desk, merged(a_book(), typed))
    assert desk.text_in_b2("My list") == "call Hannah"


def test_the_looks_of_the_xlsx_are_there(published: SheetsDesk) -> None:
    pairs, overview = published.pairs, published.document.tab("Overview")
    assert (pairs.frozen_rows, pairs.frozen_columns, pairs.gridlines_hidden) == (4, 2, True)
    assert pairs.column_properties[0] == {"hiddenByUser": True}
    assert pairs.column_properties[1] == {"pixelSize": 145}
    assert pairs.filter is not None
    rule = pairs.cell(_HEADER + 1, 6)["dataValidation"]
    assert rule["condition"]["values"] == [
        {"userEnteredValue": "pause"},
        {"userEnteredValue": "close"},
    ]
    assert (rule["strict"], rule["showCustomUi"]) == (True, True)
    assert len(pairs.rules) == 2
    assert len(overview.charts) == 1
    assert published.document.tab("_rmflow").hidden


def test_a_change_of_our_columns_dresses_the_sheet_anew_and_leaves_their_rules(
    published: SheetsDesk,
) -> None:
    theirs = {
        "ranges": [{"sheetId": published.pairs.id}],
        "booleanRule": {"condition": {"type": "BLANK"}, "format": {"textFormat": {}}},
    }
    published.pairs.rules.insert(1, theirs)
    book = a_book()
    sheet = book.sheets[1]
    columns = tuple(replace(c, width=50) if c.title == "Mentor" else c for c in sheet.columns)
    run(published, replace(book, sheets=(book.sheets[0], replace(sheet, columns=columns))))
    assert published.pairs.column_properties[1] == {"pixelSize": 355}
    assert len(published.pairs.rules) == 3
    assert theirs in published.pairs.rules


# Meanwhile.


def test_what_is_typed_in_the_very_second_of_writing_is_not_overwritten(
    desk: SheetsDesk,
) -> None:
    """Sheets has no "write if unchanged", so only cells that differ are written."""
    publish(desk, merged(a_book(), [NOTE]))

    def types(_: Document) -> None:
        desk.type_in("Pairs", "P01", NOTES, "corrected just now")
        desk.type_in("Pairs", "P03", NOTES, "typed just now")

    desk.service.meanwhile = types
    told = run(desk, a_book(ROWS[:3]))
    notes = ["corrected just now", None, "typed just now"]
    assert [row[NOTES] for row in desk.rows("Pairs")] == notes
    assert told != desk.open().fingerprint()  # so the next run reads it
    run(desk, a_book(ROWS[:3]))
    assert [row[NOTES] for row in desk.rows("Pairs")] == notes


def test_a_second_writer_in_the_very_second_wins_alone(published: SheetsDesk) -> None:
    """Another rmflow, or our own request that comes late: it replaced the hidden sheet."""
    other = copy.deepcopy(published.document.tabs)
    published.service.meanwhile = lambda document: setattr(document.tab("_rmflow"), "id", 4711)
    with pytest.raises(ChangedError):
        run(published, a_book(ROWS[:1]))
    assert published.document.tabs[1:-1] == other[1:-1]
    run(published, a_book(ROWS[:1]))
    assert len(published.rows("Pairs")) == 1


def test_two_first_runs_at_once_make_one_workbook(desk: SheetsDesk) -> None:
    empty = copy.deepcopy(desk.document.tabs)
    publish(desk, a_book(ROWS[:1]))
    (first,) = desk.service.writes
    desk.document.tabs = empty
    publish(desk, a_book())
    assert desk.service._handled(first).status == 400
    assert len(desk.rows("Pairs")) == len(ROWS)


def test_a_request_that_comes_again_later_changes_nothing(published: SheetsDesk) -> None:
    """A batch moves rows by their numbers: applied twice it would tear notes from their rows."""
    run(published, a_book(ROWS[::-1][:3]))
    run(published, merged(a_book(ROWS), [NOTE]))
    before = copy.deepcopy(published.document.tabs)
    for late in published.service.writes[:]:
        assert published.service._handled(late).status == 400
    assert published.document.tabs == before


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name)
def test_under_a_fault_the_next_run_sets_everything_right(
    published: SheetsDesk, fault: Fault
) -> None:
    """One request a run, and what the coordinator typed is there at the end."""
    own = Typed("Pairs", "P02", "Budget", "12.5")
    for typed in (NOTE, own):
        published.type_in("Pairs", typed.row, typed.column, typed.text)
    published.service.fail(fault)
    book = a_book(ROWS[::-1])
    for _ in range(2):
        sent = len(published.service.writes)
        publisher = published.open()
        with suppress(UnavailableError, UncertainError):
            publisher.publish(merged(book, publisher.typed() or ()), NOW)
        assert len(published.service.writes) <= sent + 1
        published.service.settle()
    assert set(published.open().typed() or ()) == {NOTE, own, Typed("Pairs", "", "Budget", "001")}
    assert [row["Mentor"] for row in published.rows("Pairs")] == [row[1] for row in ROWS[::-1]]
    assert [row["Budget"] for row in published.rows("Pairs")] == [None, None, 12.5, None]
    assert published.pairs.charts == {}
    assert len(published.document.tab("Overview").charts) == 1


def test_an_answer_that_is_lost_is_looked_for(published: SheetsDesk) -> None:
    published.service.fail(Fault.HANGS_UP_AFTER)
    told = run(published, a_book(ROWS[:2]))
    assert told == published.open().fingerprint()


def test_a_lost_answer_is_uncertain_while_nobody_can_see_what_happened(
    published: SheetsDesk,
) -> None:
    published.service.fail(Fault.LAGS_AFTER)
    with pytest.raises(UncertainError):
        run(published, a_book(ROWS[:2]))


# Refusals.


def test_a_protected_sheet_is_told_in_googles_words(published: SheetsDesk) -> None:
    """A warning of every run, and everything else goes on."""
    published.pairs.protected = True
    with pytest.raises(UnavailableError, match=r"protected cell.*remove it"):
        run(published, a_book(ROWS[:1]))
    assert len(published.rows("Pairs")) == len(ROWS)


@pytest.mark.parametrize("role", ["reader", None])
def test_an_account_that_may_not_write_is_told_how_it_may(
    desk: SheetsDesk, role: str | None
) -> None:
    desk.document.roles = {ACCOUNT: role} if role else {}
    with pytest.raises(DeniedError, match="share it as Editor"):
        publish(desk, a_book())


def test_a_spreadsheet_that_is_gone_is_told_with_the_setting_to_check(desk: SheetsDesk) -> None:
    del desk.service.state.documents[ID]
    with pytest.raises(DeniedError, match=r"check spreadsheet in \[tracking\]"):
        desk.open().fingerprint()


class TestCheckup:
    def test_a_probe_comes_and_goes(self, desk: SheetsDesk) -> None:
        before = copy.deepcopy(desk.document.tabs)
        found = {finding.check: finding.verdict for finding in desk.open().checkup()}
        assert found["read"] is Verdict.FINE
        assert found["write"] is Verdict.FINE
        assert desk.document.tabs == before
        assert len(desk.service.writes) == 1

    def test_a_viewer_is_told_to_become_an_editor(self, desk: SheetsDesk) -> None:
        desk.document.roles[ACCOUNT] = "reader"
        *_, finding = desk.open().checkup()
        assert (finding.check, finding.verdict) == ("write", Verdict.FAILED)
        assert "Editor" in finding.advice

    def test_nothing_is_tried_where_nothing_can_be_read(self, desk: SheetsDesk) -> None:
        desk.document.roles.clear()
        (finding,) = desk.open().checkup()
        assert finding.verdict is Verdict.FAILED
        assert desk.service.writes == []
