"""Cells to values."""

from datetime import date, datetime

import pytest

from rmflow.formats.roster.cells import (
    read_address,
    read_date,
    read_line,
    read_list,
    squeezed,
    tidy,
)
from rmflow.formats.table import Cell


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Mara\u00a0\u2009Vogel ", "Mara Vogel"),
        ("\ufeffMa\u200bra\u00ad", "Mara"),
        ("first \r\n\n second", "first\nsecond"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("a\x00\x07b", "ab"),
        ("نمی\u200cدانم", "نمی\u200cدانم"),
    ],
)
def test_invisible_characters_go_and_blanks_become_one(text: str, expected: str) -> None:
    """The zero-width joiners stay: Persian is spelled with them."""
    assert tidy(text) == expected


def test_words_are_compared_without_case_accents_and_punctuation() -> None:
    assert squeezed("Début, E-Mail (Straße)") == "debutemailstrasse"


def test_a_line_is_one_line_and_a_whole_number_has_no_point() -> None:
    assert read_line("Room 4\nMunich") == "Room 4 Munich"
    assert read_line(4711) == "4711"


def test_a_name_that_a_mail_header_would_decode_is_refused() -> None:
    """RFC 2047: `=?utf-8?q?=0ABcc:?=` in a name has become a header line of its own elsewhere."""
    with pytest.raises(ValueError, match="remove them"):
        read_line("=?utf-8?q?=0ABcc:?= Vogel")


def test_a_list_is_separated_by_commas_semicolons_or_lines() -> None:
    assert read_list("chess; baking,\nclimbing,, chess") == ("chess", "baking", "climbing")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Mara.Vogel@Contoso.Example", "mara.vogel@contoso.example"),
        ("Vogel, Mara <mara@contoso.example>", "mara@contoso.example"),
        ("mailto:mara@contoso.example", "mara@contoso.example"),
        ("mara@müller.example", "mara@xn--mller-kva.example"),
    ],
)
def test_a_mail_address_has_one_spelling(cell: str, expected: str) -> None:
    assert read_address(cell) == expected


@pytest.mark.parametrize(
    "cell",
    [
        12345,
        "Mara Vogel",
        "mara@contoso",
        "mara@contoso.example; jens@contoso.example",
        "mаra@contoso.example",  # a Cyrillic letter before the @
        "mara@cоntoso.example",  # and one after it
    ],
)
def test_what_is_not_one_plain_mail_address_is_refused(cell: Cell) -> None:
    with pytest.raises(ValueError, match=r"mail address|mail addresses|several scripts"):
        read_address(cell)


@pytest.mark.parametrize(
    "cell",
    [
        date(2027, 3, 14),
        datetime(2027, 3, 14, 9, 30),
        "2027-03-14",
        "2027/3/14",
        "2027-03-14 00:00:00",
        "14.03.2027",
        "14. 3. 2027",
        "14/3/2027",
        "3/14/2027",
    ],
)
def test_a_date_is_understood_where_only_one_can_be_meant(cell: Cell) -> None:
    assert read_date(cell) == date(2027, 3, 14)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("3/4/2027", "can be 3 April or 4 March; write 2027-04-03 or 2027-03-04"),
        ("30.02.2027", "is not a day of the calendar"),
        ("13/13/2027", "is not a day of the calendar"),
        ("14.03.27", "is not a date; write it like 2027-03-31"),
        ("soon", "is not a date"),
        (46000, "is not a date"),
        (True, "is not a date"),
    ],
)
def test_a_date_that_can_be_two_or_none_is_refused_with_advice(cell: Cell, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        read_date(cell)
