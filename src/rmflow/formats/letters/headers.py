"""Header fields of outgoing mail: words and mailboxes as ASCII lines that cannot break out.

The lines are folded here and not by `email.policy`: in releases of Python that people still run,
the standard folder lets an encoded word smuggle in a header (cpython#121650, CVE-2024-6923),
drops the quotes of long display names (cpython#80222) and encodes long ids in References, which
ends the thread (cpython#79986). Measured on 3.11.7.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from email.header import Header, decode_header, make_header
from email.parser import BytesHeaderParser
from email.utils import parseaddr

from rmflow.domain.people import Address, parse_address

# RFC 5322 section 2.1.1: lines should hold 78 characters. Words up to here are left as they are.
_LINE = 78
_WORD = 60
# Explicit directions (UAX #9): they make "txt.exe" read "exe.txt", and names read as addresses.
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_HEADER_LINE = re.compile(rb"[A-Za-z-]+: [ -~]*| [!-~][ -~]*")
# RFC 5322 section 3.6.4 without quoted and obsolete forms; long enough for Exchange's.
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,250}@[A-Za-z0-9.:\[\]-]{1,250}>")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A display name with an address; the name may be empty."""

    name: str
    address: Address


@dataclass(frozen=True, slots=True)
class Field:
    """One header field: its name, what it means, and the (folded) ASCII text that says so."""

    name: str
    meant: str | Mailbox
    wire: str

    @property
    def line(self) -> bytes:
        """The field as bytes, with the line end."""
        return f"{self.name}: {self.wire}\r\n".encode("ascii")


def plain(text: str) -> str:
    """Return the text on one line, without what could hide, reverse or smuggle something.

    Control characters, line breaks and lone surrogates become a space, bidirectional controls
    vanish, and "=?" is taken apart, so that nobody decodes it as an encoded word (RFC 2047).
    """
    shown = "".join(
        " " if unicodedata.category(c) in _UNPRINTABLE else c for c in text if c not in _DIRECTIONS
    )
    return " ".join(shown.replace("=?", "= ?").split())


def text_field(name: str, text: str) -> Field:
    """Return an unstructured field (Subject); the text is made `plain` first."""
    text = plain(text)
    if text.isascii() and len(name) + 2 + len(text) <= _LINE:
        return Field(name, text, text)
    readable = text.isascii() and all(len(word) <= _WORD for word in text.split())
    charset = "us-ascii" if readable else "utf-8"
    header = Header(text, charset, header_name=name, maxlinelen=_LINE - 2)
    return Field(name, text, header.encode(linesep="\r\n"))


def mailbox_field(name: str, mailbox: Mailbox) -> Field:
    """Return a field with one mailbox (From, To, Reply-To); its name is made `plain` first.

    Raises ValueError for an address that is not one plain mailbox in its canonical spelling.
    """
    if parse_address(mailbox.address) != mailbox.address:
        raise ValueError(f'"{mailbox.address}" is not a mail address in its canonical spelling')
    meant = Mailbox(plain(mailbox.name), mailbox.address)
    if not meant.name:
        return Field(name, meant, meant.address)
    escaped = meant.name.replace("\\", "\\\\").replace('"', '\\"')
    phrase = f'"{escaped}"'
    if not phrase.isascii() or len(name) + 2 + len(phrase) > _LINE:
        words = Header(meant.name, "utf-8", header_name=name, maxlinelen=_LINE - 2)
        phrase = words.encode(linesep="\r\n")
    last = f"{name}: {phrase} <{meant.address}>".rpartition("\r\n")[2]
    gap = " " if len(last) <= _LINE else "\r\n "
    return Field(name, meant, f"{phrase}{gap}<{meant.address}>")


def ids_field(name: str, message_ids: Sequence[str]) -> Field | None:
    """Return a field of Message-IDs, one a line; None when none of them is well-formed.

    Incoming mail may hold anything where an id should be: what is not an id is left out.
    """
    ids = [id for id in message_ids if _MESSAGE_ID.fullmatch(id)]
    return Field(name, " ".join(ids), "\r\n ".join(ids)) if ids else None


def verify(head: bytes, fields: Sequence[Field]) -> None:
    """Read a header block back and compare it with what was meant.

    First without any mail library (one line, one name), then as a receiver would decode it.
    Raises ValueError naming the first field that says something else.
    """
    lines = head.split(b"\r\n")
    broken = [line for line in lines if not _HEADER_LINE.fullmatch(line)]
    if broken:
        raise ValueError(f"a header line is not plain ASCII: {broken[0][:80]!r}")
    names = [line.split(b":")[0].decode("ascii") for line in lines if not line.startswith(b" ")]
    if names != [field.name for field in fields]:
        raise ValueError(f"the header came out as {names}")
    seen = BytesHeaderParser().parsebytes(head)
    for field, value in zip(fields, seen.values(), strict=True):
        if _meaning(value, field) != field.meant:
            raise ValueError(f"the field {field.name} came out as {value!r}")


def _meaning(value: str, field: Field) -> str | Mailbox:
    """Return what a receiver understands by a raw field value."""
    value = value.replace("\r\n", "")
    if isinstance(field.meant, str):
        return str(make_header(decode_header(value)))
    name, address = parseaddr(value)
    return Mailbox(str(make_header(decode_header(name))), Address(address))
