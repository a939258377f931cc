"""`rmflow backup` and `rmflow restore`: whole copies, and a way back that forgets nobody."""

import sqlite3
import stat
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from builders import at
from office import Office
from rmflow.domain.records import LetterRecord
from terminal import at_the_office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = Office(tmp_path / "office", pairs=1, start=at("2026-10-05 09:00"))
    office.run()
    return office


def letters(office: Office) -> int:
    with office.ports() as ports:
        return len(ports.store.read(LetterRecord))


def test_a_backup_is_put_back_and_the_replaced_database_is_kept(office: Office) -> None:
    copy = office.folder / "copy.db"
    assert at_the_office(office, "backup", copy).code == 0
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    office.at(at("2026-10-08 11:00")).run()
    later = letters(office)
    said = at_the_office(office, "restore", copy)
    assert (said.code, said.err) == (0, "")
    assert letters(office) < later
    (kept,) = office.folder.glob("state.db.replaced-*")
    with closing(sqlite3.connect(kept)) as old:
        assert old.execute("SELECT count(*) FROM letters").fetchone() == (later,)
    assert {p.name for p in office.folder.glob("state.db*")} == {
        "state.db", "state.db.lock", kept.name,
    }  # fmt: skip
    assert stat.S_IMODE((office.folder / "state.db").stat().st_mode) == 0o600


def test_nobody_gets_a_second_mail_after_a_restore(office: Office) -> None:
    copy = office.folder / "copy.db"
    at_the_office(office, "backup", copy)
    office.at(at("2026-10-08 11:00")).run()
    at_the_office(office, "restore", copy)
    before = office.outbox()
    endings = {outcome.detail for outcome in office.run().outcomes}
    assert endings == {""}
    assert office.outbox() == before


def test_a_backup_may_be_made_while_a_run_is_at_work(office: Office) -> None:
    with office.ports() as ports, ports.store.lease():
        assert at_the_office(office, "backup", office.folder / "copy.db").code == 0
        assert at_the_office(office, "restore", office.folder / "copy.db").code == 75


@pytest.mark.parametrize("content", [b"", b"This is no database.", None])
def test_what_is_no_backup_changes_nothing(office: Office, content: bytes | None) -> None:
    """An empty file is a fine SQLite database, and would forget everybody."""
    wrong = office.folder / "wrong.db"
    if content is not None:
        wrong.write_bytes(content)
    before = (office.folder / "state.db").read_bytes()
    said = at_the_office(office, "restore", wrong)
    assert said.code == 5
    assert "wrong.db" in said.err
    assert (office.folder / "state.db").read_bytes() == before
    assert not list(office.folder.glob("state.db.re*"))


def test_a_damaged_backup_is_refused(office: Office) -> None:
    copy = office.folder / "copy.db"
    at_the_office(office, "backup", copy)
    raw = bytearray(copy.read_bytes())
    raw[3 * 4096 : 12 * 4096] = b"\xff" * 9 * 4096
    copy.write_bytes(bytes(raw))
    assert at_the_office(office, "restore", copy).code == 5


def test_a_backup_of_a_newer_rmflow_is_refused(office: Office) -> None:
    copy = office.folder / "copy.db"
    at_the_office(office, "backup", copy)
    with closing(sqlite3.connect(copy)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.commit()
    said = at_the_office(office, "restore", copy)
    assert (said.code, "newer" in said.err) == (5, True)
    assert letters(office) == 2


def test_a_database_cannot_be_backed_up_onto_itself(office: Office) -> None:
    said = at_the_office(office, "backup", office.folder / "state.db")
    assert (said.code, "is the database itself" in said.err) == (5, True)
    assert letters(office) == 2


def test_what_was_put_back_by_other_means_is_noted(office: Office) -> None:
    assert at_the_office(office, "restore").code == 0
    with office.ports() as ports:
        noted = ports.store.setting("memory restored")
    assert datetime.fromisoformat(noted) == office.now
