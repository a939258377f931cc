"""HTML of a mail body as lines, with what its structure says about them.

Own block walk on lxml: converters drop the containers and ids that are the evidence of what
is quoted, and `get_text` breaks "<b>Label:</b> value" in two (INBOUND section 3).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

from lxml import etree

from rmflow.formats.replies.clients import OUTLOOK_RULE, marks
from rmflow.formats.replies.lines import (
    CUT,
    MOST_CHARACTERS,
    MOST_LINE_CHARACTERS,
    MOST_LINES,
    Line,
    Page,
    bounded,
)
from rmflow.formats.replies.words import tidy

MOST_HTML_CHARACTERS = 1024 * 1024
DEEPEST = 100
MOST_NODES = 30_000


def _tags(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BLOCKS = _tags(
    "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3"
    " h4 h5 h6 header hr li main nav ol p pre section table tbody tfoot thead tr ul"
)
_SPACED = _tags("h1 h2 h3 h4 h5 h6 ol p pre table ul")
_DROPPED = _tags("head script style title template noscript object svg select textarea")
_CELLS = ("td", "th")

_CITING_CLASSES = marks("citing")
_TAIL_IDS = marks("tail_ids")
_TAIL_CLASSES = marks("tail_classes")
_TAIL_NAMES = marks("tail_names")
_HEAD_CLASSES = marks("head")
_SIGNATURE_IDS = marks("signature_ids")
_SIGNATURE_CLASSES = marks("signature_classes")
_OUTLOOK_RULE = re.compile(OUTLOOK_RULE)
_HIDDEN = re.compile(
    r"display:\s*none|visibility:\s*hidden|mso-hide:\s*all|font-size:\s*0(?:px|pt|em)?\s*(?:;|$|!)"
    r"|max-height:\s*0(?:px)?\s*(?:;|$|!)"
)
_TAG = re.compile(r"<[^<>]{0,2000}>")
# libxml2 compares each attribute with all others of its tag: 60,000 take it minutes.
_LONG_TAG = re.compile(r"<([a-z][a-z0-9]{0,20})[^<>]{16000,}", re.IGNORECASE)
_PICTURES = ("img", "v")  # the pixels themselves may stand in an attribute
_SPACE = "\r\n\t\f "
_BREAKS = re.compile(f"[{_SPACE}]+")
_ODD = "The page in the mail is built as no mail program builds one; please look at it."


@dataclass(slots=True)
class _Writer:
    """Collects text into lines. `blank` asks for an empty line before the next text."""

    lines: list[Line]
    state: Line
    buffer: list[str]
    characters: int = 0
    blank: bool = False
    cut: bool = False

    def write(self, text: str) -> None:
        self.buffer.append(text)
        self.characters += len(text)

    def end_line(self, *, force: bool = False) -> None:
        """Finish the current line.

        An empty one counts if it was asked for (`force`, a <br>) or holds a no-break space.
        """
        if not self.buffer:
            self.blank |= force
            return
        raw = "".join(self.buffer)
        text = tidy(raw)
        self.buffer.clear()
        if text:
            if self.blank and self.lines:
                self.lines.append(self.state)
            self.blank = False
            self.cut |= len(text) > MOST_LINE_CHARACTERS
            self.lines.append(self.state.saying(text[:MOST_LINE_CHARACTERS]))
        elif force or "\u00a0" in raw:
            self.blank = True

    @property
    def full(self) -> bool:
        return len(self.lines) >= MOST_LINES or self.characters >= MOST_CHARACTERS


def html_lines(html: str) -> Page:
    """Return the visible lines of an HTML body; nothing is fetched, nothing is executed.

    Lines below a tail mark keep their text: what is quoted is decided by comparing, later.
    """
    source, long_tags = _LONG_TAG.subn(r"<\1", html[:MOST_HTML_CHARACTERS].replace("\x00", ""))
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, recover=True)
    try:
        root = etree.fromstring(source.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:  # nothing in it but comments
        root = None
    writer = _Writer([], Line(""), [])
    if root is not None:
        _Walk(writer).walk(root)
        writer.end_line()
    last = parser.error_log.last_error
    if last is not None and "depth" in last.message.lower():
        return Page(writer.lines or _without_tags(source), _ODD)
    if "<!ENTITY" in source or (long_tags and _has_long_tags(html)):
        return Page(writer.lines, _ODD)
    return Page(writer.lines, CUT if writer.cut or len(html) > MOST_HTML_CHARACTERS else "")


def _without_tags(source: str) -> list[Line]:
    """Return the bare text of a page that libxml2 gave up on (it stops at a depth of 256)."""
    texts = map(tidy, bounded(_TAG.sub("\n", source))[0])
    return [Line(unescape(text)) for text in texts if text]


def _has_long_tags(html: str) -> bool:
    """Return whether a tag that lost its attributes may have said that it is hidden, or a quote."""
    return any(match[1].lower() not in _PICTURES for match in _LONG_TAG.finditer(html))


@dataclass(frozen=True, slots=True)
class _Marks:
    """What the tag and the attributes of an element say. `flags`: something about the lines in it."""

    tag: str
    hidden: bool
    line_break: bool
    block: bool
    spaced: bool
    quote: bool
    cited: bool
    signature: bool
    tail: bool
    head: bool
    flags: bool


# Cached: what a program writes around words is the same in all of its mails.
@lru_cache(maxsize=512)
def _marks_of(tag: str, attributes: tuple[tuple[str, str], ...]) -> _Marks:
    given = dict(attributes)
    hidden = tag in _DROPPED or _is_hidden(given)
    classes = given.get("class", "").lower().replace("x_", "").split()
    quote = tag == "blockquote"
    signature = _any(classes, _SIGNATURE_CLASSES) or _plain_id(given) in _SIGNATURE_IDS
    tail = _begins_tail(tag, given)
    head = _any(classes, _HEAD_CLASSES)
    cites = given.get("type", "").lower() == "cite" or _any(classes, _CITING_CLASSES)
    return _Marks(
        tag=tag,
        hidden=hidden,
        line_break=tag == "br" and not hidden,
        block=tag in _BLOCKS,
        spaced=tag in _SPACED and _is_spaced(tag, given),
        quote=quote,
        cited=quote and cites,
        signature=signature,
        tail=tail,
        head=head,
        flags=quote or signature or tail or head,
    )


class _Walk:
    """A depth-first walk with its own stack: nesting in mail has no bound, Python's has."""

    def __init__(self, writer: _Writer) -> None:
        self.writer = writer
        self.tail = False
        self.pre = 0

    def walk(self, root: etree._Element) -> None:
        """Write the text below `root`."""
        stack: list[tuple[etree._Element, _Marks | None, Line]] = [(root, None, self.writer.state)]
        budget = MOST_NODES
        while stack:
            element, marks, outside = stack.pop()
            if marks is not None:
                self._leave(element, marks, outside)
                continue
            if not budget or self.writer.full:
                self.writer.cut = True
                return
            budget -= 1
            outside = self.writer.state
            marks = _marks_of(element.tag, tuple(element.items()))
            if marks.line_break:
                self.writer.end_line(force=not self.writer.buffer)
                self._text(element.tail)
                continue
            stack.append((element, marks, outside))
            if self._enter(element, marks):
                stack += [(child, None, outside) for child in reversed(element)]

    def _enter(self, element: etree._Element, marks: _Marks) -> bool:
        """Start an element; return whether to go into it."""
        writer = self.writer
        if marks.hidden:
            return False
        if marks.block:
            writer.end_line()
            writer.blank |= marks.spaced
        self.pre += marks.tag == "pre"
        if marks.flags or self.tail != writer.state.tail:
            self.tail |= marks.tail
            writer.state = _state(marks, writer.state, tail=self.tail)
        if marks.tag == "li":
            writer.write("- ")
        self._text(element.text)
        return True

    def _leave(self, element: etree._Element, marks: _Marks, outside: Line) -> None:
        writer = self.writer
        if marks.block:
            writer.end_line()
            writer.blank |= marks.spaced
        elif marks.tag in _CELLS:
            writer.write(" ")
        self.pre -= marks.tag == "pre" and self.pre > 0
        writer.state = outside if outside.tail == self.tail else outside._replace(tail=self.tail)
        self._text(element.tail)

    def _text(self, text: str | None) -> None:
        if not text:
            return
        if not self.pre:
            if not text.isprintable() or "  " in text:
                text = _BREAKS.sub(" ", text) if text.strip(_SPACE) else " "
            self.writer.write(text)
            return
        first, *rest = text.splitlines() or [""]
        self.writer.write(first)
        for line in rest:
            self.writer.end_line(force=True)
            self.writer.write(line)


