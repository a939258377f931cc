"""A disk without room, a folder that may not be written: nothing is torn, lost or done twice.

Layer G of docs/reliability.md. A run's every write to its folder fails once, as on a full disk
(strace puts ENOSPC in the place of the call's result); from then on its kind goes on failing, where
only files are written by it. Then there is room again.
"""

import os
import random
import re
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from outside import Journal
from rivals import BIG, START, cron

from builders import at
from office import Office
from terminal import Said, at_the_office, rmflow, stop_clock

_SEED = int(os.environ.get("RMFLOW_CRASH_SEED") or random.SystemRandom().randrange(10**6))
_FEW = 6
# Files alone are written by these: a disk that is full stays full.
_FOR_GOOD = ("pwrite64", "fsync", "fdatasync", "ftruncate", "rename", "link", "linkat")
_ONCE = ("write", "openat", "mkdir")
_STRANGER = 12345  # a user who owns nothing


@dataclass(frozen=True)
class Point:
    """A system call on a file of the office: the so-manieth of its name in a run."""

    call: str
    number: int

    def __str__(self) -> str:
        return f"{self.call} {self.number}"

    @property
    def injection(self) -> str:
        """Return what strace is told."""
        more = "+" if self.call in _FOR_GOOD else ""
        return f"inject={self.call}:error=ENOSPC:when={self.number}{more}"


