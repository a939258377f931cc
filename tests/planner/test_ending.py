"""From when on nothing is to come: what was written in a pairing is kept for a while after that."""

from dataclasses import replace
from datetime import datetime

from builders import World, a_pairing, at
from rmflow.domain.pairing import PairingId, PairingStatus
from rmflow.domain.records import PairingRecord

PAIR = PairingId("p1")


def record(world: World) -> PairingRecord:
    found = world.histories[PAIR].record
    assert found is not None
    return found


def over(world: World) -> datetime | None:
    return record(world).over_since


def test_a_pairing_that_goes_on_is_not_over() -> None:
    world = World()
    for day in ("2026-10-05 09:00", "2026-10-20 09:00", "2029-01-10 09:00"):
        world.step(at(day))
        assert over(world) is None


def test_one_whose_meetings_have_run_out_is_over_since_the_end_of_the_last() -> None:
    world = World(pairings=[a_pairing(cadence="pilot")])
    world.step(at("2026-10-05 09:00"))
    world.step(at("2027-03-01 09:00"))
    assert over(world) is None
    world.step(at("2027-03-20 09:00"))
    assert over(world) == at("2027-03-09 10:30")


def test_one_that_was_closed_is_over_since_that_was_seen_and_stays_so() -> None:
    world = World()
    world.step(at("2026-10-05 09:00"))
    world.pairings[PAIR] = replace(world.pairings[PAIR], status=PairingStatus.CLOSED)
    for day in ("2026-11-02 09:00", "2026-12-02 09:00"):
        world.step(at(day))
        assert over(world) == at("2026-11-02 09:00")


def test_one_that_left_the_roster_is_over() -> None:
    world = World()
    world.step(at("2026-10-05 09:00"))
    world.gone = {PAIR: world.pairings.pop(PAIR)}
    world.step(at("2026-11-02 09:00"))
    assert over(world) == at("2026-11-02 09:00")


def test_one_that_rests_is_not_over() -> None:
    """Whoever comes back after half a year finds what the two had agreed on."""
    world = World()
    world.step(at("2026-10-05 09:00"))
    world.step(at("2026-10-15 09:00"), choice="pause")
    world.step(at("2027-10-15 09:00"))
    assert over(world) is None


def test_one_that_begins_again_has_all_its_time_once_more() -> None:
    world = World()
    world.step(at("2026-10-05 09:00"))
    world.pairings[PAIR] = replace(world.pairings[PAIR], status=PairingStatus.CLOSED)
    world.step(at("2026-11-02 09:00"))
    emptied = replace(record(world), emptied_at=at("2027-05-02 09:00"))
    world.histories[PAIR] = replace(world.histories[PAIR], record=emptied)
    world.step(at("2027-05-03 09:00"))
    assert record(world).emptied_at == emptied.emptied_at
    world.pairings[PAIR] = replace(world.pairings[PAIR], status=PairingStatus.ACTIVE)
    world.step(at("2027-06-01 09:00"))
    assert (over(world), record(world).emptied_at) == (None, None)
