"""The charts of the overview, over the figures that stand below them."""

import zlib
from collections.abc import Iterator
from typing import Any

from rmflow.adapters.google.sheets_api import Request
from rmflow.adapters.google.sheets_grid import Page
from rmflow.adapters.google.sheets_layout import CHART_ROWS, block_tops, charts_top
from rmflow.formats.workbook.book import Block, ChartKind, Sheet
from rmflow.formats.workbook.colours import SERIES

# Told apart with any colour vision, and in grey by their brightness (after Okabe and Ito).
_WIDTH, _HEIGHT, _GAP = 427, 300, 10  # pixels
_MOST = 12  # charts that an overview of ours ever had
_KINDS = {
    ChartKind.COLUMNS: ("COLUMN", "NOT_STACKED"),
    ChartKind.STACKED: ("COLUMN", "STACKED"),
    ChartKind.BARS: ("BAR", "NOT_STACKED"),
}


def charts(sheet: Sheet, page: Page) -> Iterator[Request]:
    """Yield the requests that draw the charts anew. Those of the coordinator stay."""
    ours = [zlib.crc32(f"rmflow {sheet.name} {n}".encode()) >> 1 for n in range(_MOST)]
    for id in ours:
        if id in page.charts:
            yield {"deleteEmbeddedObject": {"objectId": id}}
    for number, (top, block) in enumerate(zip(block_tops(sheet), sheet.blocks, strict=True)):
        row = charts_top(sheet) + number // 2 * (CHART_ROWS + 1)
        anchor = {"sheetId": page.id, "rowIndex": row, "columnIndex": 1}
        position = {
            "anchorCell": anchor,
            "offsetXPixels": number % 2 * (_WIDTH + _GAP),
            "widthPixels": _WIDTH,
            "heightPixels": _HEIGHT,
        }
        chart = {
            "chartId": ours[number],
            "spec": _spec(block, page.id, top),
            "position": {"overlayPosition": position},
        }
        yield {"addChart": {"chart": chart}}


def _spec(block: Block, id: int, top: int) -> dict[str, Any]:
    kind, stacked = _KINDS[block.kind]
    single = len(block.columns) == 2
    rows = (top + 1, top + 2 + len(block.rows))  # the titles of the columns name the series
    axis = "BOTTOM_AXIS" if block.kind is ChartKind.BARS else "LEFT_AXIS"
    return {
        "title": block.title,
        "altText": f"Chart: {block.title}. Its figures are in the table below.",
        "basicChart": {
            "chartType": kind,
            "stackedType": stacked,
            "legendPosition": "NO_LEGEND" if single else "BOTTOM_LEGEND",
            "headerCount": 1,
            "domains": [{"domain": _source(id, rows, 1)}],
            "series": [
                {
                    "series": _source(id, rows, 1 + number),
                    "targetAxis": axis,
                    "colorStyle": colour(SERIES[(number - 1) % len(SERIES)]),
                }
                for number in range(1, len(block.columns))
            ],
        },
    }


def _source(id: int, rows: tuple[int, int], column: int) -> dict[str, Any]:
    area = {
        "sheetId": id,
        "startRowIndex": rows[0],
        "endRowIndex": rows[1],
        "startColumnIndex": column,
        "endColumnIndex": column + 1,
    }
    return {"sourceRange": {"sources": [area]}}


def colour(hexadecimal: str) -> dict[str, Any]:
    """Return a colour like "#0072B2" as the API takes it."""
    parts = (int(hexadecimal[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return {"rgbColor": dict(zip(("red", "green", "blue"), parts, strict=True))}
