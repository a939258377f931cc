"""An organisation of any size: its folder with a roster, and the same after its first run.

The first run of 100,000 pairs writes as many calendar files, each synced to the disk. Here 100
pairs live through a real first run, and what it has left is multiplied: rows and files are
copied under other numbers. What the next run looks at is as it would be.
"""

import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from xlsxwriter import Workbook

from rmflow.adapters.standards.vdir import _Listing, etag_of
from rmflow.wiring import load_config, open_roster

V = TypeVar("V")

BLOCK = 100  # pairs that really live through a first run

_CONFIG = """\
[programme]
id = "bench"
name = "Reverse Mentoring"
secret = "file:secret.key"
timezone = "Europe/Berlin"
[mailbox]
address = "mentoring@contoso.example"
name = "Reverse Mentoring"
[coordinator]
address = "hanna.brandt@contoso.example"
name = "Hanna Brandt"
[roster]
path = "roster.xlsx"
[calendar]
kind = "vdir"
path = "calendar"
[mail_out]
kind = "maildir"
path = "out"
[mail_in]
kind = "maildir"
path = "in"
[tracking]
path = "tracking.xlsx"
[store]
url = "sqlite:///state.db"
[log]
path = "rmflow.log"
[clock]
stopped_at = 2026-10-05T08:00:00Z
"""
_KEY = re.compile(r"\b[0-9a-f]{4}(?=[0-9a-f]{28}\b)")  # the beginning of a key or UID
_PEOPLE = ("email", "name", "manager", "timezone", "locale", "region", "location", "team")
_PAIRS = ("pair_id", "mentor", "mentee", "cadence", "slot", "status")
_ZONES = ("Europe/Berlin", "Europe/London", "America/New_York", "Asia/Singapore")
_REGIONS = ("DE-BY", "GB", "US", "SG")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")


def make(folder: Path, pairs: int) -> None:
    """Make the folder of an organisation that has not met rmflow yet."""
    folder.mkdir(parents=True)
    (folder / "programme.toml").write_text(_CONFIG)
    (folder / "secret.key").write_text("known to this bench only\n")
    (folder / "secret.key").chmod(0o600)
    _write_roster(folder, pairs)


def install(folder: Path, pairs: int) -> None:
    """Make the folder of an organisation after its first run."""
    make(folder, BLOCK)
    subprocess.run([sys.executable, "-m", "rmflow", "run", "-q", "--config", folder], check=True)
    _write_roster(folder, pairs)
    with closing(sqlite3.connect(folder / "state.db")) as database:
        etags = _multiply_calendar(folder / "calendar", pairs // BLOCK)
        for table in ("people", "pairings", "series", "effects"):
            _multiply_rows(database, table, pairs // BLOCK, etags)
        _remember(database, folder)
        database.commit()
        database.execute("VACUUM")


def _write_roster(folder: Path, pairs: int) -> None:
    numbers = [_numbered(number) for number in range(pairs)]
    people = [_person(kind, number) for kind in ("mentor", "leader") for number in numbers]
    rows = [_pair(number) for number in numbers]
    with Workbook(folder / "roster.xlsx", {"constant_memory": True}) as book:
        for name, head, body in (("People", _PEOPLE, people), ("Pairs", _PAIRS, rows)):
            sheet = book.add_worksheet(name)
            for at, row in enumerate((head, *body)):
                sheet.write_row(at, 0, row)


def _numbered(number: int) -> str:
    """Return "0012x34" for 1234: the block, and the place in it."""
    return f"{number // BLOCK:04}x{number % BLOCK:02}"


def _person(kind: str, number: str) -> tuple[str, ...]:
    place = int(number[-2:])
    manager = f"leader{number[:-2]}{place // 10:02}@contoso.example"
    return (
        f"{kind}{number}@contoso.example",
        f"{kind.title()} Number {number}",
        manager if kind == "leader" and place >= 10 else "",
        _ZONES[place % 4] if kind == "leader" else _ZONES[0],
        "en",
        _REGIONS[place % 4] if kind == "leader" else _REGIONS[0],
        f"Building {place % 7}, room {place}",
        f"{kind.title()}s of house {place % 9}",
    )


def _pair(number: str) -> tuple[str, ...]:
    slot = f"{_DAYS[int(number[-1]) % 5]} 15:00"
    mentor, leader = (f"{kind}{number}@contoso.example" for kind in ("mentor", "leader"))
    return f"pair{number}", mentor, leader, "hour-monthly", slot, ""


def _multiply_calendar(folder: Path, blocks: int) -> dict[str, str]:
    """Copy the items of the first block; return the etags of all by UID."""
    etags = {}
    for path in sorted(folder.glob("*.ics")):
        content = path.read_bytes()
        for block in range(blocks):
            uid = _moved(path.stem, block)
            copied = _moved(content, block)
            (folder / f"{uid}.ics").write_bytes(copied)
            etags[uid] = etag_of(copied)
    return etags


def _multiply_rows(
    database: sqlite3.Connection, table: str, blocks: int, etags: dict[str, str]
) -> None:
    cursor = database.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in cursor.description]
    rows = cursor.fetchall()
    copies = ([_moved(value, block) for value in row] for block in range(1, blocks) for row in rows)
    places = ", ".join("?" * len(names))
    database.executemany(f"INSERT INTO {table} VALUES ({places})", copies)
    if table == "series":
        pairs = ((etag, uid) for uid, etag in etags.items())
        database.executemany("UPDATE series SET etag = ? WHERE uid = ?", pairs)


def _moved(value: V, block: int) -> V:
    """Return a value of the first block as it is in another one."""
    match value:
        case bytes():
            return _moved(value.decode(), block).encode()
        case str():
            value = _KEY.sub(lambda key: f"{(int(key[0], 16) + block) % 0x10000:04x}", value)
            return value.replace("0000x", f"{block:04}x")
        case _:
            return value


def _remember(database: sqlite3.Connection, folder: Path) -> None:
    """Let the store know roster and calendar as they are now."""
    fingerprint = open_roster(load_config(folder / "programme.toml")).fingerprint()
    known = {
        "roster fingerprint": fingerprint,
        "calendar token": _Listing.of(folder / "calendar").token(),
    }
    for name, value in known.items():
        database.execute("UPDATE settings SET value = ? WHERE name = ?", (value, name))


if __name__ == "__main__":
    what, where, size = sys.argv[1:]
    shutil.rmtree(where, ignore_errors=True)
    {"make": make, "install": install}[what](Path(where), int(size))
