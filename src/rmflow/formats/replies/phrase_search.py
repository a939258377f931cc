"""Where a phrase stands in a text. Accents do not count: many people type without them."""

from collections.abc import Sequence

from rmflow.formats.replies.remembered import remembered
from rmflow.formats.replies.words import Words, unaccented, words


def plain_words(text: str) -> Words:
    """Return the words of a text without accents."""
    return words(text) if text.isascii() else tuple(map(unaccented, words(text)))


def find(said: Sequence[str], phrases: tuple[Words, ...]) -> tuple[int, int] | None:
    """Return where the first of the phrases begins and ends among plain words, None without one.

    The longest counts of those that begin there.
    """
    by_first = _by_first(phrases)
    for start, word in enumerate(said):
        for phrase in by_first.get(word, ()):
            if tuple(said[start : start + len(phrase)]) == phrase:
                return start, start + len(phrase)
    return None


@remembered
def _by_first(phrases: tuple[Words, ...]) -> dict[str, list[Words]]:
    """Return the phrases by their first word, the longest first."""
    found: dict[str, list[Words]] = {}
    for phrase in sorted(phrases, key=len, reverse=True):
        if phrase:
            plain = tuple(map(unaccented, phrase))
            found.setdefault(plain[0], []).append(plain)
    return found
