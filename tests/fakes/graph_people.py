"""Everybody else: what guests and the programme's coordinator do in Outlook."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from graph import GraphService
from graph_calendar import Deviation, Event, Mailbox, address_of, guest_of

from rmflow.domain.series import SeriesSpec, Uid

Json = dict[str, Any]

_DENTIST = "dentist"


class People:
    """Hands on the mailbox of a service. `day` picks one meeting by its original date."""

    def __init__(self, service: GraphService) -> None:
        self._service = service

    @property
    def mailbox(self) -> Mailbox:
        found: Mailbox = self._service.state["calendar"]
        return found

    def event(self, uid: str) -> Event:
        """Return the live event with this UID."""
        found = [
            event
            for event in self.mailbox.events.values()
            if uid in event.extended.values() and "rmflow finished" in event.extended.values()
        ]
        assert len(found) == 1, f"{len(found)} events with this UID"
        return found[0]

    def answer(
        self,
        uid: str,
        who: str,
        response: str,
        *,
        at: datetime,
        day: date | None = None,
        proposing: datetime | None = None,
    ) -> None:
        """Answer the invitation to all meetings, or to one, with another time if there is one."""
        with self._edited(uid) as event:
            guests = event.attendees if day is None else _own(event, day).attendees
            guest = next(guest for guest in guests if address_of(guest) == who)
            guest["status"] = {"response": response, "time": f"{at:%Y-%m-%dT%H:%M:%S}.1234567Z"}
            if proposing is not None:
                moment = f"{proposing.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.0000000"
                slot = {"dateTime": moment, "timeZone": "UTC"}
                guest["proposedNewTime"] = {"start": slot, "end": slot}

    def invite(self, uid: str, guest: Json, *, day: date) -> None:
        """Invite somebody to one meeting."""
        with self._edited(uid) as event:
            _own(event, day).attendees.append(guest_of(guest))

    def drag(self, uid: str, start: datetime, *, day: date | None = None) -> None:
        """Move all meetings, or one, to another (aware) start."""
        with self._edited(uid) as event:
            there: Event | Deviation = event if day is None else _own(event, day)
            length = there.end - there.start
            there.start = start.astimezone(UTC)
            there.end = there.start + length
            if day is None and event.recurrence is not None:
                event.recurrence["range"]["startDate"] = start.date().isoformat()

    def place(self, uid: str, name: str, *, day: date | None = None) -> None:
        """Type another place."""
        with self._edited(uid) as event:
            properties = event.properties if day is None else _own(event, day).own
            properties["location"] = {"displayName": name, "locationType": "default"}

    def take_out(self, uid: str, day: date) -> None:
        """Delete one meeting."""
        with self._edited(uid) as event:
            event.exceptions.pop(day, None)
            event.cancelled.add(day)

    def repeat(self, uid: str, pattern: Json) -> None:
        """Choose another rhythm."""
        with self._edited(uid) as event:
            assert event.recurrence is not None
            event.recurrence["pattern"] = pattern

    # The contract's `Outside`.

    def edit(self, spec: SeriesSpec) -> None:
        """Save time and place of the series as they are in `spec`."""
        self.drag(spec.uid, spec.start.replace(tzinfo=ZoneInfo(spec.zone)))
        self.place(spec.uid, spec.location)

    def delete(self, uid: Uid) -> None:
        """Delete the series."""
        event = self.event(uid)
        self.mailbox.deleted[event.id] = self.mailbox.events.pop(event.id)

    def add_others(self) -> None:
        """Put somebody's own event into the calendar."""
        at = datetime(2026, 3, 3, 9, tzinfo=UTC)
        properties = {"subject": "Dentist"}
        self.mailbox.events[_DENTIST] = Event(
            _DENTIST, 1, 1, properties, {}, ZoneInfo("UTC"), at, at
        )

    def others(self) -> str:
        event = self.mailbox.events.get(_DENTIST)
        return json.dumps(asdict(event), default=str) if event else ""

    @contextmanager
    def _edited(self, uid: str) -> Iterator[Event]:
        event = self.event(uid)
        yield event
        event.version = self.mailbox.tick()


def _own(event: Event, day: date) -> Deviation:
    """Return the deviation of a day, made if there is none yet."""
    start = event.original(day)
    length = event.end - event.start
    guests = [dict(guest) for guest in event.attendees]
    return event.exceptions.setdefault(day, Deviation({}, start, start + length, guests))
