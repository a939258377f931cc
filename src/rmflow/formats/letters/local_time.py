"""Days, times and cities as people write them, by CLDR.

Babel's skeletons find the nearest pattern but leave its field widths alone ("Tue" where
"Tuesday" was asked for); UTS #35 part 4, section 2.6.2.2 asks for the width to be adjusted, so
we do.
"""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import (
    format_datetime,
    format_interval,
    format_time,
    get_timezone_location,
    match_skeleton,
)

# CLDR's plain "en" is American; a company that says no more than "English" mostly is not.
_PLAIN_ENGLISH = Locale("en", "GB")
_NO_CITY = re.compile(r"(?:UTC|GMT)(?:[+-]\d+)?")
# Thin spaces of CLDR are boxes in some mail fonts.
_SPACES = str.maketrans({"\u2009": "", "\u202f": "\u00a0"})


@lru_cache(maxsize=256)
def locale_for(tag: str, language: str) -> Locale:
    """Return the locale of a person who wrote `tag` ("de-AT") for a text in `language`.

    The person's region counts only if they speak that language; a tag nobody knows is no error.
    """
    spoken = tag.replace("_", "-")
    if spoken.partition("-")[0].lower() == language:
        try:
            locale = Locale.parse(spoken, sep="-")
        except (UnknownLocaleError, ValueError):
            pass
        else:
            return locale if locale.territory or language != "en" else _PLAIN_ENGLISH
    try:
        return Locale.parse(language) if language != "en" else _PLAIN_ENGLISH
    except (UnknownLocaleError, ValueError):
        return _PLAIN_ENGLISH


def long_day(day: date, locale: Locale) -> str:
    """Return a day without its year, in full: "Tuesday 3 November"."""
    return _formatted(day, _day_pattern(locale, "EEEE", "MMMM"), locale)


def short_day(day: date, locale: Locale) -> str:
    """Return a day without its year, for a subject: "Tue 3 Nov"."""
    return _formatted(day, _day_pattern(locale, "EEE", "MMM"), locale)


def full_date(day: date, locale: Locale) -> str:
    """Return a day with its year: "3 November 2026"."""
    return _formatted(day, locale.date_formats["long"].pattern, locale)


def clock_range(start: datetime, end: datetime, locale: Locale) -> str:
    """Return two wall times, on the clock that the locale reads: "10:00–11:00". Never broken."""
    clock = locale.time_formats["short"].pattern
    skeleton = "Hm" if "H" in clock else "hm"
    try:
        written = str(format_interval(start, end, skeleton, locale=locale))
    except NotImplementedError:  # Babel 2.18 knows no "in the morning" (B), as in zh-Hant
        written = "–".join(format_time(at, "short", locale=locale) for at in (start, end))
    return written.translate(_SPACES).replace(" ", "\u00a0")


def city_of(zone: str, locale: Locale) -> str:
    """Return the city that people of a zone name it by, or "" for a zone without one."""
    location = str(get_timezone_location(zone, locale=locale, return_city=True))
    return "" if _NO_CITY.fullmatch(location) else location.rpartition("/")[2]


def offset_of(at: datetime) -> str:
    """Return the distance of an aware datetime from UTC: "UTC", "UTC+3", "UTC−3:30"."""
    minutes = (at.utcoffset() or timedelta()) // timedelta(minutes=1)
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    return "UTC" + (f"{sign}{hours}" if minutes else "") + (f":{rest:02}" if rest else "")


def in_zone(at: datetime, zone: str) -> datetime:
    """Return the same instant on the wall of another zone."""
    return at.astimezone(ZoneInfo(zone))


@lru_cache(maxsize=256)
def _day_pattern(locale: Locale, weekday: str, month: str) -> str:
    skeletons = locale.datetime_skeletons
    nearest = match_skeleton(f"M{month[1:]}Ed", skeletons)
    pattern = skeletons[nearest].pattern if nearest else "E d MMM"
    return re.sub(r"MMM+", month, re.sub(r"E+", weekday, pattern))


def _formatted(day: date, pattern: str, locale: Locale) -> str:
    noon = datetime(day.year, day.month, day.day, 12)  # noqa: DTZ001 - a day has no zone
    written = str(format_datetime(noon, pattern, locale=locale)).translate(_SPACES)
    if locale.language == "fr" and day.day == 1:  # CLDR has no ordinal days
        written = re.sub(r"\b1\b", "1er", written, count=1)
    return written
