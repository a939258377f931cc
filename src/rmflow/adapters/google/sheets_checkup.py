"""What `rmflow doctor` finds about a Google spreadsheet."""

from collections.abc import Iterator
from datetime import timedelta

from rmflow.adapters.google.sheets_api import AbsentError, GoogleSpreadsheet, TooLargeError
from rmflow.errors import BackendError, ConfigError, DeniedError, RejectedError
from rmflow.ports.checkup import Finding, Verdict
from rmflow.ports.clock import Clock

_MOST_SKEW = timedelta(seconds=60)


def read_findings(spreadsheet: GoogleSpreadsheet, clock: Clock, role: str) -> Iterator[Finding]:
    """Yield whether the spreadsheet can be reached and read, then whether the clocks agree."""
    share = f"Share the spreadsheet as {role} with the client_email of the key."
    try:
        found = spreadsheet.read()
    except AbsentError:
        text = "there is no spreadsheet with this id, or it is in the bin"
        yield Finding("spreadsheet is there", Verdict.FAILED, text, "Check `spreadsheet`. " + share)
    except TooLargeError as error:
        text, advice = f"it is too large: {error}", "Begin with a new spreadsheet."
        yield Finding("spreadsheet is read", Verdict.FAILED, text, advice)
    except DeniedError as error:
        yield Finding("login and sharing", Verdict.FAILED, error.reason, share)
    except ConfigError as error:
        yield Finding("login and sharing", Verdict.FAILED, str(error), "Correct the settings.")
    except BackendError as error:
        advice = "Look at the network and at google.com/appsstatus; then try again."
        yield Finding("Google is reached", Verdict.FAILED, error.reason, advice)
    else:
        text = f'"{found.title}" has {len(found.pages)} sheets'
        yield Finding("spreadsheet is read", Verdict.FINE, text)
        yield _clock_finding(spreadsheet, clock)


def write_finding(spreadsheet: GoogleSpreadsheet, probe_id: int) -> Finding:
    """Return whether the spreadsheet can be changed: a hidden sheet comes and goes in one go."""
    size = {"rowCount": 1, "columnCount": 1}
    probe = {
        "sheetId": probe_id,
        "title": f"rmflow doctor {probe_id}",
        "hidden": True,
        "gridProperties": size,
    }
    try:
        spreadsheet.write(
            [{"addSheet": {"properties": probe}}, {"deleteSheet": {"sheetId": probe_id}}]
        )
    except DeniedError as error:
        advice = "Share the spreadsheet as Editor with the client_email of the key."
        return Finding("spreadsheet is written", Verdict.FAILED, error.reason, advice)
    except RejectedError as error:
        advice = "Look whether the spreadsheet is protected, and allow the account to edit it."
        return Finding("spreadsheet is written", Verdict.FAILED, error.reason, advice)
    except BackendError as error:
        advice = "Look at the network and at google.com/appsstatus; then try again."
        return Finding("spreadsheet is written", Verdict.FAILED, error.reason, advice)
    return Finding("spreadsheet is written", Verdict.FINE, "a hidden sheet came and went")


def _clock_finding(spreadsheet: GoogleSpreadsheet, clock: Clock) -> Finding:
    seen = spreadsheet.clock_seen
    if seen is None:
        return Finding("clocks agree", Verdict.SKIPPED, "the answer had no time in it")
    skew = abs(clock.now() - seen)
    if skew > _MOST_SKEW:
        text = f"this machine and Google are {skew.total_seconds():.0f} seconds apart"
        advice = "Let this machine's clock be set by NTP: logging in needs the right time."
        return Finding("clocks agree", Verdict.WARNING, text, advice)
    return Finding("clocks agree", Verdict.FINE, "within a minute")
