"""What `rmflow doctor` learns about a calendar of Microsoft 365."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rmflow.adapters.clock_skew import compared
from rmflow.adapters.graph import checkup
from rmflow.adapters.graph.busy import busy_times
from rmflow.adapters.graph.client import GraphClient, path
from rmflow.adapters.graph.settings import GraphSettings
from rmflow.adapters.web import Answer
from rmflow.errors import BackendError
from rmflow.ports.checkup import Finding, Verdict
from rmflow.ports.clock import Clock

_PROBE = "rmflow probe"
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
    login = checkup.login(client, settings)
    yield login
    if login.verdict is Verdict.FAILED:
        return
    answers: list[Answer] = []
    mailbox = _tried("mailbox", lambda: answers.append(_calendar(client)), "its calendar is there")
    yield mailbox
    if mailbox.verdict is Verdict.FAILED:
        return
    yield compared(answers[0].headers.get("Date"), clock)
    yield from _probe(client, clock.now())
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
    return Finding(check, Verdict.FINE, text)


def _calendar(client: GraphClient) -> Answer:
    answer = client.ask("read the calendar", "GET", client.mailbox("calendar"))
    client.understood("read the calendar", answer)
    return answer


def _probe(client: GraphClient, now: datetime) -> Iterator[Finding]:
    """Make a private event without guests, a year ahead, and remove it again."""
    made: list[str] = []
    at = client.mailbox("calendar", "events")

    def make() -> None:
        body = _probe_event((now + timedelta(days=365)).date().isoformat())
        made.append(str(client.write("write a probe", "POST", at, body=body)["id"]))

    def remove() -> None:
        client.write("remove the probe", "DELETE", client.mailbox("events", made[0]))

    yield _tried("write", make, "an event can be made")
    if made:
        removed = _tried("remove", remove, "an event can be removed")
        by_hand = f'delete the event "{_PROBE}" from the calendar'
        failed = removed.verdict is Verdict.FAILED
        yield replace(removed, advice=by_hand) if failed else removed


def _probe_event(day: str) -> dict[str, object]:
    return {
        "subject": _PROBE,
        "start": {"dateTime": f"{day}T03:00:00", "timeZone": "UTC"},
        "end": {"dateTime": f"{day}T03:15:00", "timeZone": "UTC"},
        "sensitivity": "private",
        "showAs": "free",
        "isReminderOn": False,
    }


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
