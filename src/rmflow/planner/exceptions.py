"""Exceptions of a series: meetings that cannot be when the rule says, and where they go instead."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rmflow.domain.people import Participant
from rmflow.domain.reason import Cause, Reason, Reasons
from rmflow.domain.recurrence import original_wall_start, sessions
from rmflow.domain.series import SeriesSpec
from rmflow.domain.session import Session
from rmflow.domain.workdays import day_off, in_hours
from rmflow.planner.scene import Scene

_SOONEST = timedelta(days=1)  # a meeting of today or tomorrow is left to the people themselves


def with_exceptions(scene: Scene, spec: SeriesSpec) -> tuple[SeriesSpec, Reasons]:
    """Return the spec with new exceptions for the coming months, and why (empty: there are none).

    What has been moved or excluded already stays as it is: a person may have chosen it.
    """
    until = scene.now + scene.programme.timing.horizon
    coming = sessions(spec, scene.now + _SOONEST, until)
    watch_hours = _usually_in_hours(scene, coming)
    moved, excluded = spec.moves, set(spec.excluded)
    reasons: list[Reason] = []
    taken = {session.start.date() for session in coming}
    for session in coming:
        reason = conflict(scene, session.start, session.end, watch_hours=watch_hours)
        if session.moved or reason is None:
            continue
        original = original_wall_start(spec, session.id)
        reasons.append(reason)
        better = _alternative(scene, session, watch_hours=watch_hours)
        if better is None or better.date() in taken - {session.start.date()}:
            excluded.add(original)
        else:
            moved = {**moved, original: better.replace(tzinfo=None)}
    if not reasons:
        return spec, ()
    wanted = replace(spec, excluded=frozenset(excluded), moved=tuple(sorted(moved.items())))
    return wanted, tuple(dict.fromkeys(reasons))


def conflict(
    scene: Scene, start: datetime, end: datetime, *, watch_hours: bool = True
) -> Reason | None:
    """Return why the two cannot meet then, None if they can."""
    for person in (scene.mentor, scene.mentee):
        local = start.astimezone(ZoneInfo(person.timezone))
        if name := day_off(local.date(), person.region, scene.programme):
            return Reason(Cause.DAY_OFF, name)
        if watch_hours and not in_hours(start, end, person, scene.programme):
            return Reason(Cause.OUTSIDE_HOURS)
    return None


def _usually_in_hours(scene: Scene, coming: list[Session]) -> bool:
    """Return False where the coordinator chose a slot that is usually outside somebody's hours."""

    def inside(session: Session, person: Participant) -> bool:
        return in_hours(session.start, session.end, person, scene.programme)

    outside = [s for s in coming if not (inside(s, scene.mentor) and inside(s, scene.mentee))]
    return len(outside) * 2 <= len(coming)


def _alternative(scene: Scene, session: Session, *, watch_hours: bool) -> datetime | None:
    """Return the nearest start, in the mentor's zone, at which both can; None if there is none."""
    length = session.end - session.start
    for start in _nearby(session.start, scene.programme.timing.tolerance):
        if start <= scene.now + _SOONEST:
            continue
        if not conflict(scene, start, start + length, watch_hours=watch_hours):
            return start
    return None


def _nearby(start: datetime, tolerance: timedelta) -> Iterator[datetime]:
    """Yield wall-time neighbours: an hour aside on the same day, then days at the same hour."""
    for hours in (1, -1, 2, -2):
        yield start + timedelta(hours=hours)
    for days in range(1, tolerance.days + 1):
        yield start + timedelta(days=days)
        yield start - timedelta(days=days)
