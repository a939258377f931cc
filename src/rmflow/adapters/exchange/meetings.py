"""Single meetings that are to differ from their series: what has to be written for them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from rmflow.adapters.exchange.item import Stored, original_start, rooms_of, wall, zone_shown
from rmflow.adapters.exchange.recurrence import same_rule
from rmflow.adapters.exchange.writing import guests, room_of, rooms, same_people, span
from rmflow.adapters.exchange.zones import is_shown_as
from rmflow.domain.recurrence import original_wall_start, sessions
from rmflow.domain.series import Place, SeriesSpec

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class MeetingChange:
    """One meeting, by its number from 1 in the whole rule; `fields` None takes it out."""

    index: int
    fields: Mapping[str, Any] | None


def numbers_of(spec: SeriesSpec) -> Mapping[datetime, int]:
    """Return the meetings of a rule by their original start, numbered from 1, as far as `spec`
    says anything of single ones, and always the first.
    """
    named = {spec.start, *spec.excluded, *spec.moves, *spec.places}
    plain = replace(spec, excluded=frozenset(), moved=())
    until = max(named).replace(tzinfo=UTC) + timedelta(days=2)
    found = sessions(plain, _LONG_AGO, until)
    return {original_wall_start(spec, session.id): session.number for session in found}


def has_meetings(spec: SeriesSpec) -> bool:
    """Return whether any meeting takes place."""
    beyond = max({spec.start, *spec.excluded}).replace(tzinfo=UTC) + timedelta(days=400)
    return bool(sessions(replace(spec, moved=()), _LONG_AGO, beyond))


def needs_new_pattern(stored: Stored, wanted: SeriesSpec) -> bool:
    """Return whether times or rule must be written anew, which makes all meetings alike again.

    A meeting that was taken out comes back in no other way.
    """
    item, zone = stored.master, wanted.zone
    length = item.end.timestamp() - item.start.timestamp()
    return not (
        is_shown_as(zone, zone_shown(item))
        and wall(item.start, zone) == wanted.start
        and length == wanted.duration.total_seconds()
        and same_rule(item.recurrence, wanted.rrule, wanted.start, zone)
        and _gone(stored, zone) <= wanted.excluded
    )


def quiet_changes(stored: Stored, wanted: SeriesSpec) -> list[MeetingChange]:
    """Return what has to be written before anybody hears of it: meetings taken out, then moved or
    held elsewhere, or put back, and who comes to them.
    """
    numbers = numbers_of(wanted)
    out = sorted((wanted.excluded & numbers.keys()) - _gone(stored, wanted.zone))
    changes = [MeetingChange(numbers[original], None) for original in out]
    for original, meeting in _differing(stored, wanted, numbers):
        fields = _fields(stored, wanted, original, meeting)
        if fields:
            changes.append(MeetingChange(numbers[original], fields))
    return changes


def room_changes(stored: Stored, wanted: SeriesSpec) -> list[MeetingChange]:
    """Return which single meetings need another room than they have. A room books itself when it
    is invited, so these are not quiet: the rooms concerned are mailed, nobody else.
    """
    numbers = numbers_of(wanted)
    usual = {a.address: a.name for a in wanted.attendees if a.room}
    changes = []
    for original, meeting in _differing(stored, wanted, numbers):
        place = wanted.places.get(original)
        here = set(rooms_of(meeting)) if meeting else set(usual)
        if here != (set(usual) if place is None else _rooms(place)):
            fields = rooms(usual.items()) if place is None else room_of(place)
            changes.append(MeetingChange(numbers[original], fields))
    return changes


def _differing(
    stored: Stored, wanted: SeriesSpec, numbers: Mapping[datetime, int]
) -> Iterator[tuple[datetime, Any | None]]:
    """Yield original starts of meetings that do, or shall, differ, with what is stored of them."""
    there = {original_start(meeting, wanted.zone): meeting for meeting in stored.meetings}
    named = there.keys() | wanted.moves.keys() | wanted.places.keys()
    for original in sorted((named & numbers.keys()) - wanted.excluded):
        yield original, there.get(original)


def _fields(
    stored: Stored, wanted: SeriesSpec, original: datetime, meeting: Any | None
) -> dict[str, Any]:
    """Return what is to be written for one meeting; nothing where it takes after the series."""
    fields: dict[str, Any] = {}
    begin, end = span(wanted, wanted.moves.get(original, original))
    usual = span(wanted, original)
    if (begin, end) != ((meeting.start, meeting.end) if meeting else usual):
        fields |= {"start": begin, "end": end}
    location = _location(stored, wanted, wanted.places.get(original), meeting)
    if location is not None:
        fields["location"] = location
    if meeting and not same_people(meeting, wanted.attendees):
        people = [attendee for attendee in wanted.attendees if not attendee.room]
        fields |= guests(people, meeting)
        del fields["resources"]
    return fields


def _location(
    stored: Stored, wanted: SeriesSpec, place: Place | None, meeting: Any | None
) -> str | None:
    """Return the location to write, None where the right one is there or comes with the series."""
    usual = stored.master.location or ""
    here = (meeting.location or "") if meeting else usual
    if place is not None:
        stays = here == place.name and (here != usual or usual == wanted.location)
        return None if stays else place.name
    return None if here in (usual, wanted.location) else wanted.location


def _gone(stored: Stored, zone: str) -> set[datetime]:
    return {wall(one.start, zone) for one in stored.master.deleted_occurrences or ()}


def _rooms(place: Place) -> set[str]:
    return {place.room} if place.room else set()
