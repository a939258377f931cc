"""The two clocks."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from rmflow.adapters.clock import StoppedClock, SystemClock
from rmflow.ports.clock import Clock

AT = datetime(2026, 11, 3, 9, 0, tzinfo=timezone(timedelta(hours=1)))


def test_the_system_clock_runs_in_utc() -> None:
    clock: Clock = SystemClock()
    before = datetime.now(UTC)
    now = clock.now()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


def test_a_stopped_clock_shows_what_it_was_set_to_in_utc() -> None:
    stopped = StoppedClock(AT)
    clock: Clock = stopped
    assert clock.now() == clock.now() == AT
    assert clock.now().tzinfo is UTC
    stopped.at += timedelta(days=1)
    assert clock.now() == AT + timedelta(days=1)


def test_a_stopped_clock_refuses_a_time_that_is_no_instant() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        StoppedClock(AT.replace(tzinfo=None)).now()
