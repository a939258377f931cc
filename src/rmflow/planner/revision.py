"""Changes of a series: each function takes a spec and returns the wanted one and why.

A change that nobody would notice in a calendar (a summary, a comma) is no change: hundreds of
leaders would get a mail about it.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from rmflow.domain.reason import Cause, Reason, Reasons
from rmflow.domain.recurrence import original_wall_start, sessions
from rmflow.domain.series import ObservedSeries, SeriesSpec, SessionId
from rmflow.domain.session import Session
from rmflow.planner.creation import attendees
from rmflow.planner.scene import Scene

_PAUSE_AHEAD = timedelta(days=14)
_DAY = timedelta(days=1)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_NEXT_WITHIN = timedelta(days=100)


def differs(one: SeriesSpec, other: SeriesSpec) -> bool:
    """Return whether two specs mean different meetings: times or place; wording is nothing."""

    def meaning(spec: SeriesSpec) -> tuple[object, ...]:
        times = (spec.zone, spec.start, spec.duration, spec.rrule)
        exceptions = (spec.excluded, frozenset(spec.moved), frozenset(spec.elsewhere))
        return (*times, spec.location, *exceptions)

    return meaning(one) != meaning(other)


def same_meetings(one: SeriesSpec, other: SeriesSpec) -> bool:
    """Return whether two specs invite the same people to the same meetings."""
    invited = ({attendee.address for attendee in spec.attendees} for spec in (one, other))
    return next(invited) == next(invited) and not differs(one, other)


def with_words_and_guests(ours: SeriesSpec, seen: ObservedSeries) -> SeriesSpec:
    """Return the series with the title, the text and the guests that it has in the calendar."""
    own = tuple(attendee for attendee in ours.attendees if attendee not in ours.guests)
    known = {ours.organiser, *(attendee.address for attendee in own)}
    others = (a for a in seen.spec.attendees if not a.room and a.address not in known)
    return replace(
        ours,
        summary=seen.spec.summary or ours.summary,
        description=seen.spec.description or ours.description,
        attendees=(*own, *others),
    )


def merged(ours: SeriesSpec, seen: ObservedSeries) -> SeriesSpec:
    """Return the series as people have left it."""
    return replace(
        with_words_and_guests(ours, seen),
        zone=seen.spec.zone,
        start=seen.spec.start,
        duration=seen.spec.duration,
        rrule=seen.spec.rrule,
        location=seen.spec.location,
        excluded=seen.spec.excluded,
        moved=seen.spec.moved,
        elsewhere=seen.spec.elsewhere,
        sequence=max(ours.sequence, seen.spec.sequence),
    )


def kept_by_hand(before: SeriesSpec, now: SeriesSpec) -> SeriesSpec:
    """Return a series as a person left it, with a mark on what they put back.

    A meeting that we had left out or moved and they have restored is "moved" to its own time:
    whatever is moved is left alone from then on.
    """
    if (before.start, before.rrule, before.zone) != (now.start, now.rrule, now.zone):
        return now
    restored = (before.excluded | before.moves.keys()) - now.excluded - now.moves.keys()
    marks = {original: original for original in restored}
    return replace(now, moved=tuple(sorted({**marks, **now.moves}.items())))


def people_and_place(
    scene: Scene, spec: SeriesSpec, asked_place: str
) -> tuple[SeriesSpec, Reasons]:
    """Follow the roster: a new address, a new room."""
    reasons: list[Reason] = []
    wanted = (*attendees(scene), *spec.guests)
    if {a.address for a in wanted} != {a.address for a in spec.attendees}:
        reasons.append(Reason(Cause.NEW_ADDRESS))
        spec = replace(spec, attendees=wanted)
    place = place_wanted(scene, spec, asked_place)
    if place != spec.location:
        reasons.append(Reason(Cause.NEW_PLACE))
        spec = replace(spec, location=place)
    return spec, tuple(reasons)


def place_wanted(scene: Scene, spec: SeriesSpec, asked_place: str) -> str:
    """Return where the meetings are to be: what somebody typed into the calendar stays until the
    roster itself names another place than `asked_place`, the one that it asked for last.
    """
    return spec.location if scene.location == asked_place else scene.location


def paused(scene: Scene, spec: SeriesSpec) -> tuple[SeriesSpec, Reasons]:
    """Take the near meetings out while a pairing is paused; all of them, if its end is known."""
    if not scene.paused:
        return spec, ()
    until = scene.rests_until or scene.now + _PAUSE_AHEAD
    near = sessions(spec, scene.now, until + _DAY)
    ids = [session.id for session in near if scene.now < session.start <= until]
    return without(spec, ids), (Reason(Cause.PAUSED),) if ids else ()


def pause_reaches(scene: Scene) -> datetime | None:
    """Return when a pause ends, or will take out the next meeting, None if it does neither."""
    if scene.rests_until:
        return scene.rests_until
    live = scene.history.live
    if live is None or not scene.paused:
        return None
    near = scene.now + _PAUSE_AHEAD
    coming = sessions(live.spec, near, near + _NEXT_WITHIN)
    return min((s.start - _PAUSE_AHEAD for s in coming if s.start > near), default=None)


def next_skipped(scene: Scene, spec: SeriesSpec) -> tuple[SeriesSpec, Reasons]:
    """Take the next meeting out."""
    coming = sessions(spec, scene.now, scene.now + _NEXT_WITHIN)
    following = [session.id for session in coming if session.start > scene.now][:1]
    return without(spec, following), (Reason(Cause.LEFT_OUT),) if following else ()


def begun(scene: Scene, spec: SeriesSpec) -> list[Session]:
    """Return the meetings of a series that have begun."""
    return [s for s in sessions(spec, _LONG_AGO, scene.now) if s.start <= scene.now]


def ended(scene: Scene, spec: SeriesSpec) -> SeriesSpec:
    """Return the series without its future, its past kept; RFC 5545 allows no shorter rule
    than its own first meeting, so a series that has not begun excludes that one.
    """
    zone = ZoneInfo(spec.zone)
    local = scene.now.astimezone(zone).replace(tzinfo=None, microsecond=0)
    last = max(local, spec.start, *(original_wall_start(spec, s.id) for s in begun(scene, spec)))
    until = last.replace(tzinfo=zone).astimezone(UTC)
    parts = [p for p in spec.rrule.split(";") if not p.startswith(("UNTIL=", "COUNT="))]
    rrule = ";".join([parts[0], f"UNTIL={until:%Y%m%dT%H%M%SZ}", *parts[1:]])
    coming = sessions(spec, scene.now, scene.now + scene.programme.timing.horizon)
    spec = without(spec, [s.id for s in coming if s.start > scene.now])
    return replace(spec, rrule=rrule, excluded=frozenset(at for at in spec.excluded if at <= last))


def without(spec: SeriesSpec, ids: Iterable[SessionId]) -> SeriesSpec:
    """Return the spec with these sessions excluded; a move of an excluded one is forgotten."""
    out = {original_wall_start(spec, id) for id in ids}
    moved = tuple((was, now) for was, now in spec.moved if was not in out)
    elsewhere = tuple((was, place) for was, place in spec.elsewhere if was not in out)
    return replace(spec, excluded=spec.excluded | out, moved=moved, elsewhere=elsewhere)
