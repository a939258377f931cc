"""The tracking workbook that the coordinator reads: `build` makes it of a `View`."""

from rmflow.formats.workbook.tracking.build import build
from rmflow.formats.workbook.tracking.view import LogLine, NeedsYou, SessionRow, SummaryState, View

__all__ = ["LogLine", "NeedsYou", "SessionRow", "SummaryState", "View", "build"]
