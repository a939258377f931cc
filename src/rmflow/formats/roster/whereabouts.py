"""Where a person lives and how they speak: time zone, region of public holidays, language."""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources

from rmflow.formats.roster.cells import closest, squeezed, unknown
from rmflow.formats.table import Cell

# Abbreviations that some take for a zone, and what they mean. EST, MST and HST are in the IANA list
# and refused all the same: there they are offsets, without summer time.
_ABBREVIATIONS = {
    "est": "America/New_York",
    "cst": "America/Chicago",
    "mst": "America/Denver",
    "pst": "America/Los_Angeles",
    "hst": "Pacific/Honolulu",
    "bst": "Europe/London",
    "mez": "Europe/Berlin",
    "ist": "Asia/Kolkata",
}
_OFFSET = re.compile(r"(?:utc|gmt|etc/gmt)?\s?[+-]\s?\d{1,2}(?::?\d{2})?", re.IGNORECASE)
_REGION = re.compile(r"([A-Za-z]{2,3})(?:[-_ ](.+))?")
_CODE = re.compile(r"[A-Za-z]{2}(?:[-_][A-Za-z]{2})?")  # "DE", "de-AT": no name
_LANGUAGES_OF_NAMES = ("en", "de", "fr", "es")


def read_timezone(cell: Cell) -> str:
    """Return the IANA name of a time zone; Windows' names for zones are understood."""
    text = str(cell)
    name = text.casefold().replace(" ", "_")
    if name in _ABBREVIATIONS:
        raise unknown("timezone", text, _ABBREVIATIONS[name], "")
    zones = _zones()
    if name in zones:
        return zones[name]
    if text.casefold() in _windows_zones():
        return _windows_zones()[text.casefold()]
    if _OFFSET.fullmatch(text):
        advice = "write a zone like Europe/Berlin: an offset does not know summer time"
        raise unknown("timezone", text, None, advice)
    # "Berlin", too, finds its zone.
    cities = {key.rpartition("/")[2]: zone for key, zone in zones.items()}
    suggestion = cities.get(name) or closest(name, zones) or closest(name, cities)
    raise unknown("timezone", text, suggestion, "write a zone like Europe/Berlin")


@cache
def _zones() -> Mapping[str, str]:
    """Return the IANA names by their lower-case form."""
    # The list of the tzdata package: asking zoneinfo opens each of 600 files.
    text = resources.files("tzdata").joinpath("zones").read_text(encoding="ascii")
    return {zone.casefold(): zone for zone in text.split()}


@cache
def _windows_zones() -> Mapping[str, str]:
    # Here, because it is slow to import and few rosters need it.
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    return {name.casefold(): zone for name, zone in WINDOWS_TO_OLSON.items()}


def read_region(cell: Cell) -> str:
    """Return a country or a part of it, as ISO 3166 writes them: "DE", "DE-BY".

    Only what the holidays library knows; it also knows parts by name ("DE-Bayern"). Countries
    are found by name in English, German, French and Spanish.
    """
    import holidays  # here, because it takes 0.3 s and needs a roster with regions

    text = str(cell)
    # The names of all countries are slow to load, and most rosters say "DE".
    code = text if _CODE.fullmatch(text) else _countries().get(squeezed(text), text)
    match = _REGION.fullmatch(code)
    # A constant of that module, such as MON, has no country.
    country = match and getattr(getattr(holidays, match[1].upper(), None), "country", None)
    if not match or not country:
        raise unknown(
            "region", text, _closest_country(text), "write a country code like DE or DE-BY"
        )
    part = match[2]
    if not part:
        return str(country)
    calendar = getattr(holidays, country)
    parts = {squeezed(name): name for name in calendar.subdivisions}
    parts |= {squeezed(name): id for name, id in calendar.subdivisions_aliases.items()}
    try:
        return f"{country}-{parts[squeezed(part)]}"
    except KeyError:
        nearest = closest(squeezed(part), parts)
        suggestion = f"{country}-{nearest}" if nearest else None
        raise unknown("region", text, suggestion, f"write {country} alone") from None


def _closest_country(text: str) -> str | None:
    return closest(squeezed(text), _countries())


@cache
def _countries() -> Mapping[str, str]:
    """Return country codes by the squeezed name of the country in several languages."""
    from babel import Locale

    return {
        squeezed(name): code
        for language in _LANGUAGES_OF_NAMES
        for code, name in Locale(language).territories.items()
        if len(code) == 2 and code.isalpha()
    }


def read_locale(cell: Cell) -> str:
    """Return a language tag like "de" or "pt-BR" (RFC 5646); languages are found by name too."""
    from babel import Locale, UnknownLocaleError

    text = str(cell)
    code = None if _CODE.fullmatch(text) else _languages().get(squeezed(text))
    tag = code or text.partition(".")[0].replace("_", "-")
    try:
        locale = Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        suggestion = closest(squeezed(text), _languages())
        raise unknown("language", text, suggestion, "write a code like de or en") from None
    return f"{locale.language}-{locale.territory}" if locale.territory else str(locale.language)


@cache
def _languages() -> Mapping[str, str]:
    """Return language codes by the squeezed name of the language in several languages."""
    from babel import Locale

    return {
        squeezed(name): code
        for language in _LANGUAGES_OF_NAMES
        for code, name in Locale(language).languages.items()
        if len(code) == 2
    }
