"""The roster as a file: real ones, unlucky ones, hostile ones."""

import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font
from spreadsheet_samples import handmade, row, write_workbook

from rmflow.adapters import spreadsheet
from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.spreadsheet import FileRoster, Settings, read_tables
from rmflow.domain.pairing import Roster
from rmflow.domain.people import Address
from rmflow.domain.programme import Programme
from rmflow.errors import RosterError
from rmflow.formats.roster.understanding import understand
from rmflow.formats.table import Cell, Table

PEOPLE: list[list[Cell]] = [
    ["E-Mail", "Name", "Eintritt", "Personalnummer"],
    ["mara.vogel@contoso.example", "Mara Vögel", date(2024, 9, 1), 4711],
]
PAIRS: list[list[Cell]] = [
    ["Mentor", "Mentee", "Termin", "Uhrzeit", "Score", "Pin"],
    ["mara.vogel@contoso.example", "jens.adler@contoso.example", None, time(10), 2.5, True],
    ["tomo.sato@contoso.example", None, datetime(2027, 3, 4, 10, 30), None, 3, None],
]


def refusal(path: Path) -> str:
    with pytest.raises(RosterError) as caught:
        read_tables(path)
    return str(caught.value)


def cells(tables: tuple[Table, ...]) -> dict[str, list[list[Cell]]]:
    return {table.name: [list(row) for row in table.rows] for table in tables}


def test_cells_keep_their_types(tmp_path: Path) -> None:
    """calamine says 4711.0, "" and, for the format [h]:mm, a time span."""
    path = write_workbook(tmp_path / "roster.xlsx", {"People": PEOPLE, "Pairs": PAIRS})
    found = cells(read_tables(path))
    assert found == {"People": PEOPLE, "Pairs": PAIRS}
    assert type(found["People"][1][3]) is int
    assert type(found["Pairs"][2][4]) is int


