"""Readings: what mails mean, understood with the help of what we sent."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from rmflow.app.bounded import Bounded, Failure
from rmflow.app.payloads import is_letter, letter_payload
from rmflow.app.ports import Ports
from rmflow.domain.documents import from_json, to_json
from rmflow.domain.people import Participant, PersonId
from rmflow.domain.programme import Programme
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

_MOST_KEPT_BYTES = 64 * 1024


class Readings:
    """What mails mean. All of them are read in one child process, which begins with the first."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._child = Bounded(_Reader(ports.programme))

    def of(self, batch: Iterable[MailRecord]) -> Iterator[Reading]:
        """Yield what each mail of a batch means; the store is asked once for all of them."""
        records = tuple(batch)
        clues = list(zip(records, self._child.each(_Reader.clues, records), strict=True))
        yield from (_unreadable(mail, each) for mail, each in clues if isinstance(each, Failure))
        found = [(record, each) for record, each in clues if not isinstance(each, Failure)]
        memory = _Memory(self._ports, [each for _, each in found])
        known = [(record, memory.context(each)) for record, each in found]
        read = self._child.each(_Reader.understood, known)
        for (record, _), told in zip(known, read, strict=True):
            if isinstance(told, Failure):
                yield _unreadable(record, told)
            else:
                yield from_json(Reading, told)

    def close(self) -> None:
        """End the child."""
        self._child.close()


class _Reader:
    """What the child does, which has a copy of it.

    Mails are looked at twice: for what points to something we know, and, when the store was asked
    for that, for what they mean. Between the two they are kept as they were parsed, if small.
    """

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._parsed: dict[MailId, IncomingMail] = {}

    def clues(self, record: MailRecord) -> Clues:
        """Return what of a mail is to be looked up."""
        mail = parse(record.raw)
        if len(record.raw) <= _MOST_KEPT_BYTES:
            self._parsed[record.id] = mail
        return clues(mail, self._programme.mailbox)

    def understood(self, known: tuple[MailRecord, "partial[Context]"]) -> str:
        """Return what a mail means, in the shape that goes through a pipe four times as fast."""
        record, context = known
        mail = self._parsed.pop(record.id, None) or parse(record.raw)
        reading = interpret(mail, record.id, context(self._programme), record.received_at)
        return to_json(reading)  # what cannot be stored fails here, where it is one mail's failure


def _unreadable(mail: MailRecord, failure: Failure) -> Reading:
    """Return the reading of a mail that broke the reader: the coordinator is told."""
    _log.error("mail %s cannot be read: %s", mail.id, failure.detail)
    why = "This mail could not be read. It is kept as it came; please look at it."
    return Reading(mail.id, MailKind.BROKEN, ReadingStatus.REVIEW, mail.received_at, why=why)


class _Memory:
    """What the store knows of the matters of a batch, each under what a mail may point to."""

    def __init__(self, ports: Ports, found: Sequence[Clues]) -> None:
        letters = _letters(ports, found)
        series = _series(ports, found)
        people = _people(ports, found, letters, series.values())
        self._series = series
        self._people = {person.id: person for person in people}
        self._by_clue = _grouped((clue, x) for x in letters for clue in (x.token, x.message_id))
        self._by_matter = _grouped((_matter(letter), letter) for letter in letters)
        self._by_pairing = _grouped((letter.pairing, letter.person) for letter in letters)
        self._by_address = _grouped((address, p.id) for p in people for address in p.addresses)

    def context(self, found: Clues) -> "partial[Context]":
        """Return what concerns one mail, but for the programme, which the child has.

        Letters come in the order of their items; those of a thread, which are all we wrote to
        the same person about the same meetings, the oldest first.
        """
        clues = (*found.tokens, *found.message_ids)
        answered = {letter.item: letter for clue in clues for letter in self._by_clue.get(clue, ())}
        letters = [answered[item] for item in sorted(answered)]
        matters = dict.fromkeys(map(_matter, letters))
        thread = [letter for matter in matters for letter in self._by_matter[matter]]
        series = {uid: spec for uid, spec in self._series.items() if uid in found.uids}
        return partial(
            Context,
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


def _letters(ports: Ports, found: Iterable[Clues]) -> list[LetterRecord]:
    """Return the letters that the mails answer, and all others of the same pairings, each once.

    A letter may be answered before it is known that it has left.
    """
    tokens = {token for each in found for token in each.tokens}
    ids = {id for each in found for id in each.message_ids}
    named = [*ports.store.letters_by_token(tokens), *ports.store.letters_by_message_id(ids)]
    named += [x for x in _in_doubt(ports) if x.token in tokens or x.message_id in ids]
    related = ports.store.read(LetterRecord, pairings={letter.pairing for letter in named})
    return list({letter.item: letter for letter in [*related, *named]}.values())


def _in_doubt(ports: Ports) -> Iterator[LetterRecord]:
    """Yield what was to be written down of the letters that may have left."""
    for effect in ports.store.doubts():
        if is_letter(effect):
            yield from letter_payload(effect).records


def _series(ports: Ports, found: Iterable[Clues]) -> dict[Uid, SeriesSpec]:
    uids = {Uid(uid) for each in found for uid in each.uids}
    if not uids:
        return {}
    records: list[SeriesRecord] = ports.store.series(uids)
    return {record.uid: from_json(SeriesSpec, record.spec_json) for record in records}


def _people(
    ports: Ports,
    found: Iterable[Clues],
    letters: Iterable[LetterRecord],
    series: Iterable[SeriesSpec],
) -> list[Participant]:
    """Return everybody who may have written, or whom the answered letters went to."""
    addresses = {address for each in found for address in each.senders}
    addresses |= {attendee.address for spec in series for attendee in spec.attendees}
    ids = {letter.person for letter in letters}
    records = ports.store.people(ids=ids, addresses=addresses)
    return [from_json(Participant, record.person_json) for record in records]
