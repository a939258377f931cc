"""Rules of recurrence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rmflow.domain.programme import BUILT_IN_CADENCES, Cadence, Frequency
from rmflow.domain.recurrence import cadence_of, rule_of

START = datetime(2026, 10, 13, 10)
FORTNIGHT = Cadence("fortnight", timedelta(minutes=25), Frequency.WEEKLY, 2)


@pytest.mark.parametrize("until", [None, datetime(2027, 6, 30, tzinfo=UTC)])
@pytest.mark.parametrize("cadence", [*BUILT_IN_CADENCES.values(), FORTNIGHT], ids=lambda c: c.name)
def test_a_rule_tells_the_cadence_that_made_it(cadence: Cadence, until: datetime | None) -> None:
    """But for what a rule cannot say: how many meetings make a cadence worth its while."""
    told = cadence_of(cadence.name, rule_of(cadence, START, until), cadence.duration)
    assert told == replace(cadence, at_least=0)


def test_a_rule_of_a_frequency_that_no_cadence_has_tells_none() -> None:
    assert cadence_of("x", "FREQ=DAILY;INTERVAL=14", timedelta(hours=1)) is None
