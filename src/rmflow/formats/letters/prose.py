"""Prose: the little markup that letters are written in, as plain text and as HTML.

What a template may write:

    # A heading             ## a smaller one
    - an item of a list
    ? **Question** (hint):  a line to answer beside or below; never wrapped
    **important**           and <somebody@contoso.example>, which becomes a link

Any other line goes on the one before it; one that begins with ** starts a line of its own. A
block ends at an empty line. Four spaces begin somebody's own words, which are shown as they are.

Values that templates put in are guarded first (`guarded`): the characters above are replaced by
stand-ins that mean nothing, and come back (`_revealed`) when the structure is known. So no name
and no agenda can become a heading, a link or a tag.
"""

import re
import textwrap
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from html import escape
from itertools import pairwise, zip_longest
from urllib.parse import quote

WIDTH = 72
QUOTE = "    "

_MARKUP = "*<>#?-"
_GUARD = {ord(mark): chr(0xE000 + ord(mark)) for mark in _MARKUP}
_REVEAL = {ord(stand_in): chr(mark) for mark, stand_in in _GUARD.items()}
_INLINE = re.compile(r"\*\*(?P<bold>.+?)\*\*|<(?P<address>[^<>\s]+)>")
_SPACE = re.compile(r"[^\S\u00a0]+")  # but for the no-break space, which is there for a reason
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
_INVISIBLE = ("Cc", "Cf", "Co", "Cs")
_JOINERS = "\u200c\u200d"  # Persian words and family emoji are not what they were without them


class Kind(Enum):
    """What a block is."""

    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    QUESTION = "question"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or the like. `lines` are lines of a paragraph or a quote, items of a list."""

    kind: Kind
    lines: tuple[str, ...]


def guarded(value: str, most: int) -> str:
    """Return a value as one line of at most `most` characters that cannot be markup.

    Control characters and marks that turn the writing direction are left out; a value in a
    right-to-left script is isolated, so that it does not turn the sentence around it.
    """
    line = _SPACE.sub(" ", _printable(value[: most * 4]))
    if len(line) > most or len(value) > most * 4:
        line = line[: most - 1].rstrip() + "…"
    line = line.translate(_GUARD)
    if any(unicodedata.bidirectional(character) in ("R", "AL") for character in line):
        return f"{_ISOLATE}{line}{_END_ISOLATE}"
    return line


def guarded_quote(value: str, most: int, most_lines: int = 40) -> str:
    """Return somebody's own words as a quote of at most `most` characters, line by line."""
    lines = [guarded(line, most).strip() for line in value[:most].splitlines()]
    kept = [line for line in lines if line][:most_lines]
    if kept and (len(value) > most or len(kept) < sum(map(bool, lines))):
        kept[-1] += " …"
    return "\n".join(QUOTE + line for line in kept)


def parse(source: str) -> tuple[Block, ...]:
    """Return the blocks of a rendered template."""
    chunks = re.split(r"\n(?:[ \t]*\n)+", source.strip("\n"))
    return tuple(block for chunk in chunks for block in _blocks(chunk))


def to_text(blocks: Iterable[Block]) -> str:
    """Return the plain text of a letter: lines of at most 72 characters where words allow it."""
    blocks = tuple(blocks)
    text = _block_text(blocks[0]) if blocks else ""
    for before, block in pairwise(blocks):
        text += ("\n" if _leads_to(before, block) else "\n\n") + _block_text(block)
    return text + "\n"


def to_html(blocks: Iterable[Block]) -> str:
    """Return the HTML of a letter's body."""
    blocks = tuple(blocks)
    written = []
    for block, after in zip_longest(blocks, blocks[1:]):
        html = _block_html(block)
        if after and _leads_to(block, after):
            html = html.replace("<p>", '<p class="lead">', 1)
        written.append(html)
    return "\n".join(written)


def plain(line: str) -> str:
    """Return a line without markup and stand-ins, for a header."""
    text = _revealed(_INLINE.sub(lambda found: found["bold"] or found["address"], line))
    return text.replace(_ISOLATE, "").replace(_END_ISOLATE, "")


