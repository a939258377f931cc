"""The services that a play can run on."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import ews_mail
import graph
import graph_people
import requests
from courier import Service
from dav import PASSWORD, USER, start_radicale
from ews import FakeExchange
from ews_people import Outlook
from gmail import GmailService
from google_calendar import GoogleCalendarService, People
from graph import GraphService
from graph_calendar import CalendarPart
from graph_mail import Mail

from rmflow.adapters.google.event import event_id
from rmflow.demo.organisation import staff
from rmflow.demo.people.coordinator import NEW_ADDRESS
from rmflow.domain.series import Response, SeriesSpec
from rmflow.formats.calendar.ics import stored

_MAILBOX = "mentoring@contoso.example"
_FILES = """
[mail_out]
kind = "maildir"
path = "mail/out"

[mail_in]
kind = "maildir"
path = "mail/in"
"""


class Google:
    """Google Calendar and Gmail."""

    has_mail = invites = True

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._calendar = self._stack.enter_context(GoogleCalendarService())
        self._gmail = self._stack.enter_context(GmailService())
        self._people = People(self._calendar)
        self._letters: list[tuple[str, bytes]] = []

    def sections(self, folder: Path) -> str:
        self._calendar.login.write_key(folder / "calendar.json", f"{self._calendar.url}/token")
        self._gmail.login.write_key(folder / "gmail.json", f"{self._gmail.url}/token")
        return "\n".join(
            f'[{port}]\nkind = "{kind}"\nkey = "file:{key}.json"\nsubject = "{_MAILBOX}"\n'
            f'url = "{url}"\n'
            for port, kind, key, url in (
                ("calendar", "google", "calendar", self._calendar.url),
                ("mail_out", "gmail", "gmail", self._gmail.url),
                ("mail_in", "gmail", "gmail", self._gmail.url),
            )
        )

    def letters(self) -> list[tuple[str, bytes]]:
        for to, raws in self._gmail.state.outside.items():
            known = sum(recipient == to for recipient, _ in self._letters)
            self._letters += [(to, raw) for raw in raws[known:]]
        return self._letters

    def deliver(self, raw: bytes, at: datetime) -> None:
        self._gmail.deliver(raw).at = at

    def answer(self, spec: SeriesSpec, response: Response, original: datetime | None) -> bool:
        if response.proposed_start is not None:
            return False  # the organiser gets a mail with the proposal
        status = {"NEEDS-ACTION": "needsAction"}.get(
            response.status.value, response.status.value.lower()
        )
        self._people.answer(_instance(spec, original), response.attendee, status, response.comment)
        return True

    def drag(self, spec: SeriesSpec, original: datetime, start: datetime) -> None:
        self._people.drag(_instance(spec, original), start.replace(tzinfo=ZoneInfo(spec.zone)))

    def close(self) -> None:
        self._stack.close()


def _instance(spec: SeriesSpec, original: datetime | None) -> str:
    if original is None:
        return event_id(spec.uid)
    at = original.replace(tzinfo=ZoneInfo(spec.zone)).astimezone(UTC)
    return f"{event_id(spec.uid)}_{at:%Y%m%dT%H%M%SZ}"


class Microsoft365:
    """Calendar and mail through Microsoft Graph."""

    has_mail = invites = True

    def __init__(self) -> None:
        self._mail = Mail()
        self._service = GraphService(CalendarPart(), self._mail)
        self._service.__enter__()
        self._people = graph_people.People(self._service)

    def sections(self, folder: Path) -> str:
        (folder / "graph.secret").write_text(graph.SECRET)
        return "\n".join(
            f'[{port}]\nkind = "graph"\ntenant = "{graph.TENANT}"\nclient_id = "{graph.CLIENT}"\n'
            f'secret = "file:graph.secret"\nmailbox = "{_MAILBOX}"\n'
            f'url = "{self._service.graph_url}"\nauthority = "{self._service.url}"\n'
            for port in ("calendar", "mail_out", "mail_in")
        )

    def letters(self) -> list[tuple[str, bytes]]:
        delivered: list[tuple[str, bytes]] = self._service.state["mail"].delivered
        self._service.state["mail"].settle()
        return delivered

    def deliver(self, raw: bytes, at: datetime) -> None:
        state = self._service.state["mail"]
        id = state.deliver(raw)
        state.mails[id] = replace(state.mails[id], at=at)

    def answer(self, spec: SeriesSpec, response: Response, original: datetime | None) -> bool:
        said = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentativelyAccepted"}
        self._people.answer(
            spec.uid,
            response.attendee,
            said[response.status.value],
            at=response.stamped_at,
            day=original.date() if original else None,
            proposing=response.proposed_start,
        )
        return True

    def drag(self, spec: SeriesSpec, original: datetime, start: datetime) -> None:
        aware = start.replace(tzinfo=ZoneInfo(spec.zone))
        self._people.drag(spec.uid, aware, day=original.date())

    def close(self) -> None:
        self._service.__exit__(None, None, None)


class Exchange:
    """Calendar and mail on an Exchange server."""

    has_mail = invites = True

    def __init__(self, people: Mapping[str, str] | None = None) -> None:
        names = {_MAILBOX: "Reverse Mentoring", **(people or _everybody())}
        self._service = FakeExchange(names)
        self._service.__enter__()

    def sections(self, folder: Path) -> str:
        user, password = FakeExchange.SERVICE
        (folder / "exchange.password").write_text(password)
        return "\n".join(
            f'[{port}]\nkind = "exchange"\nendpoint = "{self._service.endpoint}"\n'
            f'mailbox = "{_MAILBOX}"\nauth = "basic"\nusername = \'{user}\'\n'
            f'password = "file:exchange.password"\n'
            for port in ("calendar", "mail_out", "mail_in")
        )

    def letters(self) -> list[tuple[str, bytes]]:
        post: list[tuple[str, bytes]] = self._service.state.post
        return post

    def deliver(self, raw: bytes, at: datetime) -> None:
        server = self._service.state
        item = ews_mail.deliver(server, server.mailbox(_MAILBOX), raw)
        item.set_text("DateTimeReceived", f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")

    def answer(self, spec: SeriesSpec, response: Response, original: datetime | None) -> bool:
        if response.proposed_start is not None:
            return False  # Exchange Web Services do not tell what was proposed; the mail does
        said = {"ACCEPTED": "Accept", "DECLINED": "Decline", "TENTATIVE": "Tentative"}
        status = said[response.status.value]
        self._outlook(spec).answer(spec.uid, response.attendee, status, original)
        return True

    def drag(self, spec: SeriesSpec, original: datetime, start: datetime) -> None:
        self._outlook(spec).drag(spec.uid, original, start)

    def _outlook(self, spec: SeriesSpec) -> Outlook:
        return Outlook(self._service.state, spec.zone)

    def close(self) -> None:
        self._service.__exit__(None, None, None)


def _everybody() -> Mapping[str, str]:
    """Return the names of the demo's people by address."""
    names = {e.address: e.name for e in staff()}
    return names | {address: address for address in NEW_ADDRESS.values()}


