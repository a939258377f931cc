"""Readings: what mails mean, understood with the help of what we sent."""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from rmflow.app.bounded import Failure, bounded
from rmflow.app.ports import Ports
from rmflow.domain.documents import from_json
from rmflow.domain.people import Address, Participant, PersonId
from rmflow.domain.reading import MailId, MailKind, Reading, ReadingStatus
from rmflow.domain.records import LetterRecord, MailRecord, SeriesRecord
from rmflow.domain.series import SeriesSpec, Uid
from rmflow.formats.incoming.interpret import Clues, Context, clues, interpret
from rmflow.formats.incoming.mail import IncomingMail, parse

_log = logging.getLogger("rmflow")


@dataclass(frozen=True, slots=True)
class _Unread:
    """A parsed mail with its clues."""

    id: MailId
    received_at: datetime
    mail: IncomingMail
    clues: Clues


def readings(ports: Ports, batch: Iterable[MailRecord]) -> Iterator[Reading]:
    """Yield what each mail of a batch means; the store is asked once for all of them."""
    records = tuple(batch)
    mailbox = ports.programme.mailbox
    parsed = list(zip(records, bounded(partial(_unread, mailbox), records), strict=True))
    yield from (_unreadable(record, each) for record, each in parsed if isinstance(each, Failure))
    unread = [each for _, each in parsed if not isinstance(each, Failure)]
    letters = _letters(ports, unread)
    series = _series(ports, unread)
    people = _people(ports, unread, letters.values(), series.values())
    known = []
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
        known.append((each, context))
    for each, reading in zip(unread, bounded(_understood, known), strict=True):
        yield _unreadable(each, reading) if isinstance(reading, Failure) else reading


def _unread(mailbox: Address, record: MailRecord) -> _Unread:
    """Return a mail with its clues."""
    mail = parse(record.raw)
    return _Unread(record.id, record.received_at, mail, clues(mail, mailbox))


def _understood(known: tuple[_Unread, Context]) -> Reading:
    unread, context = known
    return interpret(unread.mail, unread.id, context, unread.received_at)


def _unreadable(mail: MailRecord | _Unread, failure: Failure) -> Reading:
    """Return the reading of a mail that broke the reader: the coordinator is told."""
    _log.error("mail %s cannot be read: %s", mail.id, failure.detail)
    why = "This mail could not be read. It is kept as it came; please look at it."
    return Reading(mail.id, MailKind.BROKEN, ReadingStatus.REVIEW, mail.received_at, why=why)


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
