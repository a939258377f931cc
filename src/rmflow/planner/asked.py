"""What the roster asks of a series' times, and whether that is how it stands already.

Who writes into the roster what is true, or deletes a date that has passed, asks for nothing.
"""

from dataclasses import dataclass
from datetime import date

from rmflow.domain.pairing import Slot
from rmflow.domain.recurrence import rule_of, sessions, without_until
from rmflow.domain.series import SeriesSpec
from rmflow.planner.creation import first_meeting
from rmflow.planner.revision import begun
from rmflow.planner.scene import Scene


@dataclass(frozen=True, slots=True)
class _Words:
    """A wish as it was written; see `Scene.wish`."""

    cadence: str = ""
    slot: str = ""
    start: str = ""
    chosen: str = ""


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
