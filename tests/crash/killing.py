"""Runs in processes of their own, and ways to end them: at a boundary, or at a system call.

A run is a fork of the test process: everything is imported, and what is cut off is the run. It
waits, stopped, until strace holds it; strace then sends SIGKILL at the wanted call, before the
call is carried out.
"""

import gc
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from office import Office
from terminal import stop_clock

# All that changes something on a disk or in the network, or waits for somebody who does.
CALLS = (
    "write", "writev", "pwrite64", "fsync", "fdatasync", "rename", "renameat", "renameat2",
    "link", "linkat", "unlink", "unlinkat", "mkdir", "rmdir", "ftruncate", "truncate", "chmod",
    "fchmod", "fchown", "utimensat", "flock", "openat", "close", "socket", "connect", "sendto",
    "sendmsg", "recvfrom", "recvmsg", "shutdown", "pipe2", "clone", "vfork", "wait4", "sendfile",
    "copy_file_range",
)  # fmt: skip
Work = Callable[[], int]


@dataclass(frozen=True, order=True)
class Point:
    """The first, second, third … system call of a name, counted from the begin of the run."""

    call: str
    number: int

    def __str__(self) -> str:
        return f"{self.call} {self.number}"


def command_line(office: Office) -> Work:
    """Return the work of `rmflow run`, as cron would call it."""

    def work() -> int:
        from rmflow.cli import main

        sys.argv = ["rmflow", "run", "--config", str(office.config_path)]
        try:
            main()
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    stop_clock(office.config_path, office.now)
    return work


def ended(work: Work, said: Path) -> int:
    """Do the work in a child; return its exit code, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(begun(work, said), 0)[1])


def killed_at(point: Point, work: Work, said: Path) -> int:
    """Do the work in a child that dies at a system call, if it gets there."""
    inject = f"inject={point.call}:signal=SIGKILL:when={point.number}"
    return _watched(work, said, "-o", os.devnull, "-e", f"trace={point.call}", "-e", inject)


def points_of(work: Work, said: Path) -> tuple[int, list[Point]]:
    """Do the work undisturbed; return how it ended, and every point on its way."""
    log = said.with_name("strace.log")
    code = _watched(work, said, "-o", str(log), "-e", f"trace={','.join(CALLS)}")
    seen: Counter[str] = Counter()
    points = []
    for line in log.read_text(errors="replace").splitlines():
        call, bracket, _ = line.partition("(")
        if bracket and call in CALLS:
            seen[call] += 1
            points.append(Point(call, seen[call]))
    return code, points


def _watched(work: Work, said: Path, *options: str) -> int:
    if shutil.which("strace") is None:
        pytest.skip("needs strace: apt-get install strace")
    child = begun(work, said, stopped=True)
    os.waitpid(child, os.WUNTRACED)
    command = ["strace", "-q", "-p", str(child), *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as strace:
        while _untraced(child):
            if strace.poll() is not None:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                assert strace.stderr is not None
                pytest.skip(f"needs strace that may attach: {strace.stderr.read().decode()}")
            time.sleep(0.0005)
        os.kill(child, signal.SIGCONT)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _untraced(child: int) -> bool:
    return "TracerPid:\t0\n" in Path(f"/proc/{child}/status").read_text()


def begun(work: Work, said: Path, *, stopped: bool = False) -> int:
    """Do the work in a child, which ends with its exit code; return the child's number.

    What it says is added to `said`. `stopped`: it waits for SIGCONT before it begins.
    """
    with warnings.catch_warnings():  # the threads of the fakes are of no interest to the child
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child:
        return child
    gc.freeze()  # a collection would copy the parent's memory
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)  # pytest-timeout has one of its own
        words = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(words, 1)
        os.dup2(words, 2)
        sys.stdout, sys.stderr = (os.fdopen(n, "w", closefd=False) for n in (1, 2))
        if stopped:
            os.kill(os.getpid(), signal.SIGSTOP)
        code = work()
        sys.stdout.flush()
        os._exit(code)
    except BaseException:  # noqa: BLE001 - the child must not return into pytest
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(70)
    return child
