"""Meetings that a pause had taken out, put back when it ends before its time."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from rmflow.domain.reason import Cause, Reason, Reasons
from rmflow.domain.series import SeriesSpec
from rmflow.planner.scene import Scene

_SOONEST = timedelta(days=1)
T = TypeVar("T")


def put_back(scene: Scene, spec: SeriesSpec) -> tuple[SeriesSpec, Reasons]:
    """Put back what the last change took out for a pause, if that is over and they lie ahead.

    Where anything has changed since, nobody can tell a pause from a person's own choice: then the
    meetings stay out.
    """
    live = scene.history.live
    if scene.paused or live is None or live.previous is None:
        return spec, ()
    if {reason.cause for reason in live.because} != {Cause.PAUSED} or spec != live.spec:
        return spec, ()
    taken_out = spec.excluded - live.previous.excluded
    back = {at for at in taken_out if _ahead(scene, spec, live.previous.moves.get(at, at))}
    if not back:
        return spec, ()
    restored = replace(
        spec,
        excluded=spec.excluded - back,
        moved=_with(spec.moved, live.previous.moved, back),
        elsewhere=_with(spec.elsewhere, live.previous.elsewhere, back),
    )
    return restored, (Reason(Cause.RESUMED),)


def _ahead(scene: Scene, spec: SeriesSpec, start: datetime) -> bool:
    return start.replace(tzinfo=ZoneInfo(spec.zone)) > scene.now + _SOONEST


def _with(
    exceptions: tuple[tuple[datetime, T], ...],
    before: tuple[tuple[datetime, T], ...],
    back: set[datetime],
) -> tuple[tuple[datetime, T], ...]:
    return (*exceptions, *((at, value) for at, value in before if at in back))
