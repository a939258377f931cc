"""A delivery report: which of our letters did not arrive, and why, in plain words (RFC 3464)."""

import re
from dataclasses import dataclass

from rmflow.formats.incoming.mail import IncomingMail

_FIELD = re.compile(
    r"^(final-recipient|original-recipient|action|status|diagnostic-code):\s*(.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_ADDRESS = re.compile(r"[^\s<>;,:\"]+@[^\s<>;,:\"]+")
_MESSAGE_ID = re.compile(r"^message-id:\s*(<[^<>\s]{1,250}>)", re.IGNORECASE | re.MULTILINE)
_TO = re.compile(r"^(?:to|reply-to|from|return-path):(.*)$", re.IGNORECASE | re.MULTILINE)
_PROSE_CHARACTERS = 5_000

# By the code of RFC 3463, else by what servers write in English, German and French.
_REASONS = (
    ("mailbox unknown", r"[45]\.1\.[0-36]|user unknown|unknown user|no such (?:user|recipient|mailbox)|does not exist|not found|recipnotfound|mailbox unavailable|unbekannt|existiert nicht|n'existe pas|inconnu"),
    ("mailbox full", r"[45]\.2\.2|mailbox (?:is )?full|over quota|quota exceeded|postfach (?:ist )?voll|boîte .{0,20}pleine"),
    ("mailbox closed", r"[45]\.2\.1|account (?:is )?disabled|inactive|deaktiviert|désactivé"),
    ("message too large", r"[45]\.(?:2|3)\.[34]|too large|size limit|zu groß"),
    ("domain unknown", r"[45]\.(?:1\.2|4\.4)|domain not found|host not found|unrouteable"),
    ("refused by their mail system", r"[45]\.7\.\d+|rejected|blocked|spam|denied|policy|abgelehnt|refus"),
)  # fmt: skip


_LASTING = ("mailbox unknown", "mailbox closed", "domain unknown")


@dataclass(frozen=True, slots=True)
class Failure:
    """One report. `recipient` may be "", `final` False: it is late and will be tried again.

    `lasting`: nobody reads that mailbox; else it may be full, or the mail refused.
    """

    recipient: str
    reason: str
    final: bool
    lasting: bool
    message_ids: tuple[str, ...]


def read_failure(mail: IncomingMail) -> Failure:
    """Return what a bounce says, from its report if it has one, else from its prose."""
    fields: dict[str, str] = {}
    for name, value in _FIELD.findall(mail.parts.report):
        fields.setdefault(name.lower(), value)
    prose = "\n".join(body.text for body in mail.parts.plain or mail.parts.rich)[:_PROSE_CHARACTERS]
    recipient = _address(
        fields.get("original-recipient", "") or fields.get("final-recipient", "")
    ) or _address(", ".join(mail.headers.get("x-failed-recipients", ())))
    said = " ".join((fields.get("status", ""), fields.get("diagnostic-code", "")))
    action = fields.get("action", "").strip().lower()
    code = _STATUS.search(said)
    final = action != "delayed" and not (not action and code is not None and code[1] == "4")
    returned = _MESSAGE_ID.findall(mail.parts.returned) or _MESSAGE_ID.findall(prose)
    reason = _reason(said) or _reason(prose)
    return Failure(recipient, reason, final, reason in _LASTING, tuple(returned[:5]))


def _reason(text: str) -> str:
    for reason, pattern in _REASONS:
        if re.search(pattern, text, re.IGNORECASE):
            return reason
    return ""


def _address(text: str) -> str:
    found = _ADDRESS.search(text)
    return found.group().lower() if found else ""


def returned_addresses(mail: IncomingMail) -> tuple[str, ...]:
    """Return the address headers of the mail that came back: our reply token is in one of them."""
    return tuple(_TO.findall(mail.parts.returned)[:10])
