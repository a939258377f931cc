"""Cells to values: text, lists, mail addresses, dates, names from a closed list.

Readers take a cell that is not empty, its text already tidy, and raise ValueError with a text that
says what is wrong with it and what to write instead.
"""

import difflib
import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import TypeVar

from rmflow.domain.people import Address, parse_address
from rmflow.formats.table import Cell

Value = TypeVar("Value")

# Characters without a body of their own: zero-width, byte order mark, soft hyphen, bidi controls.
# The zero-width joiners U+200C and U+200D stay: Persian and Indic names are spelled with them.
_BODILESS = [0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF]
_BIDI = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_CONTROLS = [c for c in [*range(0x20), *range(0x7F, 0xA0)] if chr(c) not in "\t\n\r\x85"]
# Half a character: JSON, and so an online sheet, can hold one; no database and no mail can.
_SURROGATES = range(0xD800, 0xE000)
_INVISIBLE = dict.fromkeys([*_BODILESS, *_BIDI, *_CONTROLS, *_SURROGATES])
_MOST_LINE = 200

_NAMED_ADDRESS = re.compile(r"(?:.*<|mailto:)([^<>]+)>?", re.DOTALL | re.IGNORECASE)
_SEPARATORS = re.compile(r"[,;\n]")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]0?0:00(?::00)?)?")
_DAY_FIRST = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")


def tidy(text: str) -> str:
    """Return the text without invisible characters, blanks of all kinds as one, lines kept."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    lines = text.translate(_INVISIBLE).splitlines()
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


def squeezed(text: str) -> str:
    """Return the letters and digits alone, without accents or case, to compare words by."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not _is_accent(c))
    return "".join(filter(str.isalnum, text.casefold()))


def _is_accent(character: str) -> bool:
    return unicodedata.combining(character) != 0


def read_line(cell: Cell) -> str:
    """Return a cell as one line of text; numbers as people read them.

    Text that a mail header would take for an encoded word (RFC 2047) is refused: names end up in
    headers, and nobody is called "=?".
    """
    text = " ".join(str(cell).split("\n"))
    if len(text) > _MOST_LINE:
        raise ValueError(f'"{text[:40]}…" is longer than {_MOST_LINE} characters; shorten it')
    if "=?" in text:
        raise ValueError(
            f'"{text}" has the characters "=?", which mail does not carry; remove them'
        )
    return text


def read_list(cell: Cell) -> tuple[str, ...]:
    """Return the items of a cell: separated by commas, semicolons or lines; each once."""
    return tuple(dict.fromkeys(filter(None, map(str.strip, _SEPARATORS.split(str(cell))))))


def read_address(cell: Cell) -> Address:
    """Return the mail address in a cell; "Mara Vogel <mara@contoso.example>" is understood.

    A domain that mixes scripts is refused: "contoso" with a Cyrillic letter is another domain.
    """
    text = str(cell)
    if named := _NAMED_ADDRESS.fullmatch(text):
        text = named[1].strip()
    address = parse_address(text)
    if not text.isascii() and any(
        len(_scripts(label)) > 1 for label in text.rpartition("@")[2].split(".")
    ):
        raise ValueError(f'"{text}" mixes letters of several scripts; type it anew')
    return address


def _scripts(label: str) -> set[str]:
    """Return the scripts of the letters, told by the first word of their Unicode names."""
    return {unicodedata.name(c, "?").partition(" ")[0] for c in label if c.isalpha()}


def read_date(cell: Cell) -> date:
    """Return the date in a cell: a real one, year first, or day first with full stops."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = str(cell)
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day = map(int, match.groups())
    elif match := _DAY_FIRST.fullmatch(text):
        day, month, year = map(int, match.groups())
    elif match := _SLASHED.fullmatch(text):
        year, month, day = _unslashed(text, *map(int, match.groups()))
    else:
        raise ValueError(f'"{text}" is not a date; write it like 2027-03-31')
    try:
        return date(year, month, day)
    except ValueError as error:
        raise ValueError(
            f'"{text}" is not a day of the calendar; write it like 2027-03-31'
        ) from error


def _unslashed(text: str, first: int, second: int, year: int) -> tuple[int, int, int]:
    """Return year, month, day of a date with slashes, which only some numbers make certain."""
    if first <= 12 and second <= 12 and first != second:
        raise ValueError(
            f'"{text}" can be {date(year, second, first):%-d %B} or {date(year, first, second):%-d %B}; '
            f"write {year}-{second:02}-{first:02} or {year}-{first:02}-{second:02}"
        )
    return (year, second, first) if second <= 12 else (year, first, second)


def read_choice(
    cell: Cell, what: str, choices: Mapping[str, Value], shown: Collection[str]
) -> Value:
    """Return the choice a cell names. Keys of `choices` are squeezed; `shown` is offered."""
    try:
        return choices[squeezed(str(cell))]
    except KeyError:
        *most, last = shown
        offer = f"{', '.join(most)} or {last}" if most else last
        raise ValueError(f'{what} "{cell}" is unknown; use {offer}') from None


def closest(text: str, options: Mapping[str, str]) -> str | None:
    """Return the value of the option whose key is most like the text, None if none is close."""
    found = difflib.get_close_matches(text.casefold(), options, n=1, cutoff=0.75)
    return options[found[0]] if found else None


def unknown(what: str, text: str, suggestion: str | None, advice: str) -> ValueError:
    """Return the error about an unknown word: with the word probably meant, else with advice."""
    meant = f"did you mean {suggestion}?" if suggestion else advice
    return ValueError(f'{what} "{text}" is unknown; {meant}')
