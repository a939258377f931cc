"""After `forget`, a search of every byte that rmflow keeps finds nothing of the person."""

import json
import zipfile
from pathlib import Path

import psycopg
import pytest
from rivals import POSTGRESQL, office_on

from builders import at
from coordinator import type_in
from office import Office, address
from rmflow.domain.pairing import PairingId
from rmflow.domain.records import LetterRecord, PairingRecord, PersonRecord
from terminal import at_the_office

NAME = "Mara Vogel"
SECRET_WORDS = "Zinnober-Zylinder"
THEIRS = (NAME, address(NAME), SECRET_WORDS, "Mara")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Mara and Jens have met and written; they have left the roster, and the series is over."""
    office = Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))
    office.run()
    office.respond(NAME, "ACCEPTED")
    office.at(at("2026-10-08 11:00")).run()
    office.at(at("2026-10-09 11:00")).run()
    office.at(at("2026-10-13 16:00")).run()
    office.answer("Jens Adler", "summary-request", f"Key takeaways: {SECRET_WORDS}\nRating: 5")
    office.answer(NAME, "prompt", f"My own {SECRET_WORDS}")
    office.answer("Ruth Kaya", "summary-request", f"Key takeaways: ask {NAME} more\nRating: 4")
    office.at(at("2026-10-14 10:00")).run()
    type_in(office, "pair-1", "Coordinator notes", f"Ask {NAME} about the room.")
    type_in(office, "pair-2", "Coordinator notes", "All is well here.")
    office.at(at("2026-10-15 10:00")).run()
    return office


def leave(office: Office) -> None:
    del office.rows[0]
    office.people = [row for row in office.people if row[1] not in (NAME, "Jens Adler")]
    office.save_roster()
    office.at(at("2026-10-16 10:00"))
    office.run(confirmed=office.plan().digest)


def everything(office: Office) -> dict[str, bytes]:
    """Return every byte that rmflow keeps for itself, workbooks unpacked."""
    found = {}
    for path in office.folder.rglob("*"):
        if path.is_file() and path.relative_to(office.folder).parts[0] not in (
            "out", "in", "calendars", "roster.xlsx",
        ):  # fmt: skip
            found[path.name] = path.read_bytes()
            if path.suffix == ".xlsx":
                with zipfile.ZipFile(path) as book:
                    parts = [book.read(name) for name in book.namelist()]
                found[path.name] = b"\n".join(parts)
    return found


def traces(office: Office) -> set[tuple[str, str]]:
    return {
        (name, word)
        for name, content in everything(office).items()
        for word in THEIRS
        if word.lower().encode() in content.lower()
    }


def test_nothing_of_the_person_is_found_in_any_byte(office: Office) -> None:
    """Database with its journal, workbook and its copies, log."""
    leave(office)
    assert {name for name, _ in traces(office)} >= {"state.db", "tracking.xlsx"}
    said = at_the_office(office, "forget", address(NAME), "--yes")
    assert (said.code, said.err) == (0, "")
    assert traces(office) == set()
    office.run()
    assert traces(office) == set()


def test_what_lies_elsewhere_is_listed(office: Office) -> None:
    """Sent mail, received mail, the calendar: their provider keeps them."""
    leave(office)
    said = at_the_office(office, "forget", NAME, "--yes")
    assert "meetings, in the calendar: 1" in said.out
    invitation = office.last_mail(NAME, "invitation")["Message-ID"]
    assert invitation in said.out


def test_other_pairs_and_what_was_typed_about_them_stay(office: Office) -> None:
    leave(office)
    at_the_office(office, "forget", NAME, "--yes")
    with office.ports() as ports:
        assert [record.id for record in ports.store.read(PairingRecord)] == ["pair-2"]
        assert address("Ruth Kaya") in {r.address for r in ports.store.read(PersonRecord)}
    assert any(b"All is well here." in content for content in everything(office).values())


def test_who_still_takes_part_is_not_forgotten(office: Office) -> None:
    """Their meetings would stay in two calendars, and nobody would know of them."""
    said = at_the_office(office, "forget", NAME, "--yes")
    assert said.code == 1
    assert "take them out of the roster" in said.err
    assert ("state.db", NAME) in traces(office)


def test_a_roster_that_names_them_again_does_not_bring_them_back(office: Office) -> None:
    """An old export is imported again; only a person may decide that they are back."""
    row = next(row for row in office.people if row[1] == NAME)
    leave(office)
    at_the_office(office, "forget", NAME, "--yes")
    office.people.append(row)
    office.save_roster()
    report = office.run()
    assert not report.roster_usable
    assert "was forgotten" in str(report.problems[0])
    assert ("state.db", NAME) not in traces(office)
    assert at_the_office(office, "forget", address(NAME), "--readmit").code == 0
    assert office.run().roster_usable


def test_a_letter_about_two_pairs_keeps_no_first_name(tmp_path: Path) -> None:
    """Jens meets two mentors; what one mail told him of both stays with the other pair."""
    office = Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))
    id, mentor, _, *rest = office.rows[1]
    office.rows[1] = (id, mentor, address("Jens Adler"), rest[0], "Tue 11:00", *rest[2:])
    office.save_roster()
    office.run()
    office.at(at("2026-10-09 11:00")).run()
    with office.ports() as ports:
        before = ports.store.read(LetterRecord, pairings=[PairingId("pair-2")])
    assert any("Mara" in letter.text for letter in before)
    del office.rows[0]
    office.people = [row for row in office.people if row[1] != NAME]
    office.save_roster()
    office.at(at("2026-10-16 10:00"))
    office.run(confirmed=office.plan().digest)
    assert at_the_office(office, "forget", NAME, "--yes").code == 0
    with office.ports() as ports:
        after = ports.store.read(LetterRecord, pairings=[PairingId("pair-2")])
    assert not any("Mara" in letter.text for letter in after)
    assert {letter.item for letter in before} <= {letter.item for letter in after}


@pytest.mark.server
def test_on_postgresql_too_nothing_of_the_person_is_left_in_the_tables(tmp_path: Path) -> None:
    """Every byte below `base`, where the tables are. The write-ahead log is the operator's."""
    with office_on(POSTGRESQL, tmp_path / "office", pairs=2) as office:
        office.run()
        office.answer(NAME, "invitation", SECRET_WORDS)
        office.at(at("2026-10-05 10:00")).run()
        words = (NAME, address(NAME), SECRET_WORDS)
        assert found_on_the_server(office, words) == set(words)
        leave(office)
        said = at_the_office(office, "forget", NAME, "--yes")
        assert (said.code, said.err) == (0, "")
        assert found_on_the_server(office, words) == set()


