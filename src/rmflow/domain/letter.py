"""Letters: the mails rmflow writes, before they are words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum

from rmflow.domain.keys import Key
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import Address, Participant, PersonId, Role
from rmflow.domain.series import SessionId, Uid


class LetterKind(Enum):
    """Each kind is a template of the same name in `templates/mail/<language>/`."""

    INVITATION = "invitation"
    UPDATE = "update"
    CANCELLATION = "cancellation"
    AGENDA_REQUEST = "agenda-request"
    PROMPT = "prompt"
    SUMMARY_REQUEST = "summary-request"
    SUMMARY_REMINDER = "summary-reminder"
    RECEIPT = "receipt"
    NEW_TIMES = "new-times"
    PAUSED = "paused"
    RESUMED = "resumed"
    PASSED_ON = "passed-on"

    @property
    def carries_calendar(self) -> bool:
        """True for the kinds that carry a text/calendar part (RFC 6047)."""
        return self in (LetterKind.INVITATION, LetterKind.UPDATE, LetterKind.CANCELLATION)

    @property
    def counts_against_budget(self) -> bool:
        """True for the kinds a person did not ask for: answers and logistics are not counted."""
        return self in (
            LetterKind.AGENDA_REQUEST,
            LetterKind.PROMPT,
            LetterKind.SUMMARY_REQUEST,
            LetterKind.SUMMARY_REMINDER,
        )

    @property
    def asks_for_a_summary(self) -> bool:
        """True for the question how a meeting was, and its reminders."""
        return self in (LetterKind.SUMMARY_REQUEST, LetterKind.SUMMARY_REMINDER)

    @property
    def answers_by_itself(self) -> bool:
        """True for the kinds that only something from outside causes: two programs that answer
        each other would never end (RFC 3834 section 2), so these are counted and run out.
        """
        return self in (
            LetterKind.RECEIPT,
            LetterKind.NEW_TIMES,
            LetterKind.PAUSED,
            LetterKind.RESUMED,
            LetterKind.PASSED_ON,
        )

    @property
    def token_kind(self) -> str:
        """The first letter of its reply token: it says what an answer is an answer to."""
        return _TOKEN_KINDS.get(self, "c")


_TOKEN_KINDS = {
    LetterKind.AGENDA_REQUEST: "a",
    LetterKind.PROMPT: "p",
    LetterKind.SUMMARY_REQUEST: "s",
    LetterKind.SUMMARY_REMINDER: "s",
    LetterKind.RECEIPT: "s",
    LetterKind.NEW_TIMES: "t",
    LetterKind.PAUSED: "w",
    LetterKind.RESUMED: "w",
    LetterKind.PASSED_ON: "w",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """Times to choose from: first meetings of new series, naive, in the mentor's zone.

    `wish` is what the roster asked for when they were offered; when it asks for something else,
    the offer is void.
    """

    wish: str
    starts: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class LetterItem:
    """What a letter is about: one pairing, usually one session, for a prompt one topic.

    `key` is the key of this item alone; a letter that merges several items covers them all.
    `revision` counts reminders and receipts of one session, and is the SEQUENCE of a `series`.
    `until` is the last day of a pause; `own_wish`: the recipient asked for it. `former_address`:
    where it goes instead of the recipient's address of today.
    """

    key: Key
    pairing: PairingId
    role: Role
    session: SessionId | None = None
    topic: str | None = None
    form: str | None = None
    series: Uid | None = None
    revision: int = 0
    last: bool = False
    offer: Offer | None = None
    until: date | None = None
    own_wish: bool = False
    former_address: Address | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one person. Only prompts ever have more than one item."""

    key: Key
    kind: LetterKind
    to: PersonId
    items: tuple[LetterItem, ...]

    def recipient(self, people: Mapping[PersonId, Participant]) -> Participant:
        """Return whom it goes to, at the address that it goes to."""
        person, former = people[self.to], self.items[0].former_address
        return replace(person, address=former) if former else person
