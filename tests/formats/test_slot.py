"""Weekly slots as people write them."""

from datetime import time

import pytest

from rmflow.formats.roster.slot import read_slot
from rmflow.formats.table import Cell


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tue 10:00", "Tue 10:00"),
        ("10:00 Tue", "Tue 10:00"),
        ("tuesdays at 10", "Tue 10:00"),
        ("Tues, 10.30", "Tue 10:30"),
        ("2 pm friday", "Fri 14:00"),
        ("Wed 12am", "Wed 00:00"),
        ("Fri 12:15 p.m.", "Fri 12:15"),
        ("Dienstag 10:00", "Tue 10:00"),
        ("Di. 10.30 Uhr", "Tue 10:30"),
        ("Do 9", "Thu 09:00"),
        ("Sonntags um 10 Uhr", "Sun 10:00"),
        ("mardi 10h", "Tue 10:00"),
        ("mer. 10h30", "Wed 10:30"),
        ("le jeudi à 9 h", "Thu 09:00"),
        ("martes a las 10", "Tue 10:00"),
        ("Miércoles 16:45", "Wed 16:45"),
        ("sáb 10:00:00", "Sat 10:00"),
    ],
)
def test_a_weekday_and_a_time_are_understood_in_four_languages(text: str, expected: str) -> None:
    assert str(read_slot(text)) == expected


@pytest.mark.parametrize(
    "cell",
    [
        "10:00",
        "Tuesday",
        "Tue 25:00",
        "Tue 10:75",
        "Tue 13 pm",
        "Tue or Thu 10:00",
        "Tue 10:00-11:00",
        "every other Tue 10:00",
        "1st Tue 10:00",
        time(10),
        10,
    ],
)
def test_anything_but_one_weekday_and_one_time_is_refused(cell: Cell) -> None:
    """Half an understanding here is a series of meetings at the wrong time."""
    with pytest.raises(ValueError, match="write a weekday and a time, like Tue 10:00"):
        read_slot(cell)
