"""The roster in other words: what it asks for is how the meetings stand already, or it is not."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from builders import World, a_pairing, at, kinds
from rmflow.domain.pairing import PairingId, Slot
from rmflow.domain.series import ObservedSeries, SeriesSpec, Uid
from rmflow.planner.state import Observed

P1 = PairingId("p1")
TUESDAY_TEN = Slot(1, time(10))
NOTED = ["note what the roster asks for"]
BEFORE, AFTER = "2026-10-06 09:00", "2026-11-20 09:00"  # the first meeting, on 13 October

either_time = pytest.mark.parametrize("now", [BEFORE, AFTER], ids=["before", "after"])


def invited(**changes: Any) -> World:
    """A world in which p1 meets on second Tuesdays at ten, and both have their invitations."""
    world = World(pairings=(a_pairing(**changes),))
    world.step(at("2026-10-05 09:00"))
    return world


def lived(now: str, **changes: Any) -> World:
    world = invited(**changes)
    world.live(at("2026-10-05 10:00"), at(now) - timedelta(hours=1))
    return world


def ask(world: World, now: str, **changes: Any) -> list[str]:
    """Let the coordinator write into the roster; return what is done about the meetings."""
    world.pairings[P1] = replace(world.pairings[P1], **changes)
    done = kinds(world.step(at(now)))
    return [kind for kind in done if "series" in kind or kind in NOTED]


def spec_of(world: World) -> SeriesSpec:
    live = world.histories[P1].live
    assert live is not None
    return live.spec


def drag_all(world: World, start: datetime) -> None:
    """Let somebody drag the whole series in the calendar."""
    spec = replace(
        spec_of(world), start=start, rrule=f"FREQ=MONTHLY;BYDAY=2{start:%a}"[:-1].upper()
    )
    seen = Observed(series={spec.uid: ObservedSeries(spec, "dragged")})
    world.step(at("2026-10-05 12:00"), observed=seen)


@either_time
def test_the_slot_that_rmflow_chose_may_be_written_into_the_roster(now: str) -> None:
    world = lived(now, slot=None, start=None)
    before = spec_of(world)

    assert ask(world, now, slot=Slot(before.start.weekday(), before.start.time())) == NOTED
    assert spec_of(world) == before


@either_time
def test_a_slot_may_be_deleted_from_the_roster(now: str) -> None:
    """An empty one means "rmflow finds one", and it has."""
    world = lived(now)

    assert ask(world, now, slot=None) == NOTED


@either_time
def test_a_start_may_be_deleted_from_the_roster(now: str) -> None:
    world = lived(now)

    assert ask(world, now, start=None) == NOTED


def test_it_is_noted_once() -> None:
    world = invited()
    ask(world, BEFORE, start=None)

    assert world.step(at("2026-10-06 10:00")) == ()


def test_a_start_that_has_passed_brings_a_begun_series_nothing() -> None:
    world = lived(AFTER)

    assert ask(world, AFTER, start=date(2026, 10, 20)) == NOTED


def test_shortly_before_the_first_meeting_its_date_may_be_deleted() -> None:
    """A series made that day would begin a month later."""
    world = lived("2026-10-10 09:00")

    assert ask(world, "2026-10-10 09:00", start=None) == NOTED


@pytest.mark.parametrize("start", [date(2026, 10, 20), None], ids=["later", "as soon as can be"])
def test_another_first_day_moves_a_series_that_has_not_begun(start: date | None) -> None:
    world = invited(start=date(2026, 10, 13) if start else date(2026, 12, 1))

    assert ask(world, BEFORE, start=start) == ["revise series"]
    assert spec_of(world).start == datetime(2026, 10, start.day if start else 13, 10)


def test_a_first_day_that_comes_too_late_for_the_first_meeting_moves_it() -> None:
    """Three days before it a new series would begin on 20 October, whatever the start was."""
    world = lived("2026-10-10 09:00")

    assert ask(world, "2026-10-10 09:00", start=date(2026, 10, 15)) == ["revise series"]
    assert spec_of(world).start == datetime(2026, 10, 20, 10)


def test_what_somebody_dragged_may_be_written_into_the_roster() -> None:
    world = invited()
    drag_all(world, datetime(2026, 10, 15, 15))

    assert ask(world, BEFORE, slot=Slot(3, time(15))) == NOTED


def test_what_somebody_dragged_stays_when_only_a_passed_date_is_deleted() -> None:
    """R26. The slot in the roster is the one of before; that is no wish to go back to it."""
    world = invited()
    drag_all(world, datetime(2026, 10, 15, 15))
    world.live(at("2026-10-05 15:00"), at("2026-11-20 08:00"))

    assert ask(world, AFTER, start=None) == NOTED


def test_the_slot_of_before_is_asked_for_anew_by_naming_it_again() -> None:
    world = invited()
    drag_all(world, datetime(2026, 10, 15, 15))
    ask(world, BEFORE, slot=Slot(3, time(15)))

    assert ask(world, "2026-10-06 11:00", slot=TUESDAY_TEN) == ["revise series"]


def test_another_name_of_the_same_cadence_changes_nothing() -> None:
    world = lived(AFTER)
    cadences = world.programme.cadences
    same = replace(cadences["hour-monthly"], name="monthly")
    world.programme = replace(world.programme, cadences={**cadences, "monthly": same})

    assert ask(world, AFTER, cadence="monthly") == NOTED


def test_another_cadence_in_the_same_slot_is_a_new_rhythm() -> None:
    world = lived(AFTER)

    assert ask(world, AFTER, cadence="every-3-weeks") == ["revise series", "create series"]


def test_a_pilot_that_is_over_begins_again_on_a_new_first_day() -> None:
    world = lived("2027-05-03 09:00", cadence="pilot")

    assert ask(world, "2027-05-03 09:00", start=date(2027, 6, 1)) == ["create series"]


def test_a_pilot_that_is_over_stays_over_in_other_words() -> None:
    world = lived("2027-05-03 09:00", cadence="pilot")

    assert ask(world, "2027-05-03 09:00", start=None) == NOTED


def test_a_new_place_beside_the_same_slot_is_told_as_a_new_place() -> None:
    world = lived(AFTER)
    uid: Uid = spec_of(world).uid

    assert ask(world, AFTER, start=None, location="The garden") == ["revise series"]
    assert (spec_of(world).uid, spec_of(world).location) == (uid, "The garden")
    assert world.step(at("2026-11-20 10:00")) == ()
