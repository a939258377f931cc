"""Histories: what the store remembers of pairings, in the shape that decisions need."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

from rmflow.domain.pairing import PairingId
from rmflow.domain.reading import MailKind
from rmflow.domain.records import (
    ASKED_AGAIN,
    WAITING,
    AnswerRecord,
    LetterRecord,
    PairingRecord,
    QuestionRecord,
    ReadingRecord,
    ResponseRecord,
    SeriesRecord,
)
from rmflow.planner.state import History, known_of
from rmflow.ports.store import Store

R = TypeVar(
    "R",
    LetterRecord,
    AnswerRecord,
    ResponseRecord,
    QuestionRecord,
    SeriesRecord,
    ReadingRecord,
)


def histories(
    store: Store, pairings: Collection[PairingId] | None = None
) -> Mapping[PairingId, History]:
    """Return the histories of these pairings, of all when None; seven queries for any number."""
    records = {record.id: record for record in store.read(PairingRecord, pairings=pairings)}
    series = _grouped(store.read(SeriesRecord, pairings=pairings))
    letters = _grouped(store.read(LetterRecord, pairings=pairings))
    answers = _grouped(store.read(AnswerRecord, pairings=pairings))
    responses = _grouped(store.read(ResponseRecord, pairings=pairings))
    questions = _grouped(store.read(QuestionRecord, pairings=pairings))
    readings = _grouped(store.read(ReadingRecord, pairings=pairings))
    return {
        id: History(
            record=records.get(id),
            series=tuple(map(known_of, sorted(series[id], key=lambda r: r.generation))),
            letters=tuple(letters[id]),
            answers=tuple(sorted(answers[id], key=lambda r: (r.received_at, r.revision))),
            responses=tuple(responses[id]),
            questions=tuple(questions[id]),
            waiting=frozenset(r.session for r in readings[id] if _waits(r)),
            asked_again=frozenset(r for r in readings[id] if r.state == ASKED_AGAIN),
            readings=tuple(readings[id]),
        )
        for id in pairings or records
    }


def _waits(record: ReadingRecord) -> bool:
    """Return whether somebody wrote about a meeting what a person has yet to read."""
    return record.state == WAITING and record.kind == MailKind.HUMAN.value and record.session != ""


def _grouped(records: Iterable[R]) -> dict[PairingId, list[R]]:
    groups: dict[PairingId, list[R]] = defaultdict(list)
    for record in records:
        groups[record.pairing].append(record)
    return groups
