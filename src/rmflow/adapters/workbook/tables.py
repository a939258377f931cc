"""A sheet's table: header, rows, drop-downs, and the formats that follow the rows when sorted."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from rmflow.adapters.workbook.cell_text import cell_text, height_of, letters_in, line_count
from rmflow.adapters.workbook.styles import Styles
from rmflow.formats.workbook.book import Column, Look, Sheet, Value
from rmflow.formats.workbook.plain_value import spelled

_HEADER_HEIGHT = 34
_LONGEST_HINT = 255
_LONGEST_TITLE = 255  # a longer one, from another program, makes Excel repair the file
_FIRST_YEAR = 1900  # Excel has no days before
_TEXTS = (Look.TEXT, Look.LONG_TEXT)

_Writer = Callable[[int, int, Any, Format], int]


def draw_table(page: Worksheet, styles: Styles, sheet: Sheet, top: int, name: str) -> None:
    """Draw the table with its header in row `top`; its first column is the hidden key."""
    last_row = top + max(1, len(sheet.rows))
    last_column = len(sheet.columns) - 1
    headers = [styles.typed_header if c.typed else styles.header for c in sheet.columns]
    page.add_table(
        top,
        0,
        last_row,
        last_column,
        {
            "name": name,
            "style": "Table Style Light 1",
            "columns": [
                {"header": cell_text(column.title)[:_LONGEST_TITLE], "header_format": header}
                for column, header in zip(sheet.columns, headers, strict=True)
            ],
        },
    )
    page.set_row(top, _HEADER_HEIGHT)
    page.freeze_panes(top + 1, 2)
    for index, column in enumerate(sheet.columns):
        page.set_column(index, index, column.width, styles.looks[column.look])
        _dress(page, styles, column, (top + 1, index, last_row, index))
        _hint(page, column, top, index, last_row)
    page.conditional_format(
        top + 1, 0, last_row, last_column, {"type": "no_errors", "format": styles.line}
    )
    page.ignore_errors({"number_stored_as_text": f"A1:XFD{last_row + 1}"})
    _write_rows(page, styles, sheet, top + 1)


def _dress(
    page: Worksheet, styles: Styles, column: Column, area: tuple[int, int, int, int]
) -> None:
    """Give a column its colours by rules, not by cells: rules stay right when rows are sorted."""
    for text, tone in column.tones:
        quoted = text.replace('"', '""')
        rule = {"type": "cell", "criteria": "==", "value": f'"{quoted}"'}
        page.conditional_format(*area, {**rule, "format": styles.tones[tone]})
    if column.typed:
        page.conditional_format(*area, {"type": "no_errors", "format": styles.typed})


def _hint(page: Worksheet, column: Column, top: int, index: int, last_row: int) -> None:
    if column.hint:
        said = {"input_title": column.title[:32], "input_message": column.hint[:_LONGEST_HINT]}
        page.data_validation(top, index, top, index, {"validate": "any", **said})
    if column.choices:
        rule = {
            "validate": "list",
            "source": list(column.choices),
            "show_error": not column.free,
            "error_title": "Not in the list",
            "error_message": "Please choose one of: " + ", ".join(column.choices),
        }
        page.data_validation(top + 1, index, last_row, index, rule)


def _write_rows(page: Worksheet, styles: Styles, sheet: Sheet, top: int) -> None:
    formats = [styles.looks[column.look] for column in sheet.columns]
    own = [column.own for column in sheet.columns]
    wrapped = [(i, letters_in(c.width)) for i, c in enumerate(sheet.columns) if c.look in _TEXTS]
    string, number = page.write_string, page.write_number
    for row, cells in enumerate(sheet.rows, start=top):
        for index, value in enumerate(cells):
            if value is None:
                continue
            if own[index]:
                write_own(page, styles, row, index, value)
            elif isinstance(value, str):
                string(row, index, cell_text(value), formats[index])
            elif isinstance(value, date):
                _write_date(page, row, index, value, formats[index])
            else:
                number(row, index, value, formats[index])
        _fit_height(page, row, cells, wrapped)


def _fit_height(
    page: Worksheet, row: int, cells: Sequence[Value], wrapped: Sequence[tuple[int, int]]
) -> None:
    """Set the height to the longest text, up to a limit; LibreOffice does not fit it by itself."""
    most = 1
    for index, letters in wrapped:
        text = cells[index]
        if isinstance(text, str) and (len(text) > letters or "\n" in text):
            most = max(most, line_count(text, letters))
    if most > 1:
        page.set_row(row, height_of(most))


def _write_date(page: Worksheet, row: int, column: int, value: date, look: Format) -> None:
    if value.year < _FIRST_YEAR:
        page.write_string(row, column, spelled(value), look)
    else:
        page.write_datetime(row, column, value, look)


def write_own(page: Worksheet, styles: Styles, row: int, column: int, value: Value) -> None:
    """Write a cell of the coordinator's, as what it was."""
    match value:
        case bool():
            page.write_boolean(row, column, value, styles.looks[Look.TEXT])
        case int() | float():
            page.write_number(row, column, value)
        case datetime():
            _write_date(page, row, column, value, styles.own_date_time)
        case date():
            _write_date(page, row, column, value, styles.own_date)
        case str():
            page.write_string(row, column, cell_text(value), styles.looks[Look.LONG_TEXT])
        case None:
            pass