@pytest.mark.server
@pytest.mark.parametrize("ending", ["ods", "xls"])
def test_files_of_libreoffice_read_like_those_of_excel(tmp_path: Path, ending: str) -> None:
    if not (soffice := shutil.which("soffice")):
        pytest.skip("needs LibreOffice: apt-get install libreoffice-calc")
    path = write_workbook(tmp_path / "roster.xlsx", {"People": PEOPLE, "Pairs": PAIRS})
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    convert = [soffice, profile, "--headless", "--convert-to", ending, str(path)]
    subprocess.run(convert, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    found = cells(read_tables(path.with_suffix(f".{ending}")))
    assert found["People"] == PEOPLE
    assert found["Pairs"][2] == PAIRS[2]


def test_a_table_knows_where_on_its_sheet_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    book = openpyxl.Workbook()
    sheet = book.create_sheet("People", 0)
    sheet["C5"], sheet["D5"] = "email", "name"
    sheet["D6"] = "=C5"  # nobody has calculated it
    sheet["C7"] = "mara.vogel@contoso.example"
    sheet["ZZ9000"].font = Font(bold=True)
    book.create_sheet("Empty")
    book.create_sheet("Hidden")["A1"] = "x"
    book["Hidden"].sheet_state = "hidden"
    book.save(path)
    first, hidden = read_tables(path)
    assert first.place(2, 0) == "roster.xlsx, People!C7"
    assert first.rows == (("email", "name"), (None, None), ("mara.vogel@contoso.example", None))
    assert hidden.name == "Hidden"


def test_merged_cells_fill_the_first_and_hidden_rows_are_rows(tmp_path: Path) -> None:
    """A filter hides rows, and hides nobody from the programme; a merged mentor has one pair."""
    path = tmp_path / "roster.xlsx"
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Pairs", 0)
    for cells in (["mentor", "mentee"], ["a@x.example", "b@x.example"], [None, "c@x.example"]):
        sheet.append(cells)
    sheet.merge_cells("A2:A3")
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True
    book.save(path)
    (pairs,) = read_tables(path)
    assert pairs.rows[1:] == (("a@x.example", "b@x.example"), (None, "c@x.example"))


def test_a_folder_stands_for_its_csv_files_in_whatever_encoding(tmp_path: Path) -> None:
    people = "sep=;\r\nname;email\r\nMara Vögel;mara@contoso.example\r\n"
    (tmp_path / "People.csv").write_bytes(people.encode("cp1252"))
    (tmp_path / "Pairs.csv").write_bytes("mentor\tmentee\r\nMara Vögel\t\r\n".encode("utf-16"))
    (tmp_path / "notes.txt").write_text("not a table")
    pairs, found = read_tables(tmp_path)
    assert pairs.rows == (("mentor", "mentee"), ("Mara Vögel", None))
    assert found.rows[1] == ("Mara Vögel", "mara@contoso.example")
    assert found.place(1, 0) == "People.csv, People!A3"


def test_the_name_of_a_file_does_not_say_what_it_is(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "book.xlsx", {"People": PEOPLE})
    assert cells(read_tables(path.rename(tmp_path / "book.csv"))) == {"People": PEOPLE}


def understood(tables: tuple[Table, ...]) -> Roster:
    programme = Programme(
        id="contoso",
        name="Fresh eyes",
        mailbox=Address("mentoring@contoso.example"),
        mailbox_name="Fresh eyes",
        coordinator=Address("hr@contoso.example"),
        coordinator_name="Ines Roth",
        salt=b"0123456789abcdef",
    )
    reading = understand(tables, programme)
    assert reading.roster is not None, reading.problems
    return reading.roster


def test_the_same_roster_is_understood_from_a_workbook_and_from_a_flat_file(
    tmp_path: Path,
) -> None:
    book = write_workbook(
        tmp_path / "Liste.xlsx",
        {
            "Paare": [
                ["Stand Januar 2027"],
                [],
                ["Mentee", "Termin", "Mentor"],
                ["jens.adler@contoso.example", "Di 10:00", "Mara Vögel"],
            ],
            "Personen": [
                ["Vorgesetzte", "Name", "Abteilung", "E-Mail"],
                [None, "Mara Vögel", "Daten", "mara.voegel@contoso.example"],
                [None, "Jens Adler", "Vorstand", "jens.adler@contoso.example"],
            ],
        },
    )
    flat = tmp_path / "tandems.csv"
    flat.write_bytes(
        "Mentor E-Mail;Mentor Name;Mentor Abteilung;Mentee E-Mail;Mentee Name;Mentee Abteilung;"
        "Termin\r\nmara.voegel@contoso.example;Mara Vögel;Daten;jens.adler@contoso.example;"
        "Jens Adler;Vorstand;Dienstag 10 Uhr\r\n".encode("cp1252")
    )
    roster = understood(read_tables(book))
    assert len(roster.pairings) == 1
    assert understood(read_tables(flat)) == roster


# Unlucky files.


def test_a_missing_file_is_told_with_where_it_should_be(tmp_path: Path) -> None:
    assert refusal(tmp_path / "roster.xlsx") == (
        f"roster.xlsx: there is no such file in {tmp_path}; check path in [roster]"
    )


@pytest.mark.parametrize("kept", [0, 5, 300, -40])
def test_a_half_written_file_is_told_as_one(tmp_path: Path, kept: int) -> None:
    path = write_workbook(tmp_path / "roster.xlsx", {"People": PEOPLE})
    path.write_bytes(path.read_bytes()[:kept])
    reason = "is empty" if kept == 0 else "is not a complete spreadsheet"
    assert refusal(path) == (
        f"roster.xlsx: {reason}; "
        "if it is still being saved, wait; otherwise open it, save it again and retry"
    )


def test_a_damaged_part_is_told_as_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    path.write_bytes(handmade("<sheetData><row><c></sheetData>"))
    assert refusal(path).startswith("roster.xlsx: is not a complete spreadsheet")


def test_something_else_under_the_name_of_a_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    path.write_text("<html>Sign in to your account</html>")
    assert refusal(path).startswith("roster.xlsx: is not a complete spreadsheet")


def test_a_password_is_told_for_excel_and_for_libreoffice(tmp_path: Path) -> None:
    """An encrypted xlsx is a compound file, an encrypted ods a zip with plain manifest."""
    excel = tmp_path / "roster.xlsx"
    excel.write_bytes(
        bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1000) + "EncryptedPackage".encode("utf-16-le")
    )
    libre = tmp_path / "roster.ods"
    with zipfile.ZipFile(libre, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
    for path in (excel, libre):
        assert refusal(path) == (f"{path.name}: is protected with a password; save it without one")


def test_a_file_that_may_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root reads everything, so the system's answer is played here."""

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert refusal(tmp_path / "roster.xlsx") == (
        "roster.xlsx: may not be read by this user; change its permissions, or close the program"
    )


def test_a_folder_without_csv_files_is_refused(tmp_path: Path) -> None:
    assert "is a folder without .csv files" in refusal(tmp_path)


# Hostile files: refused with a reason, and this process lives to say so.


def far_cell() -> bytes:
    """6 KB in the original; calamine asks for 17 G cells and aborts its process."""
    return handmade(f"<sheetData>{row(1, A='email')}{row(1048576, XFD='x')}</sheetData>")


def long_sheet() -> bytes:
    return handmade(f"<sheetData>{row(1, A='email')}{row(900_000, A='x')}</sheetData>")


def wide_sheet() -> bytes:
    return handmade(f"<sheetData>{row(1, A='email', DD='x')}</sheetData>")


def spaces() -> bytes:
    """A bomb of the plain kind: 30 MB in 30 KB."""
    return handmade(f"<sheetData>{row(1, A=' ' * 30_000_000)}</sheetData>")


def many_parts() -> bytes:
    return handmade("", more_parts=300)


def external_entity() -> bytes:
    doctype = '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return handmade(f"<sheetData>{row(1, A='&x;')}</sheetData>", doctype)


def undeclared_entity() -> bytes:
    return handmade(f"<sheetData>{row(1, A='&x;')}</sheetData>")


def hidden_bomb() -> bytes:
    """The directory says that it unpacks to 1,000 bytes; the stream goes on for 30 MB."""
    size = 30_000_000
    content = handmade(f"<sheetData>{row(1, A=' ' * size)}</sheetData>")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        told = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    return content.replace(told.to_bytes(4, "little"), (1000).to_bytes(4, "little"))


def one_text_everywhere() -> bytes:
    """30 KB of text in each of 5,000 cells: stored once, 150 MB when it is told."""
    rows = '<row><c t="s"><v>0</v></c></row>' * 5_000
    return handmade(f"<sheetData>{rows}</sheetData>", shared_text="all work and no play " * 1500)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (far_cell, "is malformed, or needs too much memory"),
        (long_sheet, "sheet People has 900,000 rows, more than 250,000"),
        (wide_sheet, "sheet People has 108 columns, more than 100"),
        (spaces, "xl/worksheets/sheet1.xml unpacks to more than 100 times its size"),
        (many_parts, "it has 306 parts, more than 200"),
        (external_entity, "it carries a document type definition (DTD)"),
        (undeclared_entity, "is not a complete spreadsheet"),
        (hidden_bomb, "is not a complete spreadsheet"),
        (one_text_everywhere, "it holds more than 100 MB of text"),
    ],
)
def test_a_hostile_file_is_refused_with_a_reason(
    tmp_path: Path, make: Callable[[], bytes], reason: str
) -> None:
    path = tmp_path / "roster.xlsx"
    path.write_bytes(make())
    assert reason in refusal(path)


