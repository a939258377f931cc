"""What `rmflow doctor` learns about a calendar of Microsoft 365."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from rmflow.adapters.graph.busy import busy_times
from rmflow.adapters.graph.client import GraphClient, path
from rmflow.adapters.graph.settings import GraphSettings
from rmflow.adapters.web import Answer
from rmflow.errors import BackendError, ConfigError
from rmflow.ports.checkup import Finding, Verdict
from rmflow.ports.clock import Clock

_PROBE = "rmflow probe"
_LARGEST_SKEW = timedelta(seconds=60)
# Permissions of backends of ours; with RBAC for Applications none of them is in the token.
_OURS = {
    "Calendars.Read",
    "Calendars.ReadWrite",
    "Mail.Read",
    "Mail.ReadWrite",
    "Mail.Send",
    "Sites.Selected",
    "Files.SelectedOperations.Selected",
}


def examined(client: GraphClient, settings: GraphSettings, clock: Clock) -> Iterator[Finding]:
    """Yield what is found, most basic first; a login or mailbox that fails ends it."""
    login = _tried("login", client.login.token, "a token was issued")
    yield login
    if login.verdict is Verdict.FAILED:
        return
    answers: list[Answer] = []
    mailbox = _tried("mailbox", lambda: answers.append(_calendar(client)), "its calendar is there")
    yield mailbox
    if mailbox.verdict is Verdict.FAILED:
        return
    yield _clock(answers[0], clock)
    yield _tried("write", lambda: _probe(client, clock.now()), "an event was made and removed")
    yield _free_busy(client, settings, clock.now())
    yield _outsider(client, settings)
    yield _permissions(client)


def _tried(check: str, step: Callable[[], object], text: str) -> Finding:
    """Return how a step went; the reason of a refusal says what to do."""
    try:
        step()
    except BackendError as error:
        said, _, advice = error.reason.partition("; ")
        return Finding(check, Verdict.FAILED, said, advice)
    except ConfigError as error:
        return Finding(check, Verdict.FAILED, str(error), "correct the option named")
    return Finding(check, Verdict.FINE, text)


def _calendar(client: GraphClient) -> Answer:
    answer = client.ask("read the calendar", "GET", client.mailbox("calendar"))
    client.understood("read the calendar", answer)
    return answer


def _clock(answer: Answer, clock: Clock) -> Finding:
    """Compare our clock with the service's."""
    date = answer.headers.get("Date")
    if not date:
        return Finding("clock", Verdict.SKIPPED, "the service did not say what time it is")
    skew = abs(clock.now() - parsedate_to_datetime(date))
    text = f"our clock and the service's are {int(skew.total_seconds())} s apart"
    if skew > _LARGEST_SKEW:
        return Finding("clock", Verdict.WARNING, text, "let this machine follow a time server")
    return Finding("clock", Verdict.FINE, text)


def _probe(client: GraphClient, now: datetime) -> None:
    """Make a private event without guests, a year ahead, and remove it again."""
    day = (now + timedelta(days=365)).date().isoformat()
    body = {
        "subject": _PROBE,
        "start": {"dateTime": f"{day}T03:00:00", "timeZone": "UTC"},
        "end": {"dateTime": f"{day}T03:15:00", "timeZone": "UTC"},
        "sensitivity": "private",
        "showAs": "free",
        "isReminderOn": False,
    }
    made = client.write("write a probe", "POST", client.mailbox("calendar", "events"), body=body)
    client.write("remove the probe", "DELETE", client.mailbox("events", str(made["id"])))


def _free_busy(client: GraphClient, settings: GraphSettings, now: datetime) -> Finding:
    found: list[object] = []

    def step() -> None:
        start = now.astimezone(UTC)
        end = start + timedelta(days=1)
        found.extend(busy_times(client, [settings.mailbox], start, end))

    finding = _tried("free and busy", step, "free and busy times can be read")
    if finding.verdict is Verdict.FINE and not found:
        text = "the mailbox's own times could not be read"
        return Finding("free and busy", Verdict.WARNING, text, client.grant())
    return finding


def _outsider(client: GraphClient, settings: GraphSettings) -> Finding:
    """Try a mailbox that is none of the app's business."""
    check = "other mailboxes"
    if settings.outsider is None:
        return Finding(check, Verdict.SKIPPED, 'not tried: the option "outsider" names none')
    try:
        at = path("users", settings.outsider, "calendar")
        status = client.ask("try another mailbox", "GET", at).status
    except BackendError as error:
        return Finding(check, Verdict.SKIPPED, error.reason)
    if status == 403:
        return Finding(check, Verdict.FINE, "the app is refused there")
    if status == 200:
        text = "the app can read and change the calendar of a mailbox that is not its own"
        return Finding(check, Verdict.WARNING, text, client.grant())
    advice = "name a mailbox that exists and that the app must not reach"
    return Finding(check, Verdict.SKIPPED, f"the service answered {status}", advice)


def _permissions(client: GraphClient) -> Finding:
    """Look into the token for permissions that no backend of ours uses."""
    excess = sorted(client.login.roles() - _OURS)
    if not excess:
        return Finding("permissions", Verdict.FINE, "the app has none that rmflow does not use")
    advice = "remove them from the app registration"
    return Finding("permissions", Verdict.WARNING, f"it also has {', '.join(excess)}", advice)
