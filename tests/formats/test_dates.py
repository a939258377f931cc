"""Dates in short answers, in ten languages, and the ones that are left alone."""

from datetime import date

import pytest

from rmflow.formats.replies.dates import Window, read_date

TUESDAY = date(2026, 11, 3)
THURSDAY = date(2026, 11, 5)
AROUND = Window.before(THURSDAY, TUESDAY)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-03", "2026/11/03", "3.11.2026", "03.11.26", "3.11.", "3 November", "November 3", "Nov 3rd, 2026",
        "the 3rd of November", "Tuesday 3 November 2026", "Tue, Nov 3", "3. November", "am 3. Nov.", "Di., 3. Nov. 2026",
        "le 3 novembre", "mardi 3 nov.", "3 de noviembre", "el 3 de noviembre de 2026", "3 de novembro de 2026", "no dia 3 de novembro",
        "3 novembre 2026", "martedì 3 novembre", "3 november", "op 3 nov", "den 3 november", "3 listopada", "3 listopada 2026",
        "2026年11月3日", "11月3日", "We met on 3 November in Lisbon", "3 Nov at 10:30", "am 3.11. um 14:05 Uhr", "3/11/2026",
        "Tuesday", "last Tuesday", "letzten Dienstag", "mardi dernier", "el martes pasado", "martedì scorso", "afgelopen dinsdag",
        "two days ago, Tuesday", "vorgestern", "avant-hier", "the day before yesterday",
    ],
)  # fmt: skip
def test_a_day_is_found_however_it_is_written(text: str) -> None:
    """INBOUND section 7: what dateparser did not read, or read as another century."""
    assert read_date(text, "de", AROUND) == TUESDAY


@pytest.mark.parametrize(
    "text",
    ["", "soon", "last week", "mid-March", "in spring", "W10 Monday", "3 or 4 November", "not on 3 November", "31.11.2026",
     "4 May", "3 November 1926", "3 November 2027", "next Tuesday", "10:30", "1-5", "+49 421 123456", "13/13/2026"],
)  # fmt: skip
def test_no_day_is_made_up(text: str) -> None:
    assert read_date(text, "en", AROUND) is None


@pytest.mark.parametrize(
    ("text", "locale", "day"),
    [
        ("11/3/2026", "en-US", date(2026, 11, 3)),
        ("11/3", "en", date(2026, 11, 3)),
        ("3/11", "en", date(2026, 11, 3)),
        ("3/11", "fr", date(2026, 11, 3)),
        ("10/11", "en-GB", None),
        ("10/11", "en-US", date(2026, 10, 11)),
        ("13/10", "en", date(2026, 10, 13)),
    ],
)
def test_the_order_of_numbers_is_the_locales(text: str, locale: str, day: date | None) -> None:
    assert read_date(text, locale, AROUND) == day


def test_an_order_that_nothing_decides_is_not_guessed() -> None:
    """Both days are possible in plain English, and neither is the session's."""
    window = Window.before(date(2026, 11, 12), date(2026, 11, 6))
    assert read_date("10/11", "en", window) is None
    assert read_date("10/11", "de", window) == date(2026, 11, 10)


def test_a_weekday_is_the_latest_one_before_the_mail() -> None:
    window = Window.before(THURSDAY, None)
    assert read_date("Monday", "en", window) == date(2026, 11, 2)
    assert read_date("last Friday", "en", window) == date(2026, 10, 30)


def test_last_monday_on_a_thursday_may_mean_two_days() -> None:
    assert read_date("last Monday", "en", Window.before(THURSDAY, None)) is None


def test_the_same_weekday_as_the_mail_may_mean_two_days() -> None:
    assert read_date("Thursday", "en", Window.before(THURSDAY, None)) is None


def test_a_year_that_is_missing_is_the_one_that_fits() -> None:
    """December, told in January."""
    window = Window.before(date(2027, 1, 4), date(2026, 12, 29))
    assert read_date("29 December", "en", window) == date(2026, 12, 29)
    assert read_date("3.1.", "de", window) == date(2027, 1, 3)


def test_today_and_yesterday_are_counted_from_the_mail() -> None:
    assert read_date("today", "en", AROUND) == THURSDAY
    assert read_date("gestern", "de", AROUND) == date(2026, 11, 4)
    assert read_date("hier", "fr", AROUND) == date(2026, 11, 4)


def test_a_japanese_yesterday_is_no_sunday() -> None:
    """昨日 has the character of 日曜日; names of weekdays are compared whole."""
    window = Window.before(date(2026, 11, 4), date(2026, 11, 3))
    assert read_date("昨日", "ja", window) == date(2026, 11, 3)
    assert read_date("日曜日", "ja", window) == date(2026, 11, 1)


@pytest.mark.parametrize(
    "text",
    ["Mittwoch statt Dienstag", "Monday instead of Tuesday", "3./4. November", "3/4 November"],
)
def test_of_two_days_none_is_chosen(text: str) -> None:
    assert read_date(text, "de", Window.before(date(2026, 11, 4), date(2026, 11, 3))) is None
