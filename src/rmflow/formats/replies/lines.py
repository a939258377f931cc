"""Lines of a mail body, each with what is known about it from its markup alone."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from rmflow.formats.replies.words import tidy

# Bounds, before any regular expression meets a stranger's text.
MOST_CHARACTERS = 256 * 1024
MOST_LINES = 4_000
MOST_LINE_CHARACTERS = 2_000

CUT = "The mail is longer than is read here; please look at the mail itself."

_QUOTE = re.compile(r"[\ufeff\u00a0]?(?: {0,2}>)+ ?")
_SIGNATURE_MARK = re.compile(r"--\s?")


class Line(NamedTuple):
    """One line. `depth` counts quote levels; `cited` says they are a mail client's quote marks.

    `signature`: in a signature container. `tail`: after a mark below which all is quoted.
    `head`: a client marked it as the line that introduces a quote.
    """

    text: str
    depth: int = 0
    cited: bool = False
    signature: bool = False
    tail: bool = False
    head: bool = False

    def saying(self, text: str) -> "Line":
        """Return a line of the same kind with other words."""
        return Line(text, *self[1:])


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a body. `doubt` says in a sentence what of it may be missing or misread."""

    lines: list[Line]
    doubt: str = ""


def plain_lines(text: str, *, flowed: bool = False, delsp: bool = False) -> Page:
    """Return the lines of a text/plain part, quote marks counted and removed.

    `flowed` and `delsp` are the parameters of RFC 3676: soft line breaks are joined.
    """
    found: list[Line] = []
    pending, pending_depth = "", 0
    lines, whole = bounded(text)
    for raw in lines:
        depth, content = _unquoted(raw)
        if flowed and content.startswith(" "):
            content = content[1:]
        soft = flowed and content.endswith(" ") and not _SIGNATURE_MARK.fullmatch(content)
        if pending and depth != pending_depth:
            found.append(_line(pending, pending_depth))
            pending = ""
        joined = pending + content
        if soft and len(joined) < MOST_LINE_CHARACTERS:
            pending, pending_depth = (joined[:-1] if delsp else joined), depth
        else:
            found.append(_line(joined, depth))
            pending = ""
    if pending:
        found.append(_line(pending, pending_depth))
    return Page(found, "" if whole else CUT)


def bounded(text: str) -> tuple[list[str], bool]:
    """Return at most MOST_LINES lines, and whether nothing is cut off.

    Floods of blank lines count as two.
    """
    found: list[str] = []
    blank, whole = 0, len(text) <= MOST_CHARACTERS
    for line in text[:MOST_CHARACTERS].splitlines():
        blank = 0 if line.strip() else blank + 1
        if blank > 2:
            continue
        if len(found) == MOST_LINES:
            return found, False
        whole = whole and len(line) <= MOST_LINE_CHARACTERS
        found.append(line[:MOST_LINE_CHARACTERS])
    return found, whole


def _unquoted(raw: str) -> tuple[int, str]:
    marks = _QUOTE.match(raw) if ">" in raw else None
    if marks is None:
        return 0, raw
    return marks.group().count(">"), raw[marks.end() :]


def _line(text: str, depth: int) -> Line:
    mark = text.startswith("--") and _SIGNATURE_MARK.fullmatch(text)
    return Line("--" if mark else tidy(text), depth, depth > 0)
