"""The programme's meetings in the calendar of a mailbox on an Exchange server."""

import logging
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from rmflow.adapters.exchange.account import MailboxAccount
from rmflow.adapters.exchange.availability import busy_times
from rmflow.adapters.exchange.checkup import examined
from rmflow.adapters.exchange.item import Stored, observed
from rmflow.adapters.exchange.mark import Mark, Stage
from rmflow.adapters.exchange.reading import Found, SeriesReader, best_of
from rmflow.adapters.exchange.revision import Revision
from rmflow.adapters.exchange.settings import ExchangeSettings
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
    """Port Calendar on Exchange Web Services; the organiser is the mailbox of the settings."""

    capabilities: frozenset[Capability] = frozenset(
        {Capability.SENDS_INVITATIONS, Capability.FREE_BUSY, Capability.ROOMS}
    )

    def __init__(self, settings: ExchangeSettings, folder: Path, clock: Clock) -> None:
        self._settings = settings
        self._folder = folder
        self._clock = clock
        self._account = MailboxAccount(settings, folder)
        self._reader = SeriesReader(self._account)

    def changes(self, token: str, known: Collection[Uid]) -> CalendarChanges:
        """Ask Exchange what is new since its own state, which is the token.

        It names deleted items by ids that say nothing: after a deletion our items are listed, and
        what is missing is looked for in Deleted Items.
        """
        changes = changes_since(self._account, token)
        items = self._reader.read(changes.found, "changes")
        missing: set[Uid] = set()
        if changes.whole or changes.deleted:
            there = changes.found if changes.whole else self._reader.all_in_calendar("changes")
            missing = set(known) - {one.uid for one in there}
            items += self._reader.read(self._reader.find(missing, "changes"), "changes")
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
        yield from examined(self._settings, self._folder, self._clock)

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
            raise UncertainError(
                BACKEND, operation, f"written, not read: {error.reason}"
            ) from error
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