def _leads_to(block: Block, after: Block) -> bool:
    """Return whether a paragraph belongs closely to the list or the words after it."""
    return block.kind is Kind.PARAGRAPH and after.kind in (Kind.LIST, Kind.QUOTE)


def _printable(text: str) -> str:
    return "".join(
        character
        for character in unicodedata.normalize("NFC", text)
        if character.isspace()
        or character in _JOINERS
        or unicodedata.category(character) not in _INVISIBLE
    )


def _revealed(text: str) -> str:
    return text.translate(_REVEAL)


def _blocks(chunk: str) -> list[Block]:
    """Return the blocks of lines without an empty one between them."""
    blocks: list[Block] = []
    for line in chunk.split("\n"):
        kind, text = _kind_of(line)
        last = blocks[-1] if blocks else Block(Kind.TITLE, ())
        continues = kind is Kind.PARAGRAPH and not text.startswith("**")
        if continues and last.kind in (Kind.PARAGRAPH, Kind.LIST):
            *lines, unfinished = last.lines
            blocks[-1] = Block(last.kind, (*lines, f"{unfinished} {text}"))
        elif kind is last.kind and kind in (Kind.PARAGRAPH, Kind.LIST, Kind.QUOTE):
            blocks[-1] = Block(kind, (*last.lines, text))
        else:
            blocks.append(Block(kind, (text,)))
    return blocks


def _kind_of(line: str) -> tuple[Kind, str]:
    if line.startswith(QUOTE):
        return Kind.QUOTE, line.strip()
    for mark, kind in _MARKS:
        if line.startswith(mark):
            return kind, line[len(mark) :].strip()
    return Kind.PARAGRAPH, line.strip()


_MARKS = (
    ("# ", Kind.TITLE),
    ("## ", Kind.HEADING),
    ("- ", Kind.LIST),
    ("? ", Kind.QUESTION),
)


def _block_text(block: Block) -> str:
    lines = [_line_text(line) for line in block.lines]
    if block.kind is Kind.TITLE:
        return f"{lines[0]}\n{'=' * min(len(lines[0]), WIDTH)}"
    if block.kind in (Kind.HEADING, Kind.QUESTION):
        return lines[0]
    first, rest = {Kind.LIST: ("- ", "  "), Kind.QUOTE: (QUOTE, QUOTE)}.get(block.kind, ("", ""))
    return "\n".join(_wrapped(line, first, rest) for line in lines)


def _line_text(line: str) -> str:
    return _revealed(_INLINE.sub(lambda found: found["bold"] or found[0], line))


def _wrapped(line: str, first: str, rest: str) -> str:
    return textwrap.fill(
        line,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _block_html(block: Block) -> str:
    lines = [_line_html(line) for line in block.lines]
    match block.kind:
        case Kind.TITLE:
            return f"<h2>{lines[0]}</h2>"
        case Kind.HEADING:
            return f"<h3>{lines[0]}</h3>"
        case Kind.PARAGRAPH:
            return "<p>" + "<br>\n".join(lines) + "</p>"
        case Kind.LIST:
            return "<ul>\n" + "\n".join(f"<li>{line}</li>" for line in lines) + "\n</ul>"
        case Kind.QUESTION:
            return f'<p class="question">{lines[0]}</p>\n<p class="answer"><br></p>'
        case Kind.QUOTE:
            return '<blockquote dir="auto">' + "<br>\n".join(lines) + "</blockquote>"


def _line_html(line: str) -> str:
    html, end = "", 0
    for found in _INLINE.finditer(line):
        html += _text_html(line[end : found.start()]) + _inline_html(found)
        end = found.end()
    html += _text_html(line[end:])
    return html.replace(_ISOLATE, "<bdi>").replace(_END_ISOLATE, "</bdi>")


def _inline_html(found: re.Match[str]) -> str:
    if found["bold"]:
        return f"<b>{_text_html(found['bold'])}</b>"
    address = _revealed(found["address"])
    return f'<a href="mailto:{quote(address, safe="@")}">{escape(address)}</a>'


def _text_html(text: str) -> str:
    return escape(_revealed(text))
