"""Measuring whole processes: CPU seconds and peak memory, ours and its floor in turns."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

Command = Sequence[str | Path]


@dataclass(frozen=True)
class Cost:
    """What a process and its children used: CPU seconds (user + system), peak memory in MB."""

    seconds: float
    megabytes: float


def _nothing() -> None:
    """Put nothing back."""


def measured(
    commands: Sequence[Command], rounds: int, reset: Callable[[], None] = _nothing
) -> list[Cost]:
    """Return the median cost of each command, run in turns: A B A B.

    `reset` puts everything back before each process. The first round is not counted: it fills
    the caches of the disk and of compiled modules.
    """
    costs: list[list[Cost]] = [[] for _ in commands]
    for _ in range(1 + rounds):
        for command, so_far in zip(commands, costs, strict=True):
            reset()
            so_far.append(_cost(command))
    return [_median(so_far[1:]) for so_far in costs]


def _cost(command: Command) -> Cost:
    process = subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.DEVNULL, env=_environment()
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    per_megabyte = 1_000_000 if sys.platform == "darwin" else 1_000  # bytes there, KB elsewhere
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / per_megabyte)


def _environment() -> dict[str, str]:
    """Return an environment in which compiled modules are kept, as where rmflow is installed."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(median(c.seconds for c in costs), max(c.megabytes for c in costs))
