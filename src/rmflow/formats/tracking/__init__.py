"""The tracking workbook that the coordinator reads: `build` makes it of a `View`."""

from rmflow.formats.tracking.build import build
from rmflow.formats.tracking.view import LogLine, NeedsYou, SessionRow, SummaryState, View

__all__ = ["LogLine", "NeedsYou", "SessionRow", "SummaryState", "View", "build"]
