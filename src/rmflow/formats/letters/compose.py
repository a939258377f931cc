"""A written letter becomes the bytes that travel: RFC 5322, RFC 2045, and RFC 6047 for invitations.

Equal input gives equal bytes, so that a repeated sending is the same mail again.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal
from urllib.parse import quote

from rmflow.domain.keys import Key
from rmflow.domain.people import Address, parse_address
from rmflow.formats.letters.headers import (
    Field,
    Mailbox,
    ids_field,
    mailbox_field,
    text_field,
    verify,
)
from rmflow.formats.letters.written import Written

_KEY = re.compile(r"[A-Za-z0-9._-]{1,60}")
_METHOD = re.compile(rb"^METHOD:([A-Z]+)\r$", re.MULTILINE)
_LOOSE_LINE_END = re.compile(rb"(?<!\r)\n|\r(?!\n)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Everything about a mail but its words. `date` is aware; `kind` is the letter's kind.

    `in_reply_to` and `references` may be copied from incoming mail as they are. `unsubscribe`
    is the address whose mail stops the prompts; a mail with a calendar part does not name it.
    """

    key: Key
    message_id: str
    sender: Address
    sender_name: str
    recipient: Address
    recipient_name: str
    reply_to: Address | None
    date: datetime
    kind: str
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    automatic: Literal["auto-generated", "auto-replied"] = "auto-generated"  # RFC 3834
    unsubscribe: Address | None = None


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """An iTIP message (UTF-8, CRLF) and its METHOD, which `content` must repeat."""

    method: str
    content: bytes


def message_id(key: Key, mailbox: Address) -> str:
    """Return the Message-ID of the letter with this key: "<key@domain of the mailbox>"."""
    return f"<{key}@{mailbox.rpartition('@')[2]}>"


def plus_address(mailbox: Address, token: str) -> Address:
    """Return "local+token@domain". Raises ValueError when that is too long for an address."""
    local, _, domain = mailbox.rpartition("@")
    return parse_address(f"{local}+{token}@{domain}")


def compose(written: Written, envelope: Envelope, calendar: CalendarPart | None = None) -> bytes:
    """Return the message, 7-bit, with CRLF and lines of at most 998 octets.

    Raises ValueError for addresses, ids or a calendar part that cannot be what they should be,
    and when the bytes, read back, would say something else than was meant.
    """
    if not _KEY.fullmatch(envelope.key):
        raise ValueError(f"{envelope.key!r} cannot name a message")
    fields = _fields(written.subject, envelope, invites=calendar is not None)
    body = _body(written, envelope.key, calendar)
    head = b"".join(field.line for field in fields)
    verify(head.removesuffix(b"\r\n"), fields)
    content = head + body.as_bytes()
    if _LOOSE_LINE_END.search(content) or max(map(len, content.split(b"\r\n"))) > 998:
        raise ValueError("the message has lines that SMTP does not carry")
    return content


def _fields(subject: str, envelope: Envelope, *, invites: bool) -> list[Field]:
    """Return the header, without the fields that describe the body.

    List-Unsubscribe stays away from invitations: calendars may take such mail for a newsletter
    and not look at the calendar part.
    """
    our_id = ids_field("Message-ID", [envelope.message_id])
    if our_id is None:
        raise ValueError(f"{envelope.message_id!r} is not a Message-ID")
    if envelope.date.utcoffset() is None:
        raise ValueError("the date of a mail needs its offset from UTC")
    fields: list[Field | None] = [
        mailbox_field("From", Mailbox(envelope.sender_name, envelope.sender)),
        mailbox_field("To", Mailbox(envelope.recipient_name, envelope.recipient)),
    ]
    if envelope.reply_to:
        fields.append(mailbox_field("Reply-To", Mailbox(envelope.sender_name, envelope.reply_to)))
    fields += [
        text_field("Subject", subject),
        text_field("Date", format_datetime(envelope.date)),
        our_id,
        ids_field("In-Reply-To", [envelope.in_reply_to]),
        ids_field("References", envelope.references),
        text_field("Auto-Submitted", envelope.automatic),
        text_field("X-Auto-Response-Suppress", "OOF, AutoReply, DR, RN, NRN"),
        text_field("X-Rmflow-Key", envelope.key),
        text_field("X-Rmflow-Kind", envelope.kind),
    ]
    if envelope.unsubscribe and not invites:
        fields.append(_list_unsubscribe(envelope.unsubscribe))
    return [field for field in fields if field]


def _list_unsubscribe(address: Address) -> Field:
    """Return the field of RFC 2369. There is no web address, so no one-click (RFC 8058) either."""
    uri = f"<mailto:{quote(parse_address(address), safe='@+')}>"
    return Field("List-Unsubscribe", uri, uri)


def _body(written: Written, key: Key, calendar: CalendarPart | None) -> EmailMessage:
    """Return text and HTML as alternatives; for invitations the calendar part is a third one.

    Quoted-printable throughout: a person can read the raw mail, and no relay needs to touch it.
    The same calendar object is also attached as a file, of a type that no client acts on by
    itself: some webmails and gateways show attachments only, and then it can be opened by hand.
    """
    message = EmailMessage(policy=SMTP)
    message.set_content(written.text, cte="quoted-printable")
    message.add_alternative(written.html, subtype="html", cte="quoted-printable")
    if calendar is not None:
        if _METHOD.findall(calendar.content) != [calendar.method.encode("ascii")]:
            raise ValueError(f"the calendar part does not say METHOD:{calendar.method} once")
        message.add_alternative(
            calendar.content.decode("utf-8"),
            subtype="calendar",
            cte="quoted-printable",
            params={"method": calendar.method},
        )
        message.add_attachment(
            calendar.content, maintype="application", subtype="ics", filename="invite.ics"
        )
    # "=_" cannot occur in quoted-printable or base64 text (RFC 2045 section 6.7).
    multiparts = [part for part in message.walk() if part.is_multipart()]
    for number, part in enumerate(multiparts):
        part.set_boundary(f"=_{key}_{number}")
    return message
