"""Spans of hours and rhythms, as people write them."""

from datetime import time

import pytest

from rmflow.config.values import parse_every, parse_hours
from rmflow.domain.programme import Frequency


@pytest.mark.parametrize("text", ["09:00-17:30", "9:00-17:30", "9:00 – 17:30", " 9:00–17:30 "])
def test_a_span_of_hours_is_written_in_many_ways(text: str) -> None:
    assert parse_hours(text) == (time(9), time(17, 30))


@pytest.mark.parametrize(
    "text", ["17:00-09:00", "09:00-09:00", "9-17", "09:00-24:00", "09:60-10:00"]
)
def test_a_span_that_is_none_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match='write it like "09:00-17:00"'):
        parse_hours(text)


@pytest.mark.parametrize(
    ("text", "frequency", "interval"),
    [
        ("3 weeks", Frequency.WEEKLY, 3),
        ("1 month", Frequency.MONTHLY, 1),
        ("Week", Frequency.WEEKLY, 1),
        ("12 months", Frequency.MONTHLY, 12),
    ],
)
def test_a_rhythm_is_weeks_or_months(text: str, frequency: Frequency, interval: int) -> None:
    assert parse_every(text) == (frequency, interval)


@pytest.mark.parametrize("text", ["0 weeks", "fortnight", "100 weeks", "2 days", "-1 week", ""])
def test_another_rhythm_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match='write it like "3 weeks" or "1 month"'):
        parse_every(text)
