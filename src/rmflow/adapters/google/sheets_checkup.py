"""What `rmflow doctor` asks of a Google spreadsheet."""

from collections.abc import Iterator

from rmflow.adapters.clock_skew import apart
from rmflow.adapters.google.checkup import excess, tried
from rmflow.adapters.google.sheets_api import (
    AbsentError,
    GoogleSpreadsheet,
    Request,
    TooLargeError,
)
from rmflow.adapters.google.sheets_grid import Spreadsheet
from rmflow.ports.checkup import Finding, Verdict

# Would show the whole drive of whom the account acts for.
_BROADER = ("https://www.googleapis.com/auth/drive",)


def read_findings(spreadsheet: GoogleSpreadsheet) -> Iterator[Finding]:
    """Yield whether the spreadsheet can be read, whether clocks agree, and what is too much."""
    reading = _reading(spreadsheet)
    yield reading
    if reading.verdict is Verdict.FAILED:
        return
    yield apart(spreadsheet.connection.clock_difference())
    yield _excess(spreadsheet)


def write_finding(spreadsheet: GoogleSpreadsheet, probe_id: int) -> Finding:
    """Return whether the spreadsheet can be changed: a hidden sheet comes and goes in one go."""
    probe = {
        "sheetId": probe_id,
        "title": f"rmflow doctor {probe_id}",
        "hidden": True,
        "gridProperties": {"rowCount": 1, "columnCount": 1},
    }
    requests: list[Request] = [
        {"addSheet": {"properties": probe}},
        {"deleteSheet": {"sheetId": probe_id}},
    ]
    text = "a hidden sheet was added and removed again"
    try:
        return tried("write", lambda: spreadsheet.write(requests), text)
    except AbsentError:
        return Finding("write", Verdict.FAILED, "the spreadsheet was deleted meanwhile")


def _reading(spreadsheet: GoogleSpreadsheet) -> Finding:
    found: list[Spreadsheet] = []
    try:
        finding = tried("read", lambda: found.append(spreadsheet.read()), "")
    except AbsentError:
        role = spreadsheet.settings.role
        advice = f"check `spreadsheet`, and share it as {role} with the client_email of the key"
        return Finding("read", Verdict.FAILED, "there is no spreadsheet with this id", advice)
    except TooLargeError as error:
        return Finding("read", Verdict.FAILED, str(error), "or begin with a new spreadsheet")
    if not found:
        return finding
    text = f'"{found[0].title}" (sheets: {len(found[0].pages)})'
    return Finding("read", Verdict.FINE, text)


def _excess(spreadsheet: GoogleSpreadsheet) -> Finding:
    settings = spreadsheet.settings
    if settings.credentials == "service-account" and settings.subject is None:
        text = "the account acts for itself, and sees what is shared with it"
        return Finding("excess rights", Verdict.FINE, text)
    return excess(spreadsheet.connection, settings, spreadsheet.folder, _BROADER)
