"""Delimited text to tables."""

import codecs

import pytest

from rmflow.formats.roster.delimited import read_delimited
from rmflow.formats.table import Table


def read(content: bytes) -> Table:
    return read_delimited(content, "People.csv", max_rows=100, max_columns=10)


ROWS = (("name", "email"), ("Zoë Müller", "zoe@contoso.example"))


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("cp1252", b""),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encoding_and_delimiter_are_found_out(encoding: str, mark: bytes, delimiter: str) -> None:
    text = "\r\n".join(delimiter.join(row) for row in ROWS)
    assert read(mark + text.encode(encoding)).rows == ROWS


def test_commas_inside_of_cells_do_not_win_over_the_delimiter() -> None:
    """ "Family, Given" and lists: more commas than semicolons, and still no comma separates."""
    text = "name;avoid\n" + "Vogel, Mara;a@x.example, b@x.example, c@x.example\n" * 20
    assert read(text.encode()).rows[1][0] == "Vogel, Mara"


def test_a_declared_delimiter_is_obeyed_and_its_line_is_counted() -> None:
    table = read(b"sep=|\nname|email\nMara|mara@contoso.example\n")
    assert table.rows[1] == ("Mara", "mara@contoso.example")
    assert table.place(1, 0) == "People.csv, People!A3"


def test_a_line_break_inside_of_a_cell_does_not_end_the_row() -> None:
    assert read(b'name,room\n"Mara","Room 4\nMunich"\n').rows[1] == ("Mara", "Room 4\nMunich")


def test_numbers_stay_text_and_empty_cells_are_none() -> None:
    """A leading zero belongs to an employee id."""
    assert read(b"id,name\n0042,\n").rows[1] == ("0042", None)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"a,b\n" * 101, "has more than 100 rows"),
        (b"a,b\n" + b"x," * 10 + b"\n", "line 2 has 11 columns, more than 10"),
        ("name,email".encode("utf-16-le"), "unknown encoding"),
        (b"\x81\xff\x00", "unknown encoding"),
        (b'"' + b"x" * 200_000, "is not a csv file"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(content: bytes, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        read(content)
