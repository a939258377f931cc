"""Readings: what mails mean, understood with the help of what we sent."""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from rmflow.app.bounded import Bounded, Failure
from rmflow.app.payloads import is_letter, letter_payload
from rmflow.app.ports import Ports
from rmflow.domain.documents import from_json, to_json
from rmflow.domain.people import Address, Participant
from rmflow.domain.programme import Programme
from rmflow.domain.reading import MailId, MailKind, Reading, ReadingStatus
from rmflow.domain.records import LetterRecord, MailRecord, PersonRecord, SeriesRecord
from rmflow.domain.series import SeriesSpec, Uid
from rmflow.formats.incoming.clues import Clues, clues
from rmflow.formats.incoming.context import Context
from rmflow.formats.incoming.interpret import interpret
from rmflow.formats.incoming.mail import IncomingMail, parse

_log = logging.getLogger("rmflow")

K = TypeVar("K")
T = TypeVar("T")
V = TypeVar("V")

_MOST_KEPT_BYTES = 64 * 1024


class Readings:
    """What mails mean. All of them are read in one child process, which begins with the first."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._child = Bounded(_Reader(ports.programme))

    def of(self, batch: Iterable[MailRecord]) -> Iterator[Reading]:
        """Yield what each mail of a batch means; the store is asked once for all of them."""
        found: list[tuple[MailRecord, Clues]] = []
        tasks = [(mail, (mail.id, mail.raw)) for mail in batch]
        for mail, told in self._told(Clues, _Reader.clues, tasks):
            if isinstance(told, Failure):
                yield _unreadable(mail, told)
            else:
                found.append((mail, told))
        memory = _Memory(self._ports, [each for _, each in found])
        known = [
            (mail, (mail.id, mail.raw, mail.received_at, to_json(memory.about(each))))
            for mail, each in found
        ]
        for mail, reading in self._told(Reading, _Reader.understood, known):
            yield _unreadable(mail, reading) if isinstance(reading, Failure) else reading

    def _told(
        self,
        kind: type[V],
        work: "Callable[[_Reader, T], bytes]",
        tasks: Sequence[tuple[MailRecord, T]],
    ) -> Iterator[tuple[MailRecord, V | Failure]]:
        """Yield each mail with what the child has made of the task that goes with it."""
        told = self._child.each(work, [task for _, task in tasks])
        for (mail, _), answer in zip(tasks, told, strict=True):
            yield mail, answer if isinstance(answer, Failure) else _value(kind, answer)

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

    def clues(self, task: tuple[MailId, bytes]) -> bytes:
        """Return the `Clues` of a mail."""
        id, raw = task
        mail = parse(raw)
        if len(raw) <= _MOST_KEPT_BYTES:
            self._parsed[id] = mail
        return to_json(clues(mail, self._programme.mailbox)).encode()

    def understood(self, task: tuple[MailId, bytes, datetime, str]) -> bytes:
        """Return the `Reading` of a mail. The last part of a task is what is `_Known`."""
        id, raw, received_at, known = task
        mail = self._parsed.pop(id, None) or parse(raw)
        context = from_json(_Known, known).context(self._programme)
        reading = interpret(mail, id, context, received_at)
        # What cannot be stored fails here, where it is one mail's failure.
        return to_json(reading).encode()


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store knows about one mail; `people` and `series` are JSON, as it has them."""

    letters: tuple[LetterRecord, ...]
    thread: tuple[LetterRecord, ...]
    people: tuple[str, ...]
    series: tuple[str, ...]

    def context(self, programme: Programme) -> Context:
        """Return it as a reader of mails has it."""
        people = [from_json(Participant, text) for text in self.people]
        series = [from_json(SeriesSpec, text) for text in self.series]
        return Context(
            programme,
            letters=self.letters,
            thread=self.thread,
            people={person.id: person for person in people},
            series={spec.uid: spec for spec in series},
        )


def _value(kind: type[V], answer: bytes) -> V | Failure:
    try:
        return from_json(kind, answer)
    except ValueError:
        return Failure("it made its reader answer with nonsense")


