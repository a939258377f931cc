"""What `rmflow doctor` asks of Google Calendar."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex

from rmflow.adapters.clock_skew import apart
from rmflow.adapters.google.calendar_events import CalendarEvents
from rmflow.adapters.google.calendar_settings import CalendarSettings
from rmflow.adapters.google.checkup import excess, tried
from rmflow.adapters.google.event_times import event_time
from rmflow.adapters.google.free_busy import busy_times
from rmflow.domain.people import Address
from rmflow.ports.checkup import Finding, Verdict
from rmflow.ports.clock import Clock

_BROADER = (
    "https://www.googleapis.com/auth/calendar",
    "https://www.googleapis.com/auth/drive",
    "https://mail.google.com/",
)
_WRITERS = {"owner", "writer"}


def examined(
    events: CalendarEvents, settings: CalendarSettings, folder: Path, clock: Clock
) -> Iterator[Finding]:
    """Yield what is found, most basic first; a calendar that cannot be read ends it."""
    roles: list[str] = []
    reading = tried("read", lambda: roles.append(events.role()), "the calendar can be read")
    yield reading
    if reading.verdict is Verdict.FAILED:
        return
    yield apart(events.connection.clock_difference())
    yield _may_write(roles[0])
    if roles[0] in _WRITERS:
        text = "an event without guests was made and deleted again"
        yield tried("write", lambda: _probe(events, clock.now()), text)
    yield _free_busy(events, settings, clock.now())
    yield excess(events.connection, settings, folder, _BROADER)


def _may_write(role: str) -> Finding:
    if role in _WRITERS:
        return Finding("role", Verdict.FINE, f"the mailbox is {role} of the calendar")
    advice = 'share the calendar with the mailbox: "Make changes to events"'
    return Finding("role", Verdict.FAILED, f"the mailbox is only {role} of the calendar", advice)


def _probe(events: CalendarEvents, now: datetime) -> None:
    """Make a private event, a year ahead, that takes no time and has no guests; delete it."""
    at = event_time((now + timedelta(days=365)).replace(tzinfo=None, microsecond=0), "UTC")
    body = {
        "id": token_hex(16),
        "summary": "rmflow probe",
        "start": at,
        "end": at,
        "transparency": "transparent",
        "visibility": "private",
    }
    event = events.insert(body, told="none")
    assert event is not None, body["id"]
    events.delete(event, "none")


def _free_busy(events: CalendarEvents, settings: CalendarSettings, now: datetime) -> Finding:
    """Ask for the mailbox's own times: whose others can be seen is for each of them to say."""
    mailbox = Address(settings.subject or "primary")
    found: list[object] = []

    def ask() -> None:
        day = timedelta(days=1)
        found.append(mailbox in busy_times(events.connection.api, [mailbox], now, now + day))

    finding = tried("free/busy", ask, "free and busy times can be asked for")
    if found == [False]:
        advice = "let the organisation's calendars show free and busy times to the mailbox"
        return Finding("free/busy", Verdict.WARNING, "the mailbox cannot see its own", advice)
    return finding
