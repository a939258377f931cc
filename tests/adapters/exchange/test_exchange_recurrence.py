"""Rules and Exchange's patterns, both ways (R6 to R13)."""

from datetime import date, datetime

import pytest
from exchangelib import recurrence as ews

from rmflow.adapters.exchange.recurrence import pattern_of, rule_of

START = datetime(2026, 11, 3, 9)
ZONE = "Europe/Berlin"


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY;BYDAY=TU;WKST=MO",
        "FREQ=WEEKLY;INTERVAL=2;COUNT=12;BYDAY=TU,SU;WKST=SU",
        "FREQ=WEEKLY;UNTIL=20270302T080000Z;BYDAY=TU;WKST=MO",
        "FREQ=MONTHLY;BYDAY=4MO;WKST=MO",
        "FREQ=MONTHLY;INTERVAL=2;COUNT=6;BYDAY=-1MO;WKST=MO",
        "FREQ=MONTHLY;BYMONTHDAY=28;WKST=MO",
        "FREQ=MONTHLY;BYMONTHDAY=-1;WKST=MO",
    ],
)
def test_there_and_back(rule: str) -> None:
    """Also the fourth Monday and the last (R9), the week's first day (R12), the last day (R7)."""
    assert rule_of(pattern_of(rule, START, ZONE), START, ZONE) == rule


@pytest.mark.parametrize(
    ("until", "end"),
    [
        ("20261124T080000Z", date(2026, 11, 24)),
        ("20261124T075959Z", date(2026, 11, 23)),
        ("20261124T230000Z", date(2026, 11, 25)),
    ],
)
def test_the_last_day_is_counted_in_the_zone_of_the_series(until: str, end: date) -> None:
    """R5: 09:00 in Berlin is 08:00 UTC; half past midnight in Berlin is the day before in UTC."""
    rule = f"FREQ=WEEKLY;UNTIL={until};BYDAY=TU;WKST=MO"
    late = START.replace(hour=0) if until.endswith("230000Z") else START
    assert pattern_of(rule, late, ZONE).boundary.end == end


@pytest.mark.parametrize(
    ("pattern", "rule"),
    [
        (ews.DailyPattern(interval=1), "FREQ=DAILY;WKST=MO"),
        (ews.AbsoluteMonthlyPattern(interval=1, day_of_month=31), "FREQ=MONTHLY;BYMONTHDAY=-1"),
        (
            ews.AbsoluteMonthlyPattern(interval=1, day_of_month=30),
            "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1",
        ),
        (
            ews.RelativeMonthlyPattern(interval=1, weekday="Weekday", week_number="Last"),
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        ),
        (
            ews.RelativeYearlyPattern(weekday="Monday", week_number="First", month="May"),
            "FREQ=YEARLY;BYMONTH=5;BYDAY=1MO",
        ),
    ],
)
def test_what_people_choose_in_outlook_is_read_as_it_is_meant(
    pattern: ews.Pattern, rule: str
) -> None:
    """R6: Exchange's 31st is the last day of a shorter month; R8: one last workday a month."""
    found = rule_of(ews.Recurrence(pattern=pattern, start=date(2026, 11, 3)), START, ZONE)
    assert found.removesuffix(";WKST=MO") == rule.removesuffix(";WKST=MO")


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MONTHLY;BYDAY=5FR",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYDAY=1MO,1TU",
        "FREQ=WEEKLY;INTERVAL=0;BYDAY=TU",
        "FREQ=DAILY;COUNT=3",
        "FREQ=WEEKLY;BYDAY=1TU",
    ],
)
def test_a_rule_without_a_pattern_is_refused(rule: str) -> None:
    """R10, R11: exchangelib 637."""
    with pytest.raises(ValueError, match="choose another rhythm"):
        pattern_of(rule, START, ZONE)
