"""The programme's meetings in the calendar of a mailbox on an Exchange server."""

import logging
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from rmflow.adapters.exchange.account import MailboxAccount
from rmflow.adapters.exchange.availability import busy_times
from rmflow.adapters.exchange.checkup import examined
from rmflow.adapters.exchange.item import Stored, observed
from rmflow.adapters.exchange.mark import Mark, Stage
from rmflow.adapters.exchange.reading import Found, SeriesReader, best_of
from rmflow.adapters.exchange.revision import Revision
from rmflow.adapters.exchange.settings import CalendarSettings
from rmflow.adapters.exchange.sync import changes_since
from rmflow.adapters.exchange.wire import BACKEND
from rmflow.adapters.exchange.writing import SeriesWriter
from rmflow.domain.busy import BusyTime
from rmflow.domain.people import Address
from rmflow.domain.series import ObservedSeries, SeriesSpec, Uid
from rmflow.errors import BackendError, ChangedError, RejectedError, UncertainError
from rmflow.ports.calendar import CalendarChanges, Capability
from rmflow.ports.checkup import Finding
from rmflow.ports.clock import Clock

_log = logging.getLogger(__name__)


class ExchangeCalendar:
    """Series in the calendar of the programme's mailbox, which is their organiser; Exchange
    invites people.

    Peculiarities (learn.microsoft.com/exchange/client-developer, read in November 2026).

    - A series is stored with SendToNone, its meetings that differ as well; the last UpdateItem,
      with SendToAllAndSaveCopy, invites people and marks it as finished; see `revision`.
    - An item's own UID cannot be searched for: a property of ours holds it, and another what we
      wrote, with our own time zone; the Windows zone stands for several of them.
    - CancelCalendarItem, DeleteItem: a cancelled series lies in Deleted Items, and so does one
      that a person deleted. It is found there until somebody empties them: then it has vanished,
      and its UID is free again. DeleteItem does not look at the change key; the etag is compared
      just before.
    - A meeting that was taken out comes back only with a new pattern, and a new pattern makes
      Exchange forget the others: all are written again. None can be moved to or past the day of
      its neighbour (ErrorOccurrenceCrossingBoundary).
    - SyncFolderItems: a state may differ each time, so a token is kept while nothing is new. A
      deleted item has nothing but its id.
    - GetUserAvailability asks as the service account, for times without subjects.
    - A single meeting's change is not guarded by a change key, only the series' is: one is held
      for all of it, and a person's edit in the same second may be lost.
    - Rooms book themselves when they are mailed, so the room of a single meeting is invited after
      the people, by SendToChangedAndSaveCopy, which mails nobody else.
    - Not verified on a live server: that SendToAllAndSaveCopy takes exceptions along that were
      saved with SendToNone; that an exception without a place of its own follows the series; that
      a new pattern drops exceptions (it is read again, so either way is right); that an answer
      to a single meeting makes it an exception; whether Exchange keeps a UID of ours.
    """

    capabilities = frozenset({Capability.SENDS_INVITATIONS, Capability.FREE_BUSY, Capability.ROOMS})
    settling = timedelta(minutes=1)
    found_again = "the UID, in a property of ours beside the appointment"

    def __init__(self, settings: CalendarSettings, folder: Path, clock: Clock) -> None:
        self._settings = settings
        self._folder = folder
        self._clock = clock
        self._account = MailboxAccount(settings, folder)
        self._reader = SeriesReader(self._account)

    def changes(self, token: str, known: Collection[Uid]) -> CalendarChanges:
        """Ask Exchange what is new since its own state, which is the token.

        It names deleted items by ids that say nothing: after a deletion our items are listed, and
        what is missing is looked for in Deleted Items. A mailbox without any series of ours while
        several are known is taken for the wrong one: `complete` is False, nothing has vanished.
        """
        changes = changes_since(self._account, token)
        items = self._reader.read(changes.found, "changes")
        missing: set[Uid] = set()
        if changes.whole or changes.deleted:
            there = changes.found if changes.whole else self._reader.all_in_calendar("changes")
            missing = set(known) - {one.uid for one in there}
            items += self._reader.read(self._reader.find(missing, "changes"), "changes")
        if changes.whole and not items and len(known) > 1:
            return CalendarChanges((), frozenset(), "", complete=False)
        series, unread = _series(best_of(items))
        vanished = frozenset(missing - series.keys() - unread)
        next_token = token if unread else changes.token
        return CalendarChanges(tuple(series.values()), vanished, next_token, complete=not unread)

    def look(self, uids: Collection[Uid]) -> Mapping[Uid, ObservedSeries]:
        """Search the calendar and Deleted Items. Raises RejectedError for one that a person must
        repair.
        """
        found = self._reader.find(uids, "look")
        series, unread = _series(best_of(self._reader.read(found, "look")))
        if unread:
            reason = f"{', '.join(sorted(unread))} cannot be understood; see the log"
            raise RejectedError(BACKEND, "look", reason)
        return series

    def create(self, spec: SeriesSpec) -> str:
        """Store it with nobody told, let single meetings differ, then send the invitations."""
        revision = self._revision(spec, "create")
        stored = self._stored(spec.uid, "create")
        if stored is not None and stored.is_there:
            raise ChangedError(BACKEND, "create", "it is there already, or was cancelled")
        if stored is None or stored.binned:
            begun = SeriesWriter(self._account, "create").create(Mark(Stage.BEGUN, spec))
            stored = self._by_id(Found(begun, spec.uid, binned=False), "create")
        return self._written(stored, revision.carry_out(stored, spec), "create")

    def revise(self, spec: SeriesSpec, etag: str) -> str:
        """Change single meetings first, the series last; mail those whom it concerns."""
        revision = self._revision(spec, "revise")
        stored = self._stored(spec.uid, "revise")
        live = stored is not None and stored.is_there and not stored.binned
        if stored is None or not live or observed(stored).etag != etag:
            raise ChangedError(BACKEND, "revise", "it is not as it was seen")
        return self._written(stored, revision.carry_out(stored, spec), "revise")

    def cancel(self, spec: SeriesSpec, etag: str) -> None:
        """Move it into Deleted Items, where it is found as cancelled; Exchange tells everybody."""
        stored = self._stored(spec.uid, "cancel")
        writer = SeriesWriter(self._account, "cancel")
        if stored is None or stored.binned:
            return
        if _is_quiet_shell(stored):
            writer.destroy(stored.master)
            return
        if stored.is_there and observed(stored).etag != etag:
            raise ChangedError(BACKEND, "cancel", "it is not as it was seen")
        writer.cancel(stored.master)

    def busy(
        self, people: Collection[Address], start: datetime, end: datetime
    ) -> Mapping[Address, tuple[BusyTime, ...]]:
        """Ask for times only, never for subjects. Tentative counts as busy."""
        return busy_times(self._account, people, start, end)

    def checkup(self) -> Iterator[Finding]:
        """Store and remove a private appointment that nobody is invited to."""
        yield from examined(self._account, self._settings, self._folder, self._clock)

    def close(self) -> None:
        """End the connection."""
        self._account.close()

    def _revision(self, spec: SeriesSpec, operation: str) -> Revision:
        if spec.organiser != self._account.mailbox:
            reason = f"only {self._account.mailbox} can be the organiser here"
            raise RejectedError(BACKEND, operation, reason)
        revision = Revision(self._reader, SeriesWriter(self._account, operation), operation)
        revision.check(spec)
        return revision

    def _stored(self, uid: Uid, operation: str) -> Stored | None:
        """Return what stands under a UID. What a race has begun twice is removed, the lowest id
        stays.
        """
        items = self._reader.read(self._reader.find([uid], operation), operation)
        best = best_of(items).get(uid)
        if isinstance(best, ValueError):
            raise RejectedError(BACKEND, operation, f"{uid} {best}") from best
        for _, item in items:
            if isinstance(item, Stored) and item is not best and _is_quiet_shell(item):
                SeriesWriter(self._account, operation).destroy(item.master)
        return best

    def _by_id(self, found: Found, operation: str) -> Stored:
        """Return what was written a moment ago. A failure leaves it open what stands there."""
        try:
            items = self._reader.read([found], operation)
        except BackendError as error:
            reason = f"written, not read: {error.reason}"
            raise UncertainError(BACKEND, operation, reason, error.retry_after) from error
        for _, item in items:
            if isinstance(item, Stored):
                return item
        raise UncertainError(BACKEND, operation, "what was written is not shown")

    def _written(self, before: Stored, key: str, operation: str) -> str:
        """Return the etag of what was written with this change key; "", which stands for nothing
        that was ever seen, if somebody has changed it meanwhile.
        """
        now = self._by_id(Found(before.master, before.mark.spec.uid, binned=False), operation)
        return observed(now).etag if now.master.changekey == key else ""


def _is_quiet_shell(stored: Stored) -> bool:
    """Return whether a series was begun and nobody has been told of it."""
    begun = stored.mark.stage is Stage.BEGUN and stored.mark.before is None
    return begun and not stored.binned


def _series(items: Mapping[Uid, Stored | ValueError]) -> tuple[dict[Uid, ObservedSeries], set[Uid]]:
    """Return the series that are there, and the UIDs of those that cannot be understood."""
    series, unread = {}, set()
    for uid, item in items.items():
        if isinstance(item, ValueError):
            _log.warning("%s: %s %s", BACKEND, uid, item)
            unread.add(uid)
        elif item.is_there:
            series[uid] = observed(item)
    return series, unread
