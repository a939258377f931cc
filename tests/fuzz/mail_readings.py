"""Mutated mails read as a run reads them: in bounded children, a batch each, to what is filed."""

import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import reply_corpus as corpus
from a_series import MENTEE, MENTOR, a_series
from calendar_answers import UID
from corpus_reading import context_of
from letter_samples import MARGARET, PROGRAMME

from in_a_child import bounded
from rmflow.app.bounded import Failure
from rmflow.app.inbox import mail_id
from rmflow.domain.documents import from_json, to_json
from rmflow.domain.people import Participant, PersonId
from rmflow.domain.reading import Reading
from rmflow.domain.records import AnswerRecord, ReadingRecord
from rmflow.formats.incoming.clues import clues
from rmflow.formats.incoming.context import Context
from rmflow.formats.incoming.interpret import interpret
from rmflow.formats.incoming.mail import parse
from rmflow.planner.filing import file_reading
from rmflow.planner.state import History

_HISTORY = History()
_ASKED = ("en", "de", "fr")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mail. `seconds` of this process, `memory_bytes` the most it had so far,
    beyond what it had from the process it was forked from.
    """

    number: int
    state: str
    kind: str
    seconds: float
    memory_bytes: int
    wrong: tuple[str, ...] = ()


@cache
def _contexts() -> tuple[Context, ...]:
    series = {UID: a_series()}
    met = {PersonId(a.address): a for a in (MENTOR, MENTEE)}
    people = {id: Participant(id, a.address, a.name, "Europe/Berlin") for id, a in met.items()}
    contexts = map(context_of, _ASKED)
    return tuple(replace(c, people={**c.people, **people}, series=series) for c in contexts)


def read(raw: bytes, number: int = 0) -> tuple[Reading, ReadingRecord, tuple[AnswerRecord, ...]]:
    """Return what a mail says, and what of it is written down."""
    known = _contexts()[number % len(_ASKED)]
    mail = parse(raw)
    found = clues(mail, PROGRAMME.mailbox)
    asked = any(
        letter.token in found.tokens or letter.message_id in found.message_ids
        for letter in known.letters
    )
    context = replace(
        known,
        letters=known.letters if asked else (),
        thread=known.thread if asked else (),
        series=known.series if known.series.keys() & set(found.uids) else {},
    )
    reading = interpret(mail, mail_id(raw), context, corpus.RECEIVED)
    note, _ = file_reading(context.programme, reading, _HISTORY)
    (record,) = (each for each in note.records if isinstance(each, ReadingRecord))
    return reading, record, tuple(e for e in note.records if isinstance(e, AnswerRecord))


def faults(
    reading: Reading, record: ReadingRecord, answers: Sequence[AnswerRecord]
) -> Iterator[str]:
    """Yield what may never be, whatever came."""
    said = to_json(reading)
    said.encode()  # a lone surrogate is no text of a database
    if from_json(Reading, said) != reading:
        yield "the reading is not what is stored of it"
    if "\x00" in reading.text + reading.elided + reading.subject + reading.why:
        yield "NUL in a text"
    if record.state not in ("filed", "waiting", "ignored"):
        yield f"it is {record.state}"
    if record.state == "waiting" and not reading.why:
        yield "it waits and nobody is told why"
    if record.state == "filed" and reading.author is None:
        yield "it is filed, and nobody wrote it"
    if any(answer.author not in (MARGARET.id, None) for answer in answers):
        yield "somebody else's answer is filed"
    worth = reading.answers.get("worthwhile", "1")
    if worth not in ("1", "2", "3", "4", "5"):
        yield f"{worth!r} is no rating"


def outcomes(raws: Sequence[tuple[int, bytes]]) -> Iterator[Outcome]:
    """Yield what becomes of mails, each read within the limits of a run."""
    inherited = resident_bytes()
    for (number, _), found in zip(raws, bounded(_outcome, raws), strict=True):
        if isinstance(found, Failure):
            yield Outcome(number, "waiting", "unreadable", 0.0, 0, (found.detail,))
        else:
            yield replace(found, memory_bytes=max(found.memory_bytes - inherited, 0))


def resident_bytes() -> int:
    """Return how much memory this process has now; a fork of it has the same."""
    _, pages, *_ = Path("/proc/self/statm").read_text().split()
    return int(pages) * resource.getpagesize()


def _outcome(numbered: tuple[int, bytes]) -> Outcome:
    number, raw = numbered
    started = time.process_time()
    reading, record, answers = read(raw, number)
    seconds = time.process_time() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    wrong = tuple(faults(reading, record, answers))
    return Outcome(number, record.state, reading.kind.value, seconds, memory, wrong)
