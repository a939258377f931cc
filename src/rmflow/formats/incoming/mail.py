"""An incoming mail as facts: headers, addresses, bodies, calendar parts. Nothing is judged here.

The standard library parses, with its older policy (nine times faster to ask for headers);
everything that has made a mail parser hang or fall over is bounded before it is called.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.utils import parsedate_to_datetime
from itertools import islice

from rmflow.domain.people import Address
from rmflow.formats.incoming.charset import decoded_words
from rmflow.formats.incoming.mailboxes import Mailbox, addresses, sole_mailbox
from rmflow.formats.incoming.parts import Part, Parts, collect

MOST_BYTES = 25 * 1024 * 1024
MOST_HEADER_BYTES = 64 * 1024
MOST_PARAMETER_BYTES = 8 * 1024
MOST_TYPES = 250
MOST_BOUNDARIES = 5_000
MOST_REFERENCES = 20
_SHORTENED = "x-rmflow-shortened"  # by the mailbox: the beginning of a mail too large to keep

_HEADER_END = re.compile(rb"\r?\n\r?\n|\r\r")
_TYPE = re.compile(rb"\ncontent-type[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*")
_BOUNDARY = re.compile(rb"^--\S", re.MULTILINE)
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")


@dataclass(frozen=True, slots=True)
class IncomingMail:
    """One mail. `broken` says why it could not be read; then everything else is empty.

    `headers` are raw values by lower-case name, top-most first; `fields` are the same in their
    order. `deputy` is whom Sender names beside From. `sender` is None unless From
    is one plain mailbox; `sender_trouble` then says what it is instead. `delivered_to` are the
    addresses that mail servers wrote down, where a reply token survives a rewritten To.
    """

    broken: str = ""
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fields: tuple[tuple[str, str], ...] = ()
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: datetime | None = None
    sender: Mailbox | None = None
    sender_trouble: str = ""
    deputy: Mailbox | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    delivered_to: tuple[Address, ...] = ()
    subject: str = ""
    parts: Parts = field(default_factory=Parts)

    def header(self, name: str) -> str:
        """Return the top-most value of a header in lower case, "" if there is none."""
        values = self.headers.get(name, ())
        return values[0].strip().lower() if values else ""


def parse(raw: bytes) -> IncomingMail:
    """Return what the mail says. Never raises: what cannot be read comes back as broken."""
    if reason := _over_limit(raw):
        return IncomingMail(broken=reason)
    try:
        # PostgreSQL stores no NUL, and no mail has one (RFC 5321 section 2.3.8).
        mail = _read(message_from_bytes(raw.replace(b"\x00", b""), Part), garbled=b"\x00" in raw)
    except Exception as error:  # noqa: BLE001 - a stranger's bytes may not stop the run
        return IncomingMail(broken=f"the mail is malformed ({type(error).__name__})")
    if b"\x00" in raw and b"\x00" in _header(raw):
        # Without it, the address of a sender could become that of somebody else.
        return replace(mail, sender=None, sender_trouble="the sender of the mail is unreadable")
    return mail


def _header(raw: bytes) -> bytes:
    end = _HEADER_END.search(raw)
    return raw[: end.start() if end else None]


def _over_limit(raw: bytes) -> str:
    """Return why the mail may not be given to the parser, "" if it may (PITFALLS 4.2)."""
    if len(raw) > MOST_BYTES:
        return "the mail is larger than 25 MB"
    if len(raw) > MOST_HEADER_BYTES and not _HEADER_END.search(raw, 0, MOST_HEADER_BYTES):
        return "the header of the mail is larger than 64 kB"
    if reason := _over_types(b"\n" + raw.lower()):
        return reason
    many = raw.count(b"\n--") >= MOST_BOUNDARIES
    if many and next(islice(_BOUNDARY.finditer(raw), MOST_BOUNDARIES, None), None) is not None:
        return "the mail has too many boundary lines"
    return ""


def _over_types(lowered: bytes) -> str:
    """Return what is too much of the Content-Types. A search that ignores case is slow."""
    if len(lowered) <= MOST_PARAMETER_BYTES and lowered.count(b"content-type") <= MOST_TYPES:
        return ""
    for count, match in enumerate(_TYPE.finditer(lowered), start=1):
        if count > MOST_TYPES:
            return "the mail has too many parts"
        if match.end() - match.start() - 1 > MOST_PARAMETER_BYTES:
            return "the mail has an oversized Content-Type"
    return ""


def _read(message: "Message[str, str]", *, garbled: bool) -> IncomingMail:
    fields = tuple(_fields(message))
    headers = _by_name(fields)
    parts = collect(message)
    if garbled or _SHORTENED in headers:
        parts = replace(
            parts, garbled=garbled or parts.garbled, cut=_SHORTENED in headers or parts.cut
        )
    if parts.too_many:
        return IncomingMail(broken="the mail has too many parts")
    sender, trouble = sole_mailbox(headers.get("from", ()))
    deputy, no_deputy = sole_mailbox(headers.get("sender", ()))
    if "sender" in headers and no_deputy:
        trouble = trouble or "the mail names two senders"
    ids = _MESSAGE_ID.findall(_first(headers, "message-id"))
    return IncomingMail(
        headers=headers,
        fields=fields,
        message_id=ids[0] if ids else "",
        in_reply_to=tuple(_MESSAGE_ID.findall(_first(headers, "in-reply-to"))[:MOST_REFERENCES]),
        references=tuple(_MESSAGE_ID.findall(_first(headers, "references"))[-MOST_REFERENCES:]),
        date=_date(_first(headers, "date")),
        sender=sender,
        sender_trouble=trouble,
        deputy=deputy,
        to=addresses(headers.get("to", ())),
        cc=addresses(headers.get("cc", ())),
        delivered_to=addresses(
            value
            for name in (
                "delivered-to",
                "x-original-to",
                "envelope-to",
                "x-envelope-to",
                "apparently-to",
            )
            for value in headers.get(name, ())
        ),
        subject=decoded_words(_first(headers, "subject")),
        parts=parts,
    )


def _fields(message: "Message[str, str]") -> Iterator[tuple[str, str]]:
    """Yield name, in lower case, and value of each header; raw eight-bit ones are taken as UTF-8."""
    for name, value in message.raw_items():
        text = str(value)
        if not text.isascii():
            text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        yield name.lower(), text


def _by_name(fields: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, text in fields:
        found[name] = (*found.get(name, ()), text)
    return found


def _date(value: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(value[:100])
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _first(headers: Mapping[str, tuple[str, ...]], name: str) -> str:
    values = headers.get(name, ())
    return values[0] if values else ""
