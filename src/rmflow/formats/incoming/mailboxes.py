"""Mailboxes in address headers: who a mail says it is from, and where it was sent."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email import policy
from email.errors import MessageError

from rmflow.domain.people import Address, parse_address
from rmflow.formats.incoming.charset import decoded_words

MOST_ADDRESSES = 100
_HEADER_CHARACTERS = 16 * 1024
_FROM_CHARACTERS = 1_000

# The forms that nearly all mail has; anything else is left to the library and its defects.
_PLAIN_FROM = re.compile(
    r"""\s*(?:(?P<name>"(?:[^"\\]|\\.)*"|[^"<>@,;:()\\]*?)\s*<(?P<angle>[^<>\s,;"()]+)>|(?P<bare>[^<>\s,;:"()]+))\s*"""
)
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]{1,64}@[a-zA-Z0-9.\-\u0080-\uffff]{1,255}")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name as it was displayed, possibly "", and an address."""

    name: str
    address: Address


def sole_mailbox(values: Sequence[str]) -> tuple[Mailbox | None, str]:
    """Return the one mailbox that From names, or None and what is wrong with it.

    Two senders, a group, or a header with defects is nobody we could know for certain
    (CVE-2023-27043: `alice@corp <mallory@evil>` reads as either).
    """
    if len(values) != 1:
        return None, "the mail has no sender" if not values else "the mail names two senders"
    value = re.sub(r"[\r\n]+[ \t]*", " ", values[0])
    if len(value) > _FROM_CHARACTERS:
        return None, "the sender of the mail is unreadable"
    match = _PLAIN_FROM.fullmatch(value)
    if match is None:
        return _by_library(value)
    try:
        address = _spelled_plainly(match["angle"] or match["bare"])
    except ValueError:
        return None, "the address of the sender is not valid"
    name = (match["name"] or "").strip('" ').replace('\\"', '"')
    return Mailbox(decoded_words(name), address), ""


def _by_library(value: str) -> tuple[Mailbox | None, str]:
    if value.count("(") > 5:  # nested comments take the library's stack down
        return None, "the sender of the mail is unreadable"
    try:
        header = policy.default.header_factory("from", value)
        in_group = any(group.display_name for group in header.groups)
        if header.defects or len(header.addresses) != 1 or in_group:
            return None, "the mail names its sender in a way that can be read as two people"
        found = header.addresses[0]
        return Mailbox(found.display_name, _spelled_plainly(found.addr_spec)), ""
    except (MessageError, ValueError, IndexError, AttributeError, RecursionError):
        return None, "the sender of the mail is unreadable"


def _spelled_plainly(text: str) -> Address:
    """Return an address; a letter that only looks like another one makes it another address."""
    address = parse_address(text)
    if not text.isascii():
        domain, ours = text.rpartition("@")[2].lower(), address.rpartition("@")[2]
        if unicodedata.normalize("NFKC", text) != text or ours.encode().decode("idna") != domain:
            raise ValueError(f'"{text}" is not spelled plainly')
    return address


def addresses(values: Iterable[str]) -> tuple[Address, ...]:
    """Return the addresses found in header values, in order, at most a hundred.

    A plain search: it is used to find our own address and token, where a missed comment or
    display name costs nothing and a parser's recursion would.
    """
    found: dict[Address, None] = {}
    for value in values:
        for match in _ADDRESS.finditer(value[:_HEADER_CHARACTERS]):
            try:
                found[parse_address(match.group().replace("%2B", "+").replace("%2b", "+"))] = None
            except ValueError:
                continue
            if len(found) >= MOST_ADDRESSES:
                return tuple(found)
    return tuple(found)
