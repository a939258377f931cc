"""Writing a series so that every cut is harmless.

    1  the pattern, if it changes; else, if meetings change, a note in the mark     nobody is told
    2  each meeting that differs                                                    nobody is told
    3  the series and its mark: the one request that tells people
    4  rooms of single meetings, and the mark again, if there are any               rooms are told

Until 3 the series is shown as it was before, or not at all; between 3 and 4 as well, so that
the next call goes on from there. What is there already is not written again.
"""

from rmflow.adapters.exchange.item import Stored, people_of, spec_of
from rmflow.adapters.exchange.mark import Mark, Stage
from rmflow.adapters.exchange.meetings import (
    MeetingChange,
    has_meetings,
    needs_new_pattern,
    quiet_changes,
    room_changes,
)
from rmflow.adapters.exchange.reading import Found, SeriesReader
from rmflow.adapters.exchange.wire import BACKEND
from rmflow.adapters.exchange.writing import (
    Audience,
    SeriesWriter,
    guests,
    same_people,
    same_rooms,
    words,
)
from rmflow.domain.series import SeriesSpec
from rmflow.errors import ChangedError, RejectedError


class Revision:
    """Brings a stored series to what is wanted. `operation` is for messages."""

    def __init__(self, reader: SeriesReader, writer: SeriesWriter, operation: str) -> None:
        self._reader = reader
        self._writer = writer
        self._operation = operation

    def check(self, wanted: SeriesSpec) -> None:
        """Raise RejectedError for a series that Exchange cannot keep."""
        self._writer.times(wanted)
        if not has_meetings(wanted):
            reason = "Exchange keeps no series without a meeting"
            raise RejectedError(BACKEND, self._operation, reason)

    def carry_out(self, stored: Stored, wanted: SeriesSpec) -> str:
        """Write what is missing, and return the change key of the last write."""
        mark = stored.mark
        key = ""
        if not (mark.stage is Stage.TOLD and mark.spec == wanted):
            finished = mark.stage is Stage.FINISHED
            before = spec_of(stored) if finished else mark.before
            stored = self._prepared(stored, Mark(Stage.BEGUN, wanted, before))
            mark, key = self._told(stored, wanted, before)
        if mark.stage is Stage.FINISHED:
            return key
        stored = self._again(stored)
        self._write(stored, room_changes(stored, wanted), Audience.CHANGED)
        master = self._again(stored).master
        return self._writer.update(master, {}, Mark(Stage.FINISHED, wanted), Audience.NOBODY)

    def _prepared(self, stored: Stored, begun: Mark) -> Stored:
        """Do what nobody is told of, and return the series as it is then."""
        wanted = begun.spec
        if needs_new_pattern(stored, wanted):
            self._writer.update(stored.master, self._writer.times(wanted), begun, Audience.NOBODY)
            stored = self._unchanged(stored, wanted)
        changes = quiet_changes(stored, wanted)
        if not changes:
            return stored
        if stored.mark.stage is not Stage.BEGUN:
            self._writer.update(stored.master, {}, begun, Audience.NOBODY)
        self._write(stored, changes, Audience.NOBODY)
        return self._unchanged(stored, wanted)

    def _told(
        self, stored: Stored, wanted: SeriesSpec, before: SeriesSpec | None
    ) -> tuple[Mark, str]:
        """Write the series itself. Return its mark and its change key."""
        rooms_wait = bool(room_changes(stored, wanted))
        mark = Mark(Stage.TOLD, wanted, before) if rooms_wait else Mark(Stage.FINISHED, wanted)
        fields = words(wanted)
        master = stored.master
        if not (same_people(master, wanted.attendees) and same_rooms(master, wanted.attendees)):
            fields |= guests(wanted.attendees, master)
        return mark, self._writer.update(master, fields, mark, _audience(before, wanted))

    def _write(self, stored: Stored, changes: list[MeetingChange], audience: Audience) -> None:
        for change in changes:
            if change.fields is None:
                self._writer.drop_meeting(stored.master, change.index)
            else:
                self._writer.update_meeting(stored.master, change.index, change.fields, audience)

    def _unchanged(self, stored: Stored, wanted: SeriesSpec) -> Stored:
        """Return the series as it is now. Raises ChangedError if others have a hand in it."""
        now = self._again(stored)
        if needs_new_pattern(now, wanted) or _others_part(now) != _others_part(stored):
            raise ChangedError(BACKEND, self._operation, "somebody edits it at this moment")
        return now

    def _again(self, stored: Stored) -> Stored:
        found = Found(stored.master, stored.mark.spec.uid, binned=False)
        for _, item in self._reader.read([found], self._operation):
            if isinstance(item, Stored):
                return item
        raise ChangedError(BACKEND, self._operation, "it has gone")


def _others_part(stored: Stored) -> object:
    """Return what we leave alone until people are told."""
    item = stored.master
    return item.subject, item.location, item.text_body, set(people_of(item))


def _audience(before: SeriesSpec | None, wanted: SeriesSpec) -> Audience:
    """Return whom a change concerns. New words alone concern nobody."""
    if before is None:
        return Audience.ALL

    def meetings(spec: SeriesSpec) -> object:
        times = spec.zone, spec.start, spec.duration, spec.rrule, spec.location
        return times, spec.excluded, frozenset(spec.moved), frozenset(spec.elsewhere)

    def guest_list(spec: SeriesSpec) -> object:
        return {(attendee.address, attendee.optional) for attendee in spec.attendees}

    if meetings(before) != meetings(wanted):
        return Audience.ALL
    return Audience.NOBODY if guest_list(before) == guest_list(wanted) else Audience.CHANGED