def _state(marks: _Marks, outside: Line, *, tail: bool) -> Line:
    """Return the flags of the lines in an element that stands in `outside`."""
    return Line(
        outside.text,
        outside.depth + marks.quote,
        outside.cited or marks.cited,
        outside.signature or marks.signature,
        tail,
        outside.head or marks.head,
    )


def _begins_tail(tag: str, given: Mapping[str, str]) -> bool:
    if _plain_id(given) in _TAIL_IDS:
        return True
    if tag != "div":
        return False
    if given.get("name", "").lower() in _TAIL_NAMES:
        return True
    classes = given.get("class", "").lower().split()
    return _any(classes, _TAIL_CLASSES) or bool(
        _OUTLOOK_RULE.search(given.get("style", "").lower())
    )


def _is_hidden(given: Mapping[str, str]) -> bool:
    style = given.get("style")
    return bool(style and _HIDDEN.search(style.lower())) or "hidden" in given


def _is_spaced(tag: str, given: Mapping[str, str]) -> bool:
    """Return whether a browser leaves an empty line around it; Outlook's paragraphs have none."""
    classes = given.get("class", "").lower().replace("x_", "")
    return tag != "p" or not classes.startswith("mso")


def _plain_id(given: Mapping[str, str]) -> str:
    return given.get("id", "").lower().removeprefix("x_")


def _any(classes: list[str], wanted: frozenset[str]) -> bool:
    return bool(classes) and any(name in wanted for name in classes)
