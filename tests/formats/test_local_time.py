"""Days and times as people write them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from letter_samples import letter, session

from rmflow.domain.letter import LetterKind
from rmflow.formats.letters.local_time import (
    city_of,
    clock_range,
    full_date,
    locale_for,
    long_day,
    offset_of,
    short_day,
)

DAY = date(2026, 11, 3)


@pytest.mark.parametrize(
    ("tag", "long", "short", "full", "clock"),
    [
        ("en", "Tuesday 3 November", "Tue 3 Nov", "3 November 2026", "10:00–11:00"),
        ("en-US", "Tuesday, November 3", "Tue, Nov 3", "November 3, 2026", "10:00–11:00\xa0AM"),
        ("de", "Dienstag, 3. November", "Di., 3. Nov.", "3. November 2026", "10:00–11:00\xa0Uhr"),
        ("fr", "mardi 3 novembre", "mar. 3 nov.", "3 novembre 2026", "10:00–11:00"),
        (
            "fr-CA",
            "mardi 3 novembre",
            "mar. 3 nov.",
            "3 novembre 2026",
            "10\xa0h\xa000–11\xa0h\xa000",
        ),
        ("es", "martes, 3 de noviembre", "mar, 3 nov", "3 de noviembre de 2026", "10:00–11:00"),
        ("ja", "11月3日(火曜日)", "11月3日(火)", "2026年11月3日", "10時00分～11時00分"),
    ],
)
def test_a_day_and_an_hour_are_written_as_the_reader_writes_them(
    tag: str, long: str, short: str, full: str, clock: str
) -> None:
    """UTS #35: the nearest pattern with the widths adjusted; thin spaces left out."""
    locale = locale_for(tag, tag[:2])
    start = datetime(2026, 11, 3, 10, tzinfo=ZoneInfo("Europe/Berlin"))
    assert long_day(DAY, locale) == long
    assert short_day(DAY, locale) == short
    assert full_date(DAY, locale) == full
    assert clock_range(start, start + timedelta(hours=1), locale) == clock


def test_a_clock_that_babel_cannot_write_as_a_range_is_written_in_two_halves() -> None:
    """Babel 2.18 raises NotImplementedError for the day periods of Chinese."""
    start = datetime(2026, 11, 3, 10, tzinfo=ZoneInfo("Asia/Taipei"))
    assert "–" in clock_range(start, start + timedelta(hours=1), locale_for("zh-Hant-TW", "zh"))


@pytest.mark.parametrize(
    ("tag", "language", "chosen"),
    [
        ("en", "en", "en_GB"),
        ("en_us", "en", "en_US"),
        ("de-AT", "de", "de_AT"),
        ("de-AT", "en", "en_GB"),
        ("de-XX", "de", "de"),
        ("fr-!!", "fr", "fr"),
        ("", "xx", "en_GB"),
    ],
)
def test_the_region_counts_only_for_a_language_the_person_speaks(
    tag: str, language: str, chosen: str
) -> None:
    assert str(locale_for(tag, language)) == chosen


@pytest.mark.parametrize(
    ("zone", "city"),
    [
        ("Europe/London", "Londres"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires"),
        ("America/New_York", "New York"),
        ("Etc/UTC", ""),
        ("Etc/GMT-3", ""),
        ("UTC", ""),
    ],
)
def test_a_zone_is_named_by_its_city_or_not_at_all(zone: str, city: str) -> None:
    """Etc/GMT-3 is east of Greenwich: nobody should read that name."""
    assert city_of(zone, locale_for("fr", "fr")) == city


@pytest.mark.parametrize(
    ("zone", "offset"),
    [("UTC", "UTC"), ("Etc/GMT-3", "UTC+3"), ("America/St_Johns", "UTC−3:30")],
)
def test_an_offset_has_the_sign_that_people_expect(zone: str, offset: str) -> None:
    assert offset_of(datetime(2026, 11, 3, 10, tzinfo=ZoneInfo(zone))) == offset


@pytest.mark.parametrize(
    ("mentee_zone", "start", "line"),
    [
        (
            "Europe/London",
            "2026-11-03T10:00",
            "When: Tuesday 3 November, 10:00–11:00 in Berlin (09:00–10:00 for you in London)",
        ),
        ("Europe/Madrid", "2026-11-03T10:00", "When: Tuesday 3 November, 10:00–11:00 Where:"),
        (
            "America/Los_Angeles",
            "2026-11-03T08:00",
            "(Monday 2 November, 23:00–00:00 for you in Los Angeles)",
        ),
        (
            "UTC",
            "2026-11-03T10:00",
            "When: Tuesday 3 November, 10:00–11:00 in Berlin (09:00–10:00 for you, UTC)",
        ),
        (
            # The week in which America has changed its clocks and Europe has not yet: S5.
            "America/New_York",
            "2026-03-24T14:00",
            "When: Tuesday 24 March, 14:00–15:00 in Berlin (09:00–10:00 for you in New York)",
        ),
    ],
)
def test_both_clocks_are_shown_where_they_differ(mentee_zone: str, start: str, line: str) -> None:
    """S5: the clock of the place first, then the reader's own."""
    written = letter(
        LetterKind.PROMPT,
        session=session(1, start),
        zone=mentee_zone,
    )
    assert line in " ".join(written.text.split())
