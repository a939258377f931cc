"""Mail out and mail in."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from rmflow.domain.keys import Key
from rmflow.domain.people import Address


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """One message to one recipient. `content` are its RFC 5322 bytes with CRLF, frozen: a second
    attempt sends the same bytes, so that calendars and people see a repeat, not a second mail.
    """

    key: Key
    message_id: str
    sender: Address
    recipient: Address
    content: bytes = field(repr=False)


class Departure(Enum):
    """Did a mail leave? Asked after a crash or a lost answer."""

    LEFT = "left"
    NOT_LEFT = "not left"
    UNKNOWN = "unknown"


class Mailer(Protocol):
    """Sends one mail at a time, once per call; it never re-sends by itself."""

    # How long after a lost answer `departures` shows for sure whether a mail has left.
    settling: timedelta

    def send(self, mail: OutgoingMail) -> str | None:
        """Hand the mail over; return what the service calls it, None if it does not say.

        Raises UnavailableError or RejectedError when it certainly was not accepted, and
        UncertainError when it may have been (the answer after the final dot was lost,
        RFC 1047).
        """
        ...

    def departures(
        self, mails: Collection[OutgoingMail], others: Collection[str] = ()
    ) -> Mapping[Key, Departure]:
        """Return for each mail whether it left in an earlier run. Changes nothing.

        `others`: what the service calls mails that are known to be none of these.
        """
        ...

    def close(self) -> None:
        """End connections. Quiet when there are none."""
        ...


@dataclass(frozen=True, slots=True)
class Unfiled:
    """A message that lies in the inbox, without its content.

    `ref` finds it again in this mailbox. `source` says for good which message it is: no other one,
    of this mailbox or another, ever has the same; "" if nobody can say. What the list does not tell
    is None; `size` is in octets.
    """

    ref: str
    source: str
    received_at: datetime | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that was fetched, with `ref` and `source` of its `Unfiled`."""

    ref: str
    source: str
    received_at: datetime | None
    raw: bytes = field(repr=False)


class Folder(Enum):
    """Where a mail goes once it is recorded. Nothing is ever deleted."""

    DONE = "done"
    NEEDS_YOU = "needs you"


class Mailbox(Protocol):
    """The programme's incoming mail. Reading leaves flags as they are."""

    def unfiled(self) -> Iterator[Unfiled]:
        """Yield every message that has not been filed, oldest first. No content is read.

        Filing while it is yielding skips none.
        """
        ...

    def fetch(self, messages: Sequence[Unfiled]) -> Iterator[Delivery]:
        """Yield these messages, in this order and flat memory; one that has gone is left out."""
        ...

    def file(self, refs: Collection[str], folder: Folder) -> None:
        """Move messages away from the inbox, after they were recorded. Gone ones are ignored."""
        ...

    def holds(self, message_ids: Collection[str]) -> frozenset[str]:
        """Return those of the Message-IDs that are in the inbox or in a folder of ours."""
        ...

    def close(self) -> None:
        """End connections. Quiet when there are none."""
        ...
