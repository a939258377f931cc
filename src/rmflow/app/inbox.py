"""Incoming mail: stored raw first, then understood."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from rmflow import __version__
from rmflow.app import remembered
from rmflow.app.batches import batches
from rmflow.app.ports import Ports
from rmflow.domain.reading import MailId, Reading, ReadingStatus
from rmflow.domain.records import MailRecord

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
    inbox = Inbox()
    for batch in batches(ports.store.unread(), _BATCH):
        _read(ports, batch, inbox)
    seen = {reading.mail_id for reading in inbox.readings}
    for batch in batches(_deliveries(ports, now, inbox), _BATCH):
        fresh = {record.id: record for record in batch if record.id not in seen}
        known = {reading.mail_id for reading in ports.store.readings(fresh)}
        unknown = [record for id, record in fresh.items() if id not in known]
        if keep:
            ports.store.keep(unknown)
        _read(ports, unknown, inbox)
        seen.update(fresh)
    if reader(ports) != ports.store.setting(remembered.READER):
        inbox.readings += clear_now(ports)
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
    mails = (
        MailRecord(r.mail_id, "", r.received_at, raw)
        for r in ports.store.waiting()
        if only in (None, r.mail_id) and (raw := ports.store.raw(r.mail_id)) is not None
    )
    inbox = Inbox()
    for batch in batches(mails, _BATCH):
        _read(ports, batch, inbox)
    return [r for r in inbox.readings if r.status is not ReadingStatus.REVIEW]


def _deliveries(ports: Ports, now: datetime, inbox: Inbox) -> Iterator[MailRecord]:
    for delivery in ports.mailbox.new():
        id = mail_id(delivery.raw)
        inbox.refs[delivery.ref] = id
        # A mail cannot have come later than now, whatever the clock of its server says.
        received_at = min(delivery.received_at or now, now)
        yield MailRecord(id, delivery.source, received_at, delivery.raw)


def _read(ports: Ports, batch: Sequence[MailRecord], inbox: Inbox) -> None:
    if not batch:
        return
    # Late: most runs find no mail, and what reads HTML and dates starts slowly.
    from rmflow.app.readings import readings

    inbox.readings += readings(ports, batch)