class Told(Journal):
    """A journal that is told over a socket: what happens outside needs no room on our disk."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._here, self._there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._here.setblocking(False)  # noqa: FBT003 - positional only

    def add(self, line: str) -> None:
        self._lines.append(line)
        self._there.send(line.encode())

    def counted(self) -> Counter[str]:
        return Counter(self._lines)

    def hear(self) -> str:
        """Take in what a child has told; return what its command said."""
        said = ""
        while True:
            try:
                line = self._here.recv(1 << 16).decode()
            except BlockingIOError:
                return said
            if line.startswith("mail ") or line.partition(" ")[0] in ("create", "revise"):
                self._lines.append(line)
            else:
                said = line

    def close(self) -> None:
        self._here.close()
        self._there.close()


@dataclass(frozen=True)
class Day:
    """A first day of an office, as often as it takes."""

    base: Path
    folder: Path

    def fresh(self) -> Office:
        if self.folder.exists():
            shutil.rmtree(self.folder)
        shutil.copytree(self.base, self.folder)
        office = object.__new__(Office)
        office.__dict__.update(Office(self.folder, pairs=1, start=at(START)).__dict__)
        stop_clock(office.config_path, office.now)
        return office


@pytest.fixture
def day(tmp_path: Path) -> Day:
    office = Office(tmp_path / "base", pairs=1, start=at(START))
    office.plan()  # the database has its tables
    warm = Office(tmp_path / "warm", pairs=1, start=at(START))
    stop_clock(warm.config_path, warm.now)
    assert cron(warm).code == 0  # everything is imported
    return Day(tmp_path / "base", tmp_path / "office")


@pytest.mark.server
@pytest.mark.timeout(7200)
def test_wherever_the_disk_is_full_nothing_is_torn_lost_or_done_twice(day: Day) -> None:
    office = day.fresh()
    wanted, points = _undisturbed(office)
    meetings = _meetings(office)
    assert {point.call for point in points} >= {
        "pwrite64",
        "write",
        "fdatasync",
        "rename",
        "openat",
    }
    chosen = points if BIG else random.Random(_SEED).sample(points, _FEW)
    told_of: Counter[int] = Counter()
    for point in chosen:
        office = day.fresh()
        where = f"{point}, RMFLOW_CRASH_SEED={_SEED}"
        with closing(Told()) as journal:
            code, said = _run(office, journal, "-e", f"trace={point.call}", "-e", point.injection)
            assert code in (0, 1, 5), f"{where}: {code} {said}"
            assert bool(code) <= bool(re.search(r"\w+: ", said)), f"{where}: {said}"
            assert "Traceback" not in said, f"{where}: {said}"
            _check_whole(office, where)
            again, said = _run(office, journal)
            assert again == 0, f"{where}: {said}"
            assert _mails(journal) == wanted, where
            assert _meetings(office) == meetings, where
            assert "Nothing to do." in _run(office, journal)[1], where
            assert _mails(journal) == wanted, where
            told_of[code] += 1
    sys.stdout.write(f"full disk: {len(chosen)} of {len(points)} writes, ended with {told_of}\n")


def test_in_a_folder_that_may_not_be_written_a_run_says_so_and_does_nothing() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        office = Office(Path(folder) / "office", pairs=1, start=at(START))
        stop_clock(office.config_path, office.now)
        office.plan()
        _own(office.folder, 0o500, 0o400)
        code, said = _as_a_stranger(office)
        assert (code, office.outbox()) == (5, []), said
        assert "Traceback" not in said
        assert "denied" in said or "permi" in said
        _own(office.folder, 0o700, 0o600)
        office.run()
        assert len(office.outbox()) == 2


@pytest.mark.parametrize("where", ["a folder that is a file", "a file that is a folder"])
def test_a_log_that_cannot_be_written_keeps_nobody_from_their_mail(
    where: str, tmp_path: Path
) -> None:
    """It is said in one line; the run, and what it tells on the screen, is as ever."""
    office = Office(tmp_path / "office", pairs=1, start=at(START))
    path = "logs/rmflow.log" if where == "a folder that is a file" else "log"
    (office.folder / "logs").write_text("in the way")
    (office.folder / "log").mkdir()
    text = office.config_path.read_text()
    office.config_path.write_text(text.replace('path = "rmflow.log"', f'path = "{path}"'))
    said = at_the_office(office, "run")
    assert (said.code, len(office.outbox())) == (0, 2)
    assert "log" in said.err
    assert "cannot be written" in said.err
    assert said.err.count("\n") == 1


def test_a_backup_that_finds_no_room_leaves_the_older_one(tmp_path: Path) -> None:
    office = Office(tmp_path / "office", pairs=1, start=at(START))
    office.run()
    copy = office.folder / "copy.db"
    assert at_the_office(office, "backup", copy).code == 0
    old = copy.read_bytes()
    office.at(at("2026-10-09 11:00")).run()

    def limited() -> Said:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
        return rmflow("backup", copy, "--config", office.config_path)

    code, said = _told_by(limited)
    assert code == 5, said
    assert "copy" in said
    assert "Traceback" not in said
    assert copy.read_bytes() == old
    assert not list(office.folder.glob("*.part*"))


def _undisturbed(office: Office) -> tuple[Counter[str], list[Point]]:
    """Return the mails of a run that is only watched, and every write to its folder."""
    log = office.folder.with_name("strace.log")
    names = (*_FOR_GOOD, *_ONCE)
    with closing(Told()) as journal:
        code, said = _run(office, journal, "-y", "-o", str(log), "-e", f"trace={','.join(names)}")
        assert code == 0, said
        wanted = _mails(journal)
    seen: Counter[str] = Counter()
    points = []
    for line in log.read_text(errors="replace").splitlines():
        call = line.partition("(")[0]
        if call in names:
            seen[call] += 1
            reads = call == "openat" and "O_CREAT" not in line
            if str(office.folder) in line and not reads:
                points.append(Point(call, seen[call]))
    return wanted, points


def _run(office: Office, journal: Told, *watched: str) -> tuple[int, str]:
    """Let `rmflow run` happen in a child, under strace with these options if there are any."""

    def work() -> Said:
        return cron(office, journal=journal)

    child = _child(work, journal._there, stopped=bool(watched))
    if watched:
        _watch(child, watched)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code, journal.hear()


def _told_by(work: Callable[[], Said]) -> tuple[int, str]:
    with closing(Told()) as journal:
        child = _child(work, journal._there, stopped=False)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), journal.hear()


def _child(work: Callable[[], Said], teller: socket.socket, *, stopped: bool) -> int:
    child = os.fork()
    if child:
        return child
    code, words = 70, "died"
    try:
        if stopped:
            os.kill(os.getpid(), signal.SIGSTOP)
        said = work()
        code, words = said.code, f"said: {said.err}{said.out}"
    except BaseException as error:  # noqa: BLE001 - the child must not return into pytest
        words = f"Traceback {error!r}"
    finally:
        teller.send(words.encode()[:60_000])
        os._exit(code)
    return child


def _watch(child: int, options: tuple[str, ...]) -> None:
    """Let strace take hold of a child that has stopped itself, and let it go on."""
    if shutil.which("strace") is None:
        os.kill(child, signal.SIGKILL)
        pytest.skip("needs strace: apt-get install strace")
    os.waitpid(child, os.WUNTRACED)
    quiet = () if "-o" in options else ("-o", os.devnull)
    with subprocess.Popen(
        ["strace", "-q", "-p", str(child), *quiet, *options], stderr=subprocess.DEVNULL
    ) as strace:
        while "TracerPid:\t0\n" in Path(f"/proc/{child}/status").read_text():
            if strace.poll() is not None:
                os.kill(child, signal.SIGKILL)
                pytest.skip("needs strace that may attach")
            time.sleep(0.001)
        os.kill(child, signal.SIGCONT)


def _mails(journal: Told) -> Counter[str]:
    return Counter({k: n for k, n in journal.counted().items() if k.startswith("mail ")})


def _meetings(office: Office) -> set[str]:
    return {path.name for path in (office.folder / "calendars").glob("*.ics")}


def _check_whole(office: Office, where: str) -> None:
    """A workbook and meetings are there whole or not at all; the database is sound."""
    with closing(sqlite3.connect(office.folder / "state.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",), where
    book = office.folder / "tracking.xlsx"
    if book.exists():
        with zipfile.ZipFile(book) as archive:
            assert archive.testzip() is None, where
    for path in (office.folder / "calendars").glob("*.ics"):
        assert path.read_bytes().endswith(b"END:VCALENDAR\r\n"), where


def _own(folder: Path, folders: int, files: int) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(folders if path.is_dir() else files)
        if os.geteuid() == 0:
            os.chown(path, _STRANGER, _STRANGER)


def _as_a_stranger(office: Office) -> tuple[int, str]:
    """Let a run happen under the rights of whom the folder belongs to; root may do anything."""

    def work() -> Said:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(_STRANGER)
            os.setuid(_STRANGER)
        return rmflow("run", "--config", office.config_path)

    return _told_by(work)
