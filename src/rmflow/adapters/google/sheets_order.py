"""Rows and columns brought into order by deleting, moving and inserting whole ones.

A row that moves as a whole takes along what people attached to it: colours, comments, formulas.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Google is asked for each move by itself; beyond this many, rows are written anew instead.
MOST_MOVES = 1_000


@dataclass(frozen=True, slots=True)
class Delete:
    """Take away the lines from `start` up to, not including, `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Move:
    """Move one line; `to` counts as long as it is still in its old place."""

    source: int
    to: int


@dataclass(frozen=True, slots=True)
class Insert:
    """Insert empty lines from `start` up to, not including, `end`."""

    start: int
    end: int


Edit = Delete | Move | Insert


def edits(current: Sequence[str], wanted: Sequence[str]) -> list[Edit]:
    """Return what turns the lines named `current` into the lines named `wanted`, step by step.

    Names in `wanted` are unique. Of several lines with one name the first stays.
    """
    staying = _in_order(current, wanted)
    moving = _moving(current, wanted, staying)
    found: list[Edit] = list(_deletions(len(current), staying | moving.keys()))
    lines = [name for place, name in enumerate(current) if place in staying or place in moving]
    found += _moves(lines, wanted, set(moving.values()))
    found += _insertions(lines, wanted)
    return found


def _in_order(current: Sequence[str], wanted: Sequence[str]) -> set[int]:
    """Return the places of the most lines that are wanted in the order in which they stand."""
    order = {name: place for place, name in enumerate(wanted)}
    tails: list[int] = []  # for each length, the lowest end of a rising run
    ends: list[int] = []  # and the place where that end stands
    before: dict[int, int | None] = {}
    seen: set[str] = set()
    for place, name in enumerate(current):
        if name not in order or name in seen:
            continue
        seen.add(name)
        length = bisect_left(tails, order[name])
        before[place] = ends[length - 1] if length else None
        tails[length : length + 1] = [order[name]]
        ends[length : length + 1] = [place]
    staying = set()
    last = ends[-1] if ends else None
    while last is not None:
        staying.add(last)
        last = before[last]
    return staying


def _moving(current: Sequence[str], wanted: Sequence[str], staying: set[int]) -> dict[int, str]:
    """Return the lines that are wanted elsewhere, by their places; not too many of them."""
    known = {current[place] for place in staying}
    sought = set(wanted)
    moving: dict[int, str] = {}
    for place, name in enumerate(current):
        if name in sought and name not in known and len(moving) < MOST_MOVES:
            known.add(name)
            moving[place] = name
    return moving


def _deletions(count: int, kept: set[int]) -> Iterator[Delete]:
    """Yield the lines that go, the last first, so that the places before them hold."""
    end = count
    while end > 0:
        if end - 1 in kept:
            end -= 1
            continue
        start = end - 1
        while start > 0 and start - 1 not in kept:
            start -= 1
        yield Delete(start, end)
        end = start


def _moves(lines: list[str], wanted: Sequence[str], moving: set[str]) -> Iterator[Move]:
    """Yield the moves, each to behind the line before it; `lines` follows them."""
    there = set(lines)
    before: str | None = None
    for name in wanted:
        if name not in there:
            continue
        if name in moving:
            source = lines.index(name)
            to = 0 if before is None else lines.index(before) + 1
            if source != to:
                yield Move(source, to)
                lines.insert(to, name)
                del lines[source + (source > to)]
        before = name


def _insertions(lines: Sequence[str], wanted: Sequence[str]) -> Iterator[Insert]:
    """Yield the lines that are new, in groups, the first first."""
    there = set(lines)
    start: int | None = None
    for place, name in enumerate(wanted):
        if name in there:
            if start is not None:
                yield Insert(start, place)
            start = None
        elif start is None:
            start = place
    if start is not None:
        yield Insert(start, len(wanted))
