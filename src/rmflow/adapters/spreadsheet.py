"""The roster as a file: xlsx, xls or ods opened in a child process, or csv."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from pathlib import Path

from pydantic import Field

from rmflow.adapters.spreadsheet_child import MAX_COLUMNS, MAX_ROWS
from rmflow.config.options import Options
from rmflow.errors import Problem, RosterError
from rmflow.formats.roster.delimited import read_delimited
from rmflow.formats.table import Cell, Table
from rmflow.ports.checkup import Finding, Verdict
from rmflow.ports.clock import Clock

_KNOWN = {"HOME", "LANG", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "TZ", "VIRTUAL_ENV"}
MAX_FILE_BYTES = 100_000_000
_WALL_SECONDS = 90
_CSV_SUFFIXES = (".csv", ".tsv", ".txt")
_ZIP = b"PK\x03\x04"
_COMPOUND_FILE = bytes.fromhex("d0cf11e0a1b11ae1")  # xls, and every encrypted xlsx
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")  # [MS-OFFCRYPTO] section 2.3.4.4

_SAVE_AGAIN = "if it is still being saved, wait; otherwise open it, save it again and retry"
_STRAY_CELL = (
    "a stray cell far to the right or far down is the usual reason: "
    "copy the cells you need into a new file"
)
_REFUSALS = {
    "locked": "is protected with a password; save it without one",
    "damaged": f"is not a complete spreadsheet; {_SAVE_AGAIN}",
    "hostile": "is not read, to be safe: {}; copy the cells you need into a new file",
}


class Settings(Options):
    """The roster is a spreadsheet that the coordinator edits."""

    path: Path = Field(
        description="The spreadsheet (.xlsx, .ods, .xls, .csv), or a folder with People.csv and "
        "Pairs.csv.",
        examples=["roster.xlsx"],
    )


class FileRoster:
    """A `RosterSource` that reads one file, or a folder of csv files.

    Office programs lock by a second file beside the first (`~$roster.xlsx`,
    `.~lock.roster.xlsx#`) and the content stays readable: an open roster is read as it was last
    saved.
    """

    def __init__(self, settings: Settings, folder: Path, clock: Clock) -> None:
        self.path = folder / settings.path

    def fingerprint(self) -> str:
        """Return a hash over the names and bytes of the files. Raises RosterError like `read`."""
        digest = hashlib.sha256()
        for path in _files(self.path):
            content = _content(path)
            digest.update(f"{path.name}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()

    def read(self) -> tuple[Table, ...]:
        """Return the sheets of the file, or of all csv files of the folder."""
        tables = read_tables(self.path)
        if not tables:
            raise _refusal(self.path, "has nothing in it; add the sheets People and Pairs")
        return tables

    def checkup(self) -> Iterator[Finding]:
        """Read it, in the child process, as a run does."""
        try:
            tables = self.read()
        except RosterError as error:
            yield from (Finding("read", Verdict.FAILED, str(each)) for each in error.problems)
            return
        rows = sum(len(table.rows) for table in tables)
        text = f"{self.path.name} (sheets: {len(tables)}, rows: {rows})"
        yield Finding("read", Verdict.FINE, text)


def read_tables(path: Path) -> tuple[Table, ...]:
    """Return every sheet with something on it, hidden ones too, in the workbook's order.

    A csv file is one sheet named like the file; a folder stands for all csv files in it. What
    the file is, its first bytes decide, not its name. Raises RosterError.
    """
    return tuple(table for file in _files(path) for table in _tables(file, _content(file)))


def tables_in(content: bytes, name: str) -> tuple[Table, ...]:
    """Return what `read_tables` does, of a file that is in memory and never comes to a disk."""
    return tuple(_tables(Path(name), _usual(Path(name), content)))


def _files(path: Path) -> list[Path]:
    """Return the files that make up the roster."""
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.glob("*.csv") if not file.name.startswith("."))
    if not files:
        raise _refusal(path, "is a folder without .csv files; name the spreadsheet itself")
    return files


def _tables(path: Path, content: bytes) -> Iterable[Table]:
    if content.startswith(_COMPOUND_FILE) and _ENCRYPTED_PACKAGE in content:
        raise _refusal(path, _REFUSALS["locked"])
    if content.startswith((_ZIP, _COMPOUND_FILE)):
        return _from_child(path, content)
    if path.suffix.lower() not in _CSV_SUFFIXES:
        raise _refusal(path, _REFUSALS["damaged"])
    try:
        return [read_delimited(content, path.name, max_rows=MAX_ROWS, max_columns=MAX_COLUMNS)]
    except ValueError as error:
        raise _refusal(path, str(error)) from error


def _content(path: Path) -> bytes:
    """Return the bytes of a file that is there, not empty and not enormous."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise _refusal(
            path, f"there is no such file in {path.parent}; check path in [roster]"
        ) from error
    except PermissionError as error:
        raise _refusal(
            path, "may not be read by this user; change its permissions, or close the program"
        ) from error
    except OSError as error:
        raise _refusal(path, f"cannot be read ({error.strerror}); retry later") from error
    return _usual(path, content)


