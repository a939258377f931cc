"""The one date in a short answer, in ten languages. In doubt there is none.

dateparser reads "3/4/24" as 1924 and finds nothing in "letzten Dienstag" (INBOUND section 7).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from babel import Locale

from rmflow.formats.replies.answer_words import (
    BESIDE_DAY,
    DAY_AS_PLANNED,
    DAYS_AGO,
    INSTEAD,
    LANGUAGES,
    LAST,
    NEGATIONS,
    NEXT,
    TWO_DAYS_AGO,
)
from rmflow.formats.replies.phrase_search import find, plain_words
from rmflow.formats.replies.words import Words, unaccented, words

MOST_CHARACTERS = 200
_BEFORE_SESSION = timedelta(days=60)
_AFTER_RECEIVED = timedelta(days=1)
_TWO_WEEKS = timedelta(days=14)
_DAYS_OF_THEIR_OWN = (*TWO_DAYS_AGO, *DAY_AS_PLANNED)

_ISO = re.compile(r"(?<!\d)(\d{4})\s?[-./年]\s?(\d{1,2})\s?[-./月]\s?(\d{1,2})(?!\d)")
_MONTH_DAY_CJK = re.compile(r"(?<![\d年])(\d{1,2})\s?月\s?(\d{1,2})\s?日")
_NUMERIC = re.compile(
    r"(?<![\d./-])(\d{1,2})\s?([./-])\s?(\d{1,2})(?:\.|\s?\2\s?(\d{4}|\d{2}))?(?![\d/-])"
)
_CLOCK = re.compile(
    r"\b\d{1,2}(?:[:h]\d{2}|\s?(?:uhr|am|pm|o'clock|h)\b)(?:\s?(?:uhr|am|pm))?", re.IGNORECASE
)
_DIGIT = re.compile(r"\d")
# "3 or 4 November": two days, of which one would be read.
_EITHER = re.compile(
    r"\b\d{1,2}\.?\s*(?:-|–|/|(?:or|and|to|oder|und|bis|ou|et|à|o|y|e|of|en|eller|och|lub|i)\b)\s*\d{1,2}\.?\s*[^\W\d_]",
    re.IGNORECASE,
)
_ORDINAL = r"(?:st|nd|rd|th|er|º|ª|o|e|:e)?"
_DAY_NAME = re.compile(
    rf"(?<!\d)(\d{{1,2}}){_ORDINAL}\b[.,]?\s*(?:of\s|de\s|di\s|den\s)?([^\W\d_]{{3,12}})\b\.?(?:,?\s*(?:de\s)?(\d{{4}}|'?\d{{2}}(?![\d:.h])))?",
    re.IGNORECASE,
)
_NAME_DAY = re.compile(
    rf"\b([^\W\d_]{{3,12}})\b\.?\s+(?:the\s)?(\d{{1,2}}){_ORDINAL}\b(?![\d:.h])(?:,?\s+(\d{{4}}))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Window:
    """The days a date may be. `near` is the day of the session, if there is one."""

    first: date
    last: date
    received: date
    near: date | None

    @classmethod
    def before(cls, received: date, session: date | None) -> "Window":
        """Return the days from 60 before the session to the day after the mail came."""
        first = min(session or received, received) - _BEFORE_SESSION
        return cls(first, received + _AFTER_RECEIVED, received, session)

    @classmethod
    def after(cls, received: date, days: int) -> "Window":
        """Return the days from the day of the mail."""
        return cls(received, received + timedelta(days=days), received, None)

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def read_date(text: str, locale: str, window: Window) -> date | None:
    """Return the day a short text names; None if it names none, two, or one outside the window.

    `locale` decides 3/4 where both readings are possible and the session does not: the month
    comes first in "en-US" only; plain "en" leaves it open.
    """
    text = text[:MOST_CHARACTERS].replace("\u3000", " ")
    # "no" is Portuguese for "on the".
    if any((word in NEGATIONS and word != "no") or word in INSTEAD for word in words(text)):
        return None
    text = _CLOCK.sub(" ", text)
    if _EITHER.search(text):
        return None
    found = set(_dates(text, locale, window))
    if not found and not _DIGIT.search(text):
        found = set(_days(words(text), window))
    inside = {day for day in found if day in window}
    return inside.pop() if len(inside) == 1 else None


def names_another_day(text: str) -> bool:
    """Return whether a day is named only to say that it is one beside it: "before 2 November"."""
    said = words(text)
    if BESIDE_DAY.isdisjoint(said):
        return False
    plain = find(plain_words(text), _DAYS_OF_THEIR_OWN)
    return plain is None or not BESIDE_DAY.isdisjoint((*said[: plain[0]], *said[plain[1] :]))


def is_month(word: str) -> bool:
    """Return whether a word, lower case, names a month."""
    return _key(word) in _MONTHS


def is_weekday(word: str) -> bool:
    """Return whether a word, lower case, names a day of the week."""
    return (_key(word),) in _WEEKDAYS


def _dates(text: str, locale: str, window: Window) -> Iterator[date]:
    """Yield every day that is written as a date; each place in the text is read once."""
    for match in _ISO.finditer(text):
        yield from _valid(int(match[1]), int(match[2]), int(match[3]))
    text = _ISO.sub(" ", text)
    for match in _MONTH_DAY_CJK.finditer(text):
        yield from _years("", int(match[1]), int(match[2]), window)
    for match in _NUMERIC.finditer(text):
        yield from _numeric(match, locale, window)
    text = _NUMERIC.sub(" ", text)
    for match in _DAY_NAME.finditer(text):
        if month := _MONTHS.get(_key(match[2])):
            yield from _years(match[3] or "", month, int(match[1]), window)
    for match in _NAME_DAY.finditer(_named_removed(text)):
        if month := _MONTHS.get(_key(match[1])):
            yield from _years(match[3] or "", month, int(match[2]), window)


def _named_removed(text: str) -> str:
    """Return the text without "4 March 2026", of which "March 20" would be read again."""
    return _DAY_NAME.sub(lambda m: " " if _key(m[2]) in _MONTHS else m[0], text)


def _numeric(match: re.Match[str], locale: str, window: Window) -> Iterator[date]:
    first, mark, second, year = int(match[1]), match[2], int(match[3]), match[4] or ""
    day_first = [day for day in _years(year, second, first, window) if day in window]
    month_first = [day for day in _years(year, first, second, window) if day in window]
    language, _, country = locale.lower().replace("_", "-").partition("-")
    if (language, country) == ("en", "us"):
        yield from month_first or day_first
    elif mark == "." or country or language != "en":
        yield from day_first
    elif window.near in (*day_first, *month_first) and window.near is not None:
        yield window.near
    else:  # 3/4 in plain English: two days, unless only one of them is possible
        yield from {*day_first, *month_first}


def _years(year: str, month: int, day: int, window: Window) -> Iterator[date]:
    """Yield the day in the year that is written, or in the years that put it into the window."""
    digits = year.lstrip("'")
    if digits:
        yield from _valid(int(digits) + (2000 if len(digits) == 2 else 0), month, day)
        return
    for possible in range(window.first.year, window.last.year + 1):
        yield from (found for found in _valid(possible, month, day) if found in window)


def _valid(year: int, month: int, day: int) -> Iterator[date]:
    try:
        yield date(year, month, day)
    except ValueError:
        return


def _days(text: Words, window: Window) -> Iterator[date]:
    """Yield the days named by a word: yesterday, a weekday."""
    for phrase, ago in DAYS_AGO.items():
        if _contains(text, phrase) and not any(
            len(longer) > len(phrase) and _contains(text, longer) for longer in DAYS_AGO
        ):
            yield window.received - timedelta(days=ago)
    if any(word in NEXT for word in text):
        return
    keys = tuple(map(_key, text))
    for name, weekday in _WEEKDAYS.items():
        if _contains(keys, name):
            yield from _weekday(weekday, window, last=any(w in LAST for w in text))


def _weekday(weekday: int, window: Window, *, last: bool) -> Iterator[date]:
    """Yield the latest such day before the mail; the session's day, if it was one of late.

    "Last Tuesday" on a Thursday is two days ago to some and nine to others: none.
    """
    near = window.near
    if near and near.weekday() == weekday and near <= window.received <= near + _TWO_WEEKS:
        yield near
        return
    back = (window.received.weekday() - weekday) % 7
    same_week = back <= window.received.weekday()
    if back and not (last and same_week):
        yield window.received - timedelta(days=back)


def _contains(text: Words, phrase: Words) -> bool:
    size = len(phrase)
    return any(text[i : i + size] == phrase for i in range(len(text) - size + 1))


def _key(name: str) -> str:
    return unaccented(name.lower().replace("ü", "u").replace("ä", "a")).strip(".")


def _months() -> dict[str, int]:
    """Return the number of a month by its name and abbreviations in our languages."""
    return {
        name: number for number, name in _names(locale.months for locale in map(Locale, LANGUAGES))
    } | {"sept": 9, "maerz": 3, "mrz": 3}


def _weekdays() -> dict[Words, int]:
    """Return the number of a weekday, 0 for Monday, by its full name in our languages.

    Short names are words of other languages: "mon" is French for "my". Of "terça-feira" people
    write the first half; Japanese names are several characters, each a word here.
    """
    tables = (locale.days for locale in map(Locale, LANGUAGES))
    names = ((words(name), number) for number, name in _names(tables, ("wide",)))
    return {name if len(name) > 2 else tuple(map(_key, name[:1])): number for name, number in names}


def _names(
    tables: Iterable[object], widths: tuple[str, ...] = ("abbreviated", "wide")
) -> Iterator[tuple[int, str]]:
    for table in tables:
        for context in ("format", "stand-alone"):
            for width in widths:
                for number, name in table[context][width].items():  # type: ignore[index]
                    yield number, _key(str(name))


# Now, not at the first date: mails are read in children, which would do it each anew.
_MONTHS = _months()
_WEEKDAYS = _weekdays()
