"""The sheets of answered forms: summaries, promises, and one for every other form answered.

The form names the columns (DESIGN 5). What only the pair may see has no column here.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date

from rmflow.domain.form import Form, Question, QuestionType, Visibility
from rmflow.domain.programme import SummaryMode
from rmflow.domain.reading import ReadingStatus
from rmflow.domain.records import AnswerRecord
from rmflow.formats.workbook.book import Column, Look, Sheet, Tone, Value
from rmflow.formats.workbook.plain_value import read
from rmflow.formats.workbook.tracking.frame import NOTES, PAIR_COLUMNS, Frame, key_column, latest

SUMMARY, AGENDA = "summary", "agenda"
# The question of the summary form whose items are followed up one by one.
PROMISES = "change"
_LOOKS = {
    QuestionType.TEXT: (Look.LONG_TEXT, 44),
    QuestionType.LIST: (Look.LONG_TEXT, 44),
    QuestionType.DATE: (Look.DATE, 13),
    QuestionType.SCALE: (Look.NUMBER, 12),
    QuestionType.CHOICE: (Look.TEXT, 16),
    QuestionType.YES_NO: (Look.TEXT, 11),
}
_UNDERSTOOD = {
    ReadingStatus.OK.value: "fully",
    ReadingStatus.PARTIAL.value: "in part",
    ReadingStatus.EMPTY.value: "empty",
    ReadingStatus.REVIEW.value: "needs you",
}
_UNDERSTOOD_TONES = (
    ("fully", Tone.GOOD),
    ("in part", Tone.WARN),
    ("empty", Tone.QUIET),
    ("needs you", Tone.BAD),
)


def summaries_sheet(frame: Frame) -> Sheet:
    """Return one row a summary, the latest first; revised ones as they read now."""
    intro = "What the leaders wrote after their meetings, as they last corrected it."
    if frame.view.programme.summaries is SummaryMode.COUNTS:
        intro = (
            "That a summary came, its topic and its ratings. What was written stays with the pair."
        )
    return _answers_sheet(frame, "Summaries", SUMMARY, intro)


def form_sheets(frame: Frame) -> Iterable[Sheet]:
    """Return a sheet for every other form that asks for the coordinator's sake."""
    for form in frame.view.programme.forms:
        if form not in (SUMMARY, AGENDA):
            yield _answers_sheet(frame, form.capitalize(), form, "Answers, the latest first.")


def promises_sheet(frame: Frame) -> Sheet:
    """Return one row a promise: an item of what a leader said they will change or do."""
    rows, intro = latest(
        _promises(frame),
        "What leaders said they will change or do. The next prompt reminds the pair of it.",
    )
    return Sheet(
        "Promises",
        intro,
        columns=(
            key_column("Promises"),
            *PAIR_COLUMNS,
            Column("Made on", Look.DATE, width=13),
            Column("Promise", Look.LONG_TEXT, width=70),
            NOTES,
        ),
        rows=tuple(rows),
    )


def _promises(frame: Frame) -> list[tuple[Value, ...]]:
    """Return the rows of promises, the latest first; one that is repeated counts from the start.

    Their keys follow their words: a note must not slip to another promise.
    """
    form = frame.view.programme.forms.get(SUMMARY)
    if form is None or PROMISES not in {question.id for question in _shown(frame, form)}:
        return []
    made: dict[str, tuple[date, tuple[Value, ...]]] = {}
    for record in _newest(frame, SUMMARY):
        made_on = _meeting(frame, record) or frame.day(record.received_at)
        for item in json.loads(record.answers_json).get(PROMISES, "").splitlines():
            words = " ".join(item.casefold().split())
            key = f"{record.pairing}/{hashlib.sha256(words.encode('utf-8', 'replace')).hexdigest()[:12]}"
            row = (key, *frame.pair(record.pairing), made_on, item.strip(), None)
            made[key] = (made_on, row)
    return [row for _, row in sorted(made.values(), key=lambda entry: entry[0], reverse=True)]


