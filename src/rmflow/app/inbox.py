"""Incoming mail: stored raw first, then understood with the help of what we sent."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rmflow.app.batches import batches
from rmflow.app.ports import Ports
from rmflow.domain.documents import from_json
from rmflow.domain.people import Participant, PersonId
from rmflow.domain.reading import MailId, Reading
from rmflow.domain.records import LetterRecord, MailRecord, SeriesRecord
from rmflow.domain.series import SeriesSpec, Uid
from rmflow.formats.incoming import IncomingMail, parse
from rmflow.formats.interpret import Clues, Context, clues, interpret

_BATCH = 200


@dataclass(slots=True)
class Inbox:
    """What came in: readings, and where each mail lies in the mailbox."""

    readings: list[Reading] = field(default_factory=list)
    refs: dict[str, MailId] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Unread:
    """A parsed mail with its clues."""

    id: MailId
    received_at: datetime
    mail: IncomingMail
    clues: Clues


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
    """Understand a batch; the store is asked once for all of them."""
    unread = [_unread(ports, record) for record in batch]
    if not unread:
        return
    letters = _letters(ports, unread)
    series = _series(ports, unread)
    people = _people(ports, unread, letters.values(), series.values())
    for each in unread:
        mine = _answered(each.clues, letters)
        thread = _thread(letters, mine)
        context = Context(
            programme=ports.programme,
            letters=mine,
            thread=thread,
            people=people,
            series={uid: spec for uid, spec in series.items() if uid in each.clues.uids},
        )
        inbox.readings.append(interpret(each.mail, each.id, context, each.received_at))


def _unread(ports: Ports, record: MailRecord) -> _Unread:
    mail = parse(record.raw)
    return _Unread(record.id, record.received_at, mail, clues(mail, ports.programme.mailbox))


def _letters(ports: Ports, unread: Iterable[_Unread]) -> dict[str, LetterRecord]:
    """Return the letters that the mails answer, and all others of the same meetings, by item."""
    tokens = {token for each in unread for token in each.clues.tokens}
    ids = {id for each in unread for id in each.clues.message_ids}
    named = [*ports.store.letters_by_token(tokens), *ports.store.letters_by_message_id(ids)]
    related = ports.store.read(LetterRecord, pairings={letter.pairing for letter in named})
    return {letter.item: letter for letter in [*related, *named]}


def _answered(found: Clues, letters: Mapping[str, LetterRecord]) -> tuple[LetterRecord, ...]:
    return tuple(
        letter
        for letter in letters.values()
        if letter.token in found.tokens or letter.message_id in found.message_ids
    )


def _thread(
    letters: Mapping[str, LetterRecord], mine: Collection[LetterRecord]
) -> tuple[LetterRecord, ...]:
    """Return everything we wrote to the same person about the same meetings."""
    about = {(letter.pairing, letter.session, letter.person) for letter in mine}
    found = (x for x in letters.values() if (x.pairing, x.session, x.person) in about)
    return tuple(sorted(found, key=lambda letter: letter.sent_at))


def _series(ports: Ports, unread: Iterable[_Unread]) -> dict[Uid, SeriesSpec]:
    uids = {Uid(uid) for each in unread for uid in each.clues.uids}
    if not uids:
        return {}
    records: list[SeriesRecord] = ports.store.series(uids)
    return {record.uid: from_json(SeriesSpec, record.spec_json) for record in records}


def _people(
    ports: Ports,
    unread: Iterable[_Unread],
    letters: Iterable[LetterRecord],
    series: Iterable[SeriesSpec],
) -> dict[PersonId, Participant]:
    """Return everybody who may have written, or whom the answered letters went to."""
    addresses = {address for each in unread for address in each.clues.senders}
    addresses |= {attendee.address for spec in series for attendee in spec.attendees}
    ids = {letter.person for letter in letters}
    records = ports.store.people(ids=ids, addresses=addresses)
    return {record.id: from_json(Participant, record.person_json) for record in records}
