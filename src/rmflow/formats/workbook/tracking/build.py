"""The tracking workbook as a whole: which sheets there are, and in which order."""

from collections.abc import Iterable

from rmflow.formats.workbook.book import Book, Typed
from rmflow.formats.workbook.merging import merged
from rmflow.formats.workbook.tracking.answers import form_sheets, promises_sheet, summaries_sheet
from rmflow.formats.workbook.tracking.frame import Frame
from rmflow.formats.workbook.tracking.log import log_sheet, needs_you_sheet
from rmflow.formats.workbook.tracking.overview import overview_sheet
from rmflow.formats.workbook.tracking.pairs import pairs_sheet
from rmflow.formats.workbook.tracking.sessions import sessions_sheet
from rmflow.formats.workbook.tracking.topics import topics_sheet
from rmflow.formats.workbook.tracking.view import View


def build(view: View, typed: Iterable[Typed] = ()) -> Book:
    """Return the workbook for this view, with everything the coordinator typed in its place.

    Equal views give equal books from one day to the next unless something is to be said about
    the time that passed. A sheet without rows is left out, but for the first four.
    """
    frame = Frame(view)
    optional = (
        summaries_sheet(frame),
        promises_sheet(frame),
        topics_sheet(frame),
        *form_sheets(frame),
        log_sheet(frame),
    )
    sheets = (
        overview_sheet(frame),
        needs_you_sheet(frame),
        pairs_sheet(frame),
        sessions_sheet(frame),
        *(sheet for sheet in optional if sheet.rows),
    )
    book = Book(view.programme.name, view.programme.timezone, sheets)
    return merged(book, typed)