def _answers_sheet(frame: Frame, name: str, form_id: str, intro: str) -> Sheet:
    form = frame.view.programme.forms.get(form_id)
    questions = _shown(frame, form) if form else ()
    fixed = (
        key_column(name),
        *PAIR_COLUMNS,
        Column("Meeting", Look.DATE, width=13),
        Column("Topic", Look.LONG_TEXT, width=26),
        Column("Topic tags", width=18),
        Column("Written by", width=12),
        Column("Received", Look.DATE, width=13),
        Column("Understood", Look.STATE, width=12, tones=_UNDERSTOOD_TONES),
    )
    titles = _unique([q.label(frame.view.programme.language) for q in questions], fixed)
    asked = tuple(
        Column(title, *_LOOKS[question.type])
        for title, question in zip(titles, questions, strict=True)
    )
    records, intro = latest(_newest(frame, form_id), intro)
    rows = tuple(_answer_row(frame, record, questions) for record in records)
    return Sheet(name, intro, (*fixed, *asked, NOTES), rows)


def _answer_row(
    frame: Frame, record: AnswerRecord, questions: Iterable[Question]
) -> tuple[Value, ...]:
    answers: Mapping[str, str] = json.loads(record.answers_json)
    session = frame.sessions.get((record.pairing, record.session))
    topic = session.topic if session else ""
    return (
        f"{record.pairing}/{record.session}/{record.author}",
        *frame.pair(record.pairing),
        _meeting(frame, record),
        frame.topic(topic) or None,
        ", ".join(frame.tags(topic)) or None,
        _author(frame, record),
        frame.day(record.received_at),
        _UNDERSTOOD.get(record.status, record.status),
        *(_answer(frame, question, answers.get(question.id, "")) for question in questions),
        None,
    )


def _author(frame: Frame, record: AnswerRecord) -> str:
    """Return the role of the author in the pair, or the name of somebody else."""
    pairing = frame.pairings.get(record.pairing)
    if pairing and record.author in (pairing.mentor, pairing.mentee):
        return "mentor" if record.author == pairing.mentor else "mentee"
    return frame.name(record.author)


def _meeting(frame: Frame, record: AnswerRecord) -> date | None:
    session = frame.sessions.get((record.pairing, record.session))
    return frame.day(session.session.start) if session else None


def _newest(frame: Frame, form: str) -> list[AnswerRecord]:
    """Return the newest revision of each answer to a form, the latest meeting first."""
    newest: dict[tuple[str, str, str], AnswerRecord] = {}
    for record in frame.view.answers:
        if record.form == form:
            about = (record.pairing, record.session, record.author)
            if about not in newest or newest[about].revision < record.revision:
                newest[about] = record
    return sorted(
        newest.values(), key=lambda r: (r.session, r.received_at, r.pairing), reverse=True
    )


def _shown(frame: Frame, form: Form) -> tuple[Question, ...]:
    """Return the questions whose answers the coordinator may read."""
    counts = frame.view.programme.summaries is SummaryMode.COUNTS and form.id == SUMMARY
    return tuple(
        question
        for question in form.questions
        if question.visibility is not Visibility.PAIR
        and (not counts or question.type is QuestionType.SCALE)
    )


def _unique(titles: Iterable[str], beside: Iterable[Column]) -> list[str]:
    """Return the labels as titles: a label may repeat a column that every form has."""
    taken = {column.title.casefold() for column in (*beside, NOTES)}
    unique = []
    for title in titles:
        free, number = title, 2
        while free.casefold() in taken:
            free, number = f"{title} ({number})", number + 1
        taken.add(free.casefold())
        unique.append(free)
    return unique


def _answer(frame: Frame, question: Question, text: str) -> Value:
    """Return an answer's canonical text as the cell a reader expects.

    An answer from before its question changed its type is shown as it is.
    """
    if not text:
        return None
    match question.type:
        case QuestionType.SCALE | QuestionType.DATE:
            value = read(text)
            return value if isinstance(value, int | date) else text
        case QuestionType.LIST:
            return "\n".join(f"• {item}" for item in text.splitlines())
        case QuestionType.CHOICE:
            labels = {choice.value: choice.labels for choice in question.choices}.get(text, {})
            return labels.get(frame.view.programme.language, labels.get("en", text))
        case QuestionType.TEXT | QuestionType.YES_NO:
            return text
