"""Whether a CalDAV calendar works for rmflow, step by step."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from rmflow.adapters.clock_skew import compared
from rmflow.adapters.standards.caldav_account import CalDavAccount
from rmflow.adapters.standards.caldav_items import SUFFIX, CalDavItems, Item
from rmflow.adapters.standards.caldav_outbox import Outbox
from rmflow.adapters.standards.caldav_server import CalDavServer, multistatus
from rmflow.domain.people import Address
from rmflow.errors import BackendError
from rmflow.formats.calendar.dav import propfind
from rmflow.formats.calendar.scheduling import left_to_us, probe
from rmflow.ports.calendar import Capability
from rmflow.ports.checkup import Finding, Verdict
from rmflow.ports.clock import Clock

_ABOUT = propfind("d:resourcetype", "d:supported-report-set")
_NOBODY = Address("probe@rmflow.invalid")
_BUSY_SPAN = timedelta(days=7)


@dataclass(frozen=True)
class Patient:
    """What is examined."""

    server: CalDavServer
    account: CalDavAccount
    items: CalDavItems
    capabilities: Collection[Capability]
    clock: Clock


def examine(patient: Patient) -> Iterator[Finding]:
    """Yield what was found; a failure ends what depends on it."""
    try:
        url = patient.account.calendar
        answer = patient.server.ask("check", "PROPFIND", url, body=_ABOUT, depth="0")
        about = multistatus("check", answer)
    except BackendError as error:
        yield Finding(
            "reachable", Verdict.FAILED, str(error), "check url, calendar, username and password"
        )
        return
    yield _reached(url)
    yield Finding("login", Verdict.FINE, "the server accepts user name and password")
    yield compared(answer.headers.get("Date"), patient.clock)
    if not any(resource.has("d:resourcetype", "c:calendar") for resource in about.resources):
        yield Finding(
            "calendar", Verdict.FAILED, f"{url} is no calendar", "give the address of a calendar"
        )
        return
    yield Finding("calendar", Verdict.FINE, f"{url} is a calendar")
    yield _changes(
        any(r.has("d:supported-report-set", "d:sync-collection") for r in about.resources)
    )
    yield from _each(patient)


def _each(patient: Patient) -> Iterator[Finding]:
    yield from _write(patient)
    for name, step in (("invitations", _inviting), ("free/busy", _busy)):
        try:
            yield step(patient)
        except BackendError as error:
            yield Finding(name, Verdict.FAILED, str(error), "ask who runs the server")


def _reached(url: str) -> Finding:
    parts = urlsplit(url)
    how = "encrypted" if parts.scheme == "https" else "not encrypted, on this machine"
    return Finding("reachable", Verdict.FINE, f"{parts.netloc} answers ({how})")


def _changes(synchronises: bool) -> Finding:  # noqa: FBT001 - there is nothing else to say
    if synchronises:
        return Finding("changes", Verdict.FINE, "the server tells what changed")
    text = "the server cannot tell what changed: everything is read again after each change"
    return Finding("changes", Verdict.WARNING, text, "give rmflow a calendar of its own")


def _write(patient: Patient) -> Iterator[Finding]:
    """Store an event of long ago, read it and delete it. It also shows who would invite."""
    name = f"rmflow-probe-{uuid4()}{SUFFIX}"
    address = patient.items.address(name)
    try:
        content = probe(name.removesuffix(SUFFIX), patient.clock.now(), _organiser(patient))
        patient.server.put("write a probe", address, content, {"If-None-Match": "*"})
        item = patient.items.read(name)
        patient.server.delete("delete the probe", address)
    except BackendError as error:
        advice = "let this account write to and delete from the calendar"
        yield Finding("write", Verdict.FAILED, str(error), advice)
        return
    yield Finding("write", Verdict.FINE, "a probe was stored and deleted")
    if item is not None and _organiser(patient) is not None:
        yield _silence(item)


def _organiser(patient: Patient) -> Address | None:
    """Return who invites the probe's attendee; None where the server invites: nobody is told."""
    if Capability.INVITES_BY_MAIL not in patient.capabilities:
        return None
    return min(patient.account.principal.addresses, default=_NOBODY)


def _silence(item: Item) -> Finding:
    if left_to_us(item.content):
        return Finding("silence", Verdict.FINE, "the server leaves invitations to rmflow")
    text = "the server drops SCHEDULE-AGENT=CLIENT: it may invite people whom rmflow mails as well"
    return Finding("silence", Verdict.FAILED, text, 'set scheduling = "server"')


def _inviting(patient: Patient) -> Finding:
    if Capability.INVITES_BY_MAIL in patient.capabilities:
        return Finding("invitations", Verdict.FINE, "rmflow invites, by mail")
    if not patient.account.schedules:
        text = "this server invites nobody (it does not declare calendar-auto-schedule)"
        return Finding("invitations", Verdict.FAILED, text, 'set scheduling = "mail"')
    addresses = ", ".join(sorted(patient.account.principal.addresses))
    if not addresses:
        text = "the server knows no mail address of this account, so it cannot invite for it"
        return Finding("invitations", Verdict.FAILED, text, "give the account its mail address")
    text = f"the server invites in the name of {addresses}; the programme's mailbox must be there"
    return Finding("invitations", Verdict.FINE, text)


def _busy(patient: Patient) -> Finding:
    if Capability.FREE_BUSY not in patient.capabilities:
        return Finding("free/busy", Verdict.SKIPPED, "free_busy is not switched on")
    now = patient.clock.now()
    principal = patient.account.principal
    outbox = Outbox(patient.server, principal)
    if outbox.busy(principal.addresses, now, now + _BUSY_SPAN, now=now):
        return Finding("free/busy", Verdict.FINE, "the server tells when people are busy")
    text = "the server does not even tell when this account is busy"
    return Finding("free/busy", Verdict.FAILED, text, "set free_busy = false")
