"""A PostgreSQL server of our own: loopback, its own folder, an unprivileged user."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

_START_SECONDS = 30

# The server refuses to run as root.
_OWNER = "postgres" if os.geteuid() == 0 else None


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Start a server, give its url, stop it. Skips where there is no PostgreSQL."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="rmflow-postgresql-"))
    server = None
    try:
        if _OWNER:
            shutil.chown(folder, _OWNER, _OWNER)
        access = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        made = _popen([programs / "initdb", "-D", folder / "data", *access, "--no-sync"])
        assert made.wait() == 0
        port = _free_port()
        server = _start(programs, folder, port)
        yield _reachable(f"postgresql://postgres@127.0.0.1:{port}/postgres", server)
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # "fast shutdown"
            server.wait(timeout=30)
        shutil.rmtree(folder)


@contextmanager
def empty_schema(server: str, name: str) -> Iterator[str]:
    """Give the url of a fresh schema, and drop it."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE SCHEMA "{name}"'.encode())
        yield f"{server}?options={quote(f'-csearch_path={name}')}"
        connection.execute(f'DROP SCHEMA "{name}" CASCADE'.encode())


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        pytest.skip("needs PostgreSQL: apt-get install postgresql")
    return found[-1].parent if found else Path(str(on_path)).resolve().parent


def _start(programs: Path, folder: Path, port: int) -> subprocess.Popen[bytes]:
    settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": folder}
    quick = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    words: list[object] = [programs / "postgres", "-D", folder / "data"]
    for name, value in {**settings, **quick, "shared_buffers": "16MB"}.items():
        words += ["-c", f"{name}={value}"]
    return _popen(words)


def _popen(words: list[object]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(word) for word in words],
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=_OWNER,
        group=_OWNER,
        extra_groups=[] if _OWNER else None,
    )


def _reachable(url: str, server: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return url


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
