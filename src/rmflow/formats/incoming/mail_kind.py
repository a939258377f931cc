"""What kind of mail it is: by structure first, by words last, in a fixed order (INBOUND section 4)."""

import re
from collections.abc import Callable
from datetime import date, datetime

from rmflow.domain.people import Address
from rmflow.domain.reading import MailKind
from rmflow.formats.incoming.kind_words import (
    AUTO_REPLY_SUBJECT,
    BOUNCE_PROSE,
    BOUNCE_SUBJECT,
    COMPLAINT_SUBJECT,
    DAEMON_NAME,
    DAEMON_SENDER,
    UNSUBSCRIBE_SUBJECT,
)
from rmflow.formats.incoming.mail import IncomingMail
from rmflow.formats.replies.absence import last_day

# Longer than that, and a day without a year could be in either of two.
_LONGEST_ABSENCE_DAYS = 180
_METHOD = re.compile(rb"^METHOD[ \t]*:", re.IGNORECASE | re.MULTILINE)
_AUTO_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoreply-from",
    "x-mail-autoreply",
    "x-ms-exchange-inbox-rules-loop",
)
_PHRASE_CHARACTERS = 5_000
_MOST_FROM = 200
_RETURNED = frozenset({"message/rfc822", "text/rfc822-headers"})
# What a person puts before the subject of a report that they pass on or ask about.
_ANSWERS = re.compile(r"\s*(?:re|aw|antw|sv|fwd?|wg|tr|rv|vs|odp|i|enc)\s*:", re.IGNORECASE)


def kind_of(mail: IncomingMail, mailbox: Address) -> MailKind:
    """Return the kind. `mailbox` is the programme's own address.

    A reply token in the address overrides nothing: an automatic answer to a letter carries it
    as well. X-Auto-Response-Suppress is a wish addressed to us and says nothing about the mail.
    """
    if mail.broken:
        return MailKind.BROKEN
    for kind, is_so in _RULES:
        if is_so(mail, mailbox):
            return kind
    return MailKind.HUMAN


def is_certainly_automatic(mail: IncomingMail) -> bool:
    """Return whether more than an empty return path says that nobody wrote this mail."""
    return _answers_automatically(mail) or _is_automatic(mail)


def away_until(mail: IncomingMail, text: str, received_at: datetime) -> date | None:
    """Return the last day of an absence that an automatic reply gives, None if it gives none.

    "Until 15 November" is that day; "back on 16 November" the day before it.
    """
    said = f"{mail.subject}\n{text[:_PHRASE_CHARACTERS]}"
    return last_day(said, "", received_at.date(), _LONGEST_ABSENCE_DAYS)


def _is_complaint(mail: IncomingMail, _: Address) -> bool:
    """Return whether it is a report of abuse (RFC 5965), or what a click on "Unsubscribe" sends."""
    if mail.parts.report_type == "feedback-report" or "message/feedback-report" in mail.parts.types:
        return True
    if UNSUBSCRIBE_SUBJECT.match(mail.subject):
        return _is_automatic(mail)
    return bool(COMPLAINT_SUBJECT.match(mail.subject)) and bool(
        _RETURNED.intersection(mail.parts.types)
    )


def _is_receipt(mail: IncomingMail, _: Address) -> bool:
    kind = "message/disposition-notification"
    return mail.parts.report_type == "disposition-notification" or kind in mail.parts.types


def _is_report(mail: IncomingMail, _: Address) -> bool:
    kinds = ("message/delivery-status", "message/global-delivery-status")
    return mail.parts.report_type == "delivery-status" or any(k in mail.parts.types for k in kinds)


def _is_ours(mail: IncomingMail, mailbox: Address) -> bool:
    """Our own mail that came back: nobody writes from the programme's address but we."""
    if mail.sender is None:
        return "x-rmflow-key" in mail.headers
    local, _, domain = mail.sender.address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}" == mailbox or "x-rmflow-key" in mail.headers


def _is_calendar(mail: IncomingMail, _: Address) -> bool:
    return any(_METHOD.search(content) for content in mail.parts.calendars)


def _is_bounce(mail: IncomingMail, _: Address) -> bool:
    """Return whether it reports without the structure of a report: one sign may be a person's."""
    if "x-failed-recipients" in mail.headers:
        return True
    said = bool(BOUNCE_SUBJECT.search(mail.subject.lower())) and not _ANSWERS.match(mail.subject)
    signs = (_from_a_server(mail), said, _has_no_return_path(mail))
    if signs[0] and any(signs[1:]):
        return True
    return any(signs) and _tells_of_failure(mail)


def _from_a_server(mail: IncomingMail) -> bool:
    if mail.sender:
        return bool(DAEMON_SENDER.match(mail.sender.address))
    given = mail.headers.get("from", ("",))[0][:_MOST_FROM]
    return bool(DAEMON_NAME.search(given))


def _tells_of_failure(mail: IncomingMail) -> bool:
    """Return whether a mail speaks of a delivery and shows a mail, or a code, or says so."""
    text = "\n".join(body.text for body in mail.parts.plain or mail.parts.rich)
    return bool(BOUNCE_PROSE.search(text[:_PHRASE_CHARACTERS]))


def _answers_automatically(mail: IncomingMail, _: Address | None = None) -> bool:
    if mail.header("auto-submitted").startswith("auto-replied"):
        return True
    if mail.header("precedence") == "auto_reply" or any(
        name in mail.headers for name in _AUTO_HEADERS
    ):
        return True
    return bool(AUTO_REPLY_SUBJECT.match(mail.subject))


def _is_automatic(mail: IncomingMail, _: Address | None = None) -> bool:
    """RFC 3834 section 5: any value but "no"; the header may carry parameters."""
    value = mail.header("auto-submitted").partition(";")[0].strip()
    return value not in ("", "no")


def _has_no_return_path(mail: IncomingMail, _: Address | None = None) -> bool:
    return mail.header("return-path") == "<>"


def _is_bulk(mail: IncomingMail, _: Address) -> bool:
    return "list-id" in mail.headers or mail.header("precedence") in ("bulk", "list", "junk")


_RULES: tuple[tuple[MailKind, Callable[[IncomingMail, Address], bool]], ...] = (
    (MailKind.COMPLAINT, _is_complaint),
    (MailKind.RECEIPT, _is_receipt),
    (MailKind.BOUNCE, _is_report),
    (MailKind.LOOP, _is_ours),
    # After reports: a bounce of an invitation holds our own METHOD:REQUEST.
    (MailKind.CALENDAR, _is_calendar),
    (MailKind.BOUNCE, _is_bounce),
    (MailKind.AUTO_REPLY, _answers_automatically),
    (MailKind.AUTO_REPLY, _is_automatic),
    (MailKind.AUTO_REPLY, _has_no_return_path),
    (MailKind.BULK, _is_bulk),
)
