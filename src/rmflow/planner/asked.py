"""What is asked of a series' times, and whether that is how it stands already.

Who writes into the roster what is true, or deletes a date that has passed, asks for nothing.
"""

from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from rmflow.domain.pairing import Slot
from rmflow.domain.reason import Cause, Reason, Reasons
from rmflow.domain.recurrence import (
    end_of,
    last_day,
    rule_of,
    sessions,
    with_until,
    without_until,
)
from rmflow.domain.series import SeriesSpec
from rmflow.planner.creation import first_meeting
from rmflow.planner.revision import begun, without
from rmflow.planner.scene import Scene


@dataclass(frozen=True, slots=True)
class _Words:
    """A wish as it was written; see `Scene.wish`."""

    cadence: str = ""
    slot: str = ""
    start: str = ""
    chosen: str = ""
    end: str = ""


def stands_as_asked(scene: Scene, wish: str, spec: SeriesSpec) -> bool:
    """Return whether a series that was made for `wish` has the times that are asked for now.

    What is said as before asks for nothing: what a person has changed in the calendar stays.
    """
    before, now = _words(wish), _words(scene.wish)
    return (
        (now.cadence == before.cadence or _in_cadence(scene, spec))
        and (_names_no_other_slot(before, now) or _in_slot(scene, spec))
        and (now.start == before.start or _begins_as_asked(scene, spec, before.start))
    )


def with_end(scene: Scene, wish: str, spec: SeriesSpec) -> tuple[SeriesSpec, Reasons]:
    """Let a series end with the programme, where its end is the one that the programme had.

    Another end is one that somebody chose in the calendar; it stays.
    """
    end, before = scene.programme.end, _words(wish).end
    was = date.fromisoformat(before) if before else None
    if end == was or last_day(spec) != was or "COUNT=" in spec.rrule:
        return spec, ()
    lasting = replace(spec, rrule=without_until(spec.rrule)) if end is None else _until(spec, end)
    return _without_missed(scene, lasting, was), (Reason(Cause.NEW_END),)


def _until(spec: SeriesSpec, end: date) -> SeriesSpec:
    """Return a series that ends on this day, and says nothing of later meetings: an exception
    after UNTIL is a meeting of its own to some calendars.
    """
    until = end_of(end, spec.zone)
    last = until.replace(tzinfo=None)
    return replace(
        spec,
        rrule=with_until(spec.rrule, until),
        excluded=frozenset(at for at in spec.excluded if at <= last),
        moved=tuple(each for each in spec.moved if each[0] <= last),
        elsewhere=tuple(each for each in spec.elsewhere if each[0] <= last),
    )


def _without_missed(scene: Scene, spec: SeriesSpec, was: date | None) -> SeriesSpec:
    """Leave out the meetings between an end that has passed and now: nobody knew of them."""
    if was is None:
        return spec
    since = sessions(spec, end_of(was, spec.zone), scene.now)
    return without(spec, [session.id for session in since if not session.moved])


def over_already(scene: Scene, spec: SeriesSpec) -> bool:
    """Return whether the programme has ended, or ends before the first meeting of a series."""
    today = scene.now.astimezone(ZoneInfo(spec.zone)).date()
    end = scene.programme.end
    return end is not None and end < max(today, spec.start.date())


def _words(wish: str) -> _Words:
    return _Words(*wish.split("|"))


def _in_cadence(scene: Scene, spec: SeriesSpec) -> bool:
    cadence = scene.programme.cadences.get(scene.pairing.cadence)
    if cadence is None:  # nobody knows what it asks for
        return True
    rule = rule_of(cadence, spec.start)
    return (spec.duration, without_until(spec.rrule)) == (cadence.duration, rule)


def _names_no_other_slot(before: _Words, now: _Words) -> bool:
    """Return whether the slot is left as it was: named again, not named any more, or still the
    roster's, where only somebody's choice from an offer does not hold any longer.
    """
    wanted = now.chosen or now.slot
    return wanted in ("", before.chosen or before.slot) or (now.slot, now.chosen) == (
        before.slot,
        "",
    )


def _in_slot(scene: Scene, spec: SeriesSpec) -> bool:
    return (spec.zone, _slot_of(spec)) == (scene.mentor.timezone, scene.slot)


def _slot_of(spec: SeriesSpec) -> Slot:
    return Slot(spec.start.weekday(), spec.start.time())


def _begins_as_asked(scene: Scene, spec: SeriesSpec, before: str) -> bool:
    """Return whether a series begins on the first day that the roster names now.

    Where the two have met, such a day means something only once no meeting is left.
    """
    start = scene.pairing.start
    if begun(scene, spec):
        coming = sessions(spec, scene.now, scene.now + scene.programme.timing.horizon)
        return bool(coming) or start is None or start <= scene.now.date()
    if start is not None and spec.start.date() < start:
        return False
    was = date.fromisoformat(before) if before else None
    first, first_before = (first_meeting(scene, _slot_of(spec), day) for day in (start, was))
    return first in (spec.start, first_before)
