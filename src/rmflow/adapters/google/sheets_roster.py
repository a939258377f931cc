"""The roster as a Google spreadsheet."""

from collections.abc import Iterator
from pathlib import Path

from rmflow.adapters.google.sheets_api import (
    AbsentError,
    GoogleSpreadsheet,
    TooLargeError,
)
from rmflow.adapters.google.sheets_checkup import read_findings
from rmflow.adapters.google.sheets_grid import Spreadsheet
from rmflow.adapters.google.sheets_settings import RosterSettings
from rmflow.errors import Problem, RosterError
from rmflow.formats.table import Table
from rmflow.ports.checkup import Finding
from rmflow.ports.clock import Clock


class SheetsRoster:
    """A `RosterSource` that reads one Google spreadsheet, which it could not change if it tried.

    Rights: the scope `spreadsheets.readonly`, and the spreadsheet shared as Viewer with the
    account. Nothing else of the drive can be seen.

    Quirks (developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/cells and
    .../guides/formats, read 2026-11):

    - Dates are numbers of days since 30 December 1899 whose number format makes them dates; in
      which order day and month were typed depends on the spreadsheet's locale, and is settled
      when they arrive here.
    - A number in a cell with the format "plain text" is a text.
    - What is filtered out or on a hidden sheet is read like everything else.
    - The fingerprint is a hash of what was typed, so it costs a reading. `files.get` of the
      Drive API would be cheaper and needs a scope that shows metadata of every shared file; its
      `version` also changes when nothing was typed.

    A spreadsheet that cannot be found is for the roster's owner (RosterError); one that is not
    shared, or a service that is down, is a BackendError: the run ends and the next one tries.
    """

    def __init__(self, settings: RosterSettings, folder: Path, clock: Clock) -> None:
        self._spreadsheet = GoogleSpreadsheet(settings, folder)

    def fingerprint(self) -> str:
        """Return a hash over sheets and cells. Raises RosterError like `read`."""
        return self._read().fingerprint

    def read(self) -> tuple[Table, ...]:
        """Return every sheet with something on it, named as the spreadsheet is."""
        found = self._read()
        tables = found.tables()
        if not tables:
            text = "has nothing in it; add the sheets People and Pairs"
            raise RosterError([Problem(found.title, text)])
        return tables

    def checkup(self) -> Iterator[Finding]:
        """Yield whether the spreadsheet can be reached and read, and whether the clocks agree."""
        yield from read_findings(self._spreadsheet)

    def _read(self) -> Spreadsheet:
        try:
            return self._spreadsheet.read()
        except AbsentError as error:
            text = "there is no such spreadsheet; check spreadsheet in [roster]"
            raise RosterError([Problem("Google spreadsheet", text)]) from error
        except TooLargeError as error:
            raise RosterError([Problem("Google spreadsheet", f"is not read: {error}")]) from error
