"""Port Calendar on a calendar of Microsoft 365."""

import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from rmflow.adapters.graph import changes as writing
from rmflow.adapters.graph import event, listing
from rmflow.adapters.graph.busy import busy_times
from rmflow.adapters.graph.changes import Change
from rmflow.adapters.graph.client import GraphClient
from rmflow.adapters.graph.properties import State, shown
from rmflow.adapters.graph.reading import PREFER, SELECT, Held, held, timestamp
from rmflow.adapters.graph.settings import CalendarSettings
from rmflow.domain.busy import BusyTime
from rmflow.domain.people import Address
from rmflow.domain.series import ObservedSeries, SeriesSpec, Uid
from rmflow.errors import ChangedError, RejectedError, UnavailableError, UncertainError
from rmflow.ports.calendar import CalendarChanges, Capability
from rmflow.ports.checkup import Finding
from rmflow.ports.clock import Clock

_BACKEND = "graph calendar"
_PERMISSION = "Calendars.ReadWrite"
_PAGE = "200"
_DAY = timedelta(days=1)
_log = logging.getLogger(__name__)


class GraphCalendar:
    """Series in the default calendar of the programme's mailbox; Exchange invites people.

    Peculiarities (learn.microsoft.com/graph, read in November 2026; a page named below /graph/api).

    - A series is created as an event without guests, gets its exceptions, and last of all its
      guests: that request invites them, and marks the series as finished. What was only begun is
      continued by the next `create` and is otherwise as good as absent.
    - event-update: a change of a series mails every guest, once more for each exception; so one
      that touches single meetings only leaves the series alone, and its sequence stays behind.
      A change of guests alone mails only those who come or go.
    - A new time for the series makes Exchange forget its exceptions (seen in Outlook, nowhere
      documented): they are written after it, and it keeps the old sequence.
    - An occurrence that was taken out cannot come back (RejectedError), and none can be moved to
      or beyond the day of its neighbour (ErrorOccurrenceCrossingBoundary).
    - event-cancel: the event goes to Deleted Items, which cannot be searched for events and may be
      emptied. So a private event without guests is put down first, and remembers the UID.
      A series that was cancelled by hand, in Outlook, has vanished.
    - `transactionId` makes the service drop a repeated POST. What it answers, and for how long it
      remembers, is not documented: a look by our own property decides, 409 is a ChangedError.
    - Not verified on a live tenant: that guests of a series are taken along to its exceptions (if
      not, they are invited there one by one, after the request that decides), that answers to a
      single meeting make it an exception, and how long a filter lags behind a write.
    """

    capabilities = frozenset({Capability.SENDS_INVITATIONS, Capability.FREE_BUSY, Capability.ROOMS})
    settling = timedelta(minutes=1)
    found_again = "the UID, in a property of ours beside the event"

    def __init__(self, settings: CalendarSettings, folder: Path, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._client = GraphClient(settings, folder, backend=_BACKEND, needs=_PERMISSION)

    def changes(self, token: str, known: Collection[Uid]) -> CalendarChanges:
        """List our events and read those that changed; a missing one is looked for once more.

        A calendar without any series of ours while several are known is taken for the wrong one:
        `complete` is False and nothing has vanished.
        """
        entries = listing.every(self._client, "changes")
        if not entries and len(known) > 1:
            return CalendarChanges((), frozenset(), "", complete=False)
        seen, unread = [], set()
        for entry in entries.changed_since(token):
            try:
                series = self._read("changes", entry.id)
            except ValueError as error:
                _log.warning("%s: series %s %s", _BACKEND, entry.uid, error)
                unread.add(entry.uid)
            else:
                seen += [series.seen] if series else []
        missing = {uid for uid in known if entries.there(uid) is None}
        vanished = {uid for uid in missing if self._entry("changes", uid) is None}
        told = entries.token(without=unread | (missing - vanished))
        return CalendarChanges(tuple(seen), frozenset(vanished), told, complete=not unread)

    def look(self, uids: Collection[Uid]) -> Mapping[Uid, ObservedSeries]:
        """Find each by its UID. Raises RejectedError for one that a person must repair."""
        found = {}
        for uid in uids:
            entry = self._entry("look", uid)
            series = self._held("look", entry.id) if entry else None
            if series is not None:
                found[uid] = series.seen
        return found

    def create(self, spec: SeriesSpec) -> str:
        """Begin a series, or go on with one that was begun; inviting people is the last step."""
        entries = listing.of(self._client, "create", spec.uid)
        if entries.there(spec.uid) is not None:
            raise ChangedError(_BACKEND, "create", "its UID is taken")
        self._expressible(spec, "create")
        begun = entries.all(spec.uid, State.BEGUN)
        with self._one_write("create"):
            for extra in begun[1:]:
                self._client.write("create", "DELETE", self._at(extra.id))
            id = begun[0].id if begun else self._begin(spec)
            return self._bring("create", self._still("create", id), spec)

    def revise(self, spec: SeriesSpec, etag: str) -> str:
        """Write what differs: single meetings first, the series itself last."""
        there = self._live("revise", spec.uid)
        if there is None or there.seen.etag != etag:
            raise ChangedError(_BACKEND, "revise", "it is not as it was seen")
        if writing.retimed(there, spec):
            self._expressible(spec, "revise")
        if writing.cannot_restore(there, spec):
            reason = "a meeting that was taken out of a series cannot be put back in Exchange"
            raise RejectedError(_BACKEND, "revise", reason)
        with self._one_write("revise"):
            return self._bring("revise", there, spec)

    def cancel(self, spec: SeriesSpec, etag: str) -> None:
        """Remember that it was cancelled, then cancel it: the guests are told by Exchange."""
        entries = listing.of(self._client, "cancel", spec.uid)
        live = entries.all(spec.uid, State.FINISHED)
        there = self._held("cancel", live[0].id) if live else None
        if there is None:
            return
        if there.seen.etag != etag:
            raise ChangedError(_BACKEND, "cancel", "it is not as it was seen")
        with self._one_write("cancel"):
            if not entries.all(spec.uid, State.CANCELLED):
                at = self._client.mailbox("calendar", "events")
                self._client.write("cancel", "POST", at, body=event.tombstone(spec))
            if there.spec.attendees:
                self._client.write("cancel", "POST", self._at(there.id, "cancel"), body={})
            else:  # only a meeting, with guests, can be cancelled
                self._client.write("cancel", "DELETE", self._at(there.id))

    def busy(
        self, people: Collection[Address], start: datetime, end: datetime
    ) -> Mapping[Address, tuple[BusyTime, ...]]:
        """Ask for schedules, twenty people and two months at a time."""
        return busy_times(self._client, people, start, end)

    def checkup(self) -> Iterator[Finding]:
        """Log in, reach the mailbox, write a probe without guests, try what must be refused."""
        from rmflow.adapters.graph.calendar_checkup import examined

        return examined(self._client, self._settings, self._clock)

    def close(self) -> None:
        """End connections."""
        self._client.close()

    @contextmanager
    def _one_write(self, operation: str) -> Iterator[None]:
        """Make of several requests one write: after the first, nothing "did not happen"."""
        before = self._client.written
        try:
            yield
        except UnavailableError as error:
            if self._client.written == before:
                raise
            raise UncertainError(_BACKEND, operation, error.reason, error.retry_after) from error

    def _expressible(self, spec: SeriesSpec, operation: str) -> None:
        """Refuse what Exchange cannot keep before anything is written."""
        try:
            event.times(spec)
        except ValueError as error:
            raise RejectedError(_BACKEND, operation, str(error)) from error

    def _begin(self, spec: SeriesSpec) -> str:
        minutes = self._settings.reminder_minutes
        body = event.shell(
            spec,
            online=self._settings.online_meetings,
            reminder=timedelta(minutes=minutes) if minutes else None,
        )
        at = self._client.mailbox("calendar", "events")
        made = self._client.write("create", "POST", at, body=body)
        return str(made["id"])

    def _bring(self, operation: str, there: Held, spec: SeriesSpec) -> str:
        """Write what is between a series as it is held and as it is wanted; return its etag."""
        before = there
        if writing.retimed(there, spec):
            alone = not (spec.excluded or spec.moved or spec.elsewhere)
            there = self._write_series(operation, there, spec, last=alone)
        meetings = writing.of_meetings(there, spec)
        if meetings:
            self._write_meetings(operation, there, meetings)
            there = self._unchanged(operation, there)
        there = self._write_series(operation, there, spec, last=True)
        forgotten = list(writing.uninvited(before, there))
        if forgotten:
            self._write_meetings(operation, there, forgotten)
            there = self._still(operation, there.id)
        return there.seen.etag

    def _write_series(self, operation: str, there: Held, spec: SeriesSpec, *, last: bool) -> Held:
        body = writing.of_series(there, spec, last=last)
        if not body:
            return there
        self._client.write(
            operation, "PATCH", self._at(there.id), body=body, etag=there.version, prefer=PREFER
        )
        return self._still(operation, there.id)

    def _write_meetings(self, operation: str, there: Held, meetings: list[Change]) -> None:
        ids = self._ids(operation, there, meetings)
        for change in meetings:
            if change.original not in ids:
                reason = f"it has no meeting on {change.original:%Y-%m-%d}"
                raise RejectedError(_BACKEND, operation, reason)
            at = self._at(ids[change.original])
            if change.body is None:
                self._client.write(operation, "DELETE", at)
            else:
                self._client.write(operation, "PATCH", at, body=change.body, prefer=PREFER)

    def _ids(self, operation: str, there: Held, meetings: list[Change]) -> Mapping[datetime, str]:
        """Return the ids of these meetings, by original wall start."""
        ids = {at: occurrence.id for at, occurrence in there.occurrences.items()}
        plain = [change.original for change in meetings if change.original not in ids]
        if not plain:
            return ids
        zone = ZoneInfo(there.spec.zone)
        query = {
            "startDateTime": _utc(min(plain).replace(tzinfo=zone) - _DAY),
            "endDateTime": _utc(max(plain).replace(tzinfo=zone) + _DAY),
            "$select": "id,originalStart",
            "$top": _PAGE,
        }
        at = self._at(there.id, "instances")
        for found in self._client.pages(operation, at, query=query, prefer=PREFER):
            start = timestamp(found["originalStart"]).astimezone(zone).replace(tzinfo=None)
            ids[start] = found["id"]
        return ids

    def _unchanged(self, operation: str, before: Held) -> Held:
        """Return the series after its meetings were written, if nobody edited the rest of it."""
        there = self._still(operation, before.id)
        if writing.retimed(there, before.spec):
            raise ChangedError(_BACKEND, operation, "somebody moved it meanwhile")
        return there

    def _live(self, operation: str, uid: Uid) -> Held | None:
        entry = self._entry(operation, uid)
        there = self._held(operation, entry.id) if entry else None
        return there if there and not there.seen.cancelled else None

    def _entry(self, operation: str, uid: Uid) -> listing.Entry | None:
        return listing.of(self._client, operation, uid).there(uid)

    def _still(self, operation: str, id: str) -> Held:
        there = self._held(operation, id)
        if there is None:
            raise ChangedError(_BACKEND, operation, "it is gone")
        return there

    def _held(self, operation: str, id: str) -> Held | None:
        try:
            return self._read(operation, id)
        except ValueError as error:
            raise RejectedError(_BACKEND, operation, f"the series {error}") from error

    def _read(self, operation: str, id: str) -> Held | None:
        """Return the series in an event. Raises ValueError when it cannot be understood."""
        expand = f"exceptionOccurrences,{shown(details=True)}"
        query = {"$select": SELECT, "$expand": expand}
        found = self._client.read(operation, self._at(id), query=query, prefer=PREFER)
        return None if found is None else held(found)

    def _at(self, *names: str) -> str:
        return self._client.mailbox("events", *names)


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