def _usual(path: Path, content: bytes) -> bytes:
    """Return the bytes of a file that is neither empty nor enormous. Raises RosterError."""
    if not content:
        raise _refusal(path, f"is empty; {_SAVE_AGAIN}")
    if len(content) > MAX_FILE_BYTES:
        raise _refusal(path, f"is larger than {MAX_FILE_BYTES // 1_000_000} MB; {_STRAY_CELL}")
    return content


def _from_child(path: Path, content: bytes) -> list[Table]:
    """Return the sheets as the child process tells them; its death is a refusal like any other."""
    # -P: a module of the working directory must not stand in for one of the library.
    command = [sys.executable, "-P", "-m", "rmflow.adapters.spreadsheet_child"]
    try:
        child = subprocess.run(  # noqa: S603 - our own module, no part of it from outside
            command,
            input=content,
            capture_output=True,
            check=False,
            timeout=_WALL_SECONDS,
            env=_environment(),
        )
    except subprocess.TimeoutExpired as error:
        raise _refusal(path, f"takes too long to read; {_STRAY_CELL}") from error
    if child.returncode != 0:
        raise _refusal(path, f"is malformed, or needs too much memory; {_STRAY_CELL}")
    *lines, last = child.stdout.splitlines()
    verdict, *why = json.loads(last)
    if verdict == "refused":
        reason, detail = why
        raise _refusal(path, _REFUSALS[reason].format(detail))
    return _told(path.name, lines)


def _environment() -> dict[str, str]:
    """Return what Python needs to start as it did here; no secret that the operator keeps there."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in _KNOWN or name.startswith(("PYTHON", "LC_"))
    }


def _told(source: str, lines: Iterable[bytes]) -> list[Table]:
    """Return the tables in the lines of the child."""
    heads: list[tuple[str, int, int]] = []
    bodies: list[list[tuple[Cell, ...]]] = []
    for line in lines:
        kind, *told = json.loads(line, object_hook=_untagged)
        if kind == "sheet":
            name, row, column = told
            heads.append((name, row, column))
            bodies.append([])
        elif kind == "rows":
            bodies[-1].extend(map(tuple, told[0]))
    return [
        Table(source, name, tuple(body), first_row=row, first_column=column)
        for (name, row, column), body in zip(heads, bodies, strict=True)
    ]


def _untagged(tagged: dict[str, str]) -> date | datetime | time:
    """Return the date or time of an object of one key."""
    ((kind, text),) = tagged.items()
    return _KINDS[kind].fromisoformat(text)


_KINDS: dict[str, type[date | datetime | time]] = {"date": date, "datetime": datetime, "time": time}


def _refusal(path: Path, text: str) -> RosterError:
    return RosterError([Problem(path.name or str(path), text)])
