"""Records: what the store remembers. A record class is a table, its fields are the columns.

Fields are str, int, bytes, bool, or aware datetimes in UTC (`… | None` where it may be missing);
JSON text is named `…_json`. The primary key is given by `KEY`. Empty text means "none".
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import ClassVar

from rmflow.domain.audit import Entry
from rmflow.domain.keys import Key
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import PersonId
from rmflow.domain.reading import MailId
from rmflow.domain.series import SessionId, Uid


class EffectState(Enum):
    """Where an effect stands. CLAIMED without an end is a doubt: look before acting again."""

    CLAIMED = "claimed"
    DONE = "done"
    HELD = "held"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect on the outside world. `payload` is frozen when it is first claimed.

    `covers_json`: the keys this effect stands for (a merged letter covers several).
    `fence`: the number of the lease that claimed it; a settle under an older fence is refused.
    `service_id`: what the service calls what has happened, "" if it did not say.
    """

    KEY: ClassVar = ("key",)
    key: Key
    kind: str
    pairing: PairingId
    session: SessionId
    person: PersonId
    state: str = EffectState.CLAIMED.value
    attempts: int = 0
    fence: int = 0
    claimed_at: datetime | None = None
    settled_at: datetime | None = None
    payload: bytes = field(default=b"", repr=False)
    covers_json: str = "[]"
    detail: str = ""
    service_id: str = ""


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A person as the last roster had them; `left_at` is set once they are gone from it."""

    KEY: ClassVar = ("id",)
    id: PersonId
    address: str
    person_json: str
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PairingRecord:
    """A pairing as the last roster had it, and when the planner must look at it again.

    `override` is what the coordinator chose in the workbook: "", "paused" or "closed".
    `wake_at` None: only a change wakes it. `gone_at`: since when the roster lacks it;
    `ended_at`: since when, after that, nothing is left to do. `resumed_at`: when the coordinator
    last chose that it goes on; what people had said before does not count any more.
    `over_since`: since when no meeting is to come; `emptied_at`: when the words of it were deleted.
    """

    KEY: ClassVar = ("id",)
    id: PairingId
    mentor: PersonId
    mentee: PersonId
    pairing_json: str
    override: str = ""
    wake_at: datetime | None = None
    gone_at: datetime | None = None
    ended_at: datetime | None = None
    resumed_at: datetime | None = None
    over_since: datetime | None = None
    emptied_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SeriesRecord:
    """A series we made, as we last wrote or saw it. `state`: live, cancelled, deleted (by a person).

    A new `generation` means a deliberately new series with a new UID. `wish` is what the roster
    asked for when it was made, `place` where it asked to meet the last time; `previous_json` and
    `because_json` say what the last revision changed and why, for the letter about it; `ended_at` is when it stopped being live. `told`: up to
    which SEQUENCE its people had been told when rmflow found it in the calendar without
    remembering it; -1 for a series that it has made itself. `taken_out_json`: the meetings that a
    pause took out, to be put back when it ends early.
    """

    KEY: ClassVar = ("uid",)
    uid: Uid
    pairing: PairingId
    generation: int
    state: str
    spec_json: str
    etag: str = ""
    wish: str = ""
    previous_json: str = ""
    because_json: str = ""
    ended_at: datetime | None = None
    place: str = ""
    told: int = -1
    taken_out_json: str = ""


@dataclass(frozen=True, slots=True)
class LetterRecord:
    """A letter that left, one row an item. `text` is its plain text, to subtract from replies.

    `offer_json`: the times that it offered to choose from, "" if it did not.
    """

    KEY: ClassVar = ("item",)
    item: Key
    key: Key
    kind: str
    pairing: PairingId
    session: SessionId
    person: PersonId
    form: str
    topic: str
    revision: int
    token: str
    message_id: str
    subject: str
    text: str
    sent_at: datetime
    offer_json: str = ""


@dataclass(frozen=True, slots=True)
class MailRecord:
    """An incoming mail as it came, stored before anybody looks into it, and never changed.

    `source` is where it was found ("imap:mentoring@mail.contoso.example:INBOX:1637:42"), so that
    it need not be fetched again; the id is the key.
    `settled_at`: the midnight after it was seen to wait for nobody; from then it is kept for a while.
    """

    KEY: ClassVar = ("id",)
    id: MailId
    source: str
    received_at: datetime
    raw: bytes = field(repr=False)
    settled_at: datetime | None = None


WAITING = "waiting"  # for a person
ASKED_AGAIN = "asked again"  # its author is asked once more


@dataclass(frozen=True, slots=True)
class ReadingRecord:
    """What became of a mail. `state`: filed, WAITING, ignored, discarded (by a person) or ASKED_AGAIN.

    A mail without a reading has not been read yet: a crash between the two loses nothing.
    """

    KEY: ClassVar = ("mail_id",)
    mail_id: MailId
    received_at: datetime
    state: str
    kind: str
    pairing: PairingId
    session: SessionId
    reading_json: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """An answered form. First wins, later ones are revisions; the newest revision is shown.

    `held` False: the answer is that the meeting did not take place.
    """

    KEY: ClassVar = ("mail_id",)
    mail_id: MailId
    pairing: PairingId
    session: SessionId
    form: str
    author: PersonId
    received_at: datetime
    status: str
    answers_json: str
    text: str
    revision: int = 0
    held: bool = True


@dataclass(frozen=True, slots=True)
class ResponseRecord:
    """The newest answer of one attendee to one invitation; `session` "" is the whole series."""

    KEY: ClassVar = ("uid", "session", "attendee")
    uid: Uid
    session: SessionId
    attendee: str
    pairing: PairingId
    status: str
    sequence: int
    stamped_at: datetime
    comment: str = ""
    proposed_start: datetime | None = None


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """Something that waits for the coordinator. It is asked once, and closed when it is settled.

    `about` is its kind; `session` the meeting it is about, if it is about one.
    """

    KEY: ClassVar = ("key",)
    key: Key
    pairing: PairingId
    about: str
    text: str
    asked_at: datetime
    session: SessionId = SessionId("")  # noqa: RUF009 - a NewType is no call worth the name
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignalRecord:
    """What a mail said about somebody's taking part; kept, never changed.

    `id` is the mail's. `kind` is a SignalKind's value. `everywhere`: it
    holds for all pairings of the person, not for `pairing` alone. `until` is the last day of a
    pause as ISO text, "" for an open one; `address` the one that a mail came back from, `reason`
    why it did, in plain words.
    """

    KEY: ClassVar = ("id",)
    id: MailId
    person: PersonId
    kind: str
    pairing: PairingId
    everywhere: bool
    received_at: datetime
    until: str = ""
    address: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NoteRecord:
    """A cell of a coordinator's own column, as it was last read back from the workbook."""

    KEY: ClassVar = ("sheet", "row", "column")
    sheet: str
    row: str
    column: str
    text: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class SettingRecord:
    """One remembered fact of the worker itself: a sync token, a fingerprint."""

    KEY: ClassVar = ("name",)
    name: str
    value: str


Record = (
    PersonRecord
    | PairingRecord
    | SeriesRecord
    | LetterRecord
    | MailRecord
    | ReadingRecord
    | AnswerRecord
    | ResponseRecord
    | QuestionRecord
    | SignalRecord
    | NoteRecord
    | SettingRecord
)
# What a transaction can write down: records, and entries of the audit log that tell of them.
Written = Record | Entry
