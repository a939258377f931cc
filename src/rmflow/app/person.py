"""One person: everything that is kept about them, to hand out or to erase."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from rmflow.app import remembered
from rmflow.app.lease import at_work
from rmflow.app.ports import Ports
from rmflow.app.publish import keep_typed, publish
from rmflow.app.tombstone import mark_of
from rmflow.domain.audit import Entry, Event
from rmflow.domain.documents import from_json
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import Participant
from rmflow.domain.reading import Reading
from rmflow.domain.records import (
    AnswerRecord,
    LetterRecord,
    PairingRecord,
    PersonRecord,
    ReadingRecord,
    ResponseRecord,
    SeriesRecord,
    SettingRecord,
)
from rmflow.errors import Problem, RmflowError
from rmflow.ports.erasure import Eraser, KeepsCopies, Traces


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept about a person: `facts` as JSON values, `mails` raw by a name for a file."""

    facts: Mapping[str, object]
    mails: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What `forget` could not reach, for the operator; `problem`: the workbook is still old."""

    letters: tuple[str, ...]
    mails: tuple[str, ...]
    meetings: tuple[str, ...]
    problem: Problem | None


def kept_about(ports: Ports, wanted: str) -> Kept:
    """Return everything about a person but their partners' words. Raises RmflowError."""
    person = person_named(ports, wanted)
    participant = from_json(Participant, person.person_json)
    readings = list(_written_by(ports, participant))
    mails = {f"{r.received_at:%Y-%m-%d}-{r.mail_id[:8]}.eml": r.mail_id for r in readings}
    letters = [r for r in ports.store.read(LetterRecord) if r.person == person.id]
    answers = [r for r in ports.store.read(AnswerRecord) if r.author == person.id]
    told = {
        "person": from_json(dict[str, object], person.person_json),
        "pairs": [_part(record, person) for record in _pairings(ports, person)],
        "letters": [_plain(r, "kind", "subject", "text", "sent_at") for r in letters],
        "answers": [_plain(r, "form", "received_at", "text", "answers_json") for r in answers],
        "responses": [
            _plain(r, "session", "status", "stamped_at", "comment")
            for r in ports.store.read(ResponseRecord)
            if r.attendee == person.address
        ],
    }
    ports.store.write([Entry(ports.clock.now(), Event.EXPORTED, person=person.id)])
    raw = {name: ports.store.raw(id) for name, id in mails.items()}
    return Kept(told, {name: content for name, content in raw.items() if content is not None})


def forget(ports: Ports, eraser: Eraser, wanted: str) -> tuple[tuple[PairingId, ...], Forgotten]:
    """Erase a person who has left the roster, and their pairings with all that belongs to them;
    return the pairings' ids.

    Raises RmflowError while they are in the roster or have a pairing that is not over: first the
    meetings have to be cancelled.
    """
    now = ports.clock.now()
    with at_work(ports.store, now):
        person = person_named(ports, wanted)
        pairings = _pairings(ports, person)
        if person.left_at is None or any(record.ended_at is None for record in pairings):
            raise RmflowError(
                "they still take part; take them out of the roster (as a manager of others, too),"
                " and let a run cancel their meetings"
            )
        participant = from_json(Participant, person.person_json)
        left = _out_of_reach(ports, participant, pairings)
        _keep_what_others_typed(ports, now)
        names = {participant.name, participant.address, str(participant.id)}
        ids = [record.id for record in pairings]
        words = sorted(names, key=len, reverse=True)
        traces = Traces(person.id, participant.address, ids, words, participant.first_name)
        redraw = [SettingRecord(name, "") for name in (remembered.BOOK, remembered.COMPLAINTS)]
        mark = mark_of(ports.programme.salt, participant.address)
        gone = Entry(now, Event.FORGOTTEN)
        eraser.erase(traces, [*redraw, SettingRecord(mark, now.date().isoformat()), gone])
        published = publish(ports, now)
        if isinstance(ports.tracking, KeepsCopies):
            ports.tracking.erase_copies()
    return tuple(ids), Forgotten(*left, published.problem)


def readmit(ports: Ports, address: str) -> None:
    """Take the tombstone away. Raises RmflowError when there is none."""
    mark = mark_of(ports.programme.salt, address.strip().lower())
    with at_work(ports.store, ports.clock.now()):
        if not ports.store.setting(mark):
            raise RmflowError("nobody with this address was forgotten")
        back = Entry(ports.clock.now(), Event.READMITTED)
        ports.store.write([SettingRecord(mark, ""), SettingRecord(remembered.ROSTER, ""), back])


def person_named(ports: Ports, wanted: str) -> PersonRecord:
    """Return who has this address, whole name or id. Raises RmflowError."""
    found = []
    for record in ports.store.read(PersonRecord):
        name = from_json(Participant, record.person_json).name
        if wanted.casefold() in (record.id.casefold(), record.address, name.casefold()):
            found.append(record)
    if len(found) == 1:
        return found[0]
    many = "several people are" if found else "nobody is"
    raise RmflowError(f'{many} known as "{wanted}"; give the address')


def _pairings(ports: Ports, person: PersonRecord) -> list[PairingRecord]:
    records = ports.store.read(PairingRecord)
    return [record for record in records if person.id in (record.mentor, record.mentee)]


def _written_by(ports: Ports, person: Participant) -> Iterator[ReadingRecord]:
    for record in ports.store.read(ReadingRecord):
        reading = from_json(Reading, record.reading_json)
        if reading.author == person.id or reading.sender.lower() == person.address:
            yield record


def _part(record: PairingRecord, person: PersonRecord) -> dict[str, object]:
    role = "mentor" if record.mentor == person.id else "mentee"
    return {"pair": record.id, "role": role, "ended_at": record.ended_at}


def _plain(record: object, *names: str) -> dict[str, object]:
    values = asdict(record)  # type: ignore[call-overload]  # every record is a dataclass
    return {name: values[name] for name in names}


def _out_of_reach(
    ports: Ports, person: Participant, pairings: list[PairingRecord]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return Message-IDs of letters, places of mails and UIDs of meetings that lie elsewhere."""
    ids = [record.id for record in pairings]
    letters = [
        r for r in ports.store.read(LetterRecord) if r.person == person.id or r.pairing in ids
    ]
    readings = list(_written_by(ports, person))
    meetings = ports.store.read(SeriesRecord, pairings=ids)
    return (
        tuple(dict.fromkeys(r.message_id for r in letters)),
        tuple(from_json(Reading, r.reading_json).message_id for r in readings),
        tuple(r.uid for r in meetings),
    )


def _keep_what_others_typed(ports: Ports, now: datetime) -> None:
    """Read the workbook once more before it is written anew."""
    typed = ports.tracking.typed()
    if typed is not None:
        keep_typed(ports, typed, now)
