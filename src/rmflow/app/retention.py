"""Retention: what people wrote is deleted when it has been kept for as long as was said.

Mails as they came go a while after they were settled, words a while after the last meeting. What
keeps anything from happening twice stays: keys, Message-IDs, the ids of mails; so do ratings, dates,
and what the coordinator typed. What waits for a person is not touched.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from rmflow.app import remembered
from rmflow.app.ports import Ports
from rmflow.domain.audit import Entry, Event, facts
from rmflow.domain.documents import from_json, to_json
from rmflow.domain.form import QuestionType
from rmflow.domain.pairing import PairingId
from rmflow.domain.reading import MailId, Reading
from rmflow.domain.records import (
    WAITING,
    AnswerRecord,
    LetterRecord,
    PairingRecord,
    QuestionRecord,
    ReadingRecord,
    Record,
    ResponseRecord,
    SettingRecord,
    Written,
)
from rmflow.ports.store import Outdated

_MAILS_A_RUN = 500
_PAIRINGS_A_RUN = 50
_WORDLESS = (QuestionType.DATE, QuestionType.SCALE, QuestionType.CHOICE, QuestionType.YES_NO)


def outdated(ports: Ports, now: datetime, *, share: bool = False) -> Outdated:
    """Return what has been kept for long enough; `share`: only as much as one run deletes."""
    kept = ports.programme.retention
    most = (_MAILS_A_RUN, _PAIRINGS_A_RUN) if share else (None, None)
    return ports.store.outdated(mails=now - kept.mails, words=now - kept.words, most=most)


def expire(ports: Ports, now: datetime) -> Outdated:
    """Delete what has been kept for long enough, and return it."""
    found = outdated(ports, now, share=True)
    if found.nothing:
        return found
    records: list[Written] = [*_of_mails(ports, found.mails), *_of_pairings(ports, found.pairings)]
    if found.mails or found.pairings:
        told = facts(mails=len(found.mails), pairings=len(found.pairings))
        records += _emptied(ports, found.pairings, now)
        records.append(Entry(now, Event.EXPIRED, facts_json=told))
    ports.store.expire(found, records, settled_at=_next_day(now))
    return found


def _next_day(now: datetime) -> datetime:
    """Return the next midnight: so mails are deleted once a day, not one in every run."""
    day = now.astimezone(UTC).date() + timedelta(days=1)
    return datetime.combine(day, time(), UTC)


def _emptied(ports: Ports, pairings: Collection[PairingId], now: datetime) -> Iterator[Record]:
    if pairings:
        for record in ports.store.read(PairingRecord, pairings=pairings):
            yield replace(record, emptied_at=now)
        yield SettingRecord(remembered.BOOK, "")  # the workbook is written anew without them


def _of_mails(ports: Ports, mails: Collection[MailId]) -> Iterator[Record]:
    """Yield what is left of the readings of mails: of those that told nothing, no words at all."""
    if not mails:
        return
    readings = ports.store.readings(mails)
    pairings = {r.pairing for r in readings if r.pairing}
    known = ports.store.read(PairingRecord, pairings=pairings)
    emptied = {record.id for record in known if record.emptied_at}
    late = set[MailId]()
    for record in readings:
        if record.state == "filed" and record.pairing not in emptied:
            reading = replace(from_json(Reading, record.reading_json), elided="")
            yield replace(record, reading_json=to_json(reading))
        else:
            late.add(record.mail_id)
            yield _wordless(record)
    for answer in ports.store.read(AnswerRecord, pairings=emptied):
        if answer.mail_id in late:
            yield _without_words(ports, answer)


def _of_pairings(ports: Ports, pairings: Collection[PairingId]) -> Iterator[Record]:
    """Yield what is left of everything that was written in these pairings."""
    if not pairings:
        return
    for letter in ports.store.read(LetterRecord, pairings=pairings):
        yield replace(letter, subject="", text="", offer_json="")
    for answer in ports.store.read(AnswerRecord, pairings=pairings):
        yield _without_words(ports, answer)
    for reading in ports.store.read(ReadingRecord, pairings=pairings):
        if reading.state != WAITING:
            yield _wordless(reading)
    for response in ports.store.read(ResponseRecord, pairings=pairings):
        yield replace(response, comment="")
    for question in ports.store.read(QuestionRecord, pairings=pairings):
        if question.closed_at is not None:
            yield replace(question, text="")


def _wordless(record: ReadingRecord) -> ReadingRecord:
    reading = from_json(Reading, record.reading_json)
    responses = tuple(replace(response, comment="") for response in reading.responses)
    empty = replace(
        reading,
        subject="",
        sender="",
        text="",
        elided="",
        answers={},
        responses=responses,
        why="",
    )
    return replace(record, reading_json=to_json(empty), why="")


def _without_words(ports: Ports, answer: AnswerRecord) -> AnswerRecord:
    """Return an answer with its dates, ratings and choices alone."""
    form = ports.programme.forms.get(answer.form)
    kinds = {q.id: q.type for q in form.questions} if form else {}
    said: Mapping[str, str] = from_json(dict[str, str], answer.answers_json)
    kept = {id: value for id, value in said.items() if kinds.get(id) in _WORDLESS}
    return replace(answer, text="", answers_json=to_json(kept))
