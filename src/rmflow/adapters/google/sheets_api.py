"""One Google spreadsheet over the Sheets API: read whole, written in one request."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from googleapiclient.errors import HttpError

from rmflow.adapters.google.client import Connection, connected, reasons
from rmflow.adapters.google.sheets_grid import FIELDS, SHEETS, Spreadsheet, spreadsheet_of
from rmflow.adapters.google.sheets_settings import SheetsSettings
from rmflow.adapters.spreadsheet_child import MAX_COLUMNS, MAX_ROWS
from rmflow.errors import BackendError, DeniedError, RejectedError

MAX_CELLS = 5_000_000  # half of what Google allows; the answer has 100 bytes for each that is full
_BACKEND = "sheets"
_SIZES = f"sheets({SHEETS})"

Request = Mapping[str, Any]


class AbsentError(Exception):
    """There is no spreadsheet with this id, or none that this account may know of."""


class TooLargeError(Exception):
    """The spreadsheet is larger than any of ours. The text says which sheet, and what to do."""


class GoogleSpreadsheet:
    """A spreadsheet that was shared with the account.

    Sharing is all the right there is: no Drive API, no domain-wide delegation. In the browser:
    Share, add the `client_email` of the key (…gserviceaccount.com), as Viewer or Editor, without
    a notice. Where the organisation forbids sharing with outside addresses, the administrator
    allows that one, or gives the service account delegation and the settings a `subject`.

    A spreadsheet is read whole, values and number formats in one answer: only the format tells a
    date from a number (`values.get` gives both as numbers, or as text in the sheet's language).
    The sizes are asked for first, so that a huge one is refused before it arrives.
    """

    def __init__(self, settings: SheetsSettings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder

    @cached_property
    def connection(self) -> Connection:
        """The Sheets API, with the scopes of the settings."""
        return connected(self.settings, self.folder, "sheets", "v4", self.settings.scopes)

    def read(self) -> Spreadsheet:
        """Return everything in it. Raises AbsentError, TooLargeError and BackendErrors."""
        ask = partial(self._methods.get, spreadsheetId=self.settings.spreadsheet)
        with closing(self.connection):  # the login lasts
            _check_size(self._executed(ask(fields=_SIZES)))
            return spreadsheet_of(self._executed(ask(fields=FIELDS)))

    def write(self, requests: Sequence[Request]) -> Spreadsheet:
        """Apply the requests, all or none; return what the spreadsheet is right after them.

        Raises RejectedError, with Google's words, when one of them cannot be applied.
        """
        body = {"requests": list(requests), "includeSpreadsheetInResponse": True}
        call = self._methods.batchUpdate(
            spreadsheetId=self.settings.spreadsheet,
            body=body,
            fields=f"updatedSpreadsheet({FIELDS})",
        )
        with closing(self.connection):
            answer = self._executed(call)
        return spreadsheet_of(answer.get("updatedSpreadsheet", {}))

    @cached_property
    def _methods(self) -> Any:
        """The methods of the API, once: googleapiclient takes 0.2 s to describe them."""
        return self.connection.api.spreadsheets()

    def _executed(self, call: Any) -> Mapping[str, Any]:
        operation: str = call.methodId.rpartition(".")[2]
        try:
            answer: Mapping[str, Any] = call.execute()
        except HttpError as error:
            if error.resp.status == 404:
                raise AbsentError from error
            raise RejectedError(_BACKEND, operation, _said(error)) from error
        except RejectedError as error:
            raise RejectedError(_BACKEND, operation, _said(error.__cause__)) from error
        except DeniedError as error:
            raise _denied(error, operation, self.settings.role) from error
        return answer


def _check_size(sizes: Mapping[str, Any]) -> None:
    cells = 0
    for sheet in sizes.get("sheets", ()):
        name, grid = sheet["properties"]["title"], sheet["properties"].get("gridProperties", {})
        rows, columns = grid.get("rowCount", 0), grid.get("columnCount", 0)
        if rows > MAX_ROWS:
            raise TooLargeError(_too_many(name, "rows", rows, MAX_ROWS))
        if columns > MAX_COLUMNS:
            raise TooLargeError(_too_many(name, "columns", columns, MAX_COLUMNS))
        cells += rows * columns
    if cells > MAX_CELLS:
        raise TooLargeError(
            f"it has {cells:,} cells, more than {MAX_CELLS:,}; delete empty rows and columns"
        )


def _too_many(name: str, what: str, found: int, most: int) -> str:
    return f'sheet "{name}" has {found:,} {what}, more than {most:,}; delete the empty ones'


def _said(error: BaseException | None) -> str:
    """Return Google's own sentence about a request that it refused."""
    if isinstance(error, HttpError):
        sentence = " ".join(str(error.reason).split())
        return f"Google says: {sentence}" if sentence else f"it answered {error.resp.status}"
    return "it was refused"


def _denied(error: BackendError, operation: str, role: str) -> DeniedError:
    """Return the refusal, with how to share where the spreadsheet is what is not allowed."""
    cause = error.__cause__
    if not isinstance(cause, HttpError) or reasons(cause) - {"PERMISSION_DENIED", "forbidden"}:
        return DeniedError(_BACKEND, operation, error.reason)
    return DeniedError(
        _BACKEND,
        operation,
        "the spreadsheet is not shared with the account that rmflow logs in with; share it as "
        f"{role} with the client_email of the key",
    )
