"""A rating within a sentence: "I'd give it a 4 out of 5". Certain, or a person looks.

Whoever writes "I'd give it a 2 out of 5" below a paragraph about the canteen may mean the canteen.
So a sentence counts that says nothing else, and begins a paragraph or follows "Great session on …".
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from rmflow.domain.form import Question
from rmflow.formats.replies.answer_words import NUMBERS, OUT_OF
from rmflow.formats.replies.meeting_words import MEETING
from rmflow.formats.replies.words import Words, words

_MOST_WORDS = 16
_FIRST_WORDS = 5
_WRAPPED_CHARACTERS = 50  # below a shorter line, the next one was begun on purpose
_WORDS = "|".join(sorted(NUMBERS, key=len, reverse=True))
_OVER = "|".join(sorted(OUT_OF, key=len, reverse=True))
_FRACTION = re.compile(
    rf"(?<![\w.,/-])(\d{{1,2}}|{_WORDS})(\s?/\s?|\s(?:out of|van de|{_OVER})\s)(\d{{1,2}}|{_WORDS})(?![\w/]|[.,]\d)"
)
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")


def _set(*texts: str) -> frozenset[str]:
    return frozenset(word for text in texts for word in text.split())


# Who says one of these gives a rating of their own.
_GIVES = _set(
    "give rate rating me gebe geben vergebe gäbe bewerte bewertung mir mets mettrais donne donnerais note moi",
    "doy daría pongo nota mí dou daria mim do darei voto me geef geven cijfer mij ger ge betyg mig",
    "daję dałabym dałbym ocena mnie",
)
# What else may stand in such a sentence without changing it.
_FILLS = _set(
    "i i'd i'll would it this a an the so from my is say solid strong clear definitely for overall",
    "ich würde es dem das eine ein von dafür insgesamt glatte klare meine ist für",
    "je à a cette une un pour ma est total au le lui yo la al de mi parte es eu lhe um uma à ao da minha é",
    "un all' alla il mio è per da parte mia gli ik het een van zou dit mijn is jag det ett en skulle från mitt är",
    "temu ode moja to",
)
# Ratings that were given once, or by others: a person should look, no value follows.
_GAVE = _GIVES | _set(
    "gave rated gives rates gab gegeben gibt vergeben donné mis donnait di dio dado dei deu diede dato dà",
    "gaf gegeven geeft gav gett dałam dałem dał dała",
)


@dataclass(frozen=True, slots=True)
class Told:
    """A rating in prose: `value` is None where it is not certain; `said` is its sentence."""

    value: int | None
    said: str


def told_rating(text: str, question: Question) -> Told | None:
    """Return the rating that prose tells in passing, None if it speaks of none."""
    sentences = _sentences(text)
    found = [
        (before, sentence, match)
        for before, sentence in pairwise(["", *sentences])
        for match in _FRACTION.finditer(sentence.casefold())
        if _is_meant(sentence, match, question)
    ]
    if not found:
        return None
    before, sentence, match = found[0]
    number, over = (_number(match[1]), _number(match[3]))
    fits = over == question.highest and question.lowest <= number <= question.highest
    certain = len(found) == 1 and fits and _gives(sentence, match) and _of_meeting(before, sentence)
    return Told(number if certain else None, sentence.strip())


def _sentences(text: str) -> list[str]:
    """Return the sentences; an empty one stands before what begins a paragraph."""
    found: list[str] = []
    above = ""
    for line in text.splitlines():
        if len(above) < _WRAPPED_CHARACTERS:
            found.append("")
        found += (part for part in _SENTENCE_END.split(line) if part.strip())
        above = line
    return found


def _is_meant(sentence: str, match: re.Match[str], question: Question) -> bool:
    """Return whether this may be a rating at all; "4 of 5 people" is none, nor is "3/4 hour"."""
    slashed = "/" in match[2] and _number(match[3]) == question.highest
    return slashed or not _GAVE.isdisjoint(_rest(sentence, match))


def _gives(sentence: str, match: re.Match[str]) -> bool:
    rest = _rest(sentence, match)
    if len(rest) > _MOST_WORDS:
        return False
    said = {word for word in rest if word not in _FILLS and word not in MEETING}
    return said <= _GIVES


def _of_meeting(before: str, sentence: str) -> bool:
    """Return whether it can be of nothing but the meeting: it names it, or what is before begins so."""
    named = (*words(before)[:_FIRST_WORDS], *words(sentence))
    return not before or not MEETING.isdisjoint(named)


def _rest(sentence: str, match: re.Match[str]) -> Words:
    text = sentence.casefold()
    return words(f"{text[: match.start()]} {text[match.end() :]}")


def _number(text: str) -> int:
    return int(text) if text.isdigit() else NUMBERS[text]
