"""Labels of a form in a line somebody wrote: any language, any alias, starred, numbered or hinted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from rmflow.domain.form import Form, Question, QuestionType
from rmflow.formats.replies.remembered import remembered
from rmflow.formats.replies.words import WORD, Words, word_of, words

ONE_LINE = frozenset(
    {QuestionType.DATE, QuestionType.SCALE, QuestionType.CHOICE, QuestionType.YES_NO}
)
_MOST_LABEL_WORDS = 12
_LEAD = re.compile(r"[\s>*_#•·‣◦–\-]*(?:\(?(?:\d{1,2}|[a-h])[.)]\s*)?[\s*_\"“„«]*")
_PARENTHESIS = re.compile(r"[\s*_]*[(（\[]([^()（）\[\]]{1,200})[)）\]]")
_SEPARATOR = re.compile(r"[\s*_\"”»?？]*(?:[:：=]|\s[-–—]+(?=\s)|[-–—]+>|$)[\s*_]*")
_QUESTION_MARK = re.compile(r"[\s*_]*[?？][\s*_]*")
# Where a further label may begin within a line: after a sentence, a comma, a space.
_BREAK = re.compile(r"([.;!?。；！？…|•])\s*|[,、，]\s*|\s+(?:[-–—]\s+)?")
_COLON = re.compile(r"[:：](?!//)")
_MOST_COLONS = 20
_MOST_LABEL_CHARACTERS = 120
_RATING = re.compile(r"\s+\d{1,2}(?:\s*/\s*\d{1,2})?\s*[.!]?")
NUMBERED = re.compile(r"[\s*_]*\(?(\d{1,2}|[a-h])[.)]\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """The names of a form's questions by their words, and the words of the hints; one a form.

    `firsts` are the words that names begin with, `longest` is how many words a name has.
    """

    names: Mapping[Words, Question]
    hints: Mapping[str, frozenset[Words]]
    firsts: frozenset[str]
    longest: int


@remembered
def labels_of(form: Form) -> Labels:
    """Return every label and alias of a form, in all its languages."""
    names: dict[Words, Question] = {}
    hints: dict[str, frozenset[Words]] = {}
    for question in form.questions:
        aliases = (alias for many in question.aliases.values() for alias in many)
        for name in (*question.labels.values(), *aliases):
            names.setdefault(words(name), question)
        hints[question.id] = frozenset(words(hint) for hint in question.hints.values())
    names.pop((), None)
    longest = min(max(map(len, names), default=0), _MOST_LABEL_WORDS)
    return Labels(names, hints, frozenset(name[0] for name in names), longest)


# Cached: half of what is asked are our own labels.
@lru_cache(maxsize=2048)
def read_label(line: str, labels: Labels) -> tuple[Question, str] | None:
    """Return the question a line begins with and the rest of the line; None if it has no label.

    A label stands alone or is followed by a mark: "What we talked about was hiring" is prose.
    """
    lead = _LEAD.match(line)
    start = lead.end() if lead else 0
    first = WORD.search(line, start, start + 200)
    if first is None or word_of(first.group()) not in labels.firsts:
        return None
    found = islice(WORD.finditer(line, start, start + 200), labels.longest)
    spans = [(word_of(m.group()), m.end()) for m in found]
    line_words = tuple(word for word, _ in spans)
    for length in range(len(line_words), 0, -1):
        question = labels.names.get(line_words[:length])
        if question is None:
            continue
        rest = _after(line[spans[length - 1][1] :], question, labels)
        if rest is not None:
            return question, rest
    return None


def parted(line: str, labels: Labels) -> list[str]:
    """Return a line cut before each further label in it: "Rating: 4. Share: no" are two.

    Such a label has a colon. It stands after the end of a sentence, or anywhere after an answer
    that is short by its nature: a rating, a date, a choice.
    """
    pieces, start = [], 0
    for colon in islice(_COLON.finditer(line), _MOST_COLONS):
        found = read_label(line[start : colon.start()], labels)
        if found is not None and not found[1]:
            continue  # the colon of the label it begins with
        at = _label_before(line, start, colon.end(), labels, short=_is_short(found))
        if at is not None:
            pieces.append(line[start:at].rstrip(" .;,。；、，|•"))
            start = at
    return [*pieces, line[start:]]


def _is_short(found: tuple[Question, str] | None) -> bool:
    return found is not None and found[0].type in ONE_LINE


def _label_before(line: str, start: int, end: int, labels: Labels, *, short: bool) -> int | None:
    """Return where the label begins whose colon ends at `end`; None if it is no label's."""
    first = max(start, end - _MOST_LABEL_CHARACTERS)
    for gap in _BREAK.finditer(line, first, end):
        numbered = NUMBERED.match(
            line, gap.end(), end
        )  # "Rating: 5. Share: no": 5 is no number of it
        if start < gap.end() < end and (gap[1] or short) and not numbered:
            found = read_label(line[gap.end() : end], labels)
            if found is not None and not found[1]:
                return gap.end()
    return None


def _after(rest: str, question: Question, labels: Labels) -> str | None:
    """Return what is said after a label, its hint and its mark; None if it was no label."""
    rest = rest.lstrip(")）]")  # of a label that itself ends with one: "It was (1-5)"
    hinted = False
    for _ in range(2):
        parenthesis = _PARENTHESIS.match(rest)
        if parenthesis is None:
            break
        ended = _SEPARATOR.match(rest, parenthesis.end())
        if not _is_hint(parenthesis[1], question, labels) and (
            ended is None or ended.end() == len(rest)
        ):
            return parenthesis[1]  # "How worthwhile (4)"
        rest = rest[parenthesis.end() :]
        hinted = True
    mark = _SEPARATOR.match(rest) or _QUESTION_MARK.match(rest)
    rated = question.type is QuestionType.SCALE and _RATING.fullmatch(rest)
    if mark is None and not hinted and not rated:  # a hint of ours marks our line as clearly
        return None
    return without_hint(rest[mark.end() if mark else 0 :].strip(" *_\t"), question, labels)


def without_hint(text: str, question: Question, labels: Labels) -> str:
    """Return a value without a hint of ours that stands before it: "(1-5): 4" is 4."""
    parenthesis = _PARENTHESIS.match(text)
    if parenthesis is None or not _is_hint(parenthesis[1], question, labels):
        return text
    mark = _SEPARATOR.match(text, parenthesis.end())
    return text[mark.end() if mark else parenthesis.end() :].strip(" *_\t")


def _is_hint(text: str, question: Question, labels: Labels) -> bool:
    said = words(text)
    if said in labels.hints[question.id]:
        return True
    if question.type is QuestionType.SCALE:
        return said[:1] == (str(question.lowest),) and str(question.highest) in said[1:]
    if question.type is QuestionType.CHOICE:
        return len(re.findall(r"[/|,]", text)) >= len(question.choices) - 1 >= 1
    return False
