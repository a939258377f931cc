"""What `rmflow doctor` asks of Google Calendar."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from secrets import token_hex

from rmflow.adapters.google.calendar_events import CalendarEvents
from rmflow.adapters.google.calendar_settings import CalendarSettings
from rmflow.adapters.google.event_times import event_time
from rmflow.adapters.google.free_busy import busy_times
from rmflow.domain.people import Address
from rmflow.errors import BackendError, ConfigError
from rmflow.ports.checkup import Finding, Verdict
from rmflow.ports.clock import Clock

_MOST_SKEW = timedelta(seconds=60)
_WRITERS = {"owner", "writer"}


def examined(events: CalendarEvents, settings: CalendarSettings, clock: Clock) -> Iterator[Finding]:
    """Yield what is found, most basic first; a calendar that cannot be read ends it."""
    roles: list[str] = []
    reading = _tried("read", lambda: roles.append(events.role()), "the calendar can be read")
    yield reading
    if reading.verdict is Verdict.FAILED:
        return
    yield _clocks(events)
    yield _may_write(roles[0])
    if roles[0] in _WRITERS:
        text = "an event without guests was made and deleted again"
        yield _tried("write", lambda: _probe(events, clock.now()), text)
    yield _free_busy(events, settings, clock.now())
    yield _excess(events, settings)


def _tried(check: str, step: Callable[[], object], text: str) -> Finding:
    """Return how a step went; the reason of a refusal says what to do."""
    try:
        step()
    except BackendError as error:
        said, _, advice = error.reason.partition("; ")
        advice = advice or "look at the network and at google.com/appsstatus, then try again"
        return Finding(check, Verdict.FAILED, said, advice)
    except ConfigError as error:
        return Finding(check, Verdict.FAILED, str(error), "correct the option that is named")
    return Finding(check, Verdict.FINE, text)


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


def _clocks(events: CalendarEvents) -> Finding:
    difference = events.connection.clock_difference()
    if difference is None:
        return Finding("clock", Verdict.SKIPPED, "Google did not say what time it is")
    text = f"this machine's clock and Google's are {abs(difference).total_seconds():.0f} s apart"
    if abs(difference) > _MOST_SKEW:
        return Finding("clock", Verdict.WARNING, text, "let this machine follow a time server")
    return Finding("clock", Verdict.FINE, text)


def _free_busy(events: CalendarEvents, settings: CalendarSettings, now: datetime) -> Finding:
    """Ask for the mailbox's own times: whose others can be seen is for each of them to say."""
    mailbox = Address(settings.subject or "primary")
    found: list[object] = []

    def ask() -> None:
        day = timedelta(days=1)
        found.append(mailbox in busy_times(events.connection.api, [mailbox], now, now + day))

    finding = _tried("free/busy", ask, "free and busy times can be asked for")
    if found == [False]:
        advice = "let the organisation's calendars show free and busy times to the mailbox"
        return Finding("free/busy", Verdict.WARNING, "the mailbox cannot see its own", advice)
    return finding


def _excess(events: CalendarEvents, settings: CalendarSettings) -> Finding:
    """Compare what the token may do with what is needed."""
    granted = events.connection.granted()
    if not granted:
        text = "Google did not say what the login may do"
        return Finding("excess rights", Verdict.SKIPPED, text)
    more = sorted(granted - set(settings.scopes))
    if more:
        text = f"the login may also use {', '.join(more)}"
        advice = "take that back, and run `rmflow login` with a consent to the needed scopes only"
        return Finding("excess rights", Verdict.WARNING, text, advice)
    return Finding("excess rights", Verdict.FINE, "the login may do what is needed, no more")
