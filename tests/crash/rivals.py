"""Runs that meet: an office on either database, and processes that are begun, stopped and asked.

Mail and calendar changes are counted outside of the runs, line by line; the relay repeats what it
is told to, like a real one. Each run is a fork of the test process, which has imported everything.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock
from uuid import uuid4

import psycopg
from killing import begun
from outside import Journal, outside
from postgresql_server import empty_schema, postgresql_server

from builders import at
from office import Office
from rmflow.app.ports import Ports
from rmflow.config import Config
from rmflow.wiring import open_ports
from terminal import Said, rmflow, stop_clock

START = "2026-10-05 09:00"
BIG = bool(os.environ.get("RMFLOW_CRASH_POINTS"))  # as `make crash` says
SQLITE, POSTGRESQL = "sqlite", "postgresql"
DATABASES = (SQLITE, POSTGRESQL)


@contextmanager
def office_on(database: str, folder: Path, *, pairs: int = 1) -> Iterator[Office]:
    """Give an office whose memory is a file, or a schema of a server that ends with it."""
    office = Office(folder, pairs=pairs, start=at(START))
    if database == SQLITE:
        yield office
        return
    with postgresql_server() as server, empty_schema(server, f"work_{uuid4().hex}") as url:
        text = office.config_path.read_text()
        office.config_path.write_text(text.replace("sqlite:///state.db", url))
        yield office


class Pace:
    """Is told of each step of a run, before it and after it; `names` are those it has seen."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, name: str) -> None:
        self.names.append(name)


def counted(office: Office) -> Journal:
    """Return what has happened outside."""
    return Journal(office.folder / "outside.log")


def cron(office: Office, pace: Pace | None = None, journal: Journal | None = None) -> Said:
    """Let `rmflow run` happen in this process, with an outside world that counts.

    The clock is where `stop_clock` has put it.
    """

    def opened(config: Config) -> Ports:
        return outside(open_ports(config), journal or counted(office), pace or Pace())

    with mock.patch("rmflow.cli.options.open_ports", opened):
        return rmflow("run", "--config", office.config_path)


@dataclass(frozen=True)
class Ended:
    """How a run ended, after how many seconds; `queued` of them it waited for a processor."""

    code: int
    took: float
    queued: float


def race(office: Office, processes: int, pace: Callable[[], Pace] = Pace) -> list[Ended]:
    """Let so many runs begin at one moment; return how each ended."""
    stop_clock(office.config_path, office.now)
    gate, opener = os.pipe()
    results, teller = os.pipe()

    def work() -> int:
        os.close(opener)
        os.read(gate, 1)  # its end is the starting gun
        began, queued = time.monotonic(), _queued()
        said = cron(office, pace())
        took = time.monotonic() - began
        os.write(teller, f"{said.code} {took} {_queued() - queued}\n".encode())
        sys.stderr.write(said.err)
        sys.stderr.flush()
        return said.code

    children = [begun(work, office.folder / "said.log") for _ in range(processes)]
    for each in (gate, opener, teller):
        os.close(each)
    for child in children:
        os.waitpid(child, 0)
    with os.fdopen(results) as lines:
        told = [line.split() for line in lines]
    return [Ended(int(code), float(took), float(queued)) for code, took, queued in told]


def _queued() -> float:
    """Return for how many seconds this process was ready and had no processor."""
    return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9


def sessions_cut(office: Office, which: str) -> None:
    """Cut sessions of this office's database server, as a restart or a proxy may; await their end."""
    url = office.config().backends["store"].settings.url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"SELECT pg_terminate_backend(pid, 30000) FROM {which}".encode())


LOCKS = "pg_locks WHERE locktype = 'advisory'"
