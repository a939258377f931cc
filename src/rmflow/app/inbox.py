"""Incoming mail: stored raw first, then understood."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from rmflow import __version__
from rmflow.app import remembered
from rmflow.app.batches import batches
from rmflow.app.ports import Ports
from rmflow.domain.reading import MailId, Reading, ReadingStatus
from rmflow.domain.records import MailRecord, ReadingRecord
from rmflow.ports.mail import Delivery, Unfiled

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
    understood better now. Nothing is fetched that the store has; what was fetched before the
    mailbox fails stays there.
    """
    inbox = Inbox()
    with _LateReadings(ports) as readings:
        inbox.readings += _kept_before(ports, readings, ports.store.unread())
        for messages in batches(ports.mailbox.unfiled(), _BATCH):
            others = _not_kept(ports, messages, inbox)
            inbox.readings += readings.of(_fetched(ports, others, inbox, now, keep=keep))
        if reader(ports) != ports.store.setting(remembered.READER):
            inbox.readings += _clear(ports, readings, ports.store.waiting())
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
    waiting = ports.store.waiting()
    with _LateReadings(ports) as readings:
        return _clear(ports, readings, (r for r in waiting if only in (None, r.mail_id)))


def _clear(
    ports: Ports, readings: "_LateReadings", waiting: Iterable[ReadingRecord]
) -> list[Reading]:
    mails = (MailRecord(record.mail_id, "", record.received_at, b"") for record in waiting)
    found = _kept_before(ports, readings, mails)
    return [reading for reading in found if reading.status is not ReadingStatus.REVIEW]


def _not_kept(ports: Ports, messages: Sequence[Unfiled], inbox: Inbox) -> list[Unfiled]:
    """Return the messages that the store does not have, and note where the others lie."""
    kept = ports.store.kept([message.source for message in messages])
    inbox.refs |= {m.ref: kept[m.source] for m in messages if m.source in kept}
    return [message for message in messages if message.source not in kept]


def _kept_before(
    ports: Ports, readings: "_LateReadings", mails: Iterable[MailRecord]
) -> Iterator[Reading]:
    """Yield what mails mean that come without their bytes, but for those that are kept no more."""
    for batch in batches(mails, _BATCH):
        found = ((mail, ports.store.raw(mail.id)) for mail in batch)
        yield from readings.of([replace(mail, raw=raw) for mail, raw in found if raw is not None])


def _fetched(
    ports: Ports, messages: Sequence[Unfiled], inbox: Inbox, now: datetime, *, keep: bool
) -> list[MailRecord]:
    """Return the mails among these messages that nobody has read, and note where each one lies."""
    fetched: dict[MailId, MailRecord] = {}
    try:
        for delivery in ports.mailbox.fetch(messages):
            record = _record(delivery, now)
            inbox.refs[delivery.ref] = record.id
            fetched.setdefault(record.id, record)
    finally:  # where the mailbox fails, the next run need not begin again
        unread = _unread(ports, fetched, inbox)
        if keep:
            ports.store.keep(unread)
    return unread


def _record(delivery: Delivery, now: datetime) -> MailRecord:
    # A mail cannot have come later than now, whatever the clock of its server says.
    received_at = min(delivery.received_at or now, now)
    return MailRecord(mail_id(delivery.raw), delivery.source, received_at, delivery.raw)


def _unread(ports: Ports, mails: Mapping[MailId, MailRecord], inbox: Inbox) -> list[MailRecord]:
    """Return those that neither this run nor an earlier one has read."""
    known = {reading.mail_id for reading in inbox.readings}
    known |= {reading.mail_id for reading in ports.store.readings(mails)}
    return [mail for id, mail in mails.items() if id not in known]


class _LateReadings:
    """`Readings`, once there is a mail: most runs find none, and what reads them starts slowly."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._readings: Readings | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._readings is not None:
            self._readings.close()

    def of(self, batch: Sequence[MailRecord]) -> Iterable[Reading]:
        """Return what each of these mails means."""
        if not batch:
            return ()
        if self._readings is None:
            from rmflow.app.readings import Readings

            self._readings = Readings(self._ports)
        return self._readings.of(batch)
