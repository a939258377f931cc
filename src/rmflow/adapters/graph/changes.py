"""What has to be written so that a series in Exchange becomes the one that is wanted.

Pure: from what is held and what is wanted to bodies of requests. Every request but the last leaves
the series as it was in what decides (`app.doubts.stands`), so that a cut shows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rmflow.adapters.graph.event import attendees, location, place_of, span, times, wording
from rmflow.adapters.graph.properties import Details, State, marking
from rmflow.adapters.graph.reading import Held
from rmflow.domain.series import Attendee, Place, SeriesSpec

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one meeting, by its original wall start; `body` None takes it out."""

    original: datetime
    body: Json | None


def retimed(held: Held, wanted: SeriesSpec) -> bool:
    """Return whether the series itself moves. Exchange then forgets its exceptions."""
    return _times(held.spec) != _times(wanted)


def cannot_restore(held: Held, wanted: SeriesSpec) -> bool:
    """Return whether a meeting should come back that was taken out: Exchange has no way to."""
    return not retimed(held, wanted) and bool(held.spec.excluded - wanted.excluded)


def of_meetings(held: Held, wanted: SeriesSpec) -> list[Change]:
    """Return the changes of single meetings; those taken out come last, the nearest at the end."""
    touched = held.occurrences.keys() | wanted.moves.keys() | wanted.places.keys()
    kept = sorted(touched - wanted.excluded)
    bodies = ((at, _meeting(held, wanted, at)) for at in kept)
    edits = [Change(at, body) for at, body in bodies if body]
    gone = sorted(wanted.excluded - held.spec.excluded, reverse=True)
    return [*edits, *(Change(at, None) for at in gone)]


def of_series(held: Held, wanted: SeriesSpec, *, last: bool) -> Json:
    """Return the change of the series itself, {} if there is none.

    `last`: nothing follows, so it may carry the sequence and the mark that all is done. A change of
    guests alone carries nothing else: then only those hear of it who come or go.
    """
    body = _series_body(held, wanted)
    if held.state is State.BEGUN and not last:
        body.pop("attendees", None)
    finishes = last and held.state is State.BEGUN
    if not finishes and body.keys() <= {"attendees"}:
        return body
    sequence = wanted.sequence if last else held.spec.sequence
    state = State.FINISHED if finishes else held.state
    details = Details.of(wanted, sequence)
    return {**body, "singleValueExtendedProperties": marking(wanted.uid, state, details)}


def uninvited(before: Held, now: Held) -> Iterator[Change]:
    """Yield the meetings of their own whose people did not follow those of the series.

    Exchange takes those who come or go along to them, as far as is documented; where it did not,
    we do. Whom somebody has invited to one meeting only, or spared it, stays so.
    """
    came = _people(now.spec.attendees) - _people(before.spec.attendees)
    left = _people(before.spec.attendees) - _people(now.spec.attendees)
    for at, there in sorted(now.occurrences.items()):
        known = _people(there.attendees)
        if came <= known and not left & known:
            continue
        stay = [guest for guest in there.attendees if guest.address not in left]
        new = [g for g in now.spec.attendees if g.address in came - known]
        yield Change(at, {"attendees": attendees([*stay, *new])})


def _series_body(held: Held, wanted: SeriesSpec) -> Json:
    seen = held.spec
    body: Json = {}
    if retimed(held, wanted):
        body |= times(wanted)
    if seen.location != wanted.location or _rooms(seen.attendees) != _rooms(wanted.attendees):
        body["location"] = location(place_of(wanted))
    if (seen.summary, seen.description) != (wanted.summary, wanted.description):
        words = wording(wanted)
        body |= {"subject": words["subject"]} if held.online else words
    if _invitations(seen.attendees) != _invitations(wanted.attendees):
        body["attendees"] = attendees(wanted.attendees)
    return body


def _meeting(held: Held, wanted: SeriesSpec, at: datetime) -> Json:
    """Return what one meeting needs besides its guests, {} for nothing."""
    start, place = _as_held(held, at)
    start_wanted = wanted.moves.get(at, at)
    place_wanted = wanted.places.get(at)
    body: Json = {}
    if start != start_wanted:
        body |= span(wanted, start_wanted)
    # Where a meeting has no place of its own it follows the series, whatever that will be.
    if place_wanted is None and place != held.place:
        body["location"] = location(place_of(wanted))
    elif place_wanted is not None and place != place_wanted:
        body["location"] = location(place_wanted)
    return body | _room(held, wanted, at)


def _room(held: Held, wanted: SeriesSpec, at: datetime) -> Json:
    """Return the guests of one meeting if its room is another one."""
    there = held.occurrences.get(at)
    invited = there.attendees if there else held.spec.attendees
    place = wanted.places.get(at)
    guests = wanted.attendees if place is None else wanted.attendees_at(place)
    if _rooms(invited) == _rooms(guests):
        return {}
    people = [guest for guest in invited if not guest.room]
    return {"attendees": attendees([*people, *(guest for guest in guests if guest.room)])}


def _as_held(held: Held, at: datetime) -> tuple[datetime, Place]:
    there = held.occurrences.get(at)
    return (there.start, there.place) if there else (at, held.place)


def _times(spec: SeriesSpec) -> tuple[object, ...]:
    return spec.zone, spec.start, spec.duration, spec.rrule


def _rooms(invited: Iterable[Attendee]) -> set[str]:
    return {attendee.address for attendee in invited if attendee.room}


def _people(invited: Iterable[Attendee]) -> set[str]:
    return {attendee.address for attendee in invited if not attendee.room}


def _invitations(invited: Iterable[Attendee]) -> set[tuple[object, ...]]:
    """Return who is invited as what; Exchange may know people under another name."""
    return {(attendee.address, attendee.optional, attendee.room) for attendee in invited}