class CalDav:
    """Meetings on a CalDAV server (Radicale), invitations by mail; mail goes by files."""

    has_mail = invites = False

    def __init__(self) -> None:
        self._stack = ExitStack()
        server = self._stack.enter_context(start_radicale())
        self._url = server.new_calendar()

    def sections(self, folder: Path) -> str:
        (folder / "caldav.password").write_text(PASSWORD)
        return (
            f'[calendar]\nkind = "caldav"\nurl = "{self._url}"\nusername = "{USER}"\n'
            f'password = "file:caldav.password"\nscheduling = "mail"\n{_FILES}'
        )

    def letters(self) -> list[tuple[str, bytes]]:
        return []

    def deliver(self, raw: bytes, at: datetime) -> None:
        raise NotImplementedError

    def answer(self, spec: SeriesSpec, response: Response, original: datetime | None) -> bool:
        raise NotImplementedError

    def drag(self, spec: SeriesSpec, original: datetime, start: datetime) -> None:
        moved = tuple(sorted({**spec.moves, original: start}.items()))
        content = stored(replace(spec, moved=moved), now=datetime.now(UTC))
        answer = requests.put(
            f"{self._url}{spec.uid}.ics", data=content, auth=(USER, PASSWORD), timeout=10
        )
        answer.raise_for_status()

    def close(self) -> None:
        self._stack.close()


SERVICES: dict[str, Callable[[], Service]] = {
    "google": Google,
    "graph": Microsoft365,
    "exchange": Exchange,
    "caldav": CalDav,
}
