"""Text that a cell can hold, whatever people write."""

import re

MOST_UNITS = 32_767  # UTF-16 code units in a cell (Excel specifications and limits)
CUT = "… [cut here: a cell holds no more. `rmflow explain` shows the whole text.]"
# Arial's letters are narrower than its digits, in which widths are measured; words leave gaps.
_LETTERS_A_DIGIT, _INDENT = 1.2, 2
_LINE_HEIGHT, _PADDING, _MOST_LINES = 13, 3, 24

# Not allowed in XML 1.0, or (C1) allowed and never meant: controls, lone surrogates, non-characters.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def cell_text(text: str) -> str:
    """Return the text without control characters, cut with a visible mark where it is too long.

    XlsxWriter passes a text from "<r>" to "</r>" on as markup of its own; a space at the end
    keeps it text.
    """
    if not text.isprintable():  # line breaks are the usual reason; the rest is rare
        text = _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) > MOST_UNITS // 2:
        text = _shortened(text)
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


def _shortened(text: str) -> str:
    units = text.encode("utf-16-le")
    if len(units) <= 2 * MOST_UNITS:
        return text
    room = 2 * (MOST_UNITS - len(CUT))
    return units[:room].decode("utf-16-le", "ignore") + CUT


def letters_in(width: int) -> int:
    """Return how many letters fit in a line of a column so many digits wide, about."""
    return max(1, int(width * _LETTERS_A_DIGIT) - _INDENT)


def line_count(text: str, letters: int) -> int:
    """Return how many lines a text takes where so many letters fit in one."""
    return sum(1 + max(0, len(line) - 1) // letters for line in text.split("\n"))


def height_of(lines: int) -> float:
    """Return the height of a row of so many lines, in points."""
    return _LINE_HEIGHT * min(lines, _MOST_LINES) + _PADDING