def found_on_the_server(office: Office, words: tuple[str, ...]) -> set[str]:
    """Return which of the words are in a file of a table; a checkpoint deletes files let go of."""
    url = office.config().backends["store"].settings.url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    files = [
        path.read_bytes().lower() for path in Path(row[0], "base").rglob("*") if path.is_file()
    ]
    return {word for word in words if any(word.lower().encode() in each for each in files)}


def test_the_export_holds_what_is_theirs_and_nothing_of_the_partner(
    office: Office, tmp_path: Path
) -> None:
    folder = tmp_path / "for-mara"
    said = at_the_office(office, "export", NAME, folder)
    assert (said.code, said.err) == (0, "")
    kept = json.loads((folder / "person.json").read_text())
    assert kept["person"]["address"] == address(NAME)
    assert {letter["kind"] for letter in kept["letters"]} >= {"invitation", "prompt"}
    assert [response["status"] for response in kept["responses"]] == ["ACCEPTED"]
    mails = [path.read_bytes() for path in (folder / "mails").iterdir()]
    assert any(f"My own {SECRET_WORDS}".encode() in raw for raw in mails)
    assert "Key takeaways: " + SECRET_WORDS not in (folder / "person.json").read_text()
    assert not any(b"Key takeaways: " + SECRET_WORDS.encode() in raw for raw in mails)
    assert {path.stat().st_mode & 0o077 for path in folder.rglob("*")} == {0}
