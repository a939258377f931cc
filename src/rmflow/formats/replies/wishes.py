"""Wishes: a reply that is a command to us. PAUSE until a date, RESUME, LEAVE, REMATCH.

Only the person's own new words get here. A command is the whole message, or a first line in
capitals, or a pause with its date; in prose the same words are prose.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from rmflow.domain.signal import SignalKind
from rmflow.formats.replies.absence import last_day
from rmflow.formats.replies.answer_words import UNTIL
from rmflow.formats.replies.phrases import is_courtesy
from rmflow.formats.replies.wish_words import BESIDE, COMMANDS, LOUD
from rmflow.formats.replies.words import words

_MOST_WORDS = 8
_MOST_PAUSE_CHARACTERS = 120
_MOST_WORDS_BELOW = 60
LONGEST_PAUSE_DAYS = 366
_SPAN = re.compile(
    r"\b(\d{1,2}|one|two|three|four|six|eight|ein(?:e|en)?|zwei|drei|vier|sechs|une?|deux|trois|quatre)"
    r"\s+(weeks?|wochen?|semaines?|months?|monate?n?|mois)\b",
    re.IGNORECASE,
)
_COUNTS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "six": 6, "eight": 8, "ein": 1, "eine": 1,
    "einen": 1, "zwei": 2, "drei": 3, "vier": 4, "sechs": 6, "un": 1, "une": 1, "deux": 2,
    "trois": 3, "quatre": 4,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants. `until` is the last day of a pause; `unclear`: a date nobody can read."""

    kind: SignalKind
    until: date | None = None
    unclear: bool = False


def read_wish(text: str, locale: str, received: date) -> Wish | None:
    """Return the wish that a reply is, None for a reply that is none."""
    lines = (line.strip() for line in text.splitlines() if not is_courtesy(line))
    first = next(lines, "")
    if not first:
        return None
    wish = _command(first) or _pause(first, locale, received)
    if wish is None:
        return None
    below = list(lines)
    if not below:
        return wish
    if not _stands_alone(text, first):
        return None
    loud = first.strip(" .!").split(" ")[0] in LOUD
    short = len(words("\n".join(below))) <= _MOST_WORDS_BELOW
    return wish if short and (loud or wish.until) and not _labelled(below) else None


def _stands_alone(text: str, first: str) -> bool:
    """Return whether the first line of a reply is a paragraph of its own."""
    after = text.partition(first)[2].lstrip(" \t")
    return after.startswith(("\n\n", "\r\n\r\n", "\n \n"))


def _labelled(lines: list[str]) -> bool:
    """Return whether somebody has answered questions of ours below."""
    return any(re.match(r"[^:：]{2,60}[:：]", line) for line in lines)


def _command(line: str) -> Wish | None:
    said = words(line)
    if len(said) > _MOST_WORDS or line.rstrip().endswith("?"):
        return None
    kind = COMMANDS.get(said) or COMMANDS.get(tuple(w for w in said if w not in BESIDE))
    return Wish(kind) if kind else None


def _pause(line: str, locale: str, received: date) -> Wish | None:
    """Return a pause with its end: until a day, or for some weeks."""
    if len(line) > _MOST_PAUSE_CHARACTERS or line.rstrip().endswith("?"):
        return None
    said = words(line)
    starts = [n for n in range(1, len(said)) if _begins(said[n:])]
    head = said[: starts[0]] if starts else said
    span = _SPAN.search(line)
    if span:
        head = words(line[: span.start()])
    bare = tuple(word for word in head if word not in BESIDE and word not in _LEADS)
    # "12月15日まで休止": the day comes before.
    japanese = said[-2:] in _JAPANESE
    if not japanese and COMMANDS.get(bare) is not SignalKind.PAUSE:
        return None
    if span:
        count = _COUNTS.get(span[1].lower()) or int(span[1])
        days = count * (7 if span[2].lower()[0] in "ws" else 30)
        return Wish(SignalKind.PAUSE, received + timedelta(days=days))
    if not starts and not japanese:
        return None
    until = last_day(line, locale, received, LONGEST_PAUSE_DAYS)
    return Wish(SignalKind.PAUSE, until, unclear=until is None)


_LEADS = frozenset({"for", "für", "pour", "pendant", "von", "about"})
_JAPANESE = {words("休止"), words("休み")}
_BEGINNINGS = frozenset(phrase[0] for phrase in UNTIL)


def _begins(said: tuple[str, ...]) -> bool:
    return said[0] in _BEGINNINGS and any(said[: len(phrase)] == phrase for phrase in UNTIL)
