"""The formats of cells."""

from collections.abc import Callable, Mapping
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from rmflow.formats.workbook.book import Look, Tone
from rmflow.formats.workbook.colours import (
    INK,
    LINE,
    MUTED,
    OURS,
    THEIRS,
    THEIRS_PAPER,
    TONES,
    WHITE,
)

_LINE = {"bottom": 1, "bottom_color": LINE}
# Arial is on every machine, or has a stand-in of the same widths; Calibri is not, and has not.
FONT = {"font_name": "Arial", "font_size": 10}
_DATE, _DATE_TIME = "d mmm yyyy", "ddd d mmm yyyy, hh:mm"
_LEFT = {"align": "left", "indent": 1}
_CELL = {"valign": "top", "font_color": INK}
_LOOKS: Mapping[Look, Mapping[str, object]] = {
    Look.TEXT: {"text_wrap": True, **_LEFT},
    Look.LONG_TEXT: {"text_wrap": True, **_LEFT},
    Look.DATE: {"num_format": _DATE, **_LEFT},
    Look.DATE_TIME: {"num_format": _DATE_TIME, **_LEFT},
    Look.NUMBER: {"num_format": "0", "align": "center"},
    Look.DECIMAL: {"num_format": "0.0", "align": "center"},
    Look.STATE: {"align": "center"},
    Look.KEY: {"font_color": MUTED},
}


class Styles:
    """The formats of one workbook, each made once."""

    def __init__(self, workbook: Workbook) -> None:
        add: Callable[[Mapping[str, object]], Format] = workbook.add_format
        self.looks = {look: add({**_CELL, **look_of}) for look, look_of in _LOOKS.items()}
        self.own_date = add({**_CELL, "num_format": "yyyy-mm-dd", **_LEFT})
        self.own_date_time = add({**_CELL, "num_format": "yyyy-mm-dd hh:mm", **_LEFT})
        self.title = add({"bold": True, "font_size": 16, "font_color": OURS, "valign": "vcenter"})
        self.intro = add({"font_color": INK, "valign": "vcenter"})
        self.small_print = add({"font_color": MUTED, "italic": True, "valign": "vcenter"})
        self.header = add(_header(OURS))
        self.typed_header = add(_header(THEIRS))
        self.tones = {
            tone: add({"font_color": ink, "bg_color": paper, "bold": tone is Tone.BAD, **_LINE})
            for tone, (ink, paper) in TONES.items()
        }
        self.line = add(_LINE)
        self.typed = add({"bg_color": THEIRS_PAPER, **_LINE})
        self.card_label = {tone: add(_card(tone, bold=True)) for tone in Tone}
        self.card_value = {tone: add(_card(tone, font_size=24, bold=True)) for tone in Tone}
        self.card_meaning = {
            tone: add(_card(tone, font_size=9, text_wrap=True, valign="top")) for tone in Tone
        }
        self.figure = add({"font_color": INK, "text_wrap": True, "valign": "top", **_LEFT, **_LINE})
        self.block_title = add({"bold": True, "font_size": 12, "font_color": OURS})


def _header(paper: str) -> dict[str, Any]:
    return {
        "bold": True,
        "font_color": WHITE,
        "bg_color": paper,
        "text_wrap": True,
        "valign": "vcenter",
        **_LEFT,
        "border": 1,
        "border_color": WHITE,
    }


def _card(tone: Tone, **more: object) -> dict[str, object]:
    """Return a cell of a card; thick white borders at the sides keep the cards apart."""
    ink, paper = TONES[tone]
    sides = {"left": 5, "right": 5, "left_color": WHITE, "right_color": WHITE}
    return {"font_color": ink, "bg_color": paper, **_LEFT, **sides, **more}
