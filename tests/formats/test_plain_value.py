"""Cells as text and back: what reads the same may become a number again, nothing else."""

from datetime import date, datetime, time

import pytest

from rmflow.formats.table import Cell
from rmflow.formats.workbook.book import Value
from rmflow.formats.workbook.plain_value import read, spelled


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (True, "TRUE"),
        (7, "7"),
        (12.5, "12.5"),
        (date(2026, 11, 22), "2026-11-22"),
        (datetime(2026, 11, 22), "2026-11-22"),
        (datetime(2026, 11, 22, 9, 30), "2026-11-22 09:30"),
        (datetime(2026, 11, 22, 9, 30, 5), "2026-11-22 09:30:05"),
        (time(9, 30), "09:30"),
        (" two\r\nlines ", "two\nlines"),
    ],
)
def test_a_cell_has_one_plain_spelling(cell: Cell, text: str) -> None:
    assert spelled(cell) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-12", -12),
        ("12.5", 12.5),
        ("FALSE", False),
        ("2026-11-22", date(2026, 11, 22)),
        ("2026-11-22 09:30", datetime(2026, 11, 22, 9, 30)),
    ],
)
def test_a_spelling_is_read_as_its_value(text: str, value: Value) -> None:
    assert read(text) == value
    assert spelled(read(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "007",
        "1.50",
        "1e5",
        "+1",
        "١٢",
        "9" * 16,
        "1.7976931348623157e309",
        "2026-02-30",
        "1823-01-01",
        "true",
        "=1+1",
    ],
)
def test_what_would_read_differently_stays_text(text: str) -> None:
    """A personnel number is not a number, and nobody was born on 30 February."""
    assert read(text) == text
