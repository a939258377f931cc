"""The plain spelling of a cell, and back: what is kept as text can be shown as a number again."""

import re
from datetime import date, datetime, time
from typing import assert_never

from rmflow.formats.table import Cell
from rmflow.formats.workbook.book import Value

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")
_DATE = re.compile(r"(?:19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = re.compile(_DATE.pattern + r" [0-9]{2}:[0-9]{2}(?::[0-9]{2})?")


def spelled(cell: Cell) -> str:
    """Return the plain spelling of a cell: `12.5`, `2026-11-22`, `2026-11-22 09:30`, `TRUE`."""
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).upper()
        case str():
            return cell.replace("\r\n", "\n").replace("\r", "\n").strip()
        case int() | float():
            return repr(cell)
        case datetime():
            return _moment(cell.replace(tzinfo=None))
        case date():
            return cell.isoformat()
        case time():
            return cell.isoformat("seconds" if cell.second else "minutes")
    assert_never(cell)


def read(text: str) -> Value:
    """Return the value with this spelling, the text itself where it is not one.

    `007` and `1.50` stay text: as numbers they would read differently.
    """
    if text in ("TRUE", "FALSE"):
        return text == "TRUE"
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text) and repr(float(text)) == text:
        return float(text)
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        if _DATE_TIME.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:  # 2026-02-30
        return text
    return text


def _moment(at: datetime) -> str:
    if at.time() == time(0):
        return at.date().isoformat()
    return at.isoformat(" ", "seconds" if at.second else "minutes")
