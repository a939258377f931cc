"""How our sheets look: formats, colours by rule, drop-downs, widths, the frozen header."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from rmflow.adapters.google.sheets_api import Request
from rmflow.adapters.google.sheets_charts import charts, colour
from rmflow.adapters.google.sheets_grid import Page
from rmflow.adapters.google.sheets_layout import (
    HEADER,
    block_tops,
    card_places,
    title_of,
)
from rmflow.formats.workbook.book import Column, Look, Sheet, Tone
from rmflow.formats.workbook.colours import INK, MUTED, OURS, THEIRS, THEIRS_PAPER, TONES, WHITE

VERSION = 1  # rises when sheets that exist shall be dressed anew
_NUMBERS = {
    Look.DATE: ("DATE", "d mmm yyyy"),
    Look.DATE_TIME: ("DATE_TIME", "ddd d mmm yyyy, hh:mm"),
    Look.NUMBER: ("NUMBER", "0"),
    Look.DECIMAL: ("NUMBER", "0.0"),
}
OWN_DATES = {"date": ("DATE", "yyyy-mm-dd"), "datetime": ("DATE_TIME", "yyyy-mm-dd hh:mm")}
_CENTRED = (Look.NUMBER, Look.DECIMAL, Look.STATE)
_CARD_WIDTH = 24


def signature(sheet: Sheet) -> str:
    """Return a text that changes when a sheet has to be dressed anew."""
    looks = (
        VERSION,
        sheet.columns,
        [figure.tone for figure in sheet.figures],
        [(block.title, block.kind, block.columns, len(block.rows)) for block in sheet.blocks],
    )
    return hashlib.sha256(repr(looks).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def dressed(sheet: Sheet, page: Page, present: Collection[str]) -> Iterator[Request]:
    """Yield the requests that dress a sheet whose cells are in place.

    `present`: the titles of columns that were there before. Those of the coordinator keep what
    the coordinator made of them.
    """
    yield from _heading(page.id)
    if sheet.columns:
        yield from _table(sheet, page, present)
    else:
        yield _width(page.id, 0, 1, hidden=True)
        yield _width(page.id, 1, 6, characters=_CARD_WIDTH)
        yield from _cards(sheet, page.id)
        yield from charts(sheet, page)


def frozen(sheet: Sheet, id: int, *, on: bool) -> Request:
    """Return the request that freezes header and names; nothing moves across what is frozen."""
    rows, columns = (HEADER + 1, 2) if on and sheet.columns else (0, 0)
    grid = {"frozenRowCount": rows, "frozenColumnCount": columns, "hideGridlines": True}
    return {
        "updateSheetProperties": {
            "properties": {"sheetId": id, "gridProperties": grid},
            "fields": "gridProperties(frozenRowCount,frozenColumnCount,hideGridlines)",
        }
    }


def date_format(kind: str) -> dict[str, Any]:
    """Return the format of a date ("date", "datetime") in a column of the coordinator's."""
    type_, pattern = OWN_DATES[kind]
    return {"numberFormat": {"type": type_, "pattern": pattern}}


def _heading(id: int) -> Iterator[Request]:
    yield _format(id, (0, 1, 1, 2), _text(OURS, size=16, bold=True))
    yield _format(id, (1, 2, 1, 2), _text(INK))
    yield _format(id, (2, 3, 1, 2), _text(MUTED, italic=True))


def _table(sheet: Sheet, page: Page, present: Collection[str]) -> Iterator[Request]:
    for number in reversed(range(len(page.rules))):
        if _is_ours(page.rules[number], sheet.columns):
            yield {"deleteConditionalFormatRule": {"sheetId": page.id, "index": number}}
    for index, column in enumerate(sheet.columns):
        if column.own and title_of(column) in present:
            continue
        yield from _column(column, page.id, index)
    yield {
        "setBasicFilter": {
            "filter": {"range": _range(page.id, (HEADER, None, 0, len(sheet.columns)))}
        }
    }


def _column(column: Column, id: int, index: int) -> Iterator[Request]:
    below = (HEADER + 1, None, index, index + 1)
    yield _width(id, index, index + 1, column.width, hidden=column.look is Look.KEY)
    header = _text(WHITE, bold=True, paper=THEIRS if column.typed else OURS)
    yield _format(id, (HEADER, HEADER + 1, index, index + 1), header)
    yield _format(id, below, _cell(column))
    if column.hint:
        yield _note(id, index, column.hint)
    if column.choices:
        yield _choices(id, below, column)
    for text, tone in column.tones:
        yield _rule(id, below, text, tone)


