"""A book as the bytes of an xlsx file: the same book at the same time gives the same bytes."""

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from rmflow.adapters.workbook.cell_text import cell_text
from rmflow.adapters.workbook.overview import draw_overview
from rmflow.adapters.workbook.styles import FONT, Styles
from rmflow.adapters.workbook.tables import draw_table, write_own
from rmflow.formats.workbook.book import MARK, Book, Carried, Look, Sheet
from rmflow.formats.workbook.manifest import SHEET, made_row, manifest_rows
from rmflow.formats.workbook.plain_value import spelled

_FORBIDDEN_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", "-"))
_LONGEST_NAME = 31
_PAGE_WIDTH = 190  # characters across a page that can still be read
_FIRST_ROW = 3  # below the heading


def drawn(book: Book, now: datetime) -> bytes:
    """Return the workbook. Every text stays text: nothing becomes a formula or a link."""
    content = io.BytesIO()
    workbook = Workbook(content, {"in_memory": True, "default_format_properties": FONT})
    workbook.set_properties(
        {
            "title": cell_text(f"{book.title}: tracking"),
            "author": "rmflow",
            "comments": "Written by rmflow. Type in the yellow columns or in columns of your own.",
            "created": now.astimezone(UTC).replace(tzinfo=None, microsecond=0),
        }
    )
    styles = Styles(workbook)
    loose: dict[str, list[str]] = {}
    for number, sheet in enumerate(book.sheets):
        page = workbook.add_worksheet(sheet.name)
        loose[sheet.name] = _draw_heading(page, styles, book, sheet, now)
        _set_up_print(page, book, sheet)
        if sheet.columns:
            draw_table(page, styles, sheet, _FIRST_ROW, f"table_{number}")
            page.repeat_rows(_FIRST_ROW)
        else:
            page.write_string(0, 0, MARK + sheet.name)
            loose[sheet.name] += draw_overview(workbook, page, styles, sheet, _FIRST_ROW)
        page.set_column(0, 0, None, None, {"hidden": True})
    for carried in book.carried:
        _draw_carried(workbook, styles, carried)
    _draw_manifest(workbook, [*manifest_rows(book, loose), made_row(now)])
    workbook.close()
    return content.getvalue()


def _draw_heading(
    page: Worksheet, styles: Styles, book: Book, sheet: Sheet, now: datetime
) -> list[str]:
    """Draw the three lines above everything and return their texts."""
    texts = [f"{book.title} · {sheet.name}", sheet.intro, _small_print(book, sheet, now)]
    looks = (styles.title, styles.intro, styles.small_print)
    for row, (text, look, height) in enumerate(zip(texts, looks, (26, 17, 17), strict=True)):
        page.write_string(row, 1, cell_text(text), look)
        page.set_row(row, height)
    return [spelled(cell_text(text)) for text in texts]


def _small_print(book: Book, sheet: Sheet, now: datetime) -> str:
    written = f"{now.astimezone(ZoneInfo(book.zone)):%d %b %Y, %H:%M}".removeprefix("0")
    said = f"Written by rmflow on {written}. All times are {book.zone}."
    if any(column.typed for column in sheet.columns):
        said += " The yellow columns are yours, and so is every column or sheet you add."
    return said


def _draw_manifest(workbook: Workbook, rows: Iterable[tuple[str, str, str]]) -> None:
    page = workbook.add_worksheet(SHEET)
    page.very_hidden()
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            page.write_string(row, column, cell_text(text))


def _set_up_print(page: Worksheet, book: Book, sheet: Sheet) -> None:
    if sheet.columns:
        page.set_landscape()
    page.set_paper(9)  # A4
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    width = sum(column.width for column in sheet.columns if column.look is not Look.KEY)
    page.fit_to_pages(max(1, round(width / _PAGE_WIDTH)), 0)
    page.repeat_columns(0, 1)
    page.hide_gridlines(2)
    title = cell_text(book.title).replace("&", "&&")
    page.set_footer(f"&L{title[:80]} · {sheet.name}&RPage &P of &N")


def _draw_carried(workbook: Workbook, styles: Styles, carried: Carried) -> None:
    """Draw a coordinator's own sheet: what its cells say, in their places."""
    taken = {page.get_name().casefold() for page in workbook.worksheets()}
    page = workbook.add_worksheet(_legal_name(carried.name, taken))
    for row, column, value in carried.cells:
        write_own(page, styles, row - 1, column - 1, value)
    page.autofit(max_width=400)


def _legal_name(name: str, taken: set[str]) -> str:
    """Return a name Excel accepts: an ods file may have had a longer or stranger one."""
    legal = cell_text(name).translate(_FORBIDDEN_IN_NAMES).strip("'")[:_LONGEST_NAME] or "Sheet"
    free, number = legal, 2
    while free.casefold() in taken:
        suffix = f" ({number})"
        free, number = legal[: _LONGEST_NAME - len(suffix)] + suffix, number + 1
    return free
