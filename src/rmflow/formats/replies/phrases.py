"""What a short text amounts to: thanks, a greeting, "we did not meet"."""

from rmflow.formats.replies.answer_words import LATER, NOT_MET, POINTERS
from rmflow.formats.replies.mail_words import GREETING, THANKS
from rmflow.formats.replies.remembered import remembered
from rmflow.formats.replies.signature import is_sign_off
from rmflow.formats.replies.words import Words, words

_EDGE = " ,.!;:)👍🙏😊🙂❤️-–—*_"
_MOST_NOT_MET_WORDS = 40
_MOST_LATER_WORDS = 8
_MOST_QUESTION_WORDS = 40


def is_greeting(line: str) -> bool:
    """Return whether a line only greets."""
    return len(words(line)) <= 5 and bool(GREETING.fullmatch(line.strip()))


def is_thanks(line: str) -> bool:
    """Return whether a line only thanks or confirms; a thumb is thanks as well."""
    text = line.strip(_EDGE)
    if not text:
        return bool(line.strip())
    parts = [part.strip(_EDGE) for part in text.replace("!", ".").replace(",", ".").split(".")]
    said = [part for part in parts if part]
    return _thanks(said[0]) and all(_thanks(part) or _is_first_name(part) for part in said[1:])


def is_courtesy(line: str) -> bool:
    """Return whether a line carries nothing but politeness."""
    return not line.strip() or is_greeting(line) or is_sign_off(line) or is_thanks(line)


def not_met(text: str) -> bool:
    """Return whether a short text says that a meeting did not take place."""
    said = words(text)
    return len(said) <= _MOST_NOT_MET_WORDS and _holds(said, NOT_MET)


def puts_off(text: str) -> bool:
    """Return whether a short text only promises an answer for later."""
    said = words(text)
    return len(said) <= _MOST_LATER_WORDS and _holds(said, LATER)


def is_question(text: str) -> bool:
    """Return whether a short text asks something and says nothing."""
    text = text.strip()
    if not text.endswith(("?", "？")) or len(words(text)) > _MOST_QUESTION_WORDS:
        return False
    return not any(mark in text[:-1] for mark in ".!\n")


def is_pointer(text: str) -> bool:
    """Return whether a short text only says where to look."""
    said = words(text)
    return 0 < len(said) <= 8 and _holds(said, POINTERS)


def _thanks(text: str) -> bool:
    if THANKS.fullmatch(text):
        return True
    first, _, name = text.rpartition(" ")  # "Thanks Tom"
    return bool(THANKS.fullmatch(first)) and _is_first_name(name)


def _is_first_name(text: str) -> bool:
    return text[:1].isupper() and " " not in text


def _holds(said: Words, phrases: tuple[Words, ...]) -> bool:
    by_first = _by_first(phrases)
    return any(
        said[start : start + len(phrase)] == phrase
        for start, word in enumerate(said)
        for phrase in by_first.get(word, ())
    )


@remembered
def _by_first(phrases: tuple[Words, ...]) -> dict[str, list[Words]]:
    found: dict[str, list[Words]] = {}
    for phrase in phrases:
        if phrase:
            found.setdefault(phrase[0], []).append(phrase)
    return found
