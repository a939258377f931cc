"""Measure, print the table, and with --write put it into docs/performance.md."""

import argparse
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from rows import ROWS, Line

_PAGE = Path(__file__).parents[1] / "docs/performance.md"
_ABOUT = """\
# How fast it is

`make bench` measures these paths beside a floor: plain Python that does only what cannot be
avoided (`bench/floors/`). Whole processes, their CPU seconds with all children, floor and ours in
turns, medians of {rounds} rounds. Absolute times depend on the machine; the ratios hold to ±15 %.

Measured on {machine}, {day}.

{table}

Rows are numbered as in the list of goals. The floor of row 4 is the standard library's parser of mails
with its newer policy, made safe: every part, every charset, within limits, nothing kept. Ours stores
each mail, then reads it in a child process. The floor of row 6 writes the same cells into a table, dates
as dates. Organisations are invented; those of row 2 are 100 pairs that really lived through a first
run, multiplied. Memory is the highest of all rounds. What a run may import when it has nothing to do is
in `tests/cli/test_startup.py`; that bugs are noticed, in [mutations](mutations.md).
How well replies are read is in [replies](replies.md).
"""


def main() -> None:
    """Measure the rows that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="how often each side runs")
    parser.add_argument("--rows", default=",".join(ROWS), help="which rows: 1,2,3,4,6")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    asked = parser.parse_args()
    if asked.write and asked.rows != ",".join(ROWS):
        parser.error("the page has all rows; leave --rows out")
    lines: list[Line] = []
    for row in asked.rows.split(","):
        with TemporaryDirectory(prefix="bench-") as folder:
            lines += ROWS[row](Path(folder), asked.rounds)
        print(f"row {row} is measured", flush=True)
    table = _table(lines)
    print(f"\n{table}")
    if asked.write:
        day = f"{datetime.now(UTC):%-d %B %Y}"
        page = _ABOUT.format(rounds=asked.rounds, machine=_machine(), day=day, table=table)
        _PAGE.write_text(page, encoding="utf-8")


def _table(lines: Sequence[Line]) -> str:
    head = "| row | path | floor | ours | | goal | |\n|---|---|---:|---:|---:|---:|---|"
    return "\n".join([head, *map(_written, lines)])


def _written(line: Line) -> str:
    digits = 1 if line.unit == "×" else 0
    measured = f"**{line.value:.{digits}f} {line.unit}**"
    goal = f"≤ {line.goal:g} {line.unit}"
    verdict = "met" if line.met else "missed"
    note = f"{verdict}; {line.note}" if line.note else verdict
    return (
        f"| {line.row} | {line.path} | {line.floor} | {line.ours} | {measured} | {goal} | {note} |"
    )


def _machine() -> str:
    """Return the kind of machine, without a name."""
    system, kind = platform.system(), platform.machine()
    return f"{os.cpu_count()} cores ({system}, {kind}), Python {platform.python_version()}"


if __name__ == "__main__":
    main()
