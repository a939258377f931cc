"""A table of a roster seen as rows of fields, and the list of what is wrong with it."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from rmflow.errors import Problem
from rmflow.formats.roster.cells import tidy
from rmflow.formats.table import Cell, Table

Value = TypeVar("Value")

_MOST_SHOWN = 400


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
        self._found.append((spot, Problem(self.place(spot), _shown(text), warning)))

    def add_placed(self, spot: Spot, problem: Problem) -> None:
        """Note a problem that knows its place in words, at its place in order."""
        self._found.append((spot, problem))

    def add_whole(self, text: str) -> None:
        """Note what is wrong with the workbook as a whole; it is told first."""
        source = self.tables[0].source if self.tables else "roster"
        self._found.append(((-1,), Problem(source, text)))

    def in_order(self) -> tuple[Problem, ...]:
        """Return everything noted, once each, in the order of tables, rows, columns."""
        found = sorted(self._found, key=lambda found: found[0])
        return tuple(dict.fromkeys(problem for _, problem in found))


class View:
    """A table seen as rows of fields: reads typed cells and notes what it cannot read."""

    def __init__(
        self, number: int, header_row: int, columns: Mapping[str, int], findings: Findings
    ) -> None:
        self.number = number
        self.columns = columns
        self._rows = findings.tables[number].rows
        self._findings = findings
        used = sorted(columns.values())
        # The indices of the rows below the header with anything in our columns.
        self.rows = [
            row
            for row in range(header_row + 1, len(self._rows))
            if any(_is_filled(self._cell(row, column)) for column in used)
        ]

    def _cell(self, row: int, column: int) -> Cell:
        """Return a cell; rows of a csv file can be shorter than the header."""
        cells = self._rows[row]
        return cells[column] if column < len(cells) else None

    def spot(self, row: int, field: str) -> Spot:
        """Return the cell of a field; where there is no such column, the row's first of ours."""
        column = self.columns.get(field)
        return Spot(self.number, row, min(self.columns.values()) if column is None else column)

    def place(self, row: int, field: str) -> str:
        """Return the place of a field's cell in words."""
        return self._findings.place(self.spot(row, field))

    def read(self, field: str, reader: Callable[[Cell], Value]) -> list[Value | None]:
        """Return what a reader makes of a column, for each of `rows`; None: empty or wrong.

        What is wrong is noted. Equal cells are understood once.
        """
        column = self.columns.get(field)
        if column is None:
            return [None] * len(self.rows)
        cells = [self._cell(row, column) for row in self.rows]
        values: dict[Cell, Value | None] = {}
        wrong: dict[Cell, str] = {}
        for cell in dict.fromkeys(cells):
            try:
                values[cell] = _understood(cell, reader)
            except ValueError as error:
                wrong[cell] = str(error)
        if wrong:
            for row, cell in zip(self.rows, cells, strict=True):
                if cell in wrong:
                    self.note(row, field, wrong[cell])
        return [values.get(cell) for cell in cells]

    def is_empty(self, row: int, field: str) -> bool:
        """Return whether nothing visible is in the cell of a field."""
        column = self.columns.get(field)
        return column is None or not _is_filled(self._cell(row, column))

    def note(self, row: int, field: str, text: str, *, warning: bool = False) -> None:
        """Note what is wrong with a cell of a field."""
        self._findings.add(self.spot(row, field), text, warning=warning)


def _shown(text: str) -> str:
    """Return what a terminal can show of a text that quotes a cell: the beginning and the end."""
    if len(text) > _MOST_SHOWN:
        text = f"{text[: _MOST_SHOWN // 2]} … {text[-_MOST_SHOWN // 2 :]}"
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def _is_filled(cell: Cell) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(tidy(cell)))


def _understood(cell: Cell, reader: Callable[[Cell], Value]) -> Value | None:
    """Return the value, None where nothing is visible. Raises ValueError like the reader."""
    if isinstance(cell, str):
        cell = tidy(cell)
    return None if cell is None or cell == "" else reader(cell)
