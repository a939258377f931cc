"""The tracking workbook as a Google spreadsheet: read back, and brought up to date in place."""

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from rmflow.adapters.google.sheets_api import (
    AbsentError,
    GoogleSpreadsheet,
    Request,
    TooLargeError,
)
from rmflow.adapters.google.sheets_checkup import read_findings, write_finding
from rmflow.adapters.google.sheets_grid import Spreadsheet
from rmflow.adapters.google.sheets_ours import own_pages
from rmflow.adapters.google.sheets_plan import plan
from rmflow.adapters.google.sheets_settings import TrackingSettings
from rmflow.errors import (
    ChangedError,
    DeniedError,
    RejectedError,
    UnavailableError,
    UncertainError,
)
from rmflow.formats.workbook.annotations import annotations, origin
from rmflow.formats.workbook.book import Book, Origin, Typed
from rmflow.ports.checkup import Finding, Verdict
from rmflow.ports.clock import Clock

_BACKEND = "tracking"
_HIGHEST_ID = 2**31 - 1
_EDITED = " and edited since"  # makes a fingerprint that no spreadsheet has


class SheetsTracking:
    """A `Publisher` that keeps a Google spreadsheet up to date.

    Rights: the scope `spreadsheets`, and one empty spreadsheet that the coordinator made and
    shared as Editor with the account (see `GoogleSpreadsheet`). The account owns no file and
    sees no other; whoever else shall read it is the coordinator's to say.

    How it is written. Sheets cannot replace a document if it is unchanged, so

    - everything is one `spreadsheets.batchUpdate`, which Google applies as a whole or not at
      all. (`values.batchUpdate` cannot move rows along with their notes, and nothing promises
      that it is atomic.) A text goes in as `userEnteredValue.stringValue`: nobody interprets it;
    - the spreadsheet is read right before, and must be as `typed()` or the last run saw it;
    - the first request deletes our hidden sheet by the id that it had then, and makes it anew
      under another id. So a request that comes late or twice, or a second rmflow, is refused as
      a whole;
    - only cells that differ are written, and rows and columns are moved as a whole. What
      somebody types in the second between reading and writing stays, unless it is in a cell
      that changes or they sort in that second; the answer shows the spreadsheet right after,
      and if it is not as expected the fingerprint says so: the next run reads it again.

    What is kept: the coordinator's sheets are never touched, their columns keep formulas and
    formats, comments and colours stay with their row. Filters are set once, sorting is undone.
    Copies: Sheets keeps every version (File, Version history); there are no files beside it.

    Assumed and not tried against Google: a sheet's id and title, and a chart's id, are free as
    soon as an earlier request of the same batch has deleted them. A deleted id is refused with
    400 ("No sheet with id"). Limits: a payload of more than 2 MB is slow and 180 seconds the
    most (developers.google.com/workspace/sheets/api/limits, read 2026-11).
    """

    def __init__(self, settings: TrackingSettings, folder: Path, clock: Clock) -> None:
        self._spreadsheet = GoogleSpreadsheet(settings, folder)
        self._seen: str | None = None
        self._origin = Origin()

    def fingerprint(self) -> str:
        """Return a hash over names and what was typed, "" for a spreadsheet that has nothing.

        The first call also notes what `publish` may replace, like that of the xlsx file.
        """
        found = _fingerprint(self._read("look"))
        if self._seen is None:
            self._seen = found
        return found

    def typed(self) -> tuple[Typed, ...] | None:
        """Return what the coordinator added; None for an empty spreadsheet."""
        there = self._read("read")
        self._seen = _fingerprint(there)
        tables = there.tables()
        self._origin = origin(tables)
        return annotations(tables) if self._seen else None

    def origin(self) -> Origin:
        """Return what the hidden sheet says: an earlier version that was restored has its own."""
        return self._origin

    def publish(self, book: Book, now: datetime) -> str:
        """Write what differs, if anything does.

        Raises ChangedError when somebody edited it since, UnavailableError when it is refused
        now, UncertainError when nobody can say whether it was written: the next run, which
        writes what is still missing then, sets that right.
        """
        there = self._read("publish")
        if _fingerprint(there) not in ("", self._seen):
            raise ChangedError(
                _BACKEND, "publish", "the spreadsheet was edited since it was last read"
            )
        requests = plan(book, there, now, _fresh_id)
        after = self._written(requests, there, book, now) if requests else there
        self._seen = _fingerprint(after)
        if _as_expected(book, there, after, now):
            return self._seen
        return self._seen + _EDITED

    def checkup(self) -> Iterator[Finding]:
        """Yield whether the spreadsheet can be read and changed; what is tried leaves no trace."""
        readable = True
        for finding in read_findings(self._spreadsheet):
            readable = readable and finding.verdict is not Verdict.FAILED
            yield finding
        if readable:
            yield write_finding(self._spreadsheet, _fresh_id())

    def _read(self, operation: str) -> Spreadsheet:
        try:
            return self._spreadsheet.read()
        except AbsentError as error:
            raise DeniedError(
                _BACKEND,
                operation,
                "there is no spreadsheet with this id; check spreadsheet in [tracking]",
            ) from error
        except TooLargeError as error:
            raise UnavailableError(_BACKEND, operation, str(error)) from error

    def _written(
        self, requests: Sequence[Request], there: Spreadsheet, book: Book, now: datetime
    ) -> Spreadsheet:
        """Return the spreadsheet right after the requests; look for it when the answer is lost."""
        try:
            return self._spreadsheet.write(requests)
        except AbsentError as error:
            raise UnavailableError(_BACKEND, "publish", "the spreadsheet was deleted") from error
        except RejectedError as error:
            raise self._refused(error, there) from error
        except UncertainError:
            after = self._read("publish")
            if plan(book, after, now, _fresh_id):
                raise
            return after

    def _refused(self, error: RejectedError, there: Spreadsheet) -> ChangedError | UnavailableError:
        """Return what a refusal means: it was edited in between, or some part cannot be written."""
        if _fingerprint(self._read("publish")) != _fingerprint(there):
            return ChangedError(
                _BACKEND, "publish", "the spreadsheet was edited while it was written"
            )
        advice = "if a merge or a protection of cells is in the way, remove it"
        return UnavailableError(_BACKEND, "publish", f"{error.reason}; {advice}", error.retry_after)


def _fingerprint(there: Spreadsheet) -> str:
    """Return the fingerprint, "" when there are no cells at all: a spreadsheet that is new."""
    return there.fingerprint if any(page.cells for page in there.pages) else ""


def _as_expected(book: Book, before: Spreadsheet, after: Spreadsheet, now: datetime) -> bool:
    """Return whether a spreadsheet holds the book and, beside it, what it held before."""
    entered = {page.id: page.entered for page in own_pages(before)}
    kept = all(page.entered == entered.get(page.id, page.entered) for page in own_pages(after))
    return kept and not plan(book, after, now, _fresh_id)


def _fresh_id() -> int:
    return 1 + secrets.randbelow(_HIGHEST_ID - 1)
