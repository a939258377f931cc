"""The overview: cards with key figures, charts, and below them the figures behind the charts."""

from dataclasses import dataclass, field
from math import ceil

from xlsxwriter import Workbook
from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from rmflow.adapters.workbook.cell_text import cell_text, height_of, letters_in, line_count
from rmflow.adapters.workbook.styles import FONT, Styles
from rmflow.formats.workbook.book import Block, ChartKind, Figure, Sheet, Value
from rmflow.formats.workbook.colours import INK, LINE, MUTED, SERIES
from rmflow.formats.workbook.plain_value import spelled

_COLUMNS, _COLUMN_WIDTH = 5, 24
_COLUMN_PIXELS = _COLUMN_WIDTH * 7 + 5  # of Calibri 11, by which Excel measures
_GAP_PIXELS = 10
_CHART_WIDTH = (_COLUMNS * _COLUMN_PIXELS - _GAP_PIXELS) // 2
_CHART_ROWS, _ROW_PIXELS = 15, 20
_CARD_HEIGHTS = (20, 33, 20, 8)  # label, value, meaning, and the gap below, in points
_FONT = {"name": FONT["font_name"], "size": 9}
_BAR_ROOM = 5.5  # ratings end at 5; their labels stand to the right
_XLSX_KINDS = {
    ChartKind.COLUMNS: {"type": "column"},
    ChartKind.STACKED: {"type": "column", "subtype": "stacked"},
    ChartKind.BARS: {"type": "bar"},
}


@dataclass(frozen=True, slots=True)
class _Pen:
    """Writes cells of one page, and remembers every text."""

    page: Worksheet
    styles: Styles
    texts: list[str] = field(default_factory=list)

    def write(self, row: int, column: int, value: Value, look: Format) -> None:
        if isinstance(value, str):
            self.page.write_string(row, column, cell_text(value), look)
        else:
            self.page.write_number(row, column, value, look)
        self.texts.append(spelled(value))


def draw_overview(
    workbook: Workbook, page: Worksheet, styles: Styles, sheet: Sheet, top: int
) -> list[str]:
    """Draw figures and blocks from row `top` on; return every text written."""
    pen = _Pen(page, styles)
    page.set_column(1, _COLUMNS, _COLUMN_WIDTH)
    charts_top = _draw_cards(pen, sheet.figures, top + 1)
    row = charts_top + ceil(len(sheet.blocks) / 2) * (_CHART_ROWS + 1)
    page.set_h_pagebreaks([row])
    for place, block in enumerate(sheet.blocks):
        page.insert_chart(
            charts_top + place // 2 * (_CHART_ROWS + 1),
            1,
            _chart(workbook, sheet.name, block, row),
            {
                "x_offset": place % 2 * (_CHART_WIDTH + _GAP_PIXELS),
                "description": f"Chart: {block.title}. Its figures are in the table below.",
            },
        )
        row = _draw_figures(pen, block, row)
    return pen.texts


def _draw_cards(pen: _Pen, figures: tuple[Figure, ...], top: int) -> int:
    """Draw the figures, five beside each other, and return the row below."""
    styles = pen.styles
    for place, figure in enumerate(figures):
        row, column = top + place // _COLUMNS * len(_CARD_HEIGHTS), 1 + place % _COLUMNS
        for offset, height in enumerate(_CARD_HEIGHTS):
            pen.page.set_row(row + offset, height)
        pen.write(row, column, figure.label, styles.card_label[figure.tone])
        pen.write(row + 1, column, figure.value, styles.card_value[figure.tone])
        pen.write(row + 2, column, figure.meaning, styles.card_meaning[figure.tone])
    return top + ceil(len(figures) / _COLUMNS) * len(_CARD_HEIGHTS)


def _draw_figures(pen: _Pen, block: Block, top: int) -> int:
    """Draw the table of a block and return the row below it."""
    pen.write(top, 1, block.title, pen.styles.block_title)
    for column, title in enumerate(block.columns, start=1):
        pen.write(top + 1, column, title, pen.styles.header)
    letters = letters_in(_COLUMN_WIDTH)
    for row, cells in enumerate(block.rows, start=top + 2):
        pen.page.set_row(row, height_of(line_count(str(cells[0]), letters)))
        for column, value in enumerate(cells, start=1):
            pen.write(row, column, value, pen.styles.figure)
    return top + 3 + len(block.rows)


def _chart(workbook: Workbook, sheet: str, block: Block, top: int) -> Chart:
    """Return the chart of a block whose title stands in row `top`."""
    chart = workbook.add_chart(_XLSX_KINDS[block.kind])
    first, last = top + 2, top + 1 + len(block.rows)
    single = len(block.columns) == 2
    for number in range(1, len(block.columns)):
        chart.add_series(
            {
                "name": [sheet, top + 1, number + 1],
                "categories": [sheet, first, 1, last, 1],
                "values": [sheet, first, number + 1, last, number + 1],
                "fill": {"color": SERIES[number - 1]},
                "gap": 60,
                "data_labels": {"value": single, "font": {**_FONT, "color": INK}},
            }
        )
    _dress(chart, block, single=single)
    return chart


def _dress(chart: Chart, block: Block, *, single: bool) -> None:
    chart.set_title(
        {"name": block.title, "name_font": {**_FONT, "size": 11, "color": INK}, "overlay": False}
    )
    chart.set_legend(
        {"none": True} if single else {"position": "bottom", "font": {**_FONT, "color": INK}}
    )
    chart.set_size({"width": _CHART_WIDTH, "height": _CHART_ROWS * _ROW_PIXELS})
    chart.set_chartarea({"border": {"color": LINE}})
    font = {**_FONT, "color": MUTED}
    categories = {"num_font": font, "line": {"color": LINE}}
    values = {
        "num_font": font,
        "num_format": "0",
        "min": 0,
        "major_unit": _step(block),
        "line": {"none": True},
        "major_gridlines": {"visible": True, "line": {"color": LINE}},
    }
    if block.kind is ChartKind.BARS:  # lying down, the first at the top; its labels give the values
        chart.set_y_axis({**categories, "reverse": True})
        chart.set_x_axis(
            {"visible": False, "min": 0, "max": _BAR_ROOM, "major_gridlines": {"visible": False}}
        )
    else:
        chart.set_x_axis(categories)
        chart.set_y_axis(values)


def _step(block: Block) -> int:
    """Return the distance of grid lines: a round number, for about five of them."""
    numbers = [[value for value in row[1:] if isinstance(value, int | float)] for row in block.rows]
    stacked = block.kind is ChartKind.STACKED
    highest = max((sum(row) if stacked else max(row) for row in numbers), default=1)
    power = 1
    while highest > 50 * power:
        power *= 10
    return next(step for step in (power, 2 * power, 5 * power, 10 * power) if highest <= 5 * step)
