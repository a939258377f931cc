"""Readings: what an incoming mail turned out to be. The raw mail is always kept beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import NewType

from rmflow.domain.pairing import PairingId
from rmflow.domain.people import PersonId
from rmflow.domain.series import Response, SessionId
from rmflow.domain.signal import Signal

MailId = NewType("MailId", str)  # first 32 hex digits of the SHA-256 of the raw bytes


class MailKind(Enum):
    """What kind of mail it is, decided by structure first (INBOUND section 4)."""

    HUMAN = "human"
    CALENDAR = "calendar"
    AUTO_REPLY = "auto-reply"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    RECEIPT = "read receipt"
    BULK = "list mail"
    LOOP = "our own mail"
    BROKEN = "unreadable"


class ReadingStatus(Enum):
    """What became of it. REVIEW waits in `Needs you`; IGNORED needs nobody."""

    OK = "ok"
    PARTIAL = "partial"
    EMPTY = "empty"
    REVIEW = "review"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Reading:
    """One incoming mail, understood as far as it could be.

    `form` is the form it answers ("summary", "agenda"), `answers` the canonical values by
    question id, `text` the person's own new words, `elided` other people's words that were
    left out, `held` False that the meeting did not take place, `responses` what a calendar part said, `away_until` the last day of an absence.
    `signal` is what it says about somebody's taking part: a wish, an absence, a mail that came back.
    `why` is a plain sentence for the coordinator when `status` is REVIEW or PARTIAL.
    """

    mail_id: MailId
    kind: MailKind
    status: ReadingStatus
    received_at: datetime
    message_id: str = ""
    subject: str = ""
    sender: str = ""
    author: PersonId | None = None
    pairing: PairingId | None = None
    session: SessionId | None = None
    form: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    elided: str = ""
    held: bool = True
    responses: tuple[Response, ...] = ()
    away_until: date | None = None
    signal: Signal | None = None
    why: str = ""
