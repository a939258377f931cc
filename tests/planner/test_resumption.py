"""A pause that rolls on takes out one meeting after the other; its end puts back what it took."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from builders import JENS, World, a_pairing, a_programme, at
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import Address
from rmflow.domain.programme import Break, Cadence, Frequency
from rmflow.domain.series import ObservedSeries, Place, SeriesSpec
from rmflow.planner.state import Observed

P1 = PairingId("p1")
WEEKLY = Cadence("weekly", timedelta(minutes=30), Frequency.WEEKLY)
# Tuesdays at ten. The pause of 14 October takes out those of two weeks at once.
PAUSED, RESUMED = "2026-10-14 09:00", "2026-10-21 12:00"
OCT_20, OCT_27, NOV_3, NOV_4, NOV_24 = (
    datetime.fromisoformat(f"2026-{day} 10:00")
    for day in ("10-20", "10-27", "11-03", "11-04", "11-24")
)

either_calendar = pytest.mark.parametrize("by_mail", [True, False], ids=["by mail", "by itself"])


def a_world(*, by_mail: bool = True, **changes: Any) -> World:
    """A weekly pair that has met once."""
    programme = a_programme(cadences={"weekly": WEEKLY}, **changes)
    world = World(pairings=(a_pairing(cadence="weekly"),), programme=programme, by_mail=by_mail)
    world.live(at("2026-10-05 09:00"), at("2026-10-14 06:00"))
    return world


def spec_of(world: World) -> SeriesSpec:
    live = world.histories[P1].live
    assert live is not None
    return live.spec


def pause(world: World, until: str = RESUMED) -> None:
    world.step(at(PAUSED), choice="pause")
    world.live(at(PAUSED) + timedelta(hours=3), at(until) - timedelta(hours=1))


def edit(world: World, now: str, **changes: Any) -> None:
    """Let somebody change the series in the calendar."""
    spec = replace(spec_of(world), **changes)
    seen = Observed(series={spec.uid: ObservedSeries(spec, f"edited {now}")})
    world.step(at(now), observed=seen)


def test_what_several_changes_took_out_comes_back_with_one() -> None:
    world = a_world()
    pause(world)
    assert spec_of(world).excluded == {OCT_20, OCT_27, NOV_3}

    world.step(at(RESUMED), choice="resume")

    assert spec_of(world).excluded == {OCT_20}
    assert world.step(at("2026-10-21 13:00")) == ()


@either_calendar
def test_what_somebody_took_out_during_a_pause_stays_out(*, by_mail: bool) -> None:
    world = a_world(by_mail=by_mail)
    pause(world, "2026-10-15 12:00")
    edit(world, "2026-10-15 12:00", excluded=spec_of(world).excluded | {NOV_24})
    world.live(at("2026-10-15 15:00"), at("2026-10-21 09:00"))

    world.step(at(RESUMED), choice="resume")

    assert spec_of(world).excluded == {OCT_20, NOV_24}


@either_calendar
def test_what_somebody_put_back_and_took_out_again_stays_out(*, by_mail: bool) -> None:
    world = a_world(by_mail=by_mail)
    pause(world, "2026-10-15 12:00")
    out = spec_of(world).excluded
    assert OCT_27 in out
    edit(world, "2026-10-15 14:00", excluded=out - {OCT_27}, moved=((OCT_27, NOV_4),))
    edit(world, "2026-10-15 15:00", excluded=out, moved=())

    world.step(at(RESUMED), choice="resume")

    assert OCT_27 in spec_of(world).excluded


def test_a_skipped_meeting_of_a_paused_pair_stays_out() -> None:
    world = a_world()
    pause(world, "2026-10-15 12:00")
    world.step(at("2026-10-15 12:00"), choice="skip next")
    assert spec_of(world).excluded == {OCT_20, OCT_27, NOV_3}

    world.step(at("2026-10-16 12:00"), choice="resume")

    assert spec_of(world).excluded == {NOV_3}


def test_a_new_address_during_a_pause_keeps_nothing_out() -> None:
    world = a_world()
    pause(world)
    world.people[JENS.id] = replace(JENS, address=Address("jens.adler@fabrikam.example"))
    world.step(at("2026-10-21 11:30"))

    world.step(at(RESUMED), choice="resume")

    assert spec_of(world).excluded == {OCT_20}


def test_a_meeting_comes_back_where_and_when_somebody_had_put_it() -> None:
    world = a_world()
    moved, elsewhere = ((OCT_27, OCT_27.replace(hour=14)),), ((OCT_27, Place("The garden")),)
    edit(world, "2026-10-14 08:00", moved=moved, elsewhere=elsewhere)
    pause(world)
    assert (spec_of(world).moved, spec_of(world).elsewhere) == ((), ())

    world.step(at(RESUMED), choice="resume")

    assert (spec_of(world).moved, spec_of(world).elsewhere) == (moved, elsewhere)


def test_a_break_that_became_known_during_a_pause_keeps_its_meetings_out_without_a_loop() -> None:
    world = a_world()
    pause(world)
    autumn = Break("Autumn break", date(2026, 10, 19), date(2026, 11, 20))
    world.programme = replace(world.programme, breaks=(autumn,))

    world.step(at(RESUMED), choice="resume")

    assert {OCT_27, NOV_3} <= spec_of(world).excluded
    assert world.step(at("2026-10-21 13:00")) == ()
