"""A clock that is wrong sends mails at night and refuses tokens: a minute is too much."""

from datetime import UTC, datetime, timedelta

import pytest

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.clock_skew import compared
from rmflow.ports.checkup import Verdict

CLOCK = StoppedClock(datetime(2026, 11, 3, 8, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [(0, Verdict.FINE), (60, Verdict.FINE), (61, Verdict.WARNING), (-61, Verdict.WARNING)],
)
def test_more_than_a_minute_in_either_direction_is_warned_of(
    seconds: int, verdict: Verdict
) -> None:
    assert compared(CLOCK.at + timedelta(seconds=seconds), CLOCK).verdict is verdict


@pytest.mark.parametrize(
    "field", ["Tue, 03 Nov 2026 08:30:00 GMT", "Tue, 03 Nov 2026 08:30:00 -0000"]
)
def test_a_header_field_is_read_as_universal_time(field: str) -> None:
    """RFC 9110 section 5.6.7; "-0000" has no zone in Python."""
    assert compared(field, CLOCK).text == "this machine and the service are 0 s apart"


@pytest.mark.parametrize("field", [None, "", "teatime"])
def test_a_service_that_does_not_say_the_time_is_skipped(field: str | None) -> None:
    assert compared(field, CLOCK).verdict is Verdict.SKIPPED
