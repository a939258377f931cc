"""Real CalDAV servers from PyPI, each a process of its own on loopback: Radicale and Xandikos.

    with start_radicale() as server:
        url = server.new_calendar("programme")

They take any name and password, so that nothing but the calendar is fresh in each test.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
import requests
from loopback import free_port

USER = "mentoring"
PASSWORD = "pw"

_RADICALE = """\
[server]
hosts = 127.0.0.1:{port}
[auth]
type = none
[rights]
type = owner_only
[storage]
filesystem_folder = {folder}
[logging]
level = error
"""


@dataclass(frozen=True)
class DavServer:
    """A running server. `home` is the address of the account's calendars, `folder` its files."""

    home: str
    folder: Path

    def new_calendar(self) -> str:
        """Make an empty calendar and return its address."""
        url = f"{self.home}{uuid4().hex}/"
        answer = requests.request("MKCALENDAR", url, auth=(USER, PASSWORD), timeout=10)
        assert answer.status_code == 201, answer.text
        return url


@contextmanager
def start_radicale() -> Iterator[DavServer]:
    """Run a Radicale for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="radicale-") as name:
        folder, port = Path(name), free_port()
        config = folder / "config"
        config.write_text(_RADICALE.format(port=port, folder=folder), encoding="utf-8")
        with _running(["radicale", "--config", str(config)], port):
            yield DavServer(f"http://127.0.0.1:{port}/{USER}/", folder / "collection-root" / USER)


@contextmanager
def start_xandikos() -> Iterator[DavServer]:
    """Run a Xandikos for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="xandikos-") as name:
        port = free_port()
        command = ["xandikos", "serve", "-d", name, "--listen-address", "127.0.0.1"]
        command += ["-p", str(port), "--current-user-principal", f"/{USER}/", "--defaults"]
        with _running(command, port):
            home = Path(name) / USER / "calendars"
            yield DavServer(f"http://127.0.0.1:{port}/{USER}/calendars/", home)


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    with tempfile.TemporaryFile() as said:
        server = subprocess.Popen(
            [sys.executable, "-m", *command],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
        try:
            if not _answers(server, port):
                said.seek(0)
                pytest.fail(f"{command[0]} did not start: {said.read().decode()}")
            yield
        finally:
            server.kill()
            server.wait(timeout=10)


def _answers(server: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        try:
            requests.request("OPTIONS", f"http://127.0.0.1:{port}/", timeout=30)
        except requests.ConnectionError:
            time.sleep(0.02)
        else:
            return True
    return False