def _cell(column: Column) -> dict[str, Any]:
    found = _text(MUTED if column.look is Look.KEY else INK)
    found["verticalAlignment"] = "TOP"
    found["horizontalAlignment"] = "CENTER" if column.look in _CENTRED else "LEFT"
    if column.look in _NUMBERS:
        type_, pattern = _NUMBERS[column.look]
        found["numberFormat"] = {"type": type_, "pattern": pattern}
    elif column.look is not Look.KEY:
        found["wrapStrategy"] = "WRAP"
    if column.typed:
        found["backgroundColorStyle"] = colour(THEIRS_PAPER)
    return found


def _cards(sheet: Sheet, id: int) -> Iterator[Request]:
    for (row, column), figure in zip(card_places(sheet), sheet.figures, strict=True):
        ink, paper = TONES[figure.tone]
        for offset, size, bold in ((0, 10, True), (1, 24, True), (2, 9, False)):
            area = (row + offset, row + offset + 1, column, column + 1)
            look = _text(ink, size=size, bold=bold, paper=paper)
            yield _format(id, area, {**look, "horizontalAlignment": "LEFT"})
    for top, block in zip(block_tops(sheet), sheet.blocks, strict=True):
        yield _format(id, (top, top + 1, 1, 2), _text(OURS, size=12, bold=True))
        header = _text(WHITE, bold=True, paper=OURS)
        yield _format(id, (top + 1, top + 2, 1, 1 + len(block.columns)), header)
        area = (top + 2, top + 2 + len(block.rows), 1, 1 + len(block.columns))
        yield _format(id, area, {**_text(INK), "horizontalAlignment": "LEFT"})


def _is_ours(condition: Mapping[str, Any], columns: Sequence[Column]) -> bool:
    """Return whether a rule colours one of our states: one of the coordinator's stays."""
    ours = {text for column in columns for text, _ in column.tones}
    values = [value.get("userEnteredValue") for value in condition.get("values", ())]
    return condition.get("type") == "TEXT_EQ" and len(values) == 1 and values[0] in ours


def _rule(id: int, area: tuple[int, int | None, int, int], text: str, tone: Tone) -> Request:
    ink, paper = TONES[tone]
    look = {
        "backgroundColorStyle": colour(paper),
        "textFormat": {"foregroundColorStyle": colour(ink), "bold": tone is Tone.BAD},
    }
    condition = {"type": "TEXT_EQ", "values": [{"userEnteredValue": text}]}
    rule = {
        "ranges": [_range(id, area)],
        "booleanRule": {"condition": condition, "format": look},
    }
    return {"addConditionalFormatRule": {"rule": rule, "index": 0}}


def _choices(id: int, area: tuple[int, int | None, int, int], column: Column) -> Request:
    values = [{"userEnteredValue": choice} for choice in column.choices]
    rule = {
        "condition": {"type": "ONE_OF_LIST", "values": values},
        "inputMessage": "Please choose one of: " + ", ".join(column.choices),
        "strict": not column.free,
        "showCustomUi": True,
    }
    return {"setDataValidation": {"range": _range(id, area), "rule": rule}}


def _note(id: int, column: int, text: str) -> Request:
    return {
        "updateCells": {
            "start": {"sheetId": id, "rowIndex": HEADER, "columnIndex": column},
            "rows": [{"values": [{"note": text}]}],
            "fields": "note",
        }
    }


def _format(id: int, area: tuple[int, int | None, int, int], look: Mapping[str, Any]) -> Request:
    fields = ",".join(_masks(look))
    return {
        "repeatCell": {
            "range": _range(id, area),
            "cell": {"userEnteredFormat": look},
            "fields": f"userEnteredFormat({fields})",
        }
    }


def _masks(look: Mapping[str, Any]) -> Iterator[str]:
    """Yield what of a format is set: the rest is as the coordinator left it."""
    for name, part in look.items():
        yield f"{name}({','.join(part)})" if name == "textFormat" else name


def _width(id: int, start: int, end: int, characters: int = 0, *, hidden: bool = False) -> Request:
    properties = {"hiddenByUser": True} if hidden else {"pixelSize": characters * 7 + 5}
    return {
        "updateDimensionProperties": {
            "range": {"sheetId": id, "dimension": "COLUMNS", "startIndex": start, "endIndex": end},
            "properties": properties,
            "fields": next(iter(properties)),
        }
    }


def _text(
    ink: str, *, size: int = 10, bold: bool = False, italic: bool = False, paper: str = ""
) -> dict[str, Any]:
    look: dict[str, Any] = {
        "textFormat": {
            "foregroundColorStyle": colour(ink),
            "fontFamily": "Arial",
            "fontSize": size,
            "bold": bold,
            "italic": italic,
        }
    }
    return look | ({"backgroundColorStyle": colour(paper)} if paper else {})


def _range(id: int, area: tuple[int, int | None, int, int]) -> dict[str, int]:
    """Return a range of rows and columns; without an end it goes on to the last row."""
    names = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
    bounds = {name: bound for name, bound in zip(names, area, strict=True) if bound is not None}
    return {"sheetId": id, **bounds}
