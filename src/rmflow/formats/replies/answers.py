"""Answers to a form in a person's own words: labelled, between the lines, numbered, bare, or prose.

A wrong value is worse than none: what does not say one value clearly is left out and named.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby

from rmflow.domain.form import Form, Question, QuestionType
from rmflow.domain.reading import ReadingStatus
from rmflow.formats.replies.answer_values import (
    BULLET,
    Setting,
    looks_like_rating,
    read_rating,
    read_value,
)
from rmflow.formats.replies.answer_words import CHOOSING
from rmflow.formats.replies.dates import Window
from rmflow.formats.replies.labels import (
    NUMBERED,
    ONE_LINE,
    Labels,
    labels_of,
    parted,
    read_label,
    without_hint,
)
from rmflow.formats.replies.not_met import NotMet, not_met
from rmflow.formats.replies.phrases import (
    is_courtesy,
    is_greeting,
    is_pointer,
    is_question,
    puts_off,
    tells_of_absence,
)
from rmflow.formats.replies.reply import Extract, ReplyLine
from rmflow.formats.replies.told_rating import told_rating
from rmflow.formats.replies.words import length, words

_LEAST_PROSE_WORDS = 8
_LEAST_SUMMARY_WORDS = 4
_SUMMARY = "summary"
_AGENDA = "agenda"  # what somebody would like to talk about is a question more often than not


@dataclass(frozen=True, slots=True)
class AnswersReading:
    """What was answered. PARTIAL: something was written that is no clear value; `why` names it.

    EMPTY: nothing was answered. REVIEW: it was, in a way only a person can sort out.
    """

    answers: Mapping[str, str]
    status: ReadingStatus
    why: str = ""
    held: bool = True


@dataclass(slots=True)
class _Section:
    """The lines that answer one question; `question` None: before any label."""

    question: Question | None
    lines: list[str] = field(default_factory=list)


def read_answers(
    extract: Extract,
    form: Form,
    locale: str,
    *,
    session: datetime | None,
    received: datetime,
) -> AnswersReading:
    """Return the answers in what a person wrote now.

    `locale` is the language the form was asked in; answers may be in any. `session` is when
    the meeting was, `received` when the mail came (both aware): a date lies around them.
    """
    if not extract.text.strip():
        return AnswersReading({}, ReadingStatus.EMPTY)
    window = Window.before(received.date(), session.date() if session else None)
    setting = Setting(locale, window)
    labels = labels_of(form)
    sections = _sections(_whole(extract.lines, labels), labels)
    found = _labelled(sections, labels, setting, locale)
    if found.status is not ReadingStatus.EMPTY:
        return _with_free_text(found, sections[0], form, extract)
    lines = _core([line for section in sections if not section.question for line in section.lines])
    return (
        _numbered(lines, form, setting)
        or _bare(lines, form)
        or _chosen(lines, form)
        or _prose(lines, form)
    )


def _whole(lines: Sequence[ReplyLine], labels: Labels) -> Iterator[ReplyLine]:
    """Yield the lines, those joined that a client broke within the hint of a label."""
    pending: ReplyLine | None = None
    for line in lines:
        if pending is not None:
            joined = replace(pending, text=f"{pending.text} {line.text}")
            pending = None
            if read_label(joined.text, labels) is not None:
                yield joined
                continue
            yield replace(joined, text=joined.text[: -len(line.text) - 1])
        if line.text.count("(") > line.text.count(")") and read_label(line.text, labels) is None:
            pending = line
            continue
        yield line
    if pending is not None:
        yield pending


def _sections(lines: Iterable[ReplyLine], labels: Labels) -> list[_Section]:
    """Return the lines by the label above them; what stands after other words of ours has none."""
    sections = [_Section(None)]
    pieces = (
        replace(line, text=text, gap=line.gap and not index) if text != line.text else line
        for line in lines
        for index, text in enumerate(parted(line.text, labels))
    )
    for line in pieces:
        found = read_label(line.text, labels)
        if found is not None:
            question, rest = found
            sections.append(_Section(question, [rest] if rest else []))
        else:
            if line.gap and sections[-1].question is not None:
                sections.append(_Section(None))
            sections[-1].lines.append(line.text)
    return sections


def _labelled(
    sections: Sequence[_Section], labels: Labels, setting: Setting, locale: str
) -> AnswersReading:
    answers: dict[str, str] = {}
    unclear: list[str] = []
    for question, texts in _by_question(sections):
        values = [
            read_value(question, without_hint(text, question, labels), setting) for text in texts
        ]
        said = list(dict.fromkeys(value for value in values if value != ""))
        if not said:
            continue
        if None in said or (question.type in ONE_LINE and len(said) > 1):
            unclear.append(question.label(locale))
        else:
            answers[question.id] = "\n".join(value for value in said if value)
    if unclear:
        why = f"Not clear what was meant by the answer to: {', '.join(unclear)}."
        return AnswersReading(answers, ReadingStatus.PARTIAL, why)
    return AnswersReading(answers, ReadingStatus.OK if answers else ReadingStatus.EMPTY)


def _with_free_text(
    found: AnswersReading, above: _Section, form: Form, extract: Extract
) -> AnswersReading:
    """Return the answers with what was written above the first label, if that tells of the meeting.

    Only where the form was not filled in between our lines: who left its main question empty
    there has written something else above, most likely to us.
    """
    if form.prose in found.answers or any(line.inside for line in extract.lines):
        return found
    lines = _core(above.lines)
    text = "\n".join(lines)
    if len(words(text)) < _LEAST_PROSE_WORDS or is_pointer(text):
        return found
    told = _prose(lines, form)
    found = replace(found, answers={**told.answers, **found.answers})
    doubtful = (
        told.status is ReadingStatus.PARTIAL and not _rating(form).keys() <= found.answers.keys()
    )
    if doubtful and found.status is ReadingStatus.OK:
        return replace(found, status=told.status, why=told.why)
    return found


def _by_question(sections: Sequence[_Section]) -> list[tuple[Question, list[str]]]:
    """Return what was written for each question: once, or above the quote and inside it, too."""
    found: dict[str, tuple[Question, list[str]]] = {}
    for section in sections:
        if section.question is not None:
            text = _value_text(section, is_last=section is sections[-1])
            found.setdefault(section.question.id, (section.question, []))[1].append(text)
    return list(found.values())


def _value_text(section: _Section, *, is_last: bool) -> str:
    """Return the text of a value: its first paragraph, for text all of them.

    The last one may be followed by courtesies that belong to the mail.
    """
    assert section.question is not None
    paragraphs = _paragraphs(section.lines)
    if section.question.type in ONE_LINE:
        return " ".join(paragraphs[0]) if paragraphs else ""
    while is_last and len(paragraphs) > 1 and all(map(is_courtesy, paragraphs[-1])):
        paragraphs.pop()
    return "\n\n".join("\n".join(paragraph) for paragraph in paragraphs)


def _paragraphs(lines: Sequence[str]) -> list[list[str]]:
    return [list(group) for full, group in groupby(lines, key=bool) if full]


def _core(lines: Sequence[str]) -> list[str]:
    """Return the lines without a greeting above and courtesies below."""
    start, end = 0, len(lines)
    while start < end and (not lines[start] or is_greeting(lines[start])):
        start += 1
    while end > start and is_courtesy(lines[end - 1]):
        end -= 1
    return list(lines[start:end])


def _numbered(lines: Sequence[str], form: Form, setting: Setting) -> AnswersReading | None:
    """Return the answers of "1. … 2. …", if the numbers are those of the questions.

    A numbered list is also how people write thoughts: a date where the date is asked, or a
    rating where a rating is, says that these are answers. None otherwise.
    """
    numbered = _by_number(lines)
    if len(numbered) < 2 or max(numbered) > len(form.questions):
        return None
    answers: dict[str, str] = {}
    proven = False
    for number, text in numbered.items():
        question = form.questions[number - 1]
        value = read_value(question, text, setting)
        if value is None:
            return None
        proven |= bool(value) and question.type in ONE_LINE
        if value:
            answers[question.id] = value
    return AnswersReading(answers, ReadingStatus.OK) if proven else None


def _by_number(lines: Sequence[str]) -> dict[int, str]:
    """Return the numbered paragraphs by their rising numbers (a is 1); nothing if they do not rise."""
    found: dict[int, str] = {}
    last = 0
    for line in lines:
        match = NUMBERED.fullmatch(line)
        if match is None:
            if not last and line:
                return {}
            found |= {last: f"{found[last]}\n{line}".strip()} if last else {}
            continue
        number = int(match[1]) if match[1].isdigit() else ord(match[1]) - ord("a") + 1
        if number <= last:
            return {}
        found[number] = match[2].strip()
        last = number
    return found


def _bare(lines: Sequence[str], form: Form) -> AnswersReading | None:
    """Return the ratings of a mail that is nothing but ratings, or begins with one; else None."""
    scales = [q for q in form.questions if q.type is QuestionType.SCALE]
    said = [line for line in lines if line]
    if not scales or not said or not looks_like_rating(said[0]):
        return None
    if len(scales) == len(said) == len(form.questions) and len(scales) > 1:
        ratings = [read_rating(t, q.lowest, q.highest) for q, t in zip(scales, said, strict=True)]
        if None not in ratings:
            pairs = zip(scales, ratings, strict=True)
            return AnswersReading({q.id: str(r) for q, r in pairs}, ReadingStatus.OK)
    if len(scales) != 1 or any(map(looks_like_rating, said[1:])):
        return AnswersReading({}, ReadingStatus.PARTIAL, "Not clear what the number stands for.")
    rating = read_rating(said[0], scales[0].lowest, scales[0].highest)
    if rating is None:
        why = f"“{said[0][:40]}” is no number from {scales[0].lowest} to {scales[0].highest}."
        return AnswersReading({}, ReadingStatus.PARTIAL, why)
    answers = {scales[0].id: str(rating)}
    below = _core(lines[lines.index(said[0]) + 1 :])
    rest = _prose(below, form)
    if rest.status is ReadingStatus.REVIEW:
        brief = _is_brief("\n".join(below), form)
        return replace(rest, answers=answers, status=ReadingStatus.PARTIAL) if brief else rest
    return AnswersReading({**rest.answers, **answers}, ReadingStatus.OK)


def _chosen(lines: Sequence[str], form: Form) -> AnswersReading | None:
    """Return the number in a sentence that does nothing but choose one: "2 would be great".

    Only where a number is all that was asked; any other word leaves the sentence as it is.
    """
    question, said = form.questions[0], [line for line in lines if line]
    if question.type is not QuestionType.SCALE or len(said) != 1:
        return None
    numbers = [word for word in words(said[0]) if word.isdecimal()]
    if len(numbers) != 1 or not CHOOSING.issuperset(set(words(said[0])) - set(numbers)):
        return None
    rating = read_rating(numbers[0], question.lowest, question.highest)
    return None if rating is None else AnswersReading({question.id: str(rating)}, ReadingStatus.OK)


def _prose(lines: Sequence[str], form: Form) -> AnswersReading:
    """Return free text as the answer to the question that takes it, unless it is no answer."""
    text = "\n".join(lines).strip()
    if all(map(is_courtesy, lines)) or puts_off(text):
        return AnswersReading({}, ReadingStatus.EMPTY)
    if unmet := not_met(text):
        return _unmet(unmet, text, form)
    if is_question(text) and form.id != _AGENDA:
        return AnswersReading({}, ReadingStatus.REVIEW, "This is a question, not an answer.")
    if is_pointer(text):
        why = "The mail points to something that was not found in it."
        return AnswersReading({}, ReadingStatus.REVIEW, why)
    if tells_of_absence(text):
        why = "This says that somebody is away; it may be an automatic answer."
        return AnswersReading({}, ReadingStatus.REVIEW, why)
    if _is_brief(text, form):
        return AnswersReading({}, ReadingStatus.REVIEW, f"“{text}” is all that was written.")
    return _told(text, form)


def _is_brief(text: str, form: Form) -> bool:
    """Return whether a summary is too short to be one: "Done.", "Yes". A list may be as short."""
    said = tuple(word for word in words(text) if not word.isdecimal())
    short = form.id == _SUMMARY and length(said) < _LEAST_SUMMARY_WORDS
    return short and not BULLET.match(text)


def _unmet(unmet: NotMet, text: str, form: Form) -> AnswersReading:
    """Return that they did not meet, where that is certain; nothing is filed where it is not."""
    why = "It is not certain whether the meeting took place."
    match unmet:
        case NotMet.CERTAIN:
            return AnswersReading({}, ReadingStatus.OK, held=False)
        case NotMet.DOUBTFUL:
            return AnswersReading({}, ReadingStatus.REVIEW, why)
        case NotMet.TALKED:
            return AnswersReading({form.prose: text}, ReadingStatus.PARTIAL, why)


def _told(text: str, form: Form) -> AnswersReading:
    """Return prose as the answer to its question, and a rating it gives in passing."""
    answers = {form.prose: text}
    for id, question in _rating(form).items():
        told = told_rating(text, question)
        if told is not None and told.value is None:
            why = f"It is not certain whether “{told.said[:80]}” rates the meeting."
            return AnswersReading(answers, ReadingStatus.PARTIAL, why)
        if told is not None:
            answers[id] = str(told.value)
    return AnswersReading(answers, ReadingStatus.OK)


def _rating(form: Form) -> dict[str, Question]:
    """Return the one question that asks for a rating beside prose; none if there are two."""
    scales = {q.id: q for q in form.questions if q.type is QuestionType.SCALE}
    return scales if len(scales) == 1 and form.prose not in scales else {}
