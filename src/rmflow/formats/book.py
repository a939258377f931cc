"""A workbook as plain data: sheets, columns, rows; what it looks like is decided here as well."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

Value = str | int | float | bool | date | datetime | None


class Look(Enum):
    """How a column is shown."""

    TEXT = "text"
    LONG_TEXT = "long text"
    DATE = "date"
    DATE_TIME = "date and time"
    NUMBER = "number"
    STATE = "state"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `typed` True: it is the coordinator's, we carry its content over and never
    invent it. `choices` become a drop-down. `width` in characters.
    """

    title: str
    look: Look = Look.TEXT
    width: int = 16
    typed: bool = False
    choices: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart on a sheet over two columns of that sheet's table."""

    title: str
    kind: str  # "column", "bar", "doughnut"
    categories: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet with one table. A column of look KEY is hidden and unique: the row's name.

    `states` maps a cell text of STATE columns to a tone: "good", "busy", "warn", "bad", "quiet".
    """

    name: str
    intro: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """The whole workbook."""

    title: str
    sheets: tuple[Sheet, ...]
