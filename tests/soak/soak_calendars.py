"""Calendars that people edit by hand while rmflow keeps their meetings."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import graph
from ews import FakeExchange
from ews_people import Outlook
from google_calendar import GoogleCalendarService
from google_calendar import People as GoogleHands
from graph import GraphService
from graph_calendar import CalendarPart, guest_of
from graph_people import People as GraphHands

from correspondence import MAILBOX
from office import LEADERS, NAMES, address
from rmflow.adapters.google.event import event_id
from rmflow.domain.people import Address
from rmflow.domain.series import Attendee, SeriesSpec
from rmflow.formats.calendar.ics import read_stored, stored


class Hands(Protocol):
    """What people do in a calendar program. `original` and `start` are wall times of the series."""

    def section(self, folder: Path) -> str:
        """Return the section [calendar]; secrets are laid into the folder."""
        ...

    def drag(self, spec: SeriesSpec, original: datetime, start: datetime) -> None:
        """Move one meeting."""
        ...

    def drag_all(self, spec: SeriesSpec, start: datetime) -> None:
        """Move all meetings to another hour."""
        ...

    def take_out(self, spec: SeriesSpec, original: datetime) -> None:
        """Delete one meeting."""
        ...

    def delete(self, spec: SeriesSpec) -> None:
        """Delete all meetings."""
        ...

    def place(self, spec: SeriesSpec, place: str) -> None:
        """Type another place."""
        ...

    def title(self, spec: SeriesSpec, title: str) -> None:
        """Type another title."""
        ...

    def bring(self, spec: SeriesSpec, guest: str) -> None:
        """Invite one more."""
        ...

    def guests(self, spec: SeriesSpec) -> set[str]:
        """Return who is invited to all meetings."""
        ...


class FileHands:
    """A text editor on .ics files, or a calendar program that opens them."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._folder = Path()

    def section(self, folder: Path) -> str:
        self._folder = folder / "calendars"
        return f'[calendar]\nkind = "{self._kind}"\npath = "calendars"\n'

    def drag(self, spec: SeriesSpec, original: datetime, start: datetime) -> None:
        self._save(spec, moved=tuple(sorted({**spec.moves, original: start}.items())))

    def drag_all(self, spec: SeriesSpec, start: datetime) -> None:
        self._save(spec, start=start)

    def take_out(self, spec: SeriesSpec, original: datetime) -> None:
        moved = tuple((was, at) for was, at in spec.moved if was != original)
        self._save(spec, excluded=spec.excluded | {original}, moved=moved)

    def delete(self, spec: SeriesSpec) -> None:
        self._path(spec).unlink()

    def place(self, spec: SeriesSpec, place: str) -> None:
        self._save(spec, location=place)

    def title(self, spec: SeriesSpec, title: str) -> None:
        self._save(spec, summary=title)

    def bring(self, spec: SeriesSpec, guest: str) -> None:
        self._save(spec, attendees=(*spec.attendees, Attendee(Address(guest), guest)))

    def guests(self, spec: SeriesSpec) -> set[str]:
        found = read_stored(self._path(spec).read_bytes()).spec
        return {str(attendee.address) for attendee in found.attendees}

    def _save(self, spec: SeriesSpec, **changes: object) -> None:
        before = read_stored(self._path(spec).read_bytes()).spec
        now = replace(before, pairing=spec.pairing, **changes)  # type: ignore[arg-type]
        self._path(spec).write_bytes(stored(now, now=datetime.now(UTC)))

    def _path(self, spec: SeriesSpec) -> Path:
        return self._folder / f"{spec.uid}.ics"


class InGoogle:
    """Google Calendar in a browser."""

    def __init__(self, service: GoogleCalendarService) -> None:
        self._service = service
        self._people = GoogleHands(service)

    def section(self, folder: Path) -> str:
        self._service.login.write_key(folder / "calendar.json", f"{self._service.url}/token")
        return (
            f'[calendar]\nkind = "google"\nkey = "file:calendar.json"\nsubject = "{MAILBOX}"\n'
            f'url = "{self._service.url}"\n'
        )

    def drag(self, spec: SeriesSpec, original: datetime, start: datetime) -> None:
        self._people.drag(_instance(spec, original), start.replace(tzinfo=ZoneInfo(spec.zone)))

    def drag_all(self, spec: SeriesSpec, start: datetime) -> None:
        self._people.drag(event_id(spec.uid), start.replace(tzinfo=ZoneInfo(spec.zone)))

    def take_out(self, spec: SeriesSpec, original: datetime) -> None:
        self._people.delete(_instance(spec, original))

    def delete(self, spec: SeriesSpec) -> None:
        self._people.delete(event_id(spec.uid))

    def place(self, spec: SeriesSpec, place: str) -> None:
        self._people.change(event_id(spec.uid), location=place)

    def title(self, spec: SeriesSpec, title: str) -> None:
        self._people.change(event_id(spec.uid), summary=title)

    def bring(self, spec: SeriesSpec, guest: str) -> None:
        self._people.bring(event_id(spec.uid), guest)

    def guests(self, spec: SeriesSpec) -> set[str]:
        shown = self._service.events.shown(event_id(spec.uid))
        return {guest["email"] for guest in shown["attendees"]}


