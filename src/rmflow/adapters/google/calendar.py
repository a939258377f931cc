"""Google Calendar: the port Calendar, on the calendar of the programme's mailbox."""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from rmflow.adapters.google.calendar_checkup import examined
from rmflow.adapters.google.calendar_events import BACKEND, CalendarEvents, grouped
from rmflow.adapters.google.calendar_settings import CalendarSettings
from rmflow.adapters.google.calendar_writing import SeriesWriter
from rmflow.adapters.google.client import connected
from rmflow.adapters.google.event import (
    BEGUN,
    FINISHED,
    Event,
    event_id,
    is_ours,
    mark_of,
    meetings_of_their_own,
    new_event,
)
from rmflow.adapters.google.event_reading import Held
from rmflow.adapters.google.free_busy import busy_times
from rmflow.domain.busy import BusyTime
from rmflow.domain.people import Address
from rmflow.domain.series import ObservedSeries, SeriesSpec, Uid
from rmflow.errors import ChangedError, RejectedError, UnavailableError
from rmflow.ports.calendar import CalendarChanges, Capability
from rmflow.ports.checkup import Finding
from rmflow.ports.clock import Clock

_log = logging.getLogger(__name__)


class GoogleCalendar:
    """Port Calendar.

    Peculiarities (developers.google.com/workspace/calendar/api: the guides "Recurring events",
    "Synchronize resources efficiently", "Extended properties", "Handle API errors" and the
    reference of Events, read 2026-11).

    - The id of an event is ours to choose, and stays taken after it was deleted: what somebody
      deleted cannot come back under the same UID. Collisions are not always noticed at once, so
      we look before we insert.
    - Private extended properties hold what a Google event has no place for: pairing, UID, number
      of the revision, organiser, and how far the writing has come. Guests cannot see them.
    - A meeting that differs from the rule is an event of its own, named after its original start.
      It is only listed with its series when asked for by iCalUID, and only its id, its series
      and its original start are sure to be there when it is cancelled.
    - A sync token is another one each time, also when nothing has changed: then we keep the old
      one. It cannot be had for a listing that is narrowed down, so a full listing reads the whole
      calendar; a calendar of the programme's own keeps that short.
    - Google's own etags guard each single write (If-Match). Ours are made of the series as we
      read it: an answer is no edit.
    - "This and following meetings" ends the series and makes another event, with a copy of our
      mark. The first is seen as shorter; the second is somebody's own and is left alone.
    - Dates beside the rule (RDATE) are kept and not seen. A rule that is not ours (daily, all
      day) cannot be followed: until somebody changes it back, nothing is concluded from what is
      missing in the calendar.
    - `sendUpdates=none` may keep a change from guests outside Google, so it is used only where
      nothing changes for them.

    Assumed, because no document says so: Google keeps EXDATE lines of `recurrence` as they are;
    a cancelled meeting comes back by setting its `status` to "confirmed"; answers stay when
    guests are added. Whether an exception follows its series in what was not said of it, and
    whether it changes the etag of the series, does not matter here.
    """

    backend = "google"
    capabilities = frozenset({Capability.SENDS_INVITATIONS, Capability.FREE_BUSY, Capability.ROOMS})
    found_again = "the event's id, which is made of the UID"
    settling = timedelta(minutes=1)

    def __init__(self, settings: CalendarSettings, folder: Path, clock: Clock) -> None:
        self._settings = settings
        self._folder = folder
        self._clock = clock
        self._events = CalendarEvents(
            lambda: connected(settings, folder, "calendar", "v3", settings.scopes),
            settings.calendar,
        )

    def changes(self, token: str, known: Collection[Uid]) -> CalendarChanges:
        """Ask what changed since the token, or, where it is good no more, read everything.

        A calendar without any series of ours while some are known is taken for the wrong one:
        `complete` is False and nothing has vanished.
        """
        changed = self._events.since(token) if token else None
        if changed is None:
            return self._everything(known)
        items, following = changed
        if not items:
            return CalendarChanges((), frozenset(), token)
        held, gone = self._touched(items, known)
        seen, complete = _understood(held)
        return CalendarChanges(seen, gone, following, complete)

    def look(self, uids: Collection[Uid]) -> Mapping[Uid, ObservedSeries]:
        """Read these series. Raises RejectedError for one that a person must repair."""
        found = {}
        for uid in uids:
            held = self._events.held(event_id(uid))
            if held is None or not held.there:
                continue
            try:
                found[uid] = held.series()
            except ValueError as error:
                raise RejectedError(BACKEND, "look", f"{held.event['id']} {error}") from error
        return found

    def create(self, spec: SeriesSpec) -> str:
        """Insert the event, finished if no meeting is unlike its rule, or go on with a begun one.

        The invitations leave with the insertion.
        """
        held = self._events.held(event_id(spec.uid))
        if held is None:
            held = self._inserted(spec)
        elif held.cancelled and not held.ours:
            reason = "its meetings were deleted here before, and Google keeps their id for good"
            raise RejectedError(BACKEND, "create", reason)
        elif held.cancelled or not held.ours or held.state != BEGUN:
            raise ChangedError(BACKEND, "create", f"{held.event['id']} is there already")
        return self._finished(spec, held)

    def revise(self, spec: SeriesSpec, etag: str) -> str:
        """Bring the event and its single meetings to what is wanted; see SeriesWriter."""
        held = self._events.held(event_id(spec.uid))
        if held is None or held.cancelled or not held.there or _etag(held) != etag:
            reason = f"{event_id(spec.uid)} is not as it was seen"
            raise ChangedError(BACKEND, "revise", reason)
        return self._finished(spec, held)

    def cancel(self, spec: SeriesSpec, etag: str) -> None:
        """Delete the event: it stays findable as cancelled, and the guests are told."""
        held = self._events.held(event_id(spec.uid))
        if held is None or held.cancelled or not held.ours:
            return
        if held.there and _etag(held) != etag:
            reason = f"{held.event['id']} is not as it was seen"
            raise ChangedError(BACKEND, "cancel", reason)
        self._events.delete(held.event, "all")

    def busy(
        self, people: Collection[Address], start: datetime, end: datetime
    ) -> Mapping[Address, tuple[BusyTime, ...]]:
        """Return when these people are busy, as far as the mailbox may see their calendars."""
        return busy_times(self._events.connection.api, people, start, end)

    def checkup(self) -> Iterator[Finding]:
        """Try each right; a probe without guests is written and deleted."""
        yield from examined(self._events, self._settings, self._folder, self._clock)

    def close(self) -> None:
        """End connections. Quiet when there are none."""
        self._events.close()

    def _inserted(self, spec: SeriesSpec) -> Held:
        state = BEGUN if any(meetings_of_their_own(spec)) else FINISHED
        modify, meet = self._settings.guests_can_modify, self._settings.online_meeting
        body = new_event(spec, state, guests_can_modify=modify)
        event = self._events.insert(body, told="all", meet=meet)
        if event is None:
            reason = f"{body['id']} is taken, and cannot be seen yet"
            raise UnavailableError(BACKEND, "create", reason)
        return Held(event)

    def _finished(self, spec: SeriesSpec, held: Held) -> str:
        try:
            return SeriesWriter(self._events, spec).finish(held).series().etag
        except ValueError as error:
            reason = f"{held.event['id']} {error}"
            raise ChangedError(BACKEND, "write", reason) from error

    def _everything(self, known: Collection[Uid]) -> CalendarChanges:
        items, token = self._events.everything()
        held = list(grouped(items))
        _warn_of_copies(items)
        if known and not held:
            return CalendarChanges((), frozenset(), "", complete=False)
        listed = {each.event["id"] for each in held}
        vanished = frozenset(uid for uid in known if event_id(uid) not in listed)
        seen, complete = _understood(held)
        return CalendarChanges(seen, vanished, token, complete)

    def _touched(
        self, items: Iterable[Event], known: Collection[Uid]
    ) -> tuple[list[Held], frozenset[Uid]]:
        """Return the series of ours that changed, each read once, and what has been deleted
        without a trace.
        """
        _warn_of_copies(items)
        ids = {event_id(uid): uid for uid in known}
        touched = {item.get("recurringEventId") or item["id"] for item in items}
        ours = {item["id"] for item in items if is_ours(item)} | ids.keys()
        held, gone = [], set()
        for id in sorted(touched & ours):
            series = self._events.held(id)
            if series is not None and series.ours:
                held.append(series)
            elif id in ids:
                gone.add(ids[id])
        return held, frozenset(gone)


def _understood(held: Iterable[Held]) -> tuple[tuple[ObservedSeries, ...], bool]:
    """Return what can be said as a series of ours, and whether all of it can."""
    seen, complete = [], True
    for each in held:
        if each.there:
            try:
                seen.append(each.series())
            except ValueError as error:
                _log.warning("%s: %s %s", GoogleCalendar.backend, each.event["id"], error)
                complete = False
    return tuple(seen), complete


def _etag(held: Held) -> str:
    """Return the etag of a series; "", which none has, if it cannot be understood."""
    try:
        return held.series().etag
    except ValueError:
        return ""


def _warn_of_copies(items: Iterable[Event]) -> None:
    for item in items:
        if "recurringEventId" not in item and mark_of(item) and not is_ours(item):
            text = "%s: %s was split off a series by hand; it is not followed"
            _log.warning(text, GoogleCalendar.backend, item["id"])
