"""A table of cells as a spreadsheet holds it, before anybody understands it."""

from dataclasses import dataclass
from datetime import date, datetime, time

# What a cell can hold. Empty cells and formula errors are None; whole floats are int.
Cell = str | int | float | bool | datetime | date | time | None


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet. `rows[0]` is the sheet's row number `first_row` (1 as people count).

    `source` is the file's name as a person knows it ("roster.xlsx"); for a csv file `name` is
    its stem. `place()` gives "roster.xlsx, Pairs!D12".
    """

    source: str
    name: str
    rows: tuple[tuple[Cell, ...], ...]
    first_row: int = 1
    first_column: int = 1

    def place(self, row: int, column: int) -> str:
        """Return the place of `rows[row][column]` as a coordinator would say it."""
        letters, number = "", column + self.first_column
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(ord("A") + rest) + letters
        return f"{self.source}, {self.name}!{letters}{row + self.first_row}"
