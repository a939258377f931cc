"""Incoming mail: stored raw first, then understood."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from rmflow import __version__
from rmflow.app import remembered
from rmflow.app.batches import batches
from rmflow.app.ports import Ports
from rmflow.domain.reading import MailId, Reading, ReadingStatus
from rmflow.domain.records import MailRecord

if TYPE_CHECKING:
    from rmflow.app.readings import Readings

_BATCH = 200


@dataclass(slots=True)
class Inbox:
    """What came in: readings, and where each mail lies in the mailbox."""

    readings: list[Reading] = field(default_factory=list)
    refs: dict[str, MailId] = field(default_factory=dict)


def mail_id(raw: bytes) -> MailId:
    """Return the id of a mail: equal bytes, equal mail, wherever and however often they lie."""
    return MailId(hashlib.sha256(raw).hexdigest()[:32])


def read_inbox(ports: Ports, now: datetime, *, keep: bool) -> Inbox:
    """Return everything that has come in and was not read before.

    `keep` True: each mail is on disk, raw, before anybody looks into it. What an earlier run
    stored and did not come to read is read as well, and what waits for a person if it may be
    understood better now.
    """
    with _Reader(ports) as child:
        inbox = _new_in(ports, child, now, keep=keep)
        if reader(ports) != ports.store.setting(remembered.READER):
            inbox.readings += _clear_now(ports, child)
    return inbox


def _new_in(ports: Ports, child: "_Reader", now: datetime, *, keep: bool) -> Inbox:
    inbox = Inbox()
    for batch in batches(ports.store.unread(), _BATCH):
        inbox.readings += child.read(batch)
    seen = {reading.mail_id for reading in inbox.readings}
    for batch in batches(_deliveries(ports, now, inbox), _BATCH):
        fresh = {record.id: record for record in batch if record.id not in seen}
        known = {reading.mail_id for reading in ports.store.readings(fresh)}
        unknown = [record for id, record in fresh.items() if id not in known]
        if keep:
            ports.store.keep(unknown)
        inbox.readings += child.read(unknown)
        seen.update(fresh)
    return inbox


def reader(ports: Ports, changed: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return what mails are understood with: this version, the roster and the configuration.

    `changed` are settings that are about to be other than the store has them.
    """
    names = (remembered.ROSTER, remembered.CONFIG)
    known = (changed.get(name, ports.store.setting(name)) for name in names)
    return " ".join((__version__, *known))


def next_reader(ports: Ports, changed: Mapping[str, str]) -> str:
    """Return what the waiting mails were read with. If none waits, none has to be read anew."""
    before, after = reader(ports), reader(ports, changed)
    return before if before == after or ports.store.waiting() else after


def clear_now(ports: Ports, only: MailId | None = None) -> list[Reading]:
    """Return the waiting mails (`only`: this one), read anew, that need no person any more."""
    with _Reader(ports) as child:
        return _clear_now(ports, child, only)


def _clear_now(ports: Ports, child: "_Reader", only: MailId | None = None) -> list[Reading]:
    mails = (
        MailRecord(r.mail_id, "", r.received_at, raw)
        for r in ports.store.waiting()
        if only in (None, r.mail_id) and (raw := ports.store.raw(r.mail_id)) is not None
    )
    found = (reading for batch in batches(mails, _BATCH) for reading in child.read(batch))
    return [reading for reading in found if reading.status is not ReadingStatus.REVIEW]


def _deliveries(ports: Ports, now: datetime, inbox: Inbox) -> Iterator[MailRecord]:
    for delivery in ports.mailbox.new():
        id = mail_id(delivery.raw)
        inbox.refs[delivery.ref] = id
        # A mail cannot have come later than now, whatever the clock of its server says.
        received_at = min(delivery.received_at or now, now)
        yield MailRecord(id, delivery.source, received_at, delivery.raw)


class _Reader:
    """Reads batches of mails. What does so comes late: most runs find no mail, and it starts slowly."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._readings: Readings | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._readings is not None:
            self._readings.close()

    def read(self, batch: Sequence[MailRecord]) -> Iterable[Reading]:
        if not batch:
            return ()
        if self._readings is None:
            from rmflow.app.readings import Readings

            self._readings = Readings(self._ports)
        return self._readings.of(batch)
