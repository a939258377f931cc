"""Calendars: series are observed, written by key, and found again by UID.

Terminology. A *series* is one recurring event with one UID. An *etag* is a text that changes
whenever the stored series changes. A *token* stands for "all I have told you so far"; an empty
token means "tell me everything".
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from rmflow.domain.busy import BusyTime
from rmflow.domain.people import Address
from rmflow.domain.series import ObservedSeries, SeriesSpec, Uid


class Capability(Enum):
    """What a calendar backend can do. A declared one works; any other raises UnsupportedError.

    The value is how the feature matrix of `docs/backends/` calls it.
    """

    SENDS_INVITATIONS = "the calendar itself invites people and notes their answers"
    INVITES_BY_MAIL = "rmflow invites people by mail (RFC 6047)"
    FREE_BUSY = "free and busy times of people are respected"
    ROOMS = "rooms are invited and answer"


@dataclass(frozen=True, slots=True)
class CalendarChanges:
    """What changed since a token. `complete` False: not all could be read; nothing is concluded
    from what is missing. `vanished` are series of ours that are not there any more.
    """

    series: tuple[ObservedSeries, ...]
    vanished: frozenset[Uid]
    token: str
    complete: bool = True


class Calendar(Protocol):
    """A place that holds the series of a programme. Only what carries our mark is seen or touched.

    All methods raise UnavailableError, DeniedError, RejectedError, or UncertainError (writes
    only). Where a backend needs several requests for one write, they stand in an order that makes
    every cut harmless: the last one decides whether it has happened, and people hear of nothing
    half-done. A call after a cut goes on where the first one stopped.
    """

    capabilities: frozenset[Capability]
    # How long after a lost answer a look shows for sure whether a write has happened.
    settling: timedelta

    def changes(self, token: str, known: Collection[Uid]) -> CalendarChanges:
        """Return what changed since `token`; `known` are the UIDs that should be there.

        Returns an equal token, cheaply, when nothing changed. Changes nothing.
        """
        ...

    def look(self, uids: Collection[Uid]) -> Mapping[Uid, ObservedSeries]:
        """Return those of the series that exist now, also cancelled ones. Changes nothing.

        A series that was begun and never finished is not there yet.
        """
        ...

    def create(self, spec: SeriesSpec) -> str:
        """Store a series under its UID and return its etag.

        Raises ChangedError if a finished series with this UID exists, live or cancelled.
        """
        ...

    def revise(self, spec: SeriesSpec, etag: str) -> str:
        """Replace the series and return the new etag.

        Raises ChangedError if the stored etag differs or the series is gone.
        """
        ...

    def cancel(self, spec: SeriesSpec, etag: str) -> None:
        """Mark the series as cancelled. Cancelling a cancelled or vanished one is quiet.

        Raises ChangedError if the stored etag differs.
        """
        ...

    def busy(
        self, people: Collection[Address], start: datetime, end: datetime
    ) -> Mapping[Address, tuple[BusyTime, ...]]:
        """Return when these people are busy between two aware instants, in order of start.

        Somebody whose times cannot be read is missing from the answer. Our own series are in it.
        Raises UnsupportedError unless FREE_BUSY is declared.
        """
        ...
