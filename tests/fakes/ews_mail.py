"""Mail as Exchange keeps it: what a draft is made of, what is shown of an item, what leaves.

Real Exchange makes MIME anew from what it stores; here the bytes stay, so that a test can compare
them. A `Server` may hinder mail: `unreadable` items cannot be converted, `senders` are the
mailboxes that a login may send as, without `keeps_message_ids` a draft gets an id of the server's,
and with `slow_transport` what is sent stays in Drafts for a while, as submitted.
"""

import base64
import binascii
import email
from collections.abc import Collection
from email.message import Message
from email.utils import getaddresses

from ews_schema import element, local
from ews_store import EwsError, Folder, Item, Mailbox, Server
from lxml import etree

_MOST_SENT_BYTES = 1024 * 1024  # MaxSendSize, as an organisation may set it
# What a draft may say beside its MIME.
_WRITABLE = {
    "Importance",
    "IsDeliveryReceiptRequested",
    "IsRead",
    "IsReadReceiptRequested",
    "IsResponseRequested",
    "MimeContent",
    "ReminderIsSet",
    "ReminderMinutesBeforeStart",
    "Sensitivity",
    "ToRecipients",
}
_CLASSES = {"MeetingResponse": "IPM.Schedule.Meeting.Resp.Pos", "Contact": "IPM.Contact"}


def store_draft(
    server: Server, mailbox: Mailbox, folder: Folder, draft: Item, request: etree._Element
) -> Item:
    """Make a draft from MIME (CreateItem, SaveOnly)."""
    disposition = request.get("MessageDisposition")
    if disposition is None:
        raise EwsError("ErrorMessageDispositionRequired", "MessageDisposition is required.")
    if disposition != "SaveOnly" or "MimeContent" not in draft.values:
        raise EwsError("ErrorInvalidRequest", "only drafts from MIME are faked", fault=True)
    unknown = draft.values.keys() - _WRITABLE
    if unknown:
        raise EwsError("ErrorInvalidPropertySet", f"{min(unknown)} cannot be set")
    item = server.add(mailbox, folder.name, "Message")
    item.values, item.extended = draft.values, draft.extended
    item.raw = _decoded(item.values.pop("MimeContent").text or "")
    head = _describe(server, item)
    if not server.keeps_message_ids:
        item.set_text("InternetMessageId", f"<exchange{item.change}@contoso.example>")
    to = element("t:ToRecipients")
    for name, address in getaddresses(
        [v for n in ("To", "Cc", "Bcc") for v in head.get_all(n, [])]
    ):
        to.append(_mailbox(name, address))
    item.values["ToRecipients"] = to
    return item


def deliver(server: Server, mailbox: Mailbox, raw: bytes, kind: str = "Message") -> Item:
    """Let an item arrive in the inbox."""
    item = server.add(mailbox, "inbox", kind)
    item.raw, item.sent = raw, True
    _describe(server, item)
    return item


def send(server: Server, user: str, mailbox: Mailbox, folder: Folder, item: Item) -> None:
    """Send an item, whatever it was before, as Exchange would: also one that has left already."""
    sender = _addresses(item, "From")[0] if "From" in item.values else mailbox.address
    allowed = server.senders.get(user, server.impersonators.get(user, set()))
    if sender != mailbox.address or sender not in allowed:
        raise EwsError("ErrorSendAsDenied", "The account may not send as this mailbox.")
    to = _addresses(item, "ToRecipients")
    if not to:
        raise EwsError("ErrorMissingRecipients", "A message needs a recipient.")
    if len(item.raw) > _MOST_SENT_BYTES:
        raise EwsError("ErrorMessageSizeExceeded", "The message is too large.")
    server.post += [(address, item.raw) for address in to]
    item.sent = True
    if server.slow_transport:
        item.set_text("IsSubmitted", "true")
        server.touch(folder, item)
    else:
        server.move(mailbox, folder, item, "sentitems")


def mail_values(
    server: Server, item: Item, wanted: Collection[str], most: int
) -> dict[str, etree._Element]:
    """Return what only the server can say. What is costly is made only when it is wanted."""
    draft = str(not item.sent or item.text("IsSubmitted") == "true").lower()
    found = {
        "IsDraft": element("t:IsDraft", draft),
        "Size": element("t:Size", str(len(item.raw))),
        "ItemClass": element("t:ItemClass", _CLASSES.get(item.kind, "IPM.Note")),
    }
    if "MimeContent" in wanted:
        if item.id in server.unreadable:
            raise EwsError("ErrorMimeContentConversionFailed", "MIME content conversion failed.")
        mime = base64.b64encode(item.raw).decode()
        found["MimeContent"] = element("t:MimeContent", mime, CharacterSet="UTF-8")
    if "InternetMessageHeaders" in wanted:
        headers = element("t:InternetMessageHeaders")
        for name, value in _head(item.raw).items():
            headers.append(element("t:InternetMessageHeader", value, HeaderName=name))
        found |= {local(headers): headers} if len(headers) else {}
    if "TextBody" in wanted:
        text = item.raw.partition(b"\r\n\r\n")[2][: most or None].decode("ascii", "replace")
        found["TextBody"] = element("t:TextBody", text, BodyType="Text")
    return found


def in_order(items: list[Item], order: etree._Element | None) -> None:
    """Sort as SortOrder asks; without it Exchange shows the newest first."""
    if order is None:
        items.sort(key=lambda item: item.text("DateTimeReceived"), reverse=True)
        return
    for field in order:
        name = field[0].get("FieldURI", "").partition(":")[2]
        descending = field.get("Order") == "Descending"
        items.sort(key=lambda item: item.text(name), reverse=descending)


def _describe(server: Server, item: Item) -> Message:
    """Note what is searched and sorted by; return the header."""
    head = _head(item.raw)
    item.set_text("DateTimeReceived", server.at(item.created))
    item.values.setdefault("IsRead", element("t:IsRead", "false"))
    item.set_text("IsSubmitted", "false")
    if head["Subject"]:
        item.set_text("Subject", head["Subject"])
    if head["Message-ID"]:
        item.set_text("InternetMessageId", head["Message-ID"])
    for name, address in getaddresses(head.get_all("From", [])):
        item.values["From"] = element("t:From", _mailbox(name, address))
    return head


def _head(raw: bytes) -> Message:
    return email.message_from_bytes(raw.partition(b"\r\n\r\n")[0])


def _decoded(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise EwsError("ErrorMimeContentInvalidBase64String", "It is no base64.") from error
    if b"\r\n\r\n" not in raw:
        raise EwsError("ErrorMimeContentInvalid", "It is no MIME.")
    return raw


def _mailbox(name: str, address: str) -> etree._Element:
    parts = [element("t:EmailAddress", address), element("t:RoutingType", "SMTP")]
    return element("t:Mailbox", *([element("t:Name", name)] if name else []), *parts)


def _addresses(item: Item, name: str) -> list[str]:
    return [
        found.text or "" for found in item.values.get(name, element("t:To")).iter("{*}EmailAddress")
    ]
