"""Readings: what mails mean, understood with the help of what we sent."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from rmflow.app.bounded import Failure, bounded
from rmflow.app.payloads import is_letter, letter_payload
from rmflow.app.ports import Ports
from rmflow.domain.documents import from_json, to_json
from rmflow.domain.people import Address, Participant, PersonId
from rmflow.domain.reading import MailId, MailKind, Reading, ReadingStatus
from rmflow.domain.records import LetterRecord, MailRecord, SeriesRecord
from rmflow.domain.series import SeriesSpec, Uid
from rmflow.formats.incoming.clues import Clues, clues
from rmflow.formats.incoming.context import Context
from rmflow.formats.incoming.interpret import interpret
from rmflow.formats.incoming.mail import IncomingMail, parse

_log = logging.getLogger("rmflow")

K = TypeVar("K")
V = TypeVar("V")


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
    memory = _Memory(ports, unread)
    known = [(each, memory.context(each.clues)) for each in unread]
    for each, reading in zip(unread, bounded(_understood, known), strict=True):
        yield _unreadable(each, reading) if isinstance(reading, Failure) else reading


def _unread(mailbox: Address, record: MailRecord) -> _Unread:
    """Return a mail with its clues."""
    mail = parse(record.raw)
    return _Unread(record.id, record.received_at, mail, clues(mail, mailbox))


def _understood(known: tuple[_Unread, Context]) -> Reading:
    unread, context = known
    reading = interpret(unread.mail, unread.id, context, unread.received_at)
    to_json(reading)  # what cannot be stored fails here, where it is one mail's failure
    return reading


def _unreadable(mail: MailRecord | _Unread, failure: Failure) -> Reading:
    """Return the reading of a mail that broke the reader: the coordinator is told."""
    _log.error("mail %s cannot be read: %s", mail.id, failure.detail)
    why = "This mail could not be read. It is kept as it came; please look at it."
    return Reading(mail.id, MailKind.BROKEN, ReadingStatus.REVIEW, mail.received_at, why=why)


class _Memory:
    """What the store knows of the matters of a batch, each under what a mail may point to."""

    def __init__(self, ports: Ports, unread: Sequence[_Unread]) -> None:
        letters = _letters(ports, unread)
        series = _series(ports, unread)
        people = _people(ports, unread, letters, series.values())
        self._programme = ports.programme
        self._series = series
        self._people = {person.id: person for person in people}
        self._by_clue = _grouped((clue, x) for x in letters for clue in (x.token, x.message_id))
        self._by_matter = _grouped((_matter(letter), letter) for letter in letters)
        self._by_pairing = _grouped((letter.pairing, letter.person) for letter in letters)
        self._by_address = _grouped((address, p.id) for p in people for address in p.addresses)

    def context(self, found: Clues) -> Context:
        """Return what concerns one mail.

        Letters come in the order of their items; those of a thread, which are all we wrote to
        the same person about the same meetings, the oldest first.
        """
        clues = (*found.tokens, *found.message_ids)
        answered = {letter.item: letter for clue in clues for letter in self._by_clue.get(clue, ())}
        letters = [answered[item] for item in sorted(answered)]
        matters = dict.fromkeys(map(_matter, letters))
        thread = [letter for matter in matters for letter in self._by_matter[matter]]
        series = {uid: spec for uid, spec in self._series.items() if uid in found.uids}
        return Context(
            programme=self._programme,
            letters=tuple(letters),
            thread=tuple(sorted(thread, key=lambda letter: letter.sent_at)),
            people=self._people_of(found, letters, series.values()),
            series=series,
        )

    def _people_of(
        self, found: Clues, letters: Iterable[LetterRecord], series: Iterable[SeriesSpec]
    ) -> dict[PersonId, Participant]:
        """Return who may have written, whom letters about these pairings went to, and guests."""
        guests = {attendee.address for spec in series for attendee in spec.attendees}
        ids = {id for letter in letters for id in self._by_pairing[letter.pairing]}
        ids.update(id for each in found.senders | guests for id in self._by_address.get(each, ()))
        return {id: self._people[id] for id in sorted(ids) if id in self._people}


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    found: dict[K, list[V]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def _matter(letter: LetterRecord) -> tuple[str, str, str]:
    return letter.pairing, letter.session, letter.person


def _letters(ports: Ports, unread: Iterable[_Unread]) -> list[LetterRecord]:
    """Return the letters that the mails answer, and all others of the same pairings, each once.

    A letter may be answered before it is known that it has left.
    """
    tokens = {token for each in unread for token in each.clues.tokens}
    ids = {id for each in unread for id in each.clues.message_ids}
    named = [*ports.store.letters_by_token(tokens), *ports.store.letters_by_message_id(ids)]
    named += [x for x in _in_doubt(ports) if x.token in tokens or x.message_id in ids]
    related = ports.store.read(LetterRecord, pairings={letter.pairing for letter in named})
    return list({letter.item: letter for letter in [*related, *named]}.values())


def _in_doubt(ports: Ports) -> Iterator[LetterRecord]:
    """Yield what was to be written down of the letters that may have left."""
    for effect in ports.store.doubts():
        if is_letter(effect):
            yield from letter_payload(effect).records


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
) -> list[Participant]:
    """Return everybody who may have written, or whom the answered letters went to."""
    addresses = {address for each in unread for address in each.clues.senders}
    addresses |= {attendee.address for spec in series for attendee in spec.attendees}
    ids = {letter.person for letter in letters}
    records = ports.store.people(ids=ids, addresses=addresses)
    return [from_json(Participant, record.person_json) for record in records]
