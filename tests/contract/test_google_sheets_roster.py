"""Google Sheets as the roster: the promises of a RosterSource, what only Sheets has, rights."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from google_login import ACCOUNT
from google_sheets import ID, GoogleSheets
from roster_contract import PEOPLE, SHEETS, RosterContract, Shelf
from sheets_document import Document, Tab
from sheets_hands import enter_number, failing_formula, formula, name_of, place, type_in

from rmflow.adapters.clock import SystemClock
from rmflow.adapters.google.sheets_grid import GridCell
from rmflow.adapters.google.sheets_roster import SheetsRoster
from rmflow.adapters.google.sheets_settings import RosterSettings
from rmflow.config.secret import SecretRef
from rmflow.errors import DeniedError, RosterError, UnavailableError
from rmflow.formats.table import Cell
from rmflow.ports.checkup import Verdict

_ADDRESS = f"https://docs.google.com/spreadsheets/d/{ID}/edit?gid=0#gid=0"


class SheetsShelf:
    """A spreadsheet that is shared for reading."""

    def __init__(self, service: GoogleSheets, folder: Path) -> None:
        self.service = service
        self._folder = folder
        service.login.write_key(folder / "key.json", f"{service.url}/token")
        service.document.roles[ACCOUNT] = "reader"

    @property
    def document(self) -> Document:
        return self.service.document

    def open(self, subject: str | None = None) -> SheetsRoster:
        settings = RosterSettings(
            spreadsheet=_ADDRESS,
            key=SecretRef("file", "key.json"),
            subject=subject,
            url=self.service.url,
        )
        return SheetsRoster(settings, self._folder, SystemClock())

    def write(
        self, sheets: Mapping[str, Sequence[Sequence[Cell]]], top: int = 1, left: int = 1
    ) -> None:
        self.document.tabs = [Tab(number, name) for number, name in enumerate(sheets)]
        for tab, rows in zip(self.document.tabs, sheets.values(), strict=True):
            for row, cells in enumerate(rows, start=top - 1):
                for column, cell in enumerate(cells, start=left - 1):
                    # A leading apostrophe is how one types a text that looks like another thing.
                    typed = f"'{cell}" if isinstance(cell, str) else cell
                    type_in(tab, name_of(row, column), typed)

    def hide(self, sheet: str) -> None:
        self.document.tab(sheet).hidden = True

    def remove(self) -> None:
        del self.service.state.documents[ID]


@pytest.fixture
def sheets(tmp_path: Path) -> Iterator[SheetsShelf]:
    with GoogleSheets() as service:
        yield SheetsShelf(service, tmp_path)


class TestSheetsRoster(RosterContract):
    @pytest.fixture
    def shelf(self, tmp_path: Path) -> Iterator[Shelf]:
        with GoogleSheets() as service:
            yield SheetsShelf(service, tmp_path)


def test_formulas_are_read_as_their_results_and_errors_as_nothing(sheets: SheetsShelf) -> None:
    """The calendar of a team is often a formula over another sheet."""
    sheets.write({"People": PEOPLE[:2]})
    tab = sheets.document.tab("People")
    formula(tab, "B2", "=VLOOKUP(A2;Staff!A:B;2)", "Mara Vögel")
    failing_formula(tab, "D2", "=VLOOKUP(A2;Staff!A:C;3)")
    (table,) = sheets.open().read()
    assert table.rows[1][1] == "Mara Vögel"
    assert table.rows[1][3] is None


def test_a_formula_that_is_calculated_again_is_no_edit(sheets: SheetsShelf) -> None:
    """NOW() in a corner must not make every run look at the whole roster."""
    sheets.write({"People": PEOPLE})
    tab = sheets.document.tab("People")
    formula(tab, "F1", "=NOW()", 46000.25)
    before = sheets.open().fingerprint()
    formula(tab, "F1", "=NOW()", 46000.26)
    assert sheets.open().fingerprint() == before
    formula(tab, "F1", "=TODAY()", 46000)
    assert sheets.open().fingerprint() != before


@pytest.mark.parametrize(
    ("serial", "kind", "pattern", "expected"),
    [
        (1.0833333333333333, "TIME", "[h]:mm", "1 day, 2:00:00"),
        (0.4166666666666667, "TIME", "[h]:mm", "10:00:00"),
        (1e12, "DATE", "dd.mm.yyyy", "1000000000000"),
        (0.12, "PERCENT", "0%", "0.12"),
        (45000, "CURRENCY", "0.00 €", "45000"),
    ],
)
def test_the_number_format_decides_what_a_number_is(
    sheets: SheetsShelf, serial: float, kind: str, pattern: str, expected: str
) -> None:
    """Hours past 24 read as in an xlsx file; a date that no calendar has stays a number."""
    sheets.write({"People": PEOPLE[:1]})
    cell = sheets.document.tab("People").cell(*place("A2"))
    enter_number(cell, serial, kind, pattern)
    (table,) = sheets.open().read()
    assert str(table.rows[1][0]) == expected


def test_every_minute_of_a_day_is_read_as_it_was_typed() -> None:
    """Of the 15 digits of a serial number 10 are left for the time: 9:20 is a little off."""
    day = datetime(2027, 3, 4)
    for minute in range(1440):
        typed = day + timedelta(minutes=minute)
        number = float(f"{(typed - datetime(1899, 12, 30)) / timedelta(days=1):.15g}")
        cell = GridCell(None, {"numberValue": number}, "DATE_TIME")
        assert cell.value == (typed if minute else day.date())


@pytest.mark.parametrize(
    ("rows", "columns", "reason"),
    [
        (250_001, 1, 'sheet "People" has 250,001 rows, more than 250,000'),
        (10, 101, 'sheet "People" has 101 columns, more than 100'),
        (90_000, 60, "it has 5,400,000 cells, more than 5,000,000"),
    ],
)
def test_a_huge_sheet_is_refused_before_it_is_fetched(
    sheets: SheetsShelf, rows: int, columns: int, reason: str
) -> None:
    sheets.document.tabs = [Tab(0, "People", rows, columns)]
    with pytest.raises(RosterError, match=reason):
        sheets.open().read()
    asked = [request for request in sheets.service.requests if request.path != "/token"]
    assert len(asked) == 1


def test_it_asks_for_reading_alone_and_never_writes(sheets: SheetsShelf) -> None:
    """Least privilege: whoever steals the token cannot change anybody's spreadsheet."""
    sheets.write(SHEETS)
    sheets.document.roles[ACCOUNT] = "writer"
    roster = sheets.open()
    roster.fingerprint()
    roster.read()
    list(roster.checkup())
    assert sheets.service.writes == []
    scopes = {scope for _, granted in sheets.service.login.tokens.values() for scope in granted}
    assert scopes == {"https://www.googleapis.com/auth/spreadsheets.readonly"}


