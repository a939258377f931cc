"""A run is paused (SIGSTOP), loses its lock without notice, and wakes when another has done its work.

Layer D of docs/reliability.md. On one machine nobody can take over: the kernel keeps the lock of a
stopped process. On PostgreSQL the lock ends with a session, which a server or a proxy may cut;
there the tenure protects (`adapters/store/lock.py`): the kernel ends the sleeper before it acts.
"""

import os
import signal
import time
from collections import Counter
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
from killing import begun
from rivals import LOCKS, POSTGRESQL, SQLITE, Pace, counted, cron, office_on, sessions_cut

from office import Office
from rmflow.adapters.store import journal, lock, postgresql
from terminal import stop_clock

_TENURE_S = 2.0
# A boundary of the first day, and whether somebody is then about to act outside.
_SOME = (
    "before claim",
    "after claim",
    "before send",
    "after send",
    "before settle",
    "before write",
)


class Pause(Pace):
    """Stops the process when it has come to a boundary so many times."""

    def __init__(self, name: str, times: int = 1) -> None:
        super().__init__()
        self._name, self._times = name, times

    def __call__(self, name: str) -> None:
        super().__call__(name)
        if name == self._name and self.names.count(name) == self._times:
            os.kill(os.getpid(), signal.SIGSTOP)


@pytest.fixture
def short_tenure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quarter of an hour is long for a test."""
    monkeypatch.setattr(postgresql, "TENURE", timedelta(seconds=_TENURE_S))
    monkeypatch.setattr(lock, "_MARGIN_S", _TENURE_S / 4)


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> Counter[str]:
    """What happens when nobody is paused; everything is imported then."""
    with office_on(SQLITE, tmp_path_factory.mktemp("undisturbed")) as office:
        stop_clock(office.config_path, office.now)
        assert cron(office).code == 0
        return counted(office).counted()


def test_on_one_machine_nobody_takes_over_from_a_stopped_run(
    tmp_path: Path, wanted: Counter[str]
) -> None:
    """However long it sleeps: its lock ends when it ends."""
    with office_on(SQLITE, tmp_path / "office") as office:
        sleeper = _asleep(office, "before send")
        for _ in range(2):
            said = cron(office)
            assert (said.code, "another run" in said.err) == (75, True)
        assert _woken(sleeper) == 0
        assert counted(office).counted() == wanted
        assert cron(office).out == "Nothing to do.\n"


@pytest.mark.server
@pytest.mark.usefixtures("short_tenure")
@pytest.mark.parametrize("boundary", _SOME)
def test_a_sleeper_that_was_taken_over_from_does_nothing_more(
    boundary: str, tmp_path: Path, wanted: Counter[str]
) -> None:
    with office_on(POSTGRESQL, tmp_path / "office") as office:
        sleeper = _asleep(office, boundary)
        sessions_cut(office, LOCKS)
        _take_over(office)
        assert counted(office).counted() == wanted
        assert _woken(sleeper) in (-signal.SIGALRM, 75), (office.folder / "said.log").read_text()
        assert counted(office).counted() == wanted
        assert cron(office).out == "Nothing to do.\n"


@pytest.mark.server
def test_who_sleeps_for_less_than_the_tenure_goes_on(tmp_path: Path, wanted: Counter[str]) -> None:
    """Meanwhile nobody else may begin, though the lock is free."""
    with office_on(POSTGRESQL, tmp_path / "office") as office:
        sleeper = _asleep(office, "before send")
        sessions_cut(office, LOCKS)
        said = cron(office)
        assert (said.code, "may be at work until" in said.err) == (75, True)
        assert _woken(sleeper) == 0
        assert counted(office).counted() == wanted
        assert cron(office).out == "Nothing to do.\n"


@pytest.mark.server
@pytest.mark.usefixtures("short_tenure")
def test_without_an_end_by_the_kernel_the_sleeper_sends_again(
    tmp_path: Path, wanted: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The positive control: between the look at the fence and the wire nothing else protects."""
    monkeypatch.setattr(journal, "ended_after", lambda *_: nullcontext())
    with office_on(POSTGRESQL, tmp_path / "office") as office:
        sleeper = _asleep(office, "before send")
        sessions_cut(office, LOCKS)
        _take_over(office)
        assert counted(office).counted() == wanted
        _woken(sleeper)
        assert counted(office).counted().total() == wanted.total() + 1


def _asleep(office: Office, boundary: str) -> int:
    """Begin a run and return its number when it has stopped there."""
    stop_clock(office.config_path, office.now)
    sleeper = begun(lambda: cron(office, Pause(boundary)).code, office.folder / "said.log")
    _, status = os.waitpid(sleeper, os.WUNTRACED)
    assert os.WIFSTOPPED(status), (office.folder / "said.log").read_text()
    return sleeper


def _woken(sleeper: int) -> int:
    """Let it go on; return its exit code, or minus the signal that ended it."""
    os.kill(sleeper, signal.SIGCONT)
    return os.waitstatus_to_exitcode(os.waitpid(sleeper, 0)[1])


def _take_over(office: Office) -> None:
    """Call `rmflow run` until it is not refused any more."""
    deadline = time.monotonic() + 60
    while (said := cron(office)).code == 75:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert said.code == 0, said.err
