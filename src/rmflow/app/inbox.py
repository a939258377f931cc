"""Incoming mail: stored raw first, then understood."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rmflow.app.batches import batches
from rmflow.app.ports import Ports
from rmflow.domain.reading import MailId, Reading
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
    stored and did not come to read is read as well.
    """
    inbox = Inbox()
    for batch in batches(_deliveries(ports, now, inbox), _BATCH):
        fresh = {record.id: record for record in batch}
        known = ports.store.with_reading(fresh)
        if keep:
            ports.store.keep([record for id, record in fresh.items() if id not in known])
        _read(ports, [record for id, record in fresh.items() if id not in known], inbox)
    seen = {reading.mail_id for reading in inbox.readings}
    left = [record for record in ports.store.unread() if record.id not in seen]
    for batch in batches(left, _BATCH):
        _read(ports, batch, inbox)
    return inbox


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
