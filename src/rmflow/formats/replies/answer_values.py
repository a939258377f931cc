"""Values of answers in few words: a rating, yes or no, a choice, a date. In doubt there is none."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from rmflow.domain.form import Choice, Question, QuestionType
from rmflow.formats.replies.answer_words import (
    BLAME,
    COMPARISONS,
    COUNTED,
    GRADES,
    NEGATIONS,
    NO,
    NO_ANSWER,
    NUMBERS,
    OUT_OF,
    PART_OF_NAME,
    PRAISE,
    UNTROUBLED,
    YES,
)
from rmflow.formats.replies.dates import Window, is_month, names_another_day, read_date
from rmflow.formats.replies.phrases import only_points
from rmflow.formats.replies.remembered import remembered
from rmflow.formats.replies.words import Words, words

_MOST_RATING_WORDS = 8
_MOST_CHOICE_WORDS = 8
_STARS = re.compile(r"[★⭐🌟]")
_NUMBER = re.compile(r"(?<![\w.,-])(\d{1,3})(?![\w]|[.,:]\d)")
_UNSURE = re.compile(r"\d(?:[-–—+]|\s*[?？])+\s*$")  # "4-", "4?"
_ANY_DIGIT = re.compile(r"\d")
_OUT_OF = re.compile(
    r"(?<![\w.,])(\d{1,2})\s*(?:/|(?:"
    + "|".join(OUT_OF)
    + r")\s(?:of\s)?)\s*(\d{1,2})(?![\w.,]*\d)"
)
BULLET = re.compile(r"(?:[-*•·–‣◦]|\(?\d{1,2}[.)]|[a-z]\))\s+")
# A number that is the whole point of its line; "4 people" and "1. hiring" are not.
_BARE = re.compile(
    r"\W{0,3}(?:a\s)?\d{1,2}(?:[.,]\d)?\s*(?:$|[.!]+$|[,(/;+]|[-–—]|(?:and|und|et|or|oder|ou)\s\d"
    r"|(?:"
    + "|".join(OUT_OF)
    + r")\s|(?:stars?|points?|punkte?|sterne?|étoiles?|estrellas|stelle)\b)"
)
_EDGE = " \t*_"
_QUOTED = re.compile(r"""^(?:"([^"]*)"|'([^']*)'|[“„«]([^“”„«»]*)[”“»])$""")


@dataclass(frozen=True, slots=True)
class Setting:
    """What an answer is read against: the language it was asked in, and the days it may mean."""

    locale: str
    window: Window


def read_value(question: Question, text: str, setting: Setting) -> str | None:
    """Return the canonical value (see `Answers`), None when the text does not say one clearly.

    Text that is no answer at all ("-", "n/a") is "".
    """
    text = "\n".join(map(_bare, text.splitlines())).strip()
    if not text or text.lower() in NO_ANSWER:
        return ""
    if only_points(text):
        return None
    match question.type:
        case QuestionType.TEXT:
            return text
        case QuestionType.LIST:
            return "\n".join(_items(text))
        case QuestionType.SCALE:
            rating = read_rating(text, question.lowest, question.highest)
            return None if rating is None else str(rating)
        case QuestionType.YES_NO:
            return _yes_no(text)
        case QuestionType.CHOICE:
            return _choice(text, question.choices)
        case QuestionType.DATE:
            if names_another_day(text):
                return None
            day = read_date(text, setting.locale, setting.window)
            return day.isoformat() if isinstance(day, date) else None


def read_rating(text: str, lowest: int, highest: int) -> int | None:
    """Return the one rating in a short text: "4", "4/5", "four", "4 - great", "★★★★☆".

    None for none, for two, for one out of range ("7"), between two ("4.5"), compared ("not a 5",
    "at least 3"), doubted ("4?"), of something else ("2 hours") or on another scale ("grade 1").
    """
    if stars := len(_STARS.findall(text)):
        return stars if lowest <= stars <= highest and not _ANY_DIGIT.search(text) else None
    text = unicodedata.normalize("NFKC", text.casefold()).replace(f"{lowest}-{highest}", " ")
    said = words(text)
    if len(said) > _MOST_RATING_WORDS or any(w in NEGATIONS or w in COMPARISONS for w in said):
        return None
    text = _digits(text)
    if over := _OUT_OF.search(text):
        if int(over[2]) != highest:
            return None
        text = text[: over.start()] + over[1] + text[over.end() :]
    found = _NUMBER.findall(text)
    if len(found) != 1 or len(_ANY_DIGIT.findall(text)) != len(found[0]):
        return None
    rating = int(found[0])
    plain = over or not _is_doubtful(text)
    fits = lowest <= rating <= highest and not _contradicts(rating, said, lowest, highest)
    return rating if plain and fits else None