def _unreadable(mail: MailRecord, failure: Failure) -> Reading:
    """Return the reading of a mail that broke the reader: the coordinator is told."""
    _log.error("mail %s cannot be read: %s", mail.id, failure.detail)
    why = "This mail could not be read. It is kept as it came; please look at it."
    return Reading(mail.id, MailKind.BROKEN, ReadingStatus.REVIEW, mail.received_at, why=why)


class _Memory:
    """What the store knows of the matters of a batch, each under what a mail may point to."""

    def __init__(self, ports: Ports, found: Sequence[Clues]) -> None:
        letters = _letters(ports, found)
        self._series = _series(ports, found)
        self._guests = {uid: _guests(record) for uid, record in self._series.items()}
        people = _people(ports, found, letters, self._guests.values())
        self._people = {record.id: record for record in people}
        self._by_clue = _grouped((clue, x) for x in letters for clue in (x.token, x.message_id))
        self._by_matter = _grouped((_matter(letter), letter) for letter in letters)
        self._by_pairing = _grouped((letter.pairing, letter.person) for letter in letters)
        self._by_address = _grouped(
            (address, record.id) for record in people for address in _addresses(record)
        )

    def about(self, found: Clues) -> _Known:
        """Return what concerns one mail.

        Letters come in the order of their items; those of a thread, which are all we wrote to
        the same person about the same meetings, the oldest first.
        """
        clues = (*found.tokens, *found.message_ids)
        answered = {letter.item: letter for clue in clues for letter in self._by_clue.get(clue, ())}
        letters = [answered[item] for item in sorted(answered)]
        matters = dict.fromkeys(map(_matter, letters))
        thread = [letter for matter in matters for letter in self._by_matter[matter]]
        uids = [uid for uid in self._series if uid in found.uids]
        return _Known(
            letters=tuple(letters),
            thread=tuple(sorted(thread, key=lambda letter: letter.sent_at)),
            people=tuple(self._people_of(found, letters, uids)),
            series=tuple(self._series[uid].spec_json for uid in uids),
        )

    def _people_of(
        self, found: Clues, letters: Iterable[LetterRecord], uids: Iterable[Uid]
    ) -> Iterator[str]:
        """Yield who may have written, whom letters about these pairings went to, and guests."""
        ids = {id for letter in letters for id in self._by_pairing[letter.pairing]}
        for addresses in (found.senders, *(self._guests[uid] for uid in uids)):
            ids.update(id for each in addresses for id in self._by_address.get(each, ()))
        return (self._people[id].person_json for id in sorted(ids) if id in self._people)


def _guests(record: SeriesRecord) -> frozenset[Address]:
    spec = from_json(SeriesSpec, record.spec_json)
    return frozenset(attendee.address for attendee in spec.attendees)


def _addresses(record: PersonRecord) -> tuple[Address, ...]:
    return from_json(Participant, record.person_json).addresses


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
    named = ports.store.letters_by_token(tokens)
    named += ports.store.letters_by_message_id(ids - {letter.message_id for letter in named})
    named += [x for x in _in_doubt(ports) if x.token in tokens or x.message_id in ids]
    related = ports.store.read(LetterRecord, pairings={letter.pairing for letter in named})
    return list({letter.item: letter for letter in [*related, *named]}.values())


def _in_doubt(ports: Ports) -> Iterator[LetterRecord]:
    """Yield what was to be written down of the letters that may have left."""
    for effect in ports.store.doubts():
        if is_letter(effect):
            yield from letter_payload(effect).records


def _series(ports: Ports, found: Iterable[Clues]) -> dict[Uid, SeriesRecord]:
    uids = {Uid(uid) for each in found for uid in each.uids}
    return {record.uid: record for record in ports.store.series(uids)} if uids else {}


def _people(
    ports: Ports,
    found: Iterable[Clues],
    letters: Iterable[LetterRecord],
    guests: Iterable[Collection[Address]],
) -> list[PersonRecord]:
    """Return everybody who may have written, or whom the answered letters went to."""
    addresses = {address for each in found for address in each.senders}.union(*guests)
    ids = {letter.person for letter in letters}
    return ports.store.people(ids=ids, addresses=addresses)
