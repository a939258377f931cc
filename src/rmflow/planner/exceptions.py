"""Exceptions of a series: meetings that cannot be when the rule says, and where they go instead."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rmflow.domain.busy import BusyTime
from rmflow.domain.people import Participant
from rmflow.domain.reason import Cause, Reason, Reasons
from rmflow.domain.recurrence import original_wall_start, sessions
from rmflow.domain.series import SeriesSpec
from rmflow.domain.session import Session
from rmflow.domain.workdays import day_off, in_hours
from rmflow.planner.scene import Scene

_SOONEST = timedelta(days=1)  # a meeting of today or tomorrow is left to the people themselves
_BUSY_SOONEST = timedelta(days=3)  # what somebody books over a near meeting, they mean


def with_exceptions(scene: Scene, spec: SeriesSpec) -> tuple[SeriesSpec, Reasons]:
    """Return the spec with new exceptions for the coming months, and why (empty: there are none).

    What has been moved or excluded already stays as it is: a person may have chosen it. A meeting
    beside another appointment stays, too, where no better time is near: the two will know best.
    """
    until = scene.now + scene.programme.timing.horizon
    coming = sessions(spec, scene.now + _SOONEST, until)
    stands = any(known.spec.uid == spec.uid for known in scene.history.series)
    around = _Around(scene, _usually_in_hours(scene, coming), stands)
    moved, excluded = spec.moves, set(spec.excluded)
    reasons: list[Reason] = []
    taken = {session.start.date() for session in coming}
    for session in coming:
        reason = around.disturbance(session)
        if session.moved or reason is None:
            continue
        better = around.alternative(session)
        if better is not None and better.date() in taken - {session.start.date()}:
            better = None
        if better is None and reason.cause is Cause.BUSY:
            continue
        original = original_wall_start(spec, session.id)
        reasons.append(reason)
        if better is None:
            excluded.add(original)
        else:
            moved = {**moved, original: better.replace(tzinfo=None)}
    if not reasons:
        return spec, ()
    wanted = replace(spec, excluded=frozenset(excluded), moved=tuple(sorted(moved.items())))
    return wanted, tuple(dict.fromkeys(reasons))


def conflict(
    scene: Scene,
    start: datetime,
    end: datetime,
    *,
    watch_hours: bool = True,
    own: Session | None = None,
) -> Reason | None:
    """Return why the two cannot meet then, None if they can.

    `own`: the meeting of theirs that is to be moved; its own time does not count as taken.
    """
    for person in (scene.mentor, scene.mentee):
        local = start.astimezone(ZoneInfo(person.timezone))
        if name := day_off(local.date(), person.region, scene.programme):
            return Reason(Cause.DAY_OFF, name)
        if watch_hours and not in_hours(start, end, person, scene.programme):
            return Reason(Cause.OUTSIDE_HOURS)
        times = scene.busy.get(person.address, ())
        if taken(times if own is None else _without(times, own), start, end):
            return Reason(Cause.BUSY)
    return None


def taken(times: Iterable[BusyTime], start: datetime, end: datetime) -> bool:
    """Return whether one of the times overlaps this span."""
    return any(busy.start < end and start < busy.end for busy in times)


@dataclass(frozen=True, slots=True)
class _Around:
    """What surrounds the meetings of a series. `stands`: it is in the calendars, so that its own
    meetings are among the appointments.
    """

    scene: Scene
    watch_hours: bool
    stands: bool

    def disturbance(self, session: Session) -> Reason | None:
        """Return what is in the way of a meeting. An appointment beside a near one is not."""
        found = self._conflict(session, session.start)
        near = session.start < self.scene.now + _BUSY_SOONEST
        return None if near and found is not None and found.cause is Cause.BUSY else found

    def alternative(self, session: Session) -> datetime | None:
        """Return the nearest start, in the mentor's zone, at which both can; None: there is none."""
        for start in _nearby(session.start, self.scene.programme.timing.tolerance):
            if start > self.scene.now + _SOONEST and not self._conflict(session, start):
                return start
        return None

    def _conflict(self, session: Session, start: datetime) -> Reason | None:
        end = start + (session.end - session.start)
        own = session if self.stands else None
        return conflict(self.scene, start, end, watch_hours=self.watch_hours, own=own)


def _without(times: Iterable[BusyTime], own: Session) -> list[BusyTime]:
    """Return what is left once our own meeting is taken out.

    Some calendars say each appointment, others one span for several in a row. In such a span
    nobody can tell what lies beside ours, and nobody is disturbed on a guess.
    """
    listed = list(times)
    same = next((b for b in listed if (b.start, b.end) == (own.start, own.end)), None)
    if same is not None:
        listed.remove(same)
        return listed
    return [b for b in listed if b.away or not (b.start <= own.start and own.end <= b.end)]


def _usually_in_hours(scene: Scene, coming: list[Session]) -> bool:
    """Return False where the coordinator chose a slot that is usually outside somebody's hours."""

    def inside(session: Session, person: Participant) -> bool:
        return in_hours(session.start, session.end, person, scene.programme)

    outside = [s for s in coming if not (inside(s, scene.mentor) and inside(s, scene.mentee))]
    return len(outside) * 2 <= len(coming)


def _nearby(start: datetime, tolerance: timedelta) -> Iterator[datetime]:
    """Yield wall-time neighbours: an hour aside on the same day, then days at the same hour."""
    for hours in (1, -1, 2, -2):
        yield start + timedelta(hours=hours)
    for days in range(1, tolerance.days + 1):
        yield start + timedelta(days=days)
        yield start - timedelta(days=days)
