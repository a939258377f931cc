"""What in a mail points to something we know: reply tokens, Message-IDs, UIDs, its sender."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from rmflow.domain.people import Address
from rmflow.formats.incoming.bounce import read_failure, returned_addresses
from rmflow.formats.incoming.mail import IncomingMail
from rmflow.formats.incoming.mailboxes import addresses

_TOKEN = re.compile(r"[a-z][a-z2-7]{16}")
_UID = re.compile(rb"^UID[^:\r\n]{0,100}:(.{1,255}?)\r?$", re.MULTILINE | re.IGNORECASE)
_FOLD = re.compile(rb"\r?\n[ \t]")


@dataclass(frozen=True, slots=True)
class Clues:
    """What in a mail points to something we know, each once; to be looked up in the store."""

    tokens: tuple[str, ...]
    message_ids: tuple[str, ...]
    uids: tuple[str, ...]
    senders: tuple[Address, ...]


def clues(mail: IncomingMail, mailbox: Address) -> Clues:
    """Return what to look up. A returned mail's own ids and addresses count as well."""
    returned = read_failure(mail).message_ids if mail.parts.returned or mail.parts.report else ()
    uids = (
        uid.decode("utf-8", "replace").strip()
        for content in mail.parts.calendars
        for uid in _UID.findall(_FOLD.sub(b"", content))
    )
    return Clues(
        tuple(tokens(mail, mailbox)),
        tuple(dict.fromkeys((*mail.in_reply_to, *mail.references, *returned))),
        tuple(dict.fromkeys(uids)),
        (mail.sender.address,) if mail.sender else (),
    )


def tokens(mail: IncomingMail, mailbox: Address) -> list[str]:
    """Return the reply tokens in the addresses that the mail was sent to, in order."""
    local, _, domain = mailbox.rpartition("@")
    where = (*mail.to, *mail.cc, *mail.delivered_to, *addresses(returned_addresses(mail)))
    found = []
    for address in where:
        name, _, host = address.rpartition("@")
        plain, _, token = unquote(name).partition("+")
        if plain == local and host == domain and _TOKEN.fullmatch(token):
            found.append(token)
    return list(dict.fromkeys(found))