def test_a_spreadsheet_that_is_not_shared_is_told_with_how_to_share_it(
    sheets: SheetsShelf,
) -> None:
    sheets.document.roles.clear()
    with pytest.raises(DeniedError, match="share it as Viewer with the client_email"):
        sheets.open().fingerprint()


def test_a_busy_service_is_asked_again_and_then_left_to_the_next_run(sheets: SheetsShelf) -> None:
    """60 readings a minute are allowed (…/sheets/api/limits)."""
    sheets.write(SHEETS)
    sheets.service.busy = 2
    assert sheets.open().read()
    sheets.service.busy = 9
    with pytest.raises(UnavailableError):
        sheets.open().read()


class TestCheckup:
    def test_a_roster_that_is_shared_is_fine(self, sheets: SheetsShelf) -> None:
        sheets.write(SHEETS)
        found = {finding.check: finding.verdict for finding in sheets.open().checkup()}
        fine = Verdict.FINE
        assert found == {"read": fine, "clock": fine, "excess rights": fine}

    def test_one_that_is_not_shared_or_not_there_fails_with_advice(
        self, sheets: SheetsShelf
    ) -> None:
        sheets.document.roles.clear()
        (finding,) = sheets.open().checkup()
        assert finding.verdict is Verdict.FAILED
        assert "share it as Viewer" in finding.advice
        sheets.remove()
        (finding,) = sheets.open().checkup()
        assert (finding.text, finding.verdict) == (
            "there is no spreadsheet with this id",
            Verdict.FAILED,
        )

    def test_a_delegation_that_opens_the_whole_drive_is_warned_of(
        self, sheets: SheetsShelf
    ) -> None:
        """Sharing one spreadsheet is all that is needed."""
        mailbox = "mentoring@contoso.example"
        sheets.document.roles[mailbox] = "reader"
        drive = "https://www.googleapis.com/auth/drive"
        login = sheets.service.login
        login.delegated |= {"https://www.googleapis.com/auth/spreadsheets.readonly", drive}
        *_, finding = sheets.open(subject=mailbox).checkup()
        assert (finding.check, finding.verdict) == ("excess rights", Verdict.WARNING)
        login.delegated.remove(drive)
        *_, finding = sheets.open(subject=mailbox).checkup()
        assert (finding.check, finding.verdict) == ("excess rights", Verdict.FINE)


class TestSettings:
    @pytest.mark.parametrize(
        "text",
        [
            ID,
            f" https://docs.google.com/spreadsheets/d/{ID}/edit#gid=0",
            f"https://docs.google.com/a/contoso.example/spreadsheets/d/{ID}",
            f"https://docs.google.com/spreadsheets/u/1/d/{ID}/edit",
        ],
    )
    def test_the_address_from_the_browser_is_understood(self, text: str) -> None:
        settings = RosterSettings(spreadsheet=text, key=SecretRef("file", "key.json"))
        assert settings.spreadsheet == ID

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "roster.xlsx",
            "https://contoso.example/",
            "https://docs.google.com/spreadsheets/d/e/2PACX-1vQ/pubhtml",
            "https://docs.google.com/document/d/1mRq0vBq7nYf3L2xkT9aUcW5sHjD8pEo/edit",
        ],
    )
    def test_anything_else_is_refused_with_an_example(self, text: str) -> None:
        with pytest.raises(ValueError, match="copy its address from the browser"):
            RosterSettings(spreadsheet=text, key=SecretRef("file", "key.json"))

    def test_a_service_account_needs_a_key_and_nobody_to_act_for(self) -> None:
        """Sharing is enough here; delegation would open every mailbox for no reason."""
        assert RosterSettings(spreadsheet=ID, key=SecretRef("file", "key.json")).subject is None
        with pytest.raises(ValueError, match='"service-account" needs key'):
            RosterSettings(spreadsheet=ID)