def _instance(spec: SeriesSpec, original: datetime) -> str:
    at = original.replace(tzinfo=ZoneInfo(spec.zone)).astimezone(UTC)
    return f"{event_id(spec.uid)}_{at:%Y%m%dT%H%M%SZ}"


class InOutlook365:
    """Outlook on a mailbox of Microsoft 365."""

    def __init__(self, service: GraphService) -> None:
        self._service = service
        self._people = GraphHands(service)

    def section(self, folder: Path) -> str:
        (folder / "graph.secret").write_text(graph.SECRET)
        return (
            f'[calendar]\nkind = "graph"\ntenant = "{graph.TENANT}"\nclient_id = "{graph.CLIENT}"\n'
            f'secret = "file:graph.secret"\nmailbox = "{MAILBOX}"\n'
            f'url = "{self._service.graph_url}"\nauthority = "{self._service.url}"\n'
        )

    def drag(self, spec: SeriesSpec, original: datetime, start: datetime) -> None:
        aware = start.replace(tzinfo=ZoneInfo(spec.zone))
        self._people.drag(spec.uid, aware, day=original.date())

    def drag_all(self, spec: SeriesSpec, start: datetime) -> None:
        self._people.drag(spec.uid, start.replace(tzinfo=ZoneInfo(spec.zone)))

    def take_out(self, spec: SeriesSpec, original: datetime) -> None:
        self._people.take_out(spec.uid, original.date())

    def delete(self, spec: SeriesSpec) -> None:
        self._people.delete(spec.uid)

    def place(self, spec: SeriesSpec, place: str) -> None:
        self._people.place(spec.uid, place)

    def title(self, spec: SeriesSpec, title: str) -> None:
        with self._people._edited(spec.uid) as event:
            event.properties["subject"] = title

    def bring(self, spec: SeriesSpec, guest: str) -> None:
        told = {"emailAddress": {"address": guest, "name": guest}, "type": "required"}
        with self._people._edited(spec.uid) as event:
            event.attendees.append(guest_of(told))

    def guests(self, spec: SeriesSpec) -> set[str]:
        event = self._people.event(spec.uid)
        return {str(guest["emailAddress"]["address"]) for guest in event.attendees}


class InOutlook:
    """Outlook on an Exchange server."""

    def __init__(self, service: FakeExchange) -> None:
        self._service = service

    def section(self, folder: Path) -> str:
        user, password = FakeExchange.SERVICE
        (folder / "exchange.password").write_text(password)
        return (
            f'[calendar]\nkind = "exchange"\nendpoint = "{self._service.endpoint}"\n'
            f'mailbox = "{MAILBOX}"\nauth = "basic"\nusername = \'{user}\'\n'
            'password = "file:exchange.password"\n'
        )

    def drag(self, spec: SeriesSpec, original: datetime, start: datetime) -> None:
        self._outlook(spec).drag(spec.uid, original, start)

    def drag_all(self, spec: SeriesSpec, start: datetime) -> None:
        self._outlook(spec).drag_all(spec.uid, start)

    def take_out(self, spec: SeriesSpec, original: datetime) -> None:
        self._outlook(spec).delete(spec.uid, original)

    def delete(self, spec: SeriesSpec) -> None:
        self._outlook(spec).delete(spec.uid)

    def place(self, spec: SeriesSpec, place: str) -> None:
        self._outlook(spec).place(spec.uid, place)

    def title(self, spec: SeriesSpec, title: str) -> None:
        self._outlook(spec).write(spec.uid, "Subject", title)

    def bring(self, spec: SeriesSpec, guest: str) -> None:
        self._outlook(spec).forward(spec.uid, guest)

    def guests(self, spec: SeriesSpec) -> set[str]:
        item = self._outlook(spec).item(spec.uid)
        found = (item.values.get(f"{kind}Attendees") for kind in ("Required", "Optional"))
        return {
            entry.text or ""
            for attendees in found
            if attendees is not None
            for entry in attendees.iter("{*}EmailAddress")
        }

    def _outlook(self, spec: SeriesSpec) -> Outlook:
        return Outlook(self._service.state, spec.zone)


@contextmanager
def _files(kind: str) -> Iterator[Hands]:
    yield FileHands(kind)


@contextmanager
def _google() -> Iterator[Hands]:
    with GoogleCalendarService() as service:
        yield InGoogle(service)


@contextmanager
def _graph() -> Iterator[Hands]:
    with GraphService(CalendarPart()) as service:
        yield InOutlook365(service)


@contextmanager
def _exchange() -> Iterator[Hands]:
    names = {MAILBOX: "Reverse Mentoring"} | {address(n): n for n in (*NAMES, *LEADERS)}
    with FakeExchange(names) as service:
        yield InOutlook(service)


CALENDARS: Mapping[str, Callable[[], AbstractContextManager[Hands]]] = {
    "files, invitations by mail": lambda: _files("imip"),
    "files, nobody is invited": lambda: _files("vdir"),
    "google": _google,
    "graph": _graph,
    "exchange": _exchange,
}
