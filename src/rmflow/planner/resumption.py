"""Meetings that a pause had taken out, put back when it ends before its time."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from rmflow.domain.reason import Cause, Reason, Reasons
from rmflow.domain.series import SeriesSpec, TakenOut
from rmflow.planner.revision import paused
from rmflow.planner.scene import Scene
from rmflow.planner.state import KnownSeries

_SOONEST = timedelta(days=1)


def put_back(scene: Scene, spec: SeriesSpec) -> tuple[SeriesSpec, Reasons]:
    """Put back what a pause took out, if that is over and they lie ahead.

    What a person took out meanwhile is none of it.
    """
    live = scene.history.live
    if scene.paused or live is None:
        return spec, ()
    back = [meeting for meeting in still_out(live, spec) if _ahead(scene, spec, meeting)]
    if not back:
        return spec, ()
    moved = ((m.original, m.moved) for m in back if m.moved)
    elsewhere = ((m.original, m.elsewhere) for m in back if m.elsewhere)
    restored = replace(
        spec,
        excluded=spec.excluded - {meeting.original for meeting in back},
        moved=tuple(sorted((*spec.moved, *moved))),
        elsewhere=tuple(sorted((*spec.elsewhere, *elsewhere))),
    )
    return restored, (Reason(Cause.RESUMED),)


def rested(
    scene: Scene, live: KnownSeries, spec: SeriesSpec
) -> tuple[KnownSeries, SeriesSpec, Reasons]:
    """Take out the near meetings of a pause, and remember them for its end."""
    if not scene.paused:
        return replace(live, taken_out=()), spec, ()
    resting, reasons = paused(scene, spec)
    new = (
        TakenOut(at, spec.moves.get(at), spec.places.get(at))
        for at in sorted(resting.excluded - spec.excluded)
    )
    return replace(live, taken_out=(*still_out(live, spec), *new)), resting, reasons


def still_out(live: KnownSeries, spec: SeriesSpec) -> tuple[TakenOut, ...]:
    """Return what a pause took out, without what a person has put back since."""
    return tuple(meeting for meeting in live.taken_out if meeting.original in spec.excluded)


def _ahead(scene: Scene, spec: SeriesSpec, meeting: TakenOut) -> bool:
    start = meeting.moved or meeting.original
    return start.replace(tzinfo=ZoneInfo(spec.zone)) > scene.now + _SOONEST
