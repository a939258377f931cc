"""Our time zones and those of Windows (R4)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from exchangelib import EWSTimeZone

from rmflow.adapters.exchange.zones import windows_zone

FIRST = date(2026, 1, 1)


def test_every_zone_keeps_its_times_for_two_years_or_is_refused() -> None:
    """exchangelib's map is right for nearly all, and silently wrong for a few."""
    refused = set()
    for name in sorted(available_timezones() & EWSTimeZone.IANA_TO_MS_MAP.keys()):
        try:
            zone = windows_zone(name, FIRST)
        except ValueError:
            refused.add(name)
            continue
        shown = ZoneInfo(zone.MS_TO_IANA_MAP[zone.ms_id])
        for day in range(0, 730, 5):
            at = datetime(2026, 1, 1, 12) + timedelta(days=day)
            assert ZoneInfo(name).utcoffset(at) == shown.utcoffset(at), name
    assert {"America/Scoresbysund", "Antarctica/Troll", "Antarctica/Vostok"} <= refused
    assert len(refused) < 10


def test_a_zone_that_windows_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="Exchange has no time zone"):
        windows_zone("Mars/Olympus", FIRST)
