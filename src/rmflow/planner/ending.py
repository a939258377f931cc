"""The end of a pairing: from when on no meeting is to come, so that its words are not kept for ever."""

from datetime import UTC, datetime

from rmflow.domain.recurrence import sessions
from rmflow.planner.scene import Scene

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def over_since(scene: Scene) -> datetime | None:
    """Return since when no meeting is to come; None while some are, in a pause, or before the first.

    `scene` is as it will be once what is planned is done.
    """
    before = scene.history.record
    noticed = (before.over_since if before else None) or scene.now
    if scene.closed:
        return noticed
    if scene.paused or not scene.history.series:
        return None
    live = scene.history.live
    if live is None:
        return noticed
    if not any(end in live.spec.rrule for end in ("COUNT=", "UNTIL=")):
        return None
    if sessions(live.spec, scene.now, scene.now + scene.programme.timing.horizon):
        return None
    held = sessions(live.spec, _LONG_AGO, scene.now)
    return max((session.end for session in held), default=noticed)
