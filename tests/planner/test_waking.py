"""Waking: a pairing that is only looked at when it asked to be misses nothing."""

from datetime import datetime, timedelta

from builders import World, at
from rmflow.domain.pairing import PairingId

HOURLY = timedelta(hours=1)
PAIR = PairingId("p1")


def live_by_waking(world: World, first: datetime, last: datetime) -> None:
    """Step each hour, as cron does, through the hours at which the pairing is due."""
    now = first
    while now <= last:
        record = world.histories[PAIR].record if PAIR in world.histories else None
        if record is None or (record.wake_at is not None and record.wake_at <= now):
            world.step(now)
        now += HOURLY


def test_the_letters_are_those_of_a_pairing_that_is_looked_at_each_hour() -> None:
    """A reminder counts from its request, which was not sent yet when the wake was written."""
    first, last = at("2026-10-05 09:00"), at("2026-12-15 09:00")
    watched, woken = World(), World()

    watched.live(first, last, HOURLY)
    live_by_waking(woken, first, last)

    assert woken.mails() == watched.mails()
    assert len(woken.mails("summary-reminder")) == 5


def test_a_missed_first_reminder_is_not_sent_together_with_the_second() -> None:
    """Catch-up without bursts: one mail says it all."""
    world = World()
    world.live(at("2026-10-05 09:00"), at("2026-10-13 17:00"), HOURLY)

    world.step(at("2026-10-22 10:00"))

    assert world.mails("summary-reminder") == [("10-22 10:00", "summary-reminder Jens")]


def test_a_paused_pairing_wakes_before_each_meeting_and_takes_it_out() -> None:
    """Paused three weeks ahead, the meeting came near while nobody looked."""
    world = World()
    live_by_waking(world, at("2026-10-05 09:00"), at("2026-10-15 09:00"))

    world.step(at("2026-10-15 10:00"), choice="pause")
    live_by_waking(world, at("2026-10-15 11:00"), at("2026-12-31 09:00"))

    live = world.histories[PAIR].live
    assert live is not None
    assert {f"{day:%m-%d}" for day in live.spec.excluded} >= {"11-10", "12-08"}
    assert world.mails("prompt")[2:] == []
