"""What a short text amounts to: thanks, a greeting, a promise for later, a question."""

import re

from rmflow.formats.replies.answer_words import ABSENT, LATER, POINTERS
from rmflow.formats.replies.mail_words import GREETING, THANKS
from rmflow.formats.replies.meeting_words import TALKED
from rmflow.formats.replies.phrase_search import find, plain_words
from rmflow.formats.replies.signature import is_sign_off
from rmflow.formats.replies.words import Words, length, words

_EDGE = " ,.!;:)¡。、！👍🙏😊🙂❤️-–—*_"
_PART_END = re.compile(r"[.!,。、！]|\s(?:and|und|et|y|e|en|och|i)\s")
_MOST_LATER_WORDS = 8
_MOST_QUESTION_WORDS = 40
_MOST_ABSENCE_CHARACTERS = 1_000


def is_greeting(line: str) -> bool:
    """Return whether a line only greets."""
    return len(words(line)) <= 5 and bool(GREETING.fullmatch(line.strip()))


def is_thanks(line: str) -> bool:
    """Return whether a line only thanks or confirms; a thumb is thanks as well."""
    text = line.strip(_EDGE)
    if not text:
        return bool(line.strip())
    parts = [part.strip(_EDGE) for part in _PART_END.split(text)]
    said = [part for part in parts if part]
    return _thanks(said[0]) and all(map(_goes_with_thanks, said[1:]))


def is_courtesy(line: str) -> bool:
    """Return whether a line carries nothing but politeness."""
    return not line.strip() or is_greeting(line) or is_sign_off(line) or is_thanks(line)


def puts_off(text: str) -> bool:
    """Return whether a short text only promises an answer for later."""
    return length(words(text)) <= _MOST_LATER_WORDS and _holds(text, LATER)


def tells_of_absence(text: str) -> bool:
    """Return whether a text says that its author is away, and not what they talked about."""
    if len(text) > _MOST_ABSENCE_CHARACTERS:
        return False
    line = " ".join(text.casefold().split())
    return bool(ABSENT.search(line)) and not _holds(text, TALKED)


def is_question(text: str) -> bool:
    """Return whether a short text asks something and says nothing."""
    text = text.strip()
    if not text.endswith(("?", "？")) or len(words(text)) > _MOST_QUESTION_WORDS:
        return False
    return not any(mark in text[:-1] for mark in ".!\n")


def is_pointer(text: str) -> bool:
    """Return whether a short text only says where to look."""
    return 0 < len(words(text)) <= 8 and _holds(text, POINTERS)


def only_points(text: str) -> bool:
    """Return whether a text is nothing but such a pointer: "see above"."""
    said = plain_words(text)
    return bool(said) and find(said, POINTERS) == (0, len(said))


def _thanks(text: str) -> bool:
    if THANKS.fullmatch(text):
        return True
    first, _, name = text.rpartition(" ")  # "Thanks Tom"
    return bool(THANKS.fullmatch(first)) and _is_first_name(name)


def _goes_with_thanks(text: str) -> bool:
    return _thanks(text) or _is_first_name(text) or is_sign_off(text)


def _is_first_name(text: str) -> bool:
    return text[:1].isupper() and " " not in text


def _holds(text: str, phrases: tuple[Words, ...]) -> bool:
    return find(plain_words(text), phrases) is not None