def _is_doubtful(text: str) -> bool:
    """Return whether the one number in a text is doubted, counts something or is a grade."""
    said = words(text)
    at = next((index for index, word in enumerate(said) if word.isdecimal()), len(said))
    counted = any(word in COUNTED or is_month(word) for word in said[at + 1 : at + 2])
    return counted or bool(_UNSURE.search(text)) or not GRADES.isdisjoint(said)


def _contradicts(rating: int, said: Words, lowest: int, highest: int) -> bool:
    """Return whether the words beside a rating say the opposite: for some, 1 is best."""
    opposite = PRAISE if rating <= lowest + 1 else BLAME if rating == highest else frozenset()
    return not opposite.isdisjoint(said)


def looks_like_rating(text: str) -> bool:
    """Return whether a line is meant as a rating by itself, in range or not: "4 - great", "7"."""
    if _STARS.match(text):
        return True
    match = _BARE.match(_digits(unicodedata.normalize("NFKC", text.casefold())))
    return match is not None and len(words(text)) <= _MOST_RATING_WORDS


def _digits(text: str) -> str:
    """Return the text with a number word at its beginning, or after "out of", as digits.

    Elsewhere "one" is a word like any other: "a good one".
    """
    tokens = re.split(r"(\W+)", text)
    before = ""
    for index in range(0, len(tokens), 2):
        token = tokens[index]
        if token in NUMBERS and (not before or before in OUT_OF or before == "a"):
            tokens[index] = str(NUMBERS[token])
        before = token or before
    return "".join(tokens)


def _yes_no(text: str) -> str | None:
    said = words(text)
    yes = any(word in YES for word in said)
    no = any(word in NO or word in NEGATIONS for word in said)
    if yes == no or len(said) > _MOST_CHOICE_WORDS:
        return None
    answer = YES if yes else NO
    return ("yes" if yes else "no") if said[0] in answer else None


def _choice(text: str, choices: tuple[Choice, ...]) -> str | None:
    """Return the one choice a text names; "not anonymously" and two of them are none."""
    said = words(text)
    if not UNTROUBLED.isdisjoint(said) or not PART_OF_NAME.isdisjoint(said):
        return None
    exact = {choice.value for choice in choices if said in _spellings(choice)}
    if len(exact) == 1:
        return exact.pop()
    if len(said) > _MOST_CHOICE_WORDS:
        return None
    named = _named(said, choices)
    if len(named) != 1:
        return None
    choice, spelling = named.popitem()
    denied = any(word in NEGATIONS for word in said if word not in spelling)
    return None if denied and spelling[0] not in NO else choice


def _named(said: Words, choices: tuple[Choice, ...]) -> dict[str, Words]:
    """Return the choices that occur in a text, each with the spelling it has there.

    A spelling within a longer one of another choice does not count ("with names" in "no, with
    names" does).
    """
    found: dict[str, Words] = {}
    spellings = sorted(
        ((spelling, c.value) for c in choices for spelling in _spellings(c)),
        key=lambda s: -len(s[0]),
    )
    rest = list(said)
    for spelling, value in spellings:
        for start in range(len(rest) - len(spelling) + 1):
            if spelling and tuple(rest[start : start + len(spelling)]) == spelling:
                found.setdefault(value, spelling)
                rest[start : start + len(spelling)] = [""] * len(spelling)
    return found


@remembered
def _spellings(choice: Choice) -> frozenset[Words]:
    aliases = (alias for many in choice.aliases.values() for alias in many)
    names = (choice.value, *choice.labels.values(), *aliases)
    return frozenset(words(name) for name in names)


def _bare(line: str) -> str:
    """Return a line without emphasis around it, nor quotation marks around all of it."""
    line = line.strip(_EDGE)
    quoted = _QUOTED.match(line)
    return next((part for part in quoted.groups() if part is not None), "") if quoted else line


def _items(text: str) -> list[str]:
    lines = [_bare(BULLET.sub("", line.strip(), count=1)) for line in text.splitlines()]
    lines = [line for line in lines if line]
    if len(lines) == 1:
        parts = [_bare(part) for part in re.split(r"\s*[;；]\s*", lines[0])]
        return [part for part in parts if part]
    return lines
