"""VTIMEZONE: what a calendar without the IANA database makes of our words."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from icalendar.timezone import tzp

from rmflow.formats.calendar.vtimezone import vtimezone

_ZONES = [
    "Europe/Berlin",
    "Europe/Dublin",
    "Europe/Lisbon",
    "America/New_York",
    "America/Santiago",
    "Asia/Tokyo",
    "Asia/Kathmandu",
    "Asia/Jerusalem",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
]


def lines(zone: str, first: int = 2026, last: int = 2030) -> list[str]:
    content: bytes = vtimezone(zone, first, last).to_ical()
    return content.decode().split("\r\n")


@pytest.mark.parametrize("zone", _ZONES)
def test_every_hour_around_a_change_has_the_right_offset(zone: str) -> None:
    """R32; dateutil reads the definition, and nothing but it."""
    told, real = tzp.create_timezone(vtimezone(zone, 2026, 2029)), ZoneInfo(zone)
    days = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(365 * 4)]
    for day, after in pairwise(days):
        if day.astimezone(real).utcoffset() == after.astimezone(real).utcoffset():
            hours = [day.replace(hour=9)]
        else:
            hours = [day + timedelta(hours=n) for n in range(-3, 27)]
        for at in hours:
            wall = at.astimezone(real)
            if wall.fold == 0:  # dateutil's own idea of the second 02:30 is not the question
                expected = wall.replace(tzinfo=real).utcoffset()
                assert wall.replace(tzinfo=told).utcoffset() == expected, wall


def test_a_change_is_told_in_the_offset_before_it() -> None:
    """RFC 5545 section 3.6.5: clocks showed 02:00 when Berlin's summer began."""
    assert "DTSTART:20250330T020000" in lines("Europe/Berlin")
    assert "DTSTART:20251026T030000" in lines("Europe/Berlin")


def test_a_yearly_change_is_told_as_a_rule() -> None:
    """Outlook reads rules; and a rule holds after the last year, too."""
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3" in lines("Europe/Berlin")
    assert "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3" in lines("America/New_York")
    assert not any("RDATE" in line for line in lines("America/New_York"))


def test_changes_without_a_rule_are_told_as_dates() -> None:
    """Morocco's follow the moon."""
    assert "RDATE:20260215T030000" in lines("Africa/Casablanca")
    assert not any("RRULE" in line for line in lines("Africa/Casablanca"))


def test_a_zone_without_changes_is_one_line_of_offsets() -> None:
    """Tokyo."""
    assert lines("Asia/Tokyo").count("BEGIN:STANDARD") == 1
    assert "TZOFFSETTO:+0900" in lines("Asia/Tokyo")


def test_a_rule_that_was_given_up_ends() -> None:
    """Turkey changed its clocks until 2015; Mexico until 2022."""
    text = "\n".join(lines("America/Mexico_City", 2019, 2030))
    assert "UNTIL=2022" in text
