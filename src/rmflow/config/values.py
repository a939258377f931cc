"""The kinds of values an option can have, beyond numbers and text."""

import re
from datetime import time
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StringConstraints

from rmflow.domain.people import Address, parse_address
from rmflow.domain.programme import Frequency
from rmflow.formats.letters.headers import plain
from rmflow.formats.settings.names import checked, matching
from rmflow.formats.settings.toml import suggestion

_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d) ?[-–] ?([01]?\d|2[0-3]):([0-5]\d)")
_EVERY = re.compile(r"(?:([1-9]\d?) )?(week|month)s?")


def parse_hours(text: str) -> tuple[time, time]:
    """Return start and end of a span of wall-clock hours, "09:00-17:00". Raises ValueError."""
    match = _HOURS.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'"{text}" is not a span of hours; write it like "09:00-17:00"')
    start = time(int(match[1]), int(match[2]))
    end = time(int(match[3]), int(match[4]))
    if start >= end:
        raise ValueError(f'"{text}" ends before it starts; write it like "09:00-17:00"')
    return start, end


def parse_every(text: str) -> tuple[Frequency, int]:
    """Return frequency and interval of a rhythm, "3 weeks". Raises ValueError."""
    match = _EVERY.fullmatch(text.strip().lower())
    if match is None:
        raise ValueError(f'"{text}" is not a rhythm; write it like "3 weeks" or "1 month"')
    frequency = Frequency.WEEKLY if match[2] == "week" else Frequency.MONTHLY
    return frequency, int(match[1] or 1)


def _safe_in_headers(text: str) -> None:
    if plain(text) != text:
        raise ValueError(f'it cannot stand in a mail header; write "{plain(text)}"')


def _known_timezone(name: str) -> None:
    known = available_timezones()
    if name not in known:
        advice = suggestion(name, known) or 'use an IANA name such as "Europe/Berlin"'
        raise ValueError(f'time zone "{name}" is unknown; {advice}')


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
    checked(_safe_in_headers),
]
Mail = Annotated[Address, AfterValidator(parse_address)]
Zone = Annotated[str, checked(_known_timezone)]
Locale = Annotated[
    str, matching("[a-z]{2}(-[A-Z]{2})?", 'use a language code such as "en" or "de-AT"')
]
Region = Annotated[
    str, matching("([A-Z]{2}(-[A-Z0-9]{1,3})?)?", 'use a country code such as "DE" or "DE-BY"')
]
Hours = Annotated[str, checked(parse_hours)]
Every = Annotated[str, checked(parse_every)]
Days = Annotated[int, Field(ge=0, le=366)]
Share = Annotated[float, Field(ge=0, le=1)]
