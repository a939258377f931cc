"""A workbook as plain data: what it says and what each part is for; adapters draw it.

Datetimes are naive here: a spreadsheet cell has no zone. Whoever builds a book turns instants
into the wall time of one zone and names that zone in the book.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

Value = str | int | float | bool | date | datetime | None

MARK = "rmflow:"  # the header of a key column is this and the sheet's first name


class Look(Enum):
    """How a column is shown."""

    TEXT = "text"
    LONG_TEXT = "long text"
    DATE = "date"
    DATE_TIME = "date and time"
    NUMBER = "number"
    DECIMAL = "number with one decimal"
    STATE = "state"
    KEY = "key"


class Tone(Enum):
    """What a state means to the reader. It never speaks alone: the words say it too."""

    GOOD = "good"
    BUSY = "busy"
    WARN = "warn"
    BAD = "bad"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `typed` True: it is the coordinator's, we carry its content over and never
    invent it. `choices` become a drop-down; `free` True: other texts may be typed as well. `width` in characters. `hint` is shown when the
    header is selected. `tones` gives the tone of a cell's text in a STATE column. `own` True:
    the coordinator added the column, title and all.
    """

    title: str
    look: Look = Look.TEXT
    width: int = 16
    typed: bool = False
    choices: tuple[str, ...] = ()
    hint: str = ""
    tones: tuple[tuple[str, Tone], ...] = ()
    own: bool = False
    free: bool = False


class ChartKind(Enum):
    """The kinds of charts we need."""

    COLUMNS = "columns side by side"
    STACKED = "columns on top of each other"
    BARS = "bars"


@dataclass(frozen=True, slots=True)
class Block:
    """A small table of figures and the chart that shows it. The first column names the others."""

    title: str
    kind: ChartKind
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure. `meaning` says in a few words what is counted."""

    label: str
    value: Value
    meaning: str
    tone: Tone = Tone.QUIET


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: a table, or (the overview) figures and blocks instead of one.

    A table has exactly one column of look KEY: hidden, unique in the sheet, the row's name.
    """

    name: str
    intro: str
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Value, ...], ...] = ()
    figures: tuple[Figure, ...] = ()
    blocks: tuple[Block, ...] = ()

    @property
    def key_index(self) -> int | None:
        """The position of the key column; None for a sheet without a table."""
        looks = [column.look for column in self.columns]
        return looks.index(Look.KEY) if Look.KEY in looks else None


@dataclass(frozen=True, slots=True)
class Carried:
    """A sheet that the coordinator added: its cells as (row, column, value), counted from 1."""

    name: str
    cells: tuple[tuple[int, int, Value], ...]


@dataclass(frozen=True, slots=True)
class Book:
    """The whole workbook. `zone` names the zone of its times."""

    title: str
    zone: str
    sheets: tuple[Sheet, ...]
    carried: tuple[Carried, ...] = field(default=())

    @property
    def digest(self) -> str:
        """A text that is equal for equal books: an unchanged book need not be written again."""
        return hashlib.sha256(repr(self).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Origin:
    """Which of our books a workbook was before people worked in it.

    `digest` "" and `made` None: it does not say. `missing`: sheet and title of the columns for
    the coordinator that are not there any more; title "" is all of a sheet.
    """

    digest: str = ""
    made: datetime | None = None
    missing: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Typed:
    """One thing that the coordinator added to the workbook.

    - A cell with text in one of our tables: sheet, row key, column title, text.
    - A column of their own: `row` is "", `text` its place among their columns ("001").
    - A sheet of their own: `row` and `column` are "", `text` its place among their sheets.
    - A cell of such a sheet: `row` and `column` are its numbers from 1, as "0000003", "00002".

    The text of a number or date is its plain spelling (`12.5`, `2026-11-22`).
    """

    sheet: str
    row: str
    column: str
    text: str
