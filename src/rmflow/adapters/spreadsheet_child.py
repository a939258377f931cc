"""The child process that opens a spreadsheet: a hostile file may end it, never its parent.

A 6 KB file with one cell in the far corner makes calamine ask for 500 GB and abort its process.
So the parent (`spreadsheet.py`) starts `python -m rmflow.adapters.spreadsheet_child`, sends the
file's bytes to standard input, and reads from standard output one JSON array a line:

    ["sheet", name, first row, first column]    both counted from 1
    ["rows", [[cell, ...], ...]]                some rows of the sheet last named
    ["end"]                                     everything was said
    ["refused", reason, detail]                 instead of "end"

Dates and times, which JSON lacks, are objects of one key: {"date": "2027-03-04"}. Imports are few
on purpose: the child starts with every reading.
"""

import contextlib
import io
import json
import math
import resource
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

from rmflow.adapters.spreadsheet_archive import DamagedError, HostileError, LockedError, inspect
from rmflow.formats.table import Cell

MAX_ROWS = 250_000
MAX_COLUMNS = 100
MAX_CHARACTERS = 100_000_000
MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 20
_ROWS_A_LINE = 1000


def main() -> None:
    """Read a spreadsheet from standard input and say what is in it on standard output."""
    _limit()
    for line in _answer(sys.stdin.buffer.read()):
        sys.stdout.buffer.write(line.encode() + b"\n")


def _limit() -> None:
    """Bound this process for good. What the system cannot limit (macOS: memory) it says nothing of."""
    for kind, limit in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (limit, limit))


def _answer(content: bytes) -> Iterator[str]:
    """Yield the lines about a file; see the top of this module."""
    from python_calamine import CalamineError, PasswordError

    try:
        if content.startswith(b"PK"):
            inspect(content)
        yield from _bounded(_sheets(content))
        yield json.dumps(["end"])
    except (LockedError, PasswordError):
        yield json.dumps(["refused", "locked", ""])
    except HostileError as error:
        yield json.dumps(["refused", "hostile", str(error)])
    except (DamagedError, CalamineError) as error:
        yield json.dumps(["refused", "damaged", str(error)])


def _sheets(content: bytes) -> Iterator[str]:
    from python_calamine import CalamineWorkbook

    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    for name in workbook.sheet_names:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.start is None or sheet.end is None:
            continue  # nothing on it
        (top, left), (bottom, right) = sheet.start, sheet.end
        if bottom >= MAX_ROWS:
            raise HostileError(f"sheet {name} has {bottom + 1:,} rows, more than {MAX_ROWS:,}")
        if right >= MAX_COLUMNS:
            raise HostileError(f"sheet {name} has {right + 1:,} columns, more than {MAX_COLUMNS}")
        yield json.dumps(["sheet", name, top + 1, left + 1])
        rows = islice(sheet.iter_rows(), top, None)
        while some := [[cell_of(value) for value in row] for row in islice(rows, _ROWS_A_LINE)]:
            yield json.dumps(["rows", some], ensure_ascii=False, default=_tagged)


def _bounded(lines: Iterator[str]) -> Iterator[str]:
    """Pass lines on up to a limit: one shared text can stand in every cell of a small file."""
    total = 0
    for line in lines:
        total += len(line)
        if total > MAX_CHARACTERS:
            raise HostileError(f"it holds more than {MAX_CHARACTERS // 1_000_000} MB of text")
        yield line


def cell_of(value: Any) -> Cell:
    """Return what calamine says of a cell in the terms of `Cell`.

    It gives whole numbers as floats and both empty cells and formula errors as "".
    """
    if isinstance(value, str):
        return value or None
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value.is_integer() else value
    if isinstance(value, timedelta):
        # A time of day under the number format [h]:mm; anything longer is no time of day.
        if timedelta(0) <= value < timedelta(days=1):
            return (datetime(1, 1, 1, tzinfo=UTC) + value).time()
        return str(value)
    assert isinstance(value, bool | int | date | datetime | time)
    return value


def _tagged(value: Any) -> dict[str, str]:
    """Return a date or time as an object of one key, for the encoder."""
    assert isinstance(value, date | time)
    return {type(value).__name__: value.isoformat()}


if __name__ == "__main__":
    main()
