"""The parts of a mail: its readable bodies in order, calendar objects, reports, what else it holds.

Own walk over every part. `EmailMessage.get_body()` returns the first text part only, and
Apple Mail and many others put text after an inline picture.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from functools import lru_cache

from rmflow.formats.incoming.charset import decoded_or_guessed

MOST_PARTS = 200
DEEPEST = 20
MOST_TEXT_BYTES = 1024 * 1024
MOST_CALENDAR_BYTES = 256 * 1024
_MOST_REPORT_BYTES = 64 * 1024
_ENCODINGS = frozenset(
    {"", "7bit", "8bit", "binary", "quoted-printable", "base64"}
    | {"x-uuencode", "uuencode", "uue", "x-uue"}
)
_CALENDARS = ("text/calendar", "application/ics")


@dataclass(frozen=True, slots=True)
class Body:
    """A text part: its characters, and how to break them into lines."""

    text: str
    html: bool = False
    flowed: bool = False
    delsp: bool = False


@dataclass(frozen=True, slots=True)
class Parts:
    """What a mail is made of.

    `rich` is the mail as it was meant to be seen, HTML where there is a choice; `plain` the
    same from its text/plain parts alone. `types` are all content types in order. `report` is
    the text of a delivery report, `returned` the headers of the mail it is about.
    `cut`: a part was longer than we read; `garbled`: a text is not coded as its part says.
    """

    rich: tuple[Body, ...] = ()
    plain: tuple[Body, ...] = ()
    types: tuple[str, ...] = ()
    report_type: str = ""
    report: str = ""
    returned: str = ""
    calendars: tuple[bytes, ...] = ()
    cut: bool = False
    garbled: bool = False
    too_many: bool = False


@dataclass(slots=True)
class _Collector:
    types: list[str] = field(default_factory=list)
    calendars: list[bytes] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    cut: bool = False
    garbled: bool = False
    too_many: bool = False


_Bodies = tuple[list[Body], list[Body]]


class Part(Message):
    """A message or a part of one. The library's parser asks for its type again and again."""

    def get_content_type(self) -> str:
        """Return the type in lower case, "text/plain" if it makes no sense (RFC 2045 section 5.2)."""
        return _content_type(self)[0]


def collect(message: "Message[str, str]") -> Parts:
    """Return the parts of a parsed message."""
    collector = _Collector()
    rich, plain = _walk(message, collector, 0)
    return Parts(
        rich=tuple(rich),
        plain=tuple(plain),
        types=tuple(collector.types),
        report_type=_content_type(message)[1].get("report-type", ""),
        report="\n".join(collector.reports)[:_MOST_REPORT_BYTES],
        returned="\n".join(collector.returned)[:_MOST_REPORT_BYTES],
        calendars=tuple(collector.calendars),
        cut=collector.cut,
        garbled=collector.garbled,
        too_many=collector.too_many,
    )


def _walk(part: "Message[str, str]", collector: _Collector, depth: int) -> _Bodies:
    """Return the bodies at and below a part, as they are seen and from text/plain alone."""
    if depth > DEEPEST or len(collector.types) >= MOST_PARTS:
        collector.too_many = True
        return [], []
    kind, given = _content_type(part)
    collector.types.append(kind)
    payload = part.get_payload()
    if kind == "message/delivery-status":
        collector.reports.append(_fields(part))
        return [], []
    if kind.startswith("message/"):
        collector.returned.append(_fields(part))
        return [], []
    if isinstance(payload, list):
        below = [
            _walk(child, collector, depth + 1) for child in payload if isinstance(child, Message)
        ]
        if kind == "multipart/alternative":
            return _alternative(below)
        return [b for rich, _ in below for b in rich], [b for _, plain in below for b in plain]
    return _leaf(part, kind, given, collector)


def _alternative(below: list[_Bodies]) -> _Bodies:
    """Return the last alternative with HTML in it, else the first with anything; and the plain one."""
    rich = next((r for r, _ in reversed(below) if any(body.html for body in r)), None)
    if rich is None:
        rich = next((r for r, _ in below if r), [])
    return rich, next((p for _, p in below if p), [])


def _leaf(
    part: "Message[str, str]", kind: str, given: Mapping[str, str], collector: _Collector
) -> _Bodies:
    if kind in _CALENDARS:
        content = _content(part)
        collector.cut |= len(content) > MOST_CALENDAR_BYTES
        collector.calendars.append(content[:MOST_CALENDAR_BYTES].replace(b"\x00", b""))
        return [], []
    if kind == "text/rfc822-headers":
        collector.returned.append(_text(part, given, collector))
        return [], []
    attached = (
        str(part.get("content-disposition", ""))[:20].strip().lower().startswith("attachment")
    )
    # A multipart whose boundary is missing arrives as one text: better shown than lost.
    readable = kind in ("text/plain", "text/html", "text/enriched") or kind.startswith("multipart/")
    if attached or not readable:
        return [], []
    text = _text(part, given, collector)
    if kind == "text/html":
        return [Body(text, html=True)], []
    flowed = given.get("format") == "flowed"
    body = Body(text, flowed=flowed, delsp=flowed and given.get("delsp") == "yes")
    return [body], [body]


def _text(part: "Message[str, str]", given: Mapping[str, str], collector: _Collector) -> str:
    content = _content(part)
    collector.cut |= len(content) > MOST_TEXT_BYTES
    text, guessed = decoded_or_guessed(content[:MOST_TEXT_BYTES], given.get("charset", ""))
    undecoded = str(part.get("content-transfer-encoding", "")).strip().lower() not in _ENCODINGS
    collector.garbled |= guessed or undecoded or bool(part.defects) or "\x00" in text
    return text.replace("\x00", "")


def _content(part: "Message[str, str]") -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _content_type(part: "Message[str, str]") -> tuple[str, Mapping[str, str]]:
    """Return type and parameters, in lower case; of two of a name, the first counts."""
    value = part.get("content-type")
    return (part.get_default_type(), {}) if value is None else _read_type(str(value))


# Cached: most mail has one of a few, and the library takes its time.
@lru_cache(maxsize=256)
def _read_type(value: str) -> tuple[str, Mapping[str, str]]:
    part: Message[str, str] = Message()
    part["content-type"] = value
    found: dict[str, str] = {}
    given: Iterable[tuple[str, object]] = part.get_params([])
    for name, said in given:
        text = said[2] if isinstance(said, tuple) else said  # RFC 2231: charset, language, value
        found.setdefault(name.lower(), str(text).strip().lower())
    return part.get_content_type(), found


def _fields(part: "Message[str, str]") -> str:
    """Return the header lines of the messages inside a part: a report's groups, a returned mail."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        return str(payload)[:_MOST_REPORT_BYTES]
    blocks = [block for block in payload[:20] if isinstance(block, Message)]
    return "\n\n".join("\n".join(f"{n}: {v}" for n, v in block.items()) for block in blocks)
