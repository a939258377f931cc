"""A weekly slot as people write it: "Tue 10:00", "Dienstag 10 Uhr", "mardi 10h", "martes a las 10"."""

import re
from datetime import time

from rmflow.domain.pairing import Slot
from rmflow.formats.roster.cells import squeezed
from rmflow.formats.table import Cell

# Per weekday from Monday: English, German, French, Spanish; shorter forms follow from them.
_WEEKDAYS = (
    ("monday", "montag", "lundi", "lunes"),
    ("tuesday", "dienstag", "mardi", "martes"),
    ("wednesday", "mittwoch", "mercredi", "miercoles"),
    ("thursday", "donnerstag", "jeudi", "jueves"),
    ("friday", "freitag", "vendredi", "viernes"),
    ("saturday", "samstag sonnabend", "samedi", "sabado"),
    ("sunday", "sonntag", "dimanche", "domingo"),
)
_SHORT = ("mo", "di", "mi", "do", "fr", "sa", "so")  # German
_ALSO = {"tues": 1, "thur": 3, "thurs": 3}
_FILLERS = frozenset(
    ("at", "um", "uhr", "a", "las", "la", "le", "el", "am", "on", "every", "jeden")
)

_TIME = re.compile(
    r"(?<!\d)(\d{1,2})(?:\s?[:.h]\s?(\d{2})(?!\d))?(?::00)?\s?(?:(a\.?m\b\.?|p\.?m\b\.?)|h\b|uhr\b)?",
    re.IGNORECASE,
)
_ADVICE = "write a weekday and a time, like Tue 10:00"


def _weekday_words() -> dict[str, int]:
    """Return every word for a weekday. Three letters are enough in all four languages."""
    words = _ALSO | {short: number for number, short in enumerate(_SHORT)}
    for number, languages in enumerate(_WEEKDAYS):
        for word in " ".join(languages).split():
            for form in (word, f"{word}s", word[:3]):
                words[form] = number
    return words


_NUMBER_OF = _weekday_words()


def read_slot(cell: Cell) -> Slot:
    """Return the slot in a cell. Raises ValueError unless it is one weekday and one time."""
    text = str(cell)
    times = list(_TIME.finditer(text))
    if len(times) != 1 or not isinstance(cell, str):
        raise ValueError(f'"{text}" is not a slot; {_ADVICE}')
    (found,) = times
    rest = f"{text[: found.start()]} {text[found.end() :]}"
    words = [squeezed(word) for word in re.split(r"[\s,.]+", rest) if squeezed(word)]
    weekdays = [_NUMBER_OF[word] for word in words if word in _NUMBER_OF]
    others = [word for word in words if word not in _NUMBER_OF and word not in _FILLERS]
    if len(weekdays) != 1 or others:
        raise ValueError(f'"{text}" is not a slot; {_ADVICE}')
    return Slot(weekdays[0], _time(found, text))


def _time(found: re.Match[str], text: str) -> time:
    """Return the time of a match of `_TIME`; "2 pm" is 14:00, "12 am" is midnight."""
    hour, minute = int(found[1]), int(found[2] or 0)
    if half := (found[3] or "").lower():
        if not 1 <= hour <= 12:
            raise ValueError(f'"{text}" is not a time of day; {_ADVICE}')
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    if hour > 23 or minute > 59:
        raise ValueError(f'"{text}" is not a time of day; {_ADVICE}')
    return time(hour, minute)
