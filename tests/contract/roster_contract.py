"""What every RosterSource must do; one subclass a backend, with a fixture `shelf`."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Protocol

import pytest

from rmflow.errors import RosterError
from rmflow.formats.table import Cell
from rmflow.ports.roster import RosterSource

PEOPLE: Sequence[Sequence[Cell]] = (
    ("E-Mail", "Name", "Eintritt", "Personalnummer", "Anteil"),
    ("mara.vogel@contoso.example", "Mara Vögel", date(2024, 9, 1), 4711, 0.8),
    ("jens.adler@contoso.example", "Jens\nAdler", date(1987, 2, 28), -3, 12.345678901234),
)
PAIRS: Sequence[Sequence[Cell]] = (
    ("Mentor", "Mentee", "Termin", "Uhrzeit", "Pin", "Ort"),
    ("mara.vogel@contoso.example", None, datetime(2027, 3, 4, 10, 30), time(10), True, "007"),
    (None, "x", datetime(2027, 3, 4, 9, 20), time(9, 20), False, "=1+1"),
    (None, None, datetime(2027, 3, 4, 23, 59, 59), time(0, 0, 1), None, " "),
)
SHEETS = {"People": PEOPLE, "Pairs": PAIRS}


class Shelf(Protocol):
    """Where the backend under test finds its roster."""

    def open(self) -> RosterSource:
        """Return the source as a new run would open it."""
        ...

    def write(
        self, sheets: Mapping[str, Sequence[Sequence[Cell]]], top: int = 1, left: int = 1
    ) -> None:
        """Put a roster there, as a coordinator types it; `top` and `left` are its first cell."""
        ...

    def hide(self, sheet: str) -> None:
        """Hide a sheet."""
        ...

    def remove(self) -> None:
        """Take the roster away."""
        ...


class RosterContract:
    """The promises of the port RosterSource."""

    @pytest.fixture
    def shelf(self) -> Shelf:
        raise NotImplementedError

    def test_cells_keep_what_they_are(self, shelf: Shelf) -> None:
        """Every source tells the same of the same roster, or one of them is misunderstood."""
        shelf.write(SHEETS)
        tables = {table.name: table.rows for table in shelf.open().read()}
        assert tables == {name: tuple(map(tuple, rows)) for name, rows in SHEETS.items()}
        for name, rows in SHEETS.items():
            kinds = [[type(cell) for cell in row] for row in rows]
            assert [[type(cell) for cell in row] for row in tables[name]] == kinds

    def test_a_table_knows_where_it_stands(self, shelf: Shelf) -> None:
        shelf.write({"People": PEOPLE}, top=5, left=3)
        (table,) = shelf.open().read()
        assert table.rows[0] == tuple(PEOPLE[0])
        assert table.place(1, 2) == f"{table.source}, People!E6"
        assert table.source

    def test_hidden_sheets_are_read_and_empty_ones_are_not(self, shelf: Shelf) -> None:
        shelf.write({**SHEETS, "Empty": ()})
        shelf.hide("Pairs")
        assert [table.name for table in shelf.open().read()] == ["People", "Pairs"]

    def test_the_fingerprint_changes_with_the_content_and_nothing_else(self, shelf: Shelf) -> None:
        shelf.write(SHEETS)
        before = shelf.open().fingerprint()
        shelf.open().read()
        assert shelf.open().fingerprint() == before != ""
        shelf.write({**SHEETS, "Pairs": PAIRS[:-1]})
        assert shelf.open().fingerprint() != before

    def test_what_has_nothing_in_it_is_no_roster(self, shelf: Shelf) -> None:
        shelf.write({"People": ()})
        with pytest.raises(RosterError, match="has nothing in it; add the sheets People and Pairs"):
            shelf.open().read()

    def test_what_is_not_there_is_told_with_the_setting_to_check(self, shelf: Shelf) -> None:
        shelf.write(SHEETS)
        shelf.remove()
        for look in (shelf.open().read, shelf.open().fingerprint):
            with pytest.raises(RosterError, match=r"there is no such .*check \w+ in \[roster\]"):
                look()
