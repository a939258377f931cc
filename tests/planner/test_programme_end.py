"""The programme's last day changes: the meetings follow, unless somebody gave them another end."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from builders import World, a_pairing, a_programme, at, kinds
from rmflow.domain.pairing import PairingId
from rmflow.domain.programme import Break
from rmflow.domain.recurrence import sessions
from rmflow.domain.series import ObservedSeries, SeriesSpec
from rmflow.planner.state import Observed

P1 = PairingId("p1")
DECEMBER, JUNE = date(2026, 12, 31), date(2027, 6, 30)
TOLD = ["revise series", "send update", "send update"]
NOW = "2026-10-06 09:00"


def invited(end: date | None, cadence: str = "hour-monthly", **changes: Any) -> World:
    """A world in which p1 meets on Tuesdays from 13 October on."""
    world = World(pairings=(a_pairing(cadence=cadence),), programme=a_programme(end=end, **changes))
    world.step(at("2026-10-05 09:00"))
    return world


def spec_of(world: World) -> SeriesSpec:
    live = world.histories[P1].live
    assert live is not None
    return live.spec


def last_meeting(world: World) -> str:
    *_, last = sessions(spec_of(world), at("2026-10-01 00:00"), at("2028-01-01 00:00"))
    return f"{last.start:%Y-%m}"


def end_on(world: World, end: date | None, now: str = NOW) -> list[str]:
    """Let the coordinator write another last day into the settings; return what is done."""
    world.programme = replace(world.programme, end=end)
    return kinds(world.step(at(now)))


def edit(world: World, **changes: Any) -> None:
    """Let somebody change the series in the calendar."""
    spec = replace(spec_of(world), **changes)
    seen = Observed(series={spec.uid: ObservedSeries(spec, "edited")})
    world.step(at("2026-10-05 12:00"), observed=seen)


@pytest.mark.parametrize("cadence", ["hour-monthly", "every-3-weeks"])
@pytest.mark.parametrize(
    ("before", "after"),
    [(DECEMBER, JUNE), (JUNE, DECEMBER), (None, DECEMBER), (JUNE, None)],
    ids=["later", "earlier", "an end", "no end"],
)
def test_the_meetings_are_those_of_a_series_made_with_the_new_end(
    before: date | None, after: date | None, cadence: str
) -> None:
    world = invited(before, cadence)

    assert end_on(world, after) == TOLD
    assert spec_of(world).rrule == spec_of(invited(after, cadence)).rrule
    assert world.step(at("2026-10-06 10:00")) == ()


def test_an_end_that_was_moved_by_mistake_is_moved_back() -> None:
    world = invited(JUNE)
    end_on(world, DECEMBER)

    assert end_on(world, JUNE, "2026-10-06 12:00") == TOLD
    assert last_meeting(world) == "2027-06"


def test_meetings_that_have_run_out_go_on_when_the_programme_does() -> None:
    """Without those since then: nobody is asked for a summary of a meeting that never was."""
    world = invited(DECEMBER)
    world.live(at("2026-10-05 12:00"), at("2027-01-19 18:00"))

    assert end_on(world, JUNE, "2027-01-20 09:00") == TOLD
    days = [
        s.start for s in sessions(spec_of(world), at("2026-12-01 00:00"), at("2028-01-01 00:00"))
    ]
    assert [f"{day:%m-%d}" for day in days] == [
        "12-08", "02-09", "03-09", "04-13", "05-11", "06-08",
    ]  # fmt: skip


def test_an_end_that_somebody_chose_in_the_calendar_stays() -> None:
    """R26."""
    world = invited(JUNE)
    own = "FREQ=MONTHLY;UNTIL=20270331T215959Z;BYDAY=2TU;WKST=MO"
    edit(world, rrule=own)

    assert end_on(world, date(2027, 9, 30)) == ["note what the roster asks for"]
    assert spec_of(world).rrule == own


def test_a_pilot_has_its_six_meetings_whenever_the_programme_ends() -> None:
    world = invited(None, "pilot")

    assert end_on(world, JUNE) == ["note what the roster asks for"]
    assert "COUNT=6" in spec_of(world).rrule


def test_nothing_is_said_any_more_about_meetings_after_the_new_end() -> None:
    """Some calendars would show a moved meeting by itself, whatever the rule says."""
    spring = Break("Spring break", date(2027, 3, 1), date(2027, 3, 31))
    world = invited(JUNE, breaks=(spring,))
    edit(world, moved=((datetime(2027, 2, 9, 10), datetime(2027, 2, 10, 10)),))
    assert spec_of(world).excluded

    end_on(world, DECEMBER)

    assert (spec_of(world).excluded, spec_of(world).moved) == (frozenset(), ())


@pytest.mark.parametrize(
    ("end", "now"),
    [(date(2026, 10, 9), NOW), (date(2026, 11, 20), "2026-11-23 09:00")],
    ids=["before the first meeting", "in the past"],
)
def test_an_end_that_leaves_no_time_cancels_the_meetings(end: date, now: str) -> None:
    """So a slip of the pen counts among the cancellations that stop a run."""
    world = invited(JUNE)
    if now != NOW:
        world.live(at("2026-10-05 12:00"), at("2026-11-22 18:00"))

    done = end_on(world, end, now)

    assert [kind for kind in done if "series" in kind or "cancel" in kind] == [
        "cancel series", "send cancellation", "send cancellation",
    ]  # fmt: skip
    assert world.histories[P1].live is None
