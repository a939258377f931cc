"""Whether a short text says that the meeting did not take place. Certain, or a person looks.

"We did not meet in the office but in a café" and "the party was cancelled" tell of a meeting that
did. So nothing may follow that takes the words back, and nothing else may be what did not happen.
"""

import re
from collections.abc import Collection, Sequence
from enum import Enum

from rmflow.formats.replies.dates import is_month, is_weekday
from rmflow.formats.replies.meeting_words import (
    BESIDE_CALLED_OFF,
    BREAKS,
    CALLED_OFF,
    HOWEVER,
    MEETING,
    NARROWING,
    NOT_MET,
    SOFTENING,
    TALKED,
    US,
)
from rmflow.formats.replies.phrase_search import find
from rmflow.formats.replies.words import unaccented, words

_MOST_WORDS = 40
_OBJECT_WORDS = 3
_CLAUSE_END = re.compile(r"(?<!\d)\.|[,;:!?…\n()、。；：]|\s[-–—]\s")
_END = ""  # stands where a clause ends


class NotMet(Enum):
    """How certain it is that they did not meet. TALKED: they did, whatever else they say."""

    CERTAIN = "certain"
    DOUBTFUL = "doubtful"
    TALKED = "talked"


def not_met(text: str) -> NotMet | None:
    """Return how certainly a short text says so, None if it does not."""
    if len(words(text)) > _MOST_WORDS:
        return None
    said = _clauses(text)
    of_us, of_it = find(said, NOT_MET), find(said, CALLED_OFF)
    if of_us is None and of_it is None:
        return None
    if find(said, TALKED):
        return NotMet.TALKED
    if (of_us and _is_of_us(said, *of_us)) or (of_it and _is_of_it(said, *of_it)):
        return NotMet.CERTAIN
    return NotMet.DOUBTFUL


def _is_of_us(said: Sequence[str], start: int, end: int) -> bool:
    """Return whether these words, "did not meet" or the like, are of the two of them."""
    before = _clause_before(said, start)
    named = not before or not US.isdisjoint((*before, *said[start:end]))
    return named and _stands(said[end:], ())


def _is_of_it(said: Sequence[str], start: int, end: int) -> bool:
    """Return whether these words, "was cancelled" or the like, are of the meeting."""
    before = _clause_before(said, start)
    named = all(word in BESIDE_CALLED_OFF or _is_day(word, before) for word in before)
    return named and _stands(said[end:], MEETING)


def _is_day(word: str, clause: Sequence[str]) -> bool:
    """Return whether a word is part of a day; a month alone names another meeting."""
    dated = is_month(word) and any(map(str.isdecimal, clause))
    return dated or word.isdecimal() or is_weekday(word)


def _clause_before(said: Sequence[str], start: int) -> Sequence[str]:
    begin = next((index for index in range(start, 0, -1) if said[index - 1] == _END), 0)
    return said[begin:start]


def _stands(after: Sequence[str], objects: Collection[str]) -> bool:
    """Return whether what follows neither takes the words back nor narrows them.

    One of the `objects`, or a weekday, narrows nothing: "we cancelled the meeting".
    """
    clause = after[: after.index(_END)]
    narrowed = bool(clause) and clause[0] in NARROWING
    named = any(word in objects or is_weekday(word) for word in clause[:_OBJECT_WORDS])
    return (named or not narrowed) and find(after, HOWEVER) is None


def _clauses(text: str) -> list[str]:
    """Return the words that count, with a mark where a clause ends."""
    found: list[str] = []
    for clause in _CLAUSE_END.split(text):
        counting = (word for word in words(clause) if word not in SOFTENING)
        # By its accent, Italian "è" is no "e".
        found += [*(_END if word in BREAKS else unaccented(word) for word in counting), _END]
    return found
