"""Where quotes begin: attribution lines, header blocks, separators; and whose words follow.

By what we know first: a line with our address or name and a date is the head of a quote of
ours in any language. The lists of languages come second.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from rmflow.formats.replies.lines import Line
from rmflow.formats.replies.mail_words import (
    ATTRIBUTION_START,
    FORWARD_START,
    FROM_LABELS,
    RULE,
    SEPARATOR,
    attribution_verb,
)
from rmflow.formats.replies.subtraction import Known
from rmflow.formats.settings.header_words import is_header_word

_MOST_CHARACTERS = 400
_MOST_LINES = 3
_MOST_LOOSE_LINES = 8
_MOST_HEADERS = 10
_DASHES = " -=_"  # Notes in a browser: -----"Name" <address> wrote: -----
_MOMENT = re.compile(r"\d{1,2}\s?[:.h時]\s?\d{2}|\d{4}|\d{1,2}[./-]\d{1,2}|\d{1,2}[月日]")
_CLOCK = re.compile(r"\d{1,2}\s?[:.h時]\s?\d{2}(?!\d)")
_DATED = re.compile(r"[0-9@]")
# Dates, times and an address in angle brackets before a colon: an attribution in any language.
_ANGLED = re.compile(r"<\s*(?:mailto:)?[^<>\s]+@[^<>\s]+\s*>(?:\s[^\W\d_]{1,12}){0,3}\s?[:：]")
# "2013/7/20 Ann <ann@contoso.example>", "2016-03-03 17:21 GMT+01:00 Ann": Gmail without a language.
_BARE = re.compile(
    r"\d{4}([-/])\d{1,2}\1\d{1,2}\s(?:[^<>]{0,80}<[^<>\s]+@[^<>\s]+>|\d{1,2}:\d{2}\sGMT[+-]\d\d:\d\d\s[^:]{2,60})"
)
# Neither CJK punctuation nor what a language without spaces writes before an address is of it.
_ADDRESS = re.compile(
    r"[^\s<>\[\]():;,@、，。\u3040-\u30ff\u3400-\u9fff]{1,64}@[^\s<>\[\]():;,@]{1,255}\.[a-z]{2,}",
    re.IGNORECASE,
)
_HEADER = re.compile(r"[*>]{0,2}\s?([^\W\d_][^:：\n]{0,22}?)\s?\*{0,2}\s?[:：]\s?\*{0,2}\s?(.*)")


class Owner(Enum):
    """Whose words follow. UNKNOWN: comparing them with our letters decides."""

    OURS = "ours"
    OTHER = "somebody else"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Head:
    """The lines `start` to `end` (not included) introduce a quote."""

    start: int
    end: int
    owner: Owner


@dataclass(frozen=True, slots=True)
class Ourselves:
    """How our letters name us: lower-case addresses without tokens, lower-case names."""

    addresses: frozenset[str]
    names: frozenset[str]

    @classmethod
    def of(cls, addresses: Collection[str], names: Collection[str]) -> "Ourselves":
        """Return our addresses and names as they are looked for."""
        return cls(
            frozenset(a.lower() for a in addresses),
            frozenset(n.lower() for n in names if len(n) > 2),
        )

    def named_in(self, text: str) -> bool:
        """Return whether a text names us; an address wins over a name that was borrowed."""
        found = _ADDRESS.findall(text.lower()) if "@" in text else []
        if found:
            return any(self._is_ours(address) for address in found)
        return any(name in text.lower() for name in self.names)

    def _is_ours(self, address: str) -> bool:
        address = address.removeprefix("mailto:").strip("'\"")
        local, _, domain = address.rpartition("@")
        plain = f"{local.partition('+')[0]}@{domain}"
        return plain in self.addresses or address in self.addresses


def heads(lines: Sequence[Line], known: Sequence[Known], ourselves: Ourselves) -> list[Head]:
    """Return the heads of quotes, in order, none overlapping. Our own lines begin none."""
    found: list[Head] = []
    index = 0
    while index < len(lines):
        text = lines[index].text
        # Our name is a line of ours, but for one that Gmail broke before the address.
        skip = not text or (known[index].ours and not text.endswith("<"))
        head = None if skip else _head_at(lines, index, ourselves)
        if head is None:
            index += 1
            continue
        if found and head.start < found[-1].end:
            head = Head(found[-1].end, head.end, head.owner)
        found.append(head)
        index = head.end
    return found


def _head_at(lines: Sequence[Line], index: int, ourselves: Ourselves) -> Head | None:
    line = lines[index]
    if line.head:
        return _marked(lines, index, ourselves)
    if _is_drawn(line.text):
        return Head(index, index + 1, _owner(line.text, ourselves))
    if (
        SEPARATOR.fullmatch(line.text)
        or FORWARD_START.fullmatch(line.text)
        or RULE.fullmatch(line.text)
    ):
        return _separated(lines, index, ourselves)
    return _headers(lines, index, ourselves) or _attribution(lines, index, ourselves)


def _marked(lines: Sequence[Line], index: int, ourselves: Ourselves) -> Head:
    """Return the head that the client itself marked."""
    end = index
    while end < len(lines) and lines[end].head:
        end += 1
    text = " ".join(line.text for line in lines[index:end])
    return Head(index, end, _owner(text, ourselves))


def _separated(lines: Sequence[Line], index: int, ourselves: Ourselves) -> Head | None:
    """Return the head that a line like "-----Original Message-----" begins."""
    below = next((i for i in range(index + 1, min(index + 4, len(lines))) if lines[i].text), None)
    block = _below_separator(lines, below, ourselves) if below is not None else None
    if block is not None:
        return Head(index, block.end, block.owner)
    if RULE.fullmatch(lines[index].text):
        return None  # people draw lines, too
    return Head(index, index + 1, Owner.UNKNOWN)


def _below_separator(lines: Sequence[Line], index: int, ourselves: Ourselves) -> Head | None:
    """Return the headers or the attribution below a separator."""
    return (
        _headers(lines, index, ourselves)
        or _headers_without_colon(lines, index, ourselves)
        or _attribution(lines, index, ourselves)
    )


def _headers_without_colon(lines: Sequence[Line], index: int, ourselves: Ourselves) -> Head | None:
    """Return the lines that eM Client writes: From "Ann" <address>, To, Date, Subject."""
    end = index
    while end < min(index + _MOST_HEADERS, len(lines)) and is_header_word(
        lines[end].text.partition(" ")[0].lower()
    ):
        end += 1
    first, _, sender = lines[index].text.partition(" ")
    if end - index < 2 or first.lower() not in FROM_LABELS or "@" not in sender:
        return None
    return Head(index, end, _owner(sender, ourselves))


def _headers(lines: Sequence[Line], index: int, ourselves: Ourselves) -> Head | None:
    """Return the block of "Label: value" lines at `index`, if it is one of mail headers.

    It names us, or it has a sender's line and another header. A form has lines of this shape
    as well, but neither.
    """
    if ":" not in lines[index].text and "：" not in lines[index].text:
        return None
    depth = lines[index].depth
    block: list[tuple[str, str]] = []
    end = index
    while end < len(lines) and len(block) < _MOST_HEADERS and lines[end].depth == depth:
        match = _HEADER.fullmatch(lines[end].text)
        if match is None:
            # A long To or Subject is wrapped; its rest is no header and no empty line.
            wraps = (
                block
                and lines[end].text
                and end + 1 < len(lines)
                and _is_header(lines[end + 1].text)
            )
            if not wraps:
                break
        else:
            block.append((match[1].strip().lower(), match[2]))
        end += 1
    if len(block) < 2:
        return None
    known = [label for label, _ in block if is_header_word(label)]
    sender = next((value for label, value in block if label in FROM_LABELS), None)
    # The block ends with its last header; labels of a form may follow at once.
    if len(known) >= 2 and sender is not None:
        end = _last_header(lines, index, end)
        return Head(index, end, _owner(sender, ourselves))
    if len(known) >= 2 and _sent_to_somebody(value for _, value in block):
        return Head(index, _last_header(lines, index, end), Owner.UNKNOWN)
    if not known and any(ourselves.named_in(value) for _, value in block if "@" in value):
        return Head(index, end, _owner(block[0][1], ourselves))
    return None


def _sent_to_somebody(values: Iterable[str]) -> bool:
    """Return whether one value is a mailbox and another a time: "Date: … To: …", without From."""
    said = list(values)
    return any(_CLOCK.search(value) and not _ADDRESS.search(value) for value in said) and any(
        _ADDRESS.search(value) for value in said
    )


def _is_header(text: str) -> bool:
    match = _HEADER.fullmatch(text)
    return match is not None and is_header_word(match[1].strip())


def _last_header(lines: Sequence[Line], index: int, end: int) -> int:
    last = max(i for i in range(index, end) if _is_header(lines[i].text))
    return last + 1


def _attribution(lines: Sequence[Line], index: int, ourselves: Ourselves) -> Head | None:
    """Return the attribution that begins at `index` and takes up to three lines.

    One with a time may be spread over more, with empty lines between, when it opens a bracket
    ("<", "mailto:…", "> wrote:"); the line that closes it looks like a quoted one.
    """
    text = ""
    if not _may_begin(lines[index].text, ourselves):
        return None
    opened = _timed(lines[index].text)
    most = _MOST_LOOSE_LINES if opened else _MOST_LINES
    for end in range(index + 1, min(index + most, len(lines)) + 1):
        line = lines[end - 1]
        in_bracket = text.count("<") > text.count(">")
        closes = in_bracket and line.depth == lines[index].depth + 1 and line.cited
        if closes:
            text = f"{text}>"
        elif line.depth != lines[index].depth:
            return None
        if not line.text:
            if not (opened and _bracket_soon(lines, end, in_bracket=in_bracket)):
                return None
            continue
        text = f"{text} {line.text}".strip()
        if len(text) > _MOST_CHARACTERS:
            return None
        if _attributes(text, ourselves):
            return Head(index, end, _owner(text, ourselves))
        if end - index >= _MOST_LINES and "<" not in text:
            return None
    return None


def _bracket_soon(lines: Sequence[Line], start: int, *, in_bracket: bool) -> bool:
    return in_bracket or (start < len(lines) and lines[start].text == "<")


def _is_drawn(text: str) -> bool:
    """Return whether this is an attribution between dashes: "---- On Tue, … Ann wrote ----"."""
    if len(text) > _MOST_CHARACTERS or not (text.startswith("--") and text.endswith("--")):
        return False
    said = text.strip("- ")
    verb = attribution_verb(said)
    return verb is not None and verb[1] == 0


def _timed(text: str) -> bool:
    """Return whether a line has a time of day and a number beside it, as a date has."""
    clock = _CLOCK.search(text)
    return clock is not None and any(map(str.isdigit, text[: clock.start()] + text[clock.end() :]))


def _may_begin(text: str, ourselves: Ourselves) -> bool:
    """Return whether an attribution can begin with this line."""
    if _DATED.search(text) and (
        ATTRIBUTION_START.match(text) or _timed(text) or attribution_verb(text) is not None
    ):
        return True
    return bool(_BARE.fullmatch(text)) or ourselves.named_in(text)


def _attributes(text: str, ourselves: Ourselves) -> bool:
    """Return whether this is a whole attribution: somebody, a date or an address, and an end."""
    if _BARE.fullmatch(text):
        return True
    text = text.strip(_DASHES)
    colon = text.endswith((":", "："))
    verb = attribution_verb(text)
    ends_with_verb = verb is not None and verb[1] <= 3
    if not colon and not ends_with_verb:
        return False
    if ourselves.named_in(text):
        return bool(_MOMENT.search(text)) or verb is not None
    if colon and _timed(text) and (angled := _ANGLED.search(text)) and angled.end() == len(text):
        return True
    return verb is not None and bool(_MOMENT.search(text) or _ADDRESS.search(text))


def _owner(text: str, ourselves: Ourselves) -> Owner:
    if ourselves.named_in(text):
        return Owner.OURS
    return Owner.OTHER if _ADDRESS.search(text) else Owner.UNKNOWN