@pytest.mark.parametrize("claim", ["A1:B2", "A1:XFD1048576"])
def test_what_a_file_claims_of_its_size_is_not_believed(tmp_path: Path, claim: str) -> None:
    """Readers that believe <dimension> lose rows in silence, or fill 17 G cells."""
    rows = "".join(row(number, A=f"person{number}@contoso.example") for number in range(1, 301))
    path = tmp_path / "roster.xlsx"
    path.write_bytes(handmade(f'<dimension ref="{claim}"/><sheetData>{rows}</sheetData>'))
    (table,) = read_tables(path)
    assert (len(table.rows), len(table.rows[0])) == (300, 1)


def test_a_child_that_never_ends_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheet, "_WALL_SECONDS", 0.001)
    path = write_workbook(tmp_path / "roster.xlsx", {"People": PEOPLE})
    assert "takes too long to read" in refusal(path)


# The port.


def file_roster(path: Path) -> FileRoster:
    clock = StoppedClock(datetime(2027, 1, 4, tzinfo=UTC))
    return FileRoster(Settings(path=Path(path.name)), path.parent, clock)


def test_the_fingerprint_changes_with_the_content_and_nothing_else(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "roster.xlsx", {"People": PEOPLE})
    before = file_roster(path).fingerprint()
    path.touch()
    assert file_roster(path).fingerprint() == before
    write_workbook(path, {"People": PEOPLE, "Pairs": PAIRS})
    assert file_roster(path).fingerprint() != before


def test_the_fingerprint_of_a_folder_covers_the_names_of_its_files(tmp_path: Path) -> None:
    """The name says which table it is: equal bytes under another one are another roster."""
    folder = tmp_path / "roster"
    folder.mkdir()
    (folder / "Pairs.csv").write_text("mentor,mentee\n")
    before = file_roster(folder).fingerprint()
    (folder / "Pairs.csv").rename(folder / "People.csv")
    assert file_roster(folder).fingerprint() != before


def test_a_workbook_with_nothing_in_it_is_no_roster(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "roster.xlsx", {"People": []})
    with pytest.raises(RosterError, match=r"^roster.xlsx: has nothing in it; add the sheets"):
        file_roster(path).read()
