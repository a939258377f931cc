"""Words of a text for comparison: no case, no punctuation, no width; each CJK character is one."""

import re
import unicodedata
from functools import lru_cache

Words = tuple[str, ...]

_CACHED_CHARACTERS = 400
_CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af"
WORD = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+(?:['’][^\W_{_CJK}]+)*")
_UNSEEN = re.compile(
    "[\u00ad\u200b\u200e\u200f\u2060\ufeff\u202a-\u202e\u2066-\u2069"
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+")


def word_of(token: str) -> str:
    """Return one token as it is compared."""
    if token.isascii():
        return token.lower()
    return unicodedata.normalize("NFKC", token).casefold().replace("’", "'")


def words(text: str) -> Words:
    """Return the words of a text, in order."""
    return _line_words(text) if len(text) < _CACHED_CHARACTERS else _words(text)


def _words(text: str) -> Words:
    return tuple(word_of(token) for token in WORD.findall(text))


# The lines of our templates and the labels of our forms come back all the time.
_line_words = lru_cache(maxsize=4096)(_words)


def length(said: Words) -> int:
    """Return how many words these are; three characters of Japanese or Chinese count as one."""
    characters = sum(len(word) == 1 and word >= "\u3040" for word in said)
    return len(said) - characters + -(-characters // 3)


def tidy(line: str) -> str:
    """Return one line without invisible and control characters, with single plain spaces."""
    if "  " in line or not line.isprintable():  # nor are invisible characters and other spaces
        line = _SPACES.sub(" ", _UNSEEN.sub("", line))
    return line.strip()


def unaccented(text: str) -> str:
    """Return a word without accents, for people who type without them."""
    if text.isascii():
        return text
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
