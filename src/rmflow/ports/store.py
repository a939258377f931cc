"""What rmflow remembers: the journal of effects, and records.

Every method is one transaction: it has happened, on disk, when the method returns.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from rmflow.domain.audit import Head, Logged
from rmflow.domain.keys import Key
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import PersonId
from rmflow.domain.reading import MailId
from rmflow.domain.records import (
    Effect,
    LetterRecord,
    MailRecord,
    PersonRecord,
    ReadingRecord,
    Record,
    SeriesRecord,
    SignalRecord,
    Written,
)
from rmflow.domain.series import Uid

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Outdated:
    """What has been kept for long enough: mails as they came, and the words of pairings.

    `settled`: mails that wait for nobody any more; their time begins.
    """

    mails: tuple[MailId, ...] = ()
    pairings: tuple[PairingId, ...] = ()
    settled: tuple[MailId, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to delete, and nothing to note."""
        return not (self.mails or self.pairings or self.settled)


class Store(Protocol):
    """The memory of one installation."""

    def lease(self) -> AbstractContextManager[int]:
        """Hold the only right to act, and give the fence: a number that rises with every lease.

        Raises AlreadyRunningError within a second while another process holds it. The operating
        system (or the database) frees it when the process dies.
        """
        ...

    def acting(self, fence: int) -> AbstractContextManager[None]:
        """Keep the right to act outside for one act; enter it just before the act.

        Raises AlreadyRunningError when another run has taken over meanwhile. A process whose lease can be
        lost while it is paused is ended, if it lasts too long, before anybody else can take over.
        """
        ...

    def put_back(self) -> bool:
        """Return whether there are signs that an older copy was put in the place of this memory,
        by anything but `rmflow restore`.
        """
        ...

    # The journal of effects.

    def claim(self, effects: Sequence[Effect], *, fence: int, now: datetime) -> list[Effect]:
        """Write down that these effects are about to happen; return them as they are stored.

        A new key is inserted as given. A failed one, which certainly did not happen, is replaced
        and counts one more attempt. A claimed one, which may have happened, keeps its payload,
        covers and kind, and counts one more attempt. A done or held one is returned as it is, not
        claimed: the caller must not act on it.

        Raises AlreadyRunningError, as all that writes while a lease is held, when another run has taken over.
        """
        ...

    def settle(
        self,
        key: Key,
        records: Iterable[Written] = (),
        *,
        fence: int,
        now: datetime,
        detail: str = "",
        service_id: str = "",
    ) -> None:
        """Write down that a claimed effect happened, with the records that say so, and an entry
        of the audit log.

        Raises RuntimeError when the effect is not claimed under this fence: somebody else
        has taken over, and what we know is out of date.
        """
        ...

    def release(self, key: Key, *, fence: int, why: str) -> None:
        """Write down that a claimed effect certainly did not happen; its attempts are kept.

        The row stays, as failed, with the reason; the next claim takes it up again.
        """
        ...

    def hold(self, key: Key, *, fence: int, why: str) -> None:
        """Write down that nobody can know whether the effect happened; a person decides.

        The audit log gets an entry.
        """
        ...

    def doubts(self) -> list[Effect]:
        """Return the effects that were claimed and have no end, oldest first."""
        ...

    def done(self, pairings: Collection[PairingId]) -> frozenset[Key]:
        """Return every key that is done or held for these pairings, covered keys included."""
        ...

    def effects(self, pairing: PairingId) -> list[Effect]:
        """Return all effects of a pairing, oldest first, without payloads."""
        ...

    # Records.

    def write(self, records: Iterable[Written]) -> None:
        """Insert or replace records by their primary key, all or nothing.

        Entries of the audit log are added to its end, in their order.
        """
        ...

    def read(self, kind: type[R], *, pairings: Collection[PairingId] | None = None) -> list[R]:
        """Return all records of a kind, ordered by primary key; `pairings` narrows it down.

        For MailRecord, `raw` comes back empty: use `raw()`.
        """
        ...

    def letters_by_token(self, tokens: Collection[str]) -> list[LetterRecord]:
        """Return the letters with these reply tokens."""
        ...

    def letters_by_message_id(self, message_ids: Collection[str]) -> list[LetterRecord]:
        """Return the letters with these Message-IDs (with angle brackets)."""
        ...

    def series(self, uids: Collection[Uid]) -> list[SeriesRecord]:
        """Return the series with these UIDs."""
        ...

    def live_uids(self) -> frozenset[Uid]:
        """Return the UIDs of all live series. Cheap for any number of them."""
        ...

    def people(
        self, *, ids: Collection[PersonId], addresses: Collection[str]
    ) -> list[PersonRecord]:
        """Return the people with one of these ids or addresses, those who left included."""
        ...

    def latest(self, most: int) -> list[Effect]:
        """Return the effects that were claimed last, newest first, without payloads."""
        ...

    def signals(self, people: Collection[PersonId]) -> list[SignalRecord]:
        """Return what was said about these people's taking part."""
        ...

    def sent_since(
        self, since: datetime, people: Collection[PersonId]
    ) -> Mapping[PersonId, tuple[tuple[str, datetime], ...]]:
        """Return kind and time of each distinct letter to these people since then."""
        ...

    def due(self, now: datetime) -> frozenset[PairingId]:
        """Return the pairings whose `wake_at` has come. Cheap for any number of pairings."""
        ...

    def setting(self, name: str) -> str:
        """Return the value of a setting, "" if there is none."""
        ...

    # Incoming mail.

    def keep(self, mails: Sequence[MailRecord]) -> frozenset[MailId]:
        """Store raw mails; return the ids that are new. A known id is left as it is."""
        ...

    def kept(self, sources: Collection[str]) -> Mapping[str, MailId]:
        """Return which of these sources a kept mail has come from. Cheap for any number of mails.

        The source "" is nobody's, however many mails have it.
        """
        ...

    def unread(self) -> list[MailRecord]:
        """Return the kept mails that have no reading yet, oldest first.

        As in `read`, `raw` comes back empty.
        """
        ...

    def readings(self, ids: Collection[MailId]) -> list[ReadingRecord]:
        """Return what those of the mails said that have been read."""
        ...

    def waiting(self) -> list[ReadingRecord]:
        """Return the readings that wait for a person, oldest mail first."""
        ...

    def raw(self, id: MailId) -> bytes | None:
        """Return the raw bytes of a mail; None if it is unknown, or deleted by now."""
        ...

    # Retention.

    def outdated(
        self, *, mails: datetime, words: datetime, most: tuple[int | None, int | None]
    ) -> Outdated:
        """Return the mails that were settled before `mails`, and the pairings that were over
        before `words` and have not been emptied; at most so many of each. Cheap for any number.
        """
        ...

    def expire(self, found: Outdated, records: Iterable[Written], *, settled_at: datetime) -> None:
        """Delete the mails as they came and the frozen letters of the pairings, note when the
        others were settled, and write the records.
        """
        ...

    # The audit log.

    def entries(self) -> Iterator[Logged]:
        """Yield all entries of the audit log, oldest first, in flat memory."""
        ...

    def head(self) -> Head:
        """Return by what the newest entry is recognised; NO_HEAD if there is none."""
        ...

    def close(self) -> None:
        """Release the connection; leave no file behind that a reader must clean up."""
        ...
