"""A table of a roster seen as rows of fields, and the list of what is wrong with it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar, cast

from rmflow.errors import Problem
from rmflow.formats.cells import tidy
from rmflow.formats.table import Cell, Table

Value = TypeVar("Value")


class Spot(NamedTuple):
    """A cell by its indices: of the table in the workbook, of row and column in the table."""

    table: int
    row: int
    column: int


class Findings:
    """What is wrong with a workbook; collected in any order, told in the order of its cells."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self.tables = tables
        self._found: list[tuple[tuple[int, ...], Problem]] = []

    def place(self, spot: Spot) -> str:
        """Return the place of a cell in words: "roster.xlsx, Pairs!D12"."""
        return self.tables[spot.table].place(spot.row, spot.column)

    def cell(self, spot: Spot) -> str:
        """Return the place of a cell without the file: "Pairs!D12"."""
        return self.place(spot).removeprefix(f"{self.tables[spot.table].source}, ")

    def add(self, spot: Spot, text: str, *, warning: bool = False) -> None:
        """Note what is wrong with a cell."""
        self._found.append((spot, Problem(self.place(spot), text, warning)))

    def add_placed(self, spot: Spot, problem: Problem) -> None:
        """Note a problem that knows its place in words, at its place in order."""
        self._found.append((spot, problem))

    def add_whole(self, text: str, table: int | None = None) -> None:
        """Note what is wrong with a sheet, or with the workbook as a whole."""
        if table is None:
            place = self.tables[0].source if self.tables else "roster"
            self._found.append(((-1,), Problem(place, text)))
        else:
            place = f"{self.tables[table].source}, {self.tables[table].name}"
            self._found.append(((table,), Problem(place, text)))

    def in_order(self) -> tuple[Problem, ...]:
        """Return everything noted, in the order of tables, rows, columns."""
        return tuple(problem for _, problem in sorted(self._found, key=lambda found: found[0]))


class View:
    """A table seen as rows of fields: reads typed cells and notes what it cannot read."""

    def __init__(
        self, number: int, header_row: int, columns: Mapping[str, int], findings: Findings
    ) -> None:
        self.number = number
        self.columns = columns
        self._rows = findings.tables[number].rows
        self._first = header_row + 1
        self._findings = findings
        self._understood: dict[tuple[str, Cell], object] = {}

    def filled_rows(self) -> Iterator[int]:
        """Yield the indices of the rows below the header with anything in our columns."""
        used = sorted(self.columns.values())
        for row in range(self._first, len(self._rows)):
            cells = self._rows[row]
            if any(_is_filled(cells[column]) for column in used if column < len(cells)):
                yield row

    def spot(self, row: int, field: str) -> Spot:
        """Return the cell of a field; where there is no such column, the row's first of ours."""
        column = self.columns.get(field)
        return Spot(self.number, row, min(self.columns.values()) if column is None else column)

    def read(self, row: int, field: str, reader: Callable[[Cell], Value]) -> Value | None:
        """Return what a reader makes of a cell; None if the cell is empty or wrong.

        What is wrong is noted. Equal cells of a column are understood once.
        """
        column = self.columns.get(field)
        if column is None or column >= len(self._rows[row]):
            return None
        cell = self._rows[row][column]
        if cell is None:
            return None
        key = (field, cell)
        if key not in self._understood:
            self._understood[key] = _understood(cell, reader)
        value = self._understood[key]
        if isinstance(value, ValueError):
            self.note(row, field, str(value))
            return None
        return cast("Value | None", value)  # a field always has the same reader

    def is_empty(self, row: int, field: str) -> bool:
        """Return whether nothing visible is in the cell of a field."""
        column = self.columns.get(field)
        cells = self._rows[row]
        return column is None or column >= len(cells) or not _is_filled(cells[column])

    def note(self, row: int, field: str, text: str, *, warning: bool = False) -> None:
        """Note what is wrong with a cell of a field."""
        self._findings.add(self.spot(row, field), text, warning=warning)


def _is_filled(cell: Cell) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(tidy(cell)))


def _understood(cell: Cell, reader: Callable[[Cell], Value]) -> Value | ValueError | None:
    """Return the value, None for text without a visible character, or the error as a value."""
    if isinstance(cell, str):
        cell = tidy(cell)
        if not cell:
            return None
    try:
        return reader(cell)
    except ValueError as error:
        return error
