"""What `rmflow doctor` finds out about files and folders, and that it leaves none behind."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from xlsxwriter import Workbook

from findings import the, tree, troubles, verdicts
from rmflow.adapters.clock import SystemClock
from rmflow.adapters.folder_probe import private
from rmflow.adapters.spreadsheet import FileRoster
from rmflow.adapters.spreadsheet import Settings as RosterSettings
from rmflow.adapters.standards.maildir import (
    MailboxSettings,
    MaildirMailbox,
    MaildirMailer,
    MailerSettings,
)
from rmflow.adapters.standards.vdir import Settings as VdirSettings
from rmflow.adapters.standards.vdir import VdirCalendar
from rmflow.adapters.store.checkup import SqlCheckup
from rmflow.adapters.store.settings import Settings as StoreSettings
from rmflow.adapters.store.sql import open_store
from rmflow.adapters.workbook.tracking import Settings as TrackingSettings
from rmflow.adapters.workbook.tracking import XlsxTracking
from rmflow.domain.records import SettingRecord
from rmflow.errors import ConfigError
from rmflow.ports.checkup import Checkup, Finding, Verdict

CLOCK = SystemClock()


def vdir(folder: Path, path: str) -> Checkup:
    return VdirCalendar(VdirSettings(path=Path(path)), folder, CLOCK)


def mailer(folder: Path, path: str) -> Checkup:
    return MaildirMailer(MailerSettings(path=Path(path)), folder, CLOCK)


def mailbox(folder: Path, path: str = "inbox") -> Checkup:
    return MaildirMailbox(MailboxSettings(path=Path(path)), folder, CLOCK)


def tracking(folder: Path, path: str = "tracking.xlsx") -> Checkup:
    return XlsxTracking(TrackingSettings(path=Path(path)), folder, CLOCK)


def store(folder: Path, url: str = "sqlite:///state.db") -> Checkup:
    return SqlCheckup(StoreSettings(url=url), folder, CLOCK)


FOLDERS = pytest.mark.parametrize("open_backend", [vdir, mailer])


class TestFolders:
    @FOLDERS
    def test_a_folder_that_is_not_there_yet_is_tried_and_not_made(
        self, open_backend: Callable[[Path, str], Checkup], tmp_path: Path
    ) -> None:
        (finding,) = open_backend(tmp_path, "new/and/deep").checkup()
        assert finding.verdict is Verdict.FINE
        assert finding.text.endswith("new/and/deep is made when it is first needed")
        assert tree(tmp_path) == []

    @FOLDERS
    def test_a_folder_with_something_in_it_is_as_it_was(
        self, open_backend: Callable[[Path, str], Checkup], tmp_path: Path
    ) -> None:
        (tmp_path / "there").mkdir()
        (tmp_path / "there" / "notes.txt").touch()
        (finding,) = open_backend(tmp_path, "there").checkup()
        assert finding.verdict is Verdict.FINE
        assert tree(tmp_path) == ["there", "there/notes.txt"]

    @FOLDERS
    def test_a_file_in_the_place_of_the_folder_is_a_failure_with_advice(
        self, open_backend: Callable[[Path, str], Checkup], tmp_path: Path
    ) -> None:
        (tmp_path / "there").touch()
        (finding,) = open_backend(tmp_path, "there/below").checkup()
        assert finding.verdict is Verdict.FAILED
        assert finding.text.endswith("there/below: Not a directory")
        assert finding.advice.startswith("let rmflow's user write to ")


class TestMailbox:
    def test_the_new_mails_are_counted_and_nothing_is_left(self, tmp_path: Path) -> None:
        for name in ("new", "cur", "tmp"):
            (tmp_path / "inbox" / name).mkdir(parents=True)
        (tmp_path / "inbox/new/1").write_text("Subject: hello\n\n")
        before = tree(tmp_path)
        found = list(mailbox(tmp_path).checkup())
        assert not troubles(found)
        assert the("inbox", found).text == f"{tmp_path}/inbox (new mails: 1)"
        assert tree(tmp_path) == before

    def test_a_missing_inbox_may_be_a_wrong_path(self, tmp_path: Path) -> None:
        (finding,) = mailbox(tmp_path, "inbux").checkup()
        assert finding.verdict is Verdict.WARNING
        assert "correct path in [mail_in]" in finding.advice

    def test_mail_that_everybody_can_read_is_warned_of(self, tmp_path: Path) -> None:
        """A folder is open when it is, and every folder above it can be walked through."""
        inbox = tmp_path / "inbox"
        inbox.mkdir(mode=0o755)
        above = [path for path in inbox.parents if path.is_relative_to(tmp_path)]
        for path in above:
            path.chmod(0o700)
        assert private(inbox).verdict is Verdict.FINE
        if all(parent.stat().st_mode & 0o001 for parent in tmp_path.parent.parents):
            for path in (*above, tmp_path.parent):
                path.chmod(0o755)
            assert private(inbox).advice == f"say chmod o= {inbox}"
            inbox.chmod(0o750)
            assert private(inbox).verdict is Verdict.FINE


class TestRoster:
    def roster(self, folder: Path) -> list[Finding]:
        backend = FileRoster(RosterSettings(path=Path("roster.xlsx")), folder, CLOCK)
        return list(backend.checkup())

    def test_it_is_read_in_the_child_process(self, tmp_path: Path) -> None:
        with Workbook(tmp_path / "roster.xlsx") as book:
            book.add_worksheet("People").write_row(0, 0, ("email", "name"))
            book.add_worksheet("Pairs").write_row(0, 0, ("mentor", "mentee"))
        (finding,) = self.roster(tmp_path)
        assert finding.verdict is Verdict.FINE
        assert finding.text == "roster.xlsx (sheets: 2, rows: 2)"

    def test_one_that_cannot_be_read_is_named_with_what_to_do(self, tmp_path: Path) -> None:
        (finding,) = self.roster(tmp_path)
        assert finding.verdict is Verdict.FAILED
        assert "check path in [roster]" in finding.text


class TestTracking:
    def test_before_the_first_run_there_is_no_workbook(self, tmp_path: Path) -> None:
        found = list(tracking(tmp_path).checkup())
        assert verdicts(found) == [("write", "fine"), ("workbook", "fine")]
        assert tree(tmp_path) == []

    @pytest.mark.parametrize("lock", ["~$tracking.xlsx", ".~lock.tracking.xlsx#"])
    def test_a_workbook_that_somebody_has_open_is_a_warning(
        self, tmp_path: Path, lock: str
    ) -> None:
        (tmp_path / lock).touch()
        finding = the("workbook", tracking(tmp_path).checkup())
        assert finding.verdict is Verdict.WARNING
        assert "tracking.xlsx is open in an office program since " in finding.text

    def test_a_broken_workbook_is_a_warning_and_stays(self, tmp_path: Path) -> None:
        (tmp_path / "tracking.xlsx").write_text("no workbook")
        finding = the("workbook", tracking(tmp_path).checkup())
        assert finding.verdict is Verdict.WARNING
        assert finding.text == "tracking.xlsx cannot be read"
        assert tree(tmp_path) == ["tracking.xlsx"]


class TestSqlite:
    def test_before_the_first_run_no_database_is_made(self, tmp_path: Path) -> None:
        found = list(store(tmp_path).checkup())
        assert verdicts(found) == [("write", "fine"), ("tables", "fine"), ("disk", "fine")]
        assert tree(tmp_path) == []

    def test_a_folder_that_is_not_mounted_is_a_failure(self, tmp_path: Path) -> None:
        (finding,) = store(tmp_path, "sqlite:///disk/state.db").checkup()
        assert finding.verdict is Verdict.FAILED
        assert finding.text == f"there is no folder {tmp_path}/disk"

    def test_a_database_in_use_is_whole_and_its_records_stay(self, tmp_path: Path) -> None:
        opened = open_store("sqlite:///state.db", base=tmp_path)
        opened.write([SettingRecord("a", "b")])
        with closing(opened):
            found = list(store(tmp_path).checkup())
            assert verdicts(found) == [
                ("connect", "fine"), ("tables", "fine"), ("soundness", "fine"), ("write", "fine"),
                ("disk", "fine"),
            ]  # fmt: skip
            assert opened.read(SettingRecord) == [SettingRecord("a", "b")]

    def test_an_empty_file_stays_without_tables(self, tmp_path: Path) -> None:
        (tmp_path / "state.db").touch(mode=0o600)
        assert not troubles(store(tmp_path).checkup())
        with closing(sqlite3.connect(tmp_path / "state.db")) as database:
            assert database.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)

    def test_a_database_of_a_newer_rmflow_is_a_failure(self, tmp_path: Path) -> None:
        open_store("sqlite:///state.db", base=tmp_path).close()
        with closing(sqlite3.connect(tmp_path / "state.db")) as database:
            database.execute("UPDATE alembic_version SET version_num = '9999'")
            database.commit()
        finding = the("tables", store(tmp_path).checkup())
        assert finding.verdict is Verdict.FAILED
        assert finding.advice == "install the newer rmflow again"

    def test_a_file_that_is_no_database_is_a_failure(self, tmp_path: Path) -> None:
        (tmp_path / "state.db").write_text("something else, and long enough to be looked at" * 99)
        (tmp_path / "state.db").chmod(0o600)
        finding = the("connect", store(tmp_path).checkup())
        assert finding.verdict is Verdict.FAILED
        assert "not a SQLite database" in finding.text

    def test_a_damaged_file_is_a_failure(self, tmp_path: Path) -> None:
        """quick_check walks through the pages; a run may not touch the broken one for months."""
        opened = open_store("sqlite:///state.db", base=tmp_path)
        opened.write([SettingRecord(f"name {n}", "x" * 500) for n in range(200)])
        opened.close()
        raw = bytearray((tmp_path / "state.db").read_bytes())
        raw[-3 * 4096 : -2 * 4096] = b"\xff" * 4096
        (tmp_path / "state.db").write_bytes(raw)
        finding = the("soundness", store(tmp_path).checkup())
        assert finding.verdict is Verdict.FAILED
        assert finding.advice == "restore the last backup"

    def test_a_database_that_others_may_open_is_warned_of(self, tmp_path: Path) -> None:
        open_store("sqlite:///state.db", base=tmp_path).close()
        (tmp_path / "state.db").chmod(0o640)
        (finding,) = troubles(store(tmp_path).checkup())
        assert finding.verdict is Verdict.WARNING
        assert finding.advice == f"say chmod go= {tmp_path}/state.db"

    def test_a_disk_that_is_almost_full_is_warned_of(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        full = SimpleNamespace(free=5_000_000)
        monkeypatch.setattr("shutil.disk_usage", lambda _: full)
        (finding,) = troubles(store(tmp_path).checkup())
        assert (finding.check, finding.advice) == ("disk", "make room")

    @pytest.mark.parametrize(
        ("kind", "verdict"), [("ext4", []), ("fuse.mergerfs", [("disk", "warning")])]
    )
    def test_a_file_system_made_by_a_program_is_warned_of(
        self, kind: str, verdict: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mounted(monkeypatch, tmp_path, kind)
        assert verdicts(troubles(store(tmp_path).checkup())) == verdict

    def test_a_network_file_system_is_refused_as_a_run_refuses_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        open_store("sqlite:///state.db", base=tmp_path).close()
        mounted(monkeypatch, tmp_path, "nfs4")
        with pytest.raises(ConfigError, match=r"network file system \(nfs4\)"):
            list(store(tmp_path).checkup())


def mounted(monkeypatch: pytest.MonkeyPatch, folder: Path, kind: str) -> None:
    """Let the kernel say that a folder is a mount of this type."""
    read_text = Path.read_text
    lines = f"/dev/sda1 / ext4 rw 0 0\nsomewhere {folder} {kind} rw 0 0\n"
    monkeypatch.setattr(
        Path,
        "read_text",
        lambda path, *how: lines if path == Path("/proc/mounts") else read_text(path, *how),
    )
