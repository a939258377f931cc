"""What an office looks like when a run is over: memory, calendar, workbook, inbox, files."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from days import CANARY, Premises
from python_calamine import CalamineWorkbook

from rmflow.app.ports import Ports
from rmflow.domain.reading import MailKind
from rmflow.domain.records import (
    AnswerRecord,
    LetterRecord,
    NoteRecord,
    QuestionRecord,
    ReadingRecord,
    Record,
    SeriesRecord,
    SignalRecord,
)
from rmflow.domain.series import ObservedSeries

_KINDS: tuple[type[Record], ...] = (
    AnswerRecord,
    LetterRecord,
    NoteRecord,
    QuestionRecord,
    ReadingRecord,
    SeriesRecord,
    SignalRecord,
)
_WRITTEN = ("%Y-%m-%dT%H:%M:%SZ", "%Y%m%dT%H%M%SZ")
_ZONE = ZoneInfo("Europe/Berlin")
_PASSING = {"etag", "source", "digest"}  # differs from run to run and says nothing


@dataclass(frozen=True)
class Books:
    """What must be the same, however often a run was cut off. Times are those of the first run."""

    effects: Mapping[str, str]
    records: Mapping[str, list[dict[str, Any]]]
    calendar: list[str]
    rows: Mapping[str, list[list[Any]]]
    inbox: int
    names: frozenset[str]

    def differences(self, other: "Books") -> list[str]:
        """Return what differs, in words."""
        return [
            f"{field.name}: {line}"
            for field in fields(self)
            for line in _differences(getattr(self, field.name), getattr(other, field.name))
        ]


def books_of(office: Premises, late: Collection[datetime], first: datetime) -> Books:
    """Look at everything. `first` is when the run was to be; the late times count as that."""
    with office.ports() as ports:
        assert ports.store.doubts() == []
        assert ports.store.unread() == []
        effects = {str(effect.key): effect.state for effect in ports.store.latest(10_000)}
        found = {kind: ports.store.read(kind) for kind in _KINDS}
        uids = [record.uid for record in ports.store.read(SeriesRecord)]
        seen = [_compared(s, ports) for s in ports.calendar.look(uids).values()]
        inbox = sum(1 for _ in ports.mailbox.unfiled())
    return Books(
        effects=effects,
        records={k.__name__: list(_plain(found[k], late, first)) for k in _KINDS},
        calendar=sorted(_timely(repr(s), late, first) for s in seen),
        rows=_rows(office.folder / "tracking.xlsx", {_wall(at): _wall(first) for at in late}),
        inbox=inbox,
        names=frozenset(_names(office.folder)),
    )


def _compared(seen: ObservedSeries, ports: Ports) -> ObservedSeries:
    """Return a series without what may differ. Google takes a change of single meetings in several
    requests, of which the last one only counts; cut off before it, everything else stands.
    """
    if ports.providers["calendar"] == "google":
        seen = replace(seen, spec=replace(seen.spec, sequence=0))
    return replace(seen, etag="")


def files_of(folder: Path) -> Mapping[str, str]:
    """Return every file with a hash of its content, but for the log."""
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in _names(folder)
        if not name.endswith(".log")
    }


def check_log(office: Premises) -> None:
    """No name, no address, no word of anybody in the log."""
    log = (office.folder / "rmflow.log").read_text()
    words = [CANARY, "@contoso", "@fabrikam", *(row[1] for row in office.people)]
    assert not [word for word in words if word in log]


def _plain(
    records: Iterable[Record], late: Collection[datetime], first: datetime
) -> Iterator[dict[str, Any]]:
    """Yield what records say. Copies of our own mails are new mails if they were written later."""
    for record in records:
        if isinstance(record, ReadingRecord) and record.kind == MailKind.LOOP.value:
            continue
        values = {f.name: getattr(record, f.name) for f in fields(record)}
        yield {n: _timely(v, late, first) for n, v in values.items() if n not in _PASSING}


def _timely(value: Any, late: Collection[datetime], first: datetime) -> Any:
    if isinstance(value, datetime):
        return first if value in late else value
    if isinstance(value, str):
        for at in late:
            for written in _WRITTEN:
                value = value.replace(_text(at, written), _text(first, written))
    return value


def _text(at: datetime, written: str) -> str:
    return at.astimezone(UTC).strftime(written)


def _wall(at: datetime) -> datetime:
    return at.astimezone(_ZONE).replace(tzinfo=None)


def _rows(workbook: Path, times: Mapping[Any, Any]) -> Mapping[str, list[list[Any]]]:
    """Return the cells of every sheet a person reads, but for when it was written; those of the log
    in any order, and without what it says of a crash.
    """
    book = CalamineWorkbook.from_path(workbook)
    sheets = {
        name: [
            ["" if cell == "found after a crash" else times.get(cell, cell) for cell in row]
            for row in book.get_sheet_by_name(name).to_python()
            if not any("Written by rmflow" in str(cell) for cell in row)
        ]
        for name in book.sheet_names
        if not name.startswith("_")
    }
    sheets["Log"].sort(key=str)
    return sheets


def _names(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file() and "copies" not in path.parts and "state.db-" not in path.name:
            yield str(path.relative_to(folder))


def _differences(wanted: Any, found: Any) -> Iterator[str]:
    """Yield where two values part, as deep inside as can be."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for key in {**wanted, **found}:
            for line in _differences(wanted.get(key), found.get(key)):
                yield f"{key}: {line}"
    elif isinstance(wanted, list) and isinstance(found, list):
        for number, pair in enumerate(zip_longest(wanted, found)):
            for line in _differences(*pair):
                yield f"[{number}] {line}"
    elif isinstance(wanted, frozenset):
        yield from (f"missing {name}" for name in sorted(wanted - found))
        yield from (f"too much {name}" for name in sorted(found - wanted))
    elif wanted != found:
        yield f"{found!r} instead of {wanted!r}"
