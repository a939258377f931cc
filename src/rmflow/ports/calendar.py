"""Calendars: series are observed, written by key, and found again by UID.

Terminology. A *series* is one recurring event with one UID. An *etag* is a text that changes
whenever the stored series changes. A *token* stands for "all I have told you so far"; an empty
token means "tell me everything".
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from rmflow.domain.series import ObservedSeries, SeriesSpec, Uid


class Capability(Enum):
    """What a calendar backend can do. A declared one works; any other raises UnsupportedError."""

    SENDS_INVITATIONS = "the calendar itself tells the attendees"
    INVITES_BY_MAIL = "attendees are told by invitation mails that rmflow sends (RFC 6047)"
    FREE_BUSY = "free and busy times of people can be asked"


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

    All methods raise UnavailableError, RejectedError, or UncertainError (writes only).
    """

    capabilities: frozenset[Capability]

    def changes(self, token: str, known: Collection[Uid]) -> CalendarChanges:
        """Return what changed since `token`; `known` are the UIDs that should be there.

        Returns an equal token, cheaply, when nothing changed. Changes nothing.
        """
        ...

    def look(self, uids: Collection[Uid]) -> Mapping[Uid, ObservedSeries]:
        """Return those of the series that exist now, also cancelled ones. Changes nothing."""
        ...

    def create(self, spec: SeriesSpec) -> str:
        """Store a series under its UID and return its etag.

        Raises ChangedError if a series with this UID exists, live or cancelled.
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
