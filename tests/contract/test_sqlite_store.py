"""The store on SQLite keeps its promises, and leaves its folder as it found it."""

import hashlib
import os
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event
from store_audit_contract import AuditContract
from store_expiry_contract import ExpiryContract
from store_fixtures import KEY, Encrypted
from store_journal_contract import JournalContract
from store_records_contract import RecordsContract
from store_samples import JO, MINA_AND_ROBERT, NOW, SAMPLES, UID, effect

from rmflow.adapters.store.sql import open_store
from rmflow.domain.records import LetterRecord, PersonRecord, SettingRecord
from rmflow.errors import AlreadyRunningError, UnavailableError


class TestSqliteStore(JournalContract, RecordsContract, AuditContract, ExpiryContract):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/state.db"


class TestEncryptedSqliteStore(Encrypted, TestSqliteStore):
    MANY = 2_000


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """Return a folder with a store that has worked and is closed."""
    store = open_store("sqlite:///state.db", base=tmp_path)
    with store.lease() as fence:
        store.claim([effect("a"), effect("b")], fence=fence, now=NOW)
        store.settle(effect("a").key, SAMPLES, fence=fence, now=NOW)
    store.close()
    return tmp_path


def digests(folder: Path) -> dict[str, str]:
    """Return what a folder holds, byte for byte."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


def test_an_older_copy_that_was_put_back_by_hand_is_noticed(filled: Path) -> None:
    """The newest fence is written beside the database, too."""
    old = (filled / "state.db").read_bytes()
    store = open_store("sqlite:///state.db", base=filled)
    with store.lease() as fence:
        store.claim([effect("c")], fence=fence, now=NOW)
    store.close()
    (filled / "state.db").write_bytes(old)
    store = open_store("sqlite:///state.db", base=filled)
    assert store.put_back()
    with store.lease() as again:
        store.claim([effect("d")], fence=again, now=NOW)
    assert (again, store.put_back()) == (fence, False)
    store.close()


@pytest.mark.parametrize("content", [b"", b"no number", None])
def test_without_a_note_beside_it_a_database_is_believed(
    filled: Path, content: bytes | None
) -> None:
    lock = filled / "state.db.lock"
    lock.write_bytes(content) if content is not None else lock.unlink()
    store = open_store("sqlite:///state.db", base=filled)
    assert not store.put_back()
    store.close()


def test_a_database_that_begins_anew_was_not_put_back(filled: Path) -> None:
    """It is known to know nothing; see `memory`."""
    (filled / "state.db").unlink()
    store = open_store("sqlite:///state.db", base=filled)
    assert not store.put_back()
    store.close()


def test_a_run_with_nothing_to_do_leaves_every_byte_as_it_was(filled: Path) -> None:
    """Backups and file watchers see a change only when there is one."""
    before = digests(filled)
    assert set(before) == {"state.db", "state.db.lock"}
    store = open_store("sqlite:///state.db", base=filled)
    with store.lease():
        assert store.doubts()
        assert store.done([MINA_AND_ROBERT])
        assert store.read(LetterRecord)
        assert store.due(NOW)
        store.write(SAMPLES)  # nothing in them is new
        store.keep([])
    assert (filled / "state.db-wal").stat().st_size == 0
    store.close()
    assert digests(filled) == before


def test_encrypted_words_that_are_not_new_are_not_written_anew(tmp_path: Path) -> None:
    """The same words never look the same twice; every run writes the people of its roster."""
    first, *_ = SAMPLES
    assert isinstance(first, PersonRecord)
    seen = []
    for records in (SAMPLES, SAMPLES, [replace(first, left_at=NOW), first]):
        store = open_store("sqlite:///state.db", base=tmp_path, keys=[KEY])
        store.write(records)
        store.close()
        seen.append(digests(tmp_path))
    assert seen[0] == seen[1] == seen[2]


def test_only_the_owner_can_read_what_the_store_writes(tmp_path: Path) -> None:
    store = open_store("sqlite:///state.db", base=tmp_path)
    store.write([SettingRecord("name", "value")])
    with store.lease():
        files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    store.close()
    assert files == dict.fromkeys(
        ["state.db", "state.db-wal", "state.db-shm", "state.db.lock"], 0o600
    )


def test_a_commit_is_on_disk_when_it_returns(tmp_path: Path) -> None:
    """`synchronous = NORMAL` may lose the last commits with the power: mails sent twice."""
    store = open_store("sqlite:///state.db", base=tmp_path)
    with store._database.engine.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete", "busy_timeout")
        }
    store.close()
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "busy_timeout": 10_000,
    }


def test_what_a_killed_process_left_behind_is_read(filled: Path) -> None:
    """Its last commits are in state.db-wal; the next run takes them over and tidies up."""
    child = os.fork()
    if not child:
        open_store("sqlite:///state.db", base=filled).write([SettingRecord("last", "words")])
        os._exit(0)
    os.waitpid(child, 0)
    assert (filled / "state.db-wal").exists()
    store = open_store("sqlite:///state.db", base=filled)
    assert store.setting("last") == "words"
    store.close()
    assert set(digests(filled)) == {"state.db", "state.db.lock"}


def test_threads_may_share_a_store(tmp_path: Path) -> None:
    store = open_store("sqlite:///state.db", base=tmp_path)

    def act(number: int) -> None:
        each = effect(f"{number}")
        store.claim([each], fence=1, now=NOW)
        store.settle(each.key, [SettingRecord(f"{number}", "")], fence=1, now=NOW)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(act, range(40)))
    assert len(store.done([MINA_AND_ROBERT])) == len(store.read(SettingRecord)) == 40
    store.close()


def test_lookups_by_index_never_scan_a_table(tmp_path: Path) -> None:
    """A run costs what is due, not what there is."""
    store = open_store("sqlite:///state.db", base=tmp_path)
    engine = store._database.engine
    asked: list[tuple[str, object]] = []
    event.listen(
        engine, "before_cursor_execute", lambda _c, _u, sql, values, *_: asked.append((sql, values))
    )
    store.due(NOW)
    store.doubts()
    store.done([MINA_AND_ROBERT])
    store.effects(MINA_AND_ROBERT)
    store.letters_by_token(["pk"])
    store.letters_by_message_id(["<k@contoso.example>"])
    store.live_uids()
    store.kept(["imap:INBOX:1637:42"])
    store.people(ids=[JO], addresses=["x@contoso.example"])
    store.series([UID])
    store.latest(10)
    store.read(LetterRecord, pairings=[MINA_AND_ROBERT])
    store.close()
    queries = [each for each in asked if each[0].startswith("SELECT")]
    with closing(sqlite3.connect(tmp_path / "state.db")) as plain:
        plans = [
            step[3]
            for sql, values in queries
            for step in plain.execute(f"EXPLAIN QUERY PLAN {sql}", values)  # type: ignore[arg-type]
        ]
    assert len(queries) == 14
    scans = [step for step in plans if step.startswith("SCAN")]
    assert scans == ["SCAN effects USING INDEX ix_effects_claimed_at"]  # `latest` stops early
    assert any("ix_effects_merged" in step for step in plans)
    assert any("ix_effects_claimed" in step for step in plans)


def test_a_backup_is_a_whole_database_while_others_write(filled: Path) -> None:
    store = open_store("sqlite:///state.db", base=filled)
    store.write([SettingRecord("only in the journal yet", "x")])
    target = filled / "copy.db"
    target.write_bytes(b"the backup of yesterday")
    (filled / "copy.db.part").write_bytes(b"one that was broken off")
    store.backup(target)
    store.close()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    copy = open_store("sqlite:///copy.db", base=filled)
    assert copy.setting("only in the journal yet") == "x"
    assert len(copy.doubts()) == 1
    copy.close()
    assert not (filled / "copy.db.part").exists()


# What goes wrong, and what it says.


@pytest.fixture
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rmflow.adapters.store.sqlite.BUSY_TIMEOUT_SECONDS", 0.05)


@pytest.mark.usefixtures("_patient")
def test_a_locked_database_says_so(filled: Path) -> None:
    store = open_store("sqlite:///state.db", base=filled)
    with closing(sqlite3.connect(filled / "state.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableError) as caught:
            store.write([SettingRecord("name", "value")])
    store.close()
    assert str(caught.value) == (
        f"store: write failed: {filled}/state.db: another program keeps the database locked;"
        " end it or wait"
    )


def test_a_full_disk_says_so_and_leaves_what_was(filled: Path) -> None:
    store = open_store("sqlite:///state.db", base=filled)
    with store._database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(UnavailableError, match="the disk is full; make room"):
        store.write(SettingRecord(f"{n}", "x" * 1000) for n in range(100))
    assert store.setting("1") == ""
    store.close()


def test_a_file_of_another_kind_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_text("This is the roster, saved in the wrong place. " * 100)
    before = digests(tmp_path)
    with pytest.raises(UnavailableError, match="is not a SQLite database"):
        open_store("sqlite:///state.db", base=tmp_path)
    assert digests(tmp_path) == before


def test_the_tables_of_another_program_are_not_taken_over(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "state.db")) as other:
        other.execute("CREATE TABLE people (name TEXT)")
    with pytest.raises(UnavailableError, match="table people already exists"):
        open_store("sqlite:///state.db", base=tmp_path)


def test_a_missing_folder_is_not_made(tmp_path: Path) -> None:
    """It may be a disk that is not mounted: starting afresh would invite everybody again."""
    with pytest.raises(UnavailableError, match="No such file or directory"):
        open_store("sqlite:///volume/state.db", base=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_tables_are_not_made_while_another_run_holds_the_lock(filled: Path) -> None:
    store = open_store("sqlite:///state.db", base=filled)
    with store.lease():
        (filled / "state.db").rename(filled / "old.db")
        with pytest.raises(AlreadyRunningError):
            open_store("sqlite:///state.db", base=filled)
    store.close()
