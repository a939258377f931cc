"""Writing a series: the requests it takes, in an order in which every cut is harmless."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from rmflow.adapters.google.calendar_events import BACKEND, CalendarEvents, Told
from rmflow.adapters.google.event import (
    BEGUN,
    CHANGING,
    FINISHED,
    SEQUENCE,
    Event,
    Meeting,
    mark_change,
    mark_of,
    meetings_of_their_own,
    recurrence_of,
    series_change,
    time_change,
)
from rmflow.adapters.google.event_reading import Held
from rmflow.adapters.google.event_times import meets, wall
from rmflow.domain.series import SeriesSpec
from rmflow.errors import ChangedError, RejectedError

_CANCELLED = {"status": "cancelled"}


@dataclass(frozen=True)
class SeriesWriter:
    """Brings a series from what Google holds to what is wanted.

    1. Where the times of the series change, meetings that are of no such time any more are
       cancelled, and, if single meetings follow, its event gets the new times.
    2. Single meetings, each only if it is not yet as wanted: moved, elsewhere, taken out, put
       back. They are fetched first and changed only as they were fetched.
    3. The event: what is left to change, and the mark that says that all of it is done.

    Guests hear of the series once (3, or 1). Of single meetings they hear one by one, guests at
    Google only if they do not hear of the series: in their calendars all is right anyway.
    """

    events: CalendarEvents
    spec: SeriesSpec

    def finish(self, held: Held) -> Held:
        """Do what is left to do. Raises ChangedError if somebody else changes it meanwhile."""
        anew = bool(time_change(held.event, self.spec))
        told: Told = "all"
        if held.state != FINISHED or series_change(held.event, self.spec, self._exdates(held)):
            told = "externalOnly"
        if anew:
            held = self._cleared(held)
        if self._series_first(held):
            held = self._series_changed(held)
        if self._meetings(held):
            held = self._refreshed(self._with_meetings(held, told))
        return self._marked(held)

    def _cleared(self, held: Held) -> Held:
        """Cancel what the new times have no meeting for; the guests hear of the new times."""
        exceptions = {}
        for id, exception in held.exceptions.items():
            original = wall(exception.get("originalStartTime"), ZoneInfo(self.spec.zone))
            if exception.get("status") != "cancelled" and not meets(self.spec, original):
                exceptions[id] = self.events.patch(exception, _CANCELLED, "none")
        if not exceptions:
            return held
        return self._refreshed(replace(held, exceptions={**held.exceptions, **exceptions}))

    def _series_first(self, held: Held) -> bool:
        """Return whether the event must change before its meetings can: before, they are not."""
        own = {meeting.original for meeting in meetings_of_their_own(self.spec)}
        if time_change(held.event, self.spec):
            return bool(own)
        return not own.isdisjoint(recurrence_of(held.event).excluded)

    def _series_changed(self, held: Held) -> Held:
        """Give the event its content, under the old number: it is not done."""
        known = int(mark_of(held.event).get(SEQUENCE, "0"))
        state = BEGUN if held.state == BEGUN else CHANGING
        change = series_change(held.event, self.spec, self._exdates(held))
        mark = mark_change(held.event, replace(self.spec, sequence=known), state)
        self.events.patch(held.event, change | mark, "all")
        again = self.events.held(held.event["id"])
        if again is None:
            raise ChangedError(BACKEND, "patch", "the series is gone")
        return again

    def _meetings(self, held: Held) -> list[Meeting]:
        """Return the single meetings that are or shall be unlike the rule, in order."""
        originals = {meeting.original for meeting in meetings_of_their_own(self.spec)}
        if not time_change(held.event, self.spec):
            originals |= self.spec.excluded - self._exdates(held)
            originals |= set(self._exceptional(held))
        return [Meeting(self.spec, original) for original in sorted(originals)]

    def _exceptional(self, held: Held) -> Iterator[datetime]:
        for exception in held.exceptions.values():
            original = held.original(exception)
            if meets(self.spec, original):
                yield original

    def _with_meetings(self, held: Held, told: Told) -> Held:
        exceptions = dict(held.exceptions)
        for meeting in self._meetings(held):
            instance = exceptions.get(meeting.id) or self._instance(meeting)
            change = meeting.change(instance)
            if change:
                exceptions[meeting.id] = self.events.patch(instance, change, told)
        return replace(held, exceptions=exceptions)

    def _instance(self, meeting: Meeting) -> Event:
        instance = self.events.get(meeting.id)
        if instance is None:
            reason = f"there is no meeting at {meeting.original:%Y-%m-%d %H:%M} to change"
            raise RejectedError(BACKEND, "patch", reason)
        return instance

    def _exdates(self, held: Held) -> frozenset[datetime]:
        """Return what the event's own lines take out.

        Where the rule stays, these lines do: a meeting that is cancelled by itself is announced
        as such, and its cancellation can be taken back.
        """
        if time_change(held.event, self.spec):
            return self.spec.excluded
        lines = recurrence_of(held.event).excluded
        return frozenset(at for at in self.spec.excluded if at in lines or not meets(self.spec, at))

    def _refreshed(self, held: Held) -> Held:
        """Read the event again: nobody says whether its etag changes with its exceptions."""
        event = self.events.get(held.event["id"])
        if event is None or not _same(event, held.event):
            raise ChangedError(BACKEND, "patch", "somebody changes it at the same time")
        return replace(held, event=event)

    def _marked(self, held: Held) -> Held:
        """Change what is left of the event; its mark makes the whole a fact."""
        change = series_change(held.event, self.spec, self._exdates(held))
        told: Told = "all" if change else "none"
        change |= mark_change(held.event, self.spec, FINISHED)
        if not change:
            return held
        return replace(held, event=self.events.patch(held.event, change, told))


def _same(one: Event, other: Event) -> bool:
    """Return whether two readings of an event are the same series; answers are no difference."""
    return Held(one).series().etag == Held(other).series().etag
