"""The first invitation of a pairing: when, how often, where, who."""

from datetime import date, datetime
from math import gcd
from zoneinfo import ZoneInfo

from rmflow.domain.keys import key_of
from rmflow.domain.pairing import Slot
from rmflow.domain.people import Participant
from rmflow.domain.programme import Cadence
from rmflow.domain.recurrence import end_of, rule_of, sessions
from rmflow.domain.series import Attendee, SeriesSpec, Uid
from rmflow.planner.actions import CreateSeries, Note
from rmflow.planner.exceptions import taken, with_exceptions
from rmflow.planner.notes import question
from rmflow.planner.rhythm import rhythm
from rmflow.planner.scene import Scene
from rmflow.planner.slots import common_slots, first_starts, free_start

_MOST_TITLE = 255


def create(scene: Scene, *, anew: bool) -> CreateSeries | Note | None:
    """Return the action that makes the series of a pairing, or the question why none can be.

    None when it was tried, refused, and left to a person; `anew`: that person says, try again.
    None, too, when nobody knows how often they are to meet: the roster's owner is told that.
    """
    if _cadence(scene) is None:
        return None
    generation = 1 + max((known.generation for known in scene.history.series), default=-1)
    while anew and scene.key("create", str(generation)) in scene.done:
        generation += 1
    key = scene.key("create", str(generation))
    if key in scene.done:
        return None
    spec = planned(scene, generation)
    if spec is None:
        text = (
            "No time suits both: their working hours do not overlap. Write a time into the column "
            '"slot" of the roster, for example "Tue 16:00" (the mentor\'s local time).'
        )
        return question(scene, "no-slot", text, scene.asked)
    if scene.programme.end is not None and spec.start.date() > scene.programme.end:
        text = "The programme ends before the two could meet for the first time."
        return question(scene, "too-late", text, scene.wish)
    return CreateSeries(key, scene.pairing.id, spec, generation, scene.wish)


def planned(scene: Scene, generation: int) -> SeriesSpec | None:
    """Return the series as it would be made today, None when no slot suits both."""
    cadence = _cadence(scene)
    start = _first_start(scene, cadence) if cadence else None
    if cadence is None or start is None:
        return None
    spec, _ = with_exceptions(scene, _new_spec(scene, cadence, start, generation))
    return spec


def attendees(scene: Scene) -> tuple[Attendee, ...]:
    """Return the two people as attendees, mentor first, and the room if it can be booked."""

    def attendee(person: Participant) -> Attendee:
        return Attendee(person.address, person.name)

    place = scene.place
    room = (Attendee(place.room, place.name, room=True),) if place.room else ()
    return attendee(scene.mentor), attendee(scene.mentee), *room


def series_uid(scene: Scene, generation: int) -> Uid:
    """Return the UID that the series of this generation has, made or not."""
    domain = scene.programme.mailbox.rpartition("@")[2]
    return Uid(f"{scene.key('series', str(generation))}@{domain}")


def _cadence(scene: Scene) -> Cadence | None:
    return rhythm(scene.programme, scene.pairing, scene.history.series)


def _first_start(scene: Scene, cadence: Cadence) -> datetime | None:
    """Return the wall time of the first meeting, None when no slot suits both.

    Of the slots in question the one with the fewest other appointments beside its meetings wins.
    """
    slots = [scene.slot] if scene.slot else _slots(scene, cadence, _earliest(scene))
    best, fewest = None, None
    for slot in slots:
        start = first_meeting(scene, slot, scene.pairing.start)
        if start is None:
            continue
        beside = _appointments_beside(scene, cadence, start)
        if fewest is None or beside < fewest:
            best, fewest = start, beside
        if fewest == 0:
            break
    return best


def first_meeting(scene: Scene, slot: Slot, first_day: date | None) -> datetime | None:
    """Return when a series in this slot would begin, None where it finds no working day."""
    starts = first_starts(slot, _earliest(scene), first_day)
    return free_start(starts, scene.mentor, scene.mentee, scene.programme)


def other_starts(scene: Scene, besides: SeriesSpec, most: int) -> tuple[datetime, ...]:
    """Return up to so many first meetings of series at other times, each on a day of its own.

    Those with the fewest other appointments beside them; the slot of `besides` is not among them.
    """
    cadence = _cadence(scene)
    if cadence is None:
        return ()
    ranked: list[tuple[int, int, datetime]] = []
    for place, slot in enumerate(_slots(scene, cadence, _earliest(scene))):
        same_day = slot.weekday == besides.start.weekday()
        start = first_meeting(scene, slot, None)
        if start is not None and not same_day:
            ranked.append((_appointments_beside(scene, cadence, start), place, start))
    days: dict[int, datetime] = {}
    for _, _, start in sorted(ranked):
        days.setdefault(start.weekday(), start)
    return tuple(sorted(list(days.values())[:most]))


def _earliest(scene: Scene) -> date:
    programme = scene.programme
    here = scene.now.astimezone(ZoneInfo(scene.mentor.timezone)).date()
    return max(here + programme.timing.lead, programme.start or here)


def _slots(scene: Scene, cadence: Cadence, earliest: date) -> list[Slot]:
    """Return the slots that suit both, the one to try first in front.

    By the mentee, then by rank: two mentors of one leader get different times.
    """
    programme = scene.programme
    slots = common_slots(scene.mentor, scene.mentee, cadence, programme, earliest)
    if not slots:
        return []
    spread = int(key_of(programme.salt, "slot", scene.mentee.id)[:8], 16)
    first = (spread + _stride(len(slots)) * scene.rank) % len(slots)
    return slots[first:] + slots[:first]


def _appointments_beside(scene: Scene, cadence: Cadence, start: datetime) -> int:
    """Return how many meetings of such a series would collide with what is known of the two."""
    times = [busy for person in scene.busy.values() for busy in person]
    if not times:
        return 0
    spec = _new_spec(scene, cadence, start, 0)
    last = max(busy.end for busy in times)
    return sum(taken(times, s.start, s.end) for s in sessions(spec, scene.now, last))


def _stride(count: int) -> int:
    """Return a step that visits all of so many slots before it comes back to the first."""
    return next(step for step in (5, 7, 3, 2, 1) if gcd(step, count) == 1)


def _title(scene: Scene) -> str:
    """Return what the meetings are called, within what Exchange keeps of a subject."""
    title = f"{scene.programme.name}: {scene.mentor.name} and {scene.mentee.name}"
    return title if len(title) <= _MOST_TITLE else f"{title[: _MOST_TITLE - 1]}…"


def _new_spec(scene: Scene, cadence: Cadence, start: datetime, generation: int) -> SeriesSpec:
    programme = scene.programme
    until = end_of(programme.end, scene.mentor.timezone) if programme.end else None
    return SeriesSpec(
        uid=series_uid(scene, generation),
        pairing=scene.pairing.id,
        zone=scene.mentor.timezone,
        start=start,
        duration=cadence.duration,
        rrule=rule_of(cadence, start, until),
        summary=_title(scene),
        description=programme.objective,
        location=scene.location,
        organiser=programme.mailbox,
        organiser_name=programme.mailbox_name,
        attendees=attendees(scene),
    )
