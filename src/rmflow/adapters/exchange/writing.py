"""The single requests that write: each leaves once and says whom Exchange is to mail."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from exchangelib import UTC, Body, CalendarItem, EWSDateTime, Mailbox
from exchangelib import Attendee as EwsAttendee
from exchangelib.items import (
    ALWAYS_OVERWRITE,
    HARD_DELETE,
    MOVE_TO_DELETED_ITEMS,
    NEVER_OVERWRITE,
    SAVE_ONLY,
    SEND_TO_ALL_AND_SAVE_COPY,
    SEND_TO_CHANGED_AND_SAVE_COPY,
    SEND_TO_NONE,
)
from exchangelib.properties import ItemId, OccurrenceItemId
from exchangelib.services import CreateItem, DeleteItem, UpdateItem

from rmflow.adapters.exchange.account import MailboxAccount, OneVersion
from rmflow.adapters.exchange.item import people_of, rooms_of
from rmflow.adapters.exchange.mark import Mark
from rmflow.adapters.exchange.reading import without_errors
from rmflow.adapters.exchange.recurrence import pattern_of
from rmflow.adapters.exchange.wire import BACKEND
from rmflow.adapters.exchange.zones import windows_zone
from rmflow.domain.people import Address
from rmflow.domain.series import Attendee, Place, SeriesSpec
from rmflow.errors import RejectedError

_REMINDER_MIN = 15


class Audience(Enum):
    """Whom Exchange mails after a change: nobody, those who come or go, or all."""

    NOBODY = SEND_TO_NONE
    CHANGED = SEND_TO_CHANGED_AND_SAVE_COPY
    ALL = SEND_TO_ALL_AND_SAVE_COPY


class SeriesWriter:
    """Sends writes for one operation of the port; `operation` is for messages."""

    def __init__(self, account: MailboxAccount, operation: str) -> None:
        self._account = account
        self._operation = operation

    def create(self, mark: Mark) -> Any:
        """Store a series that nobody is told of, with everybody in it; return its id and key."""
        spec = mark.spec
        item = self._item(
            uid=spec.uid,
            rmflow_uid=spec.uid,
            rmflow_mark=mark.text(),
            sensitivity="Private",
            legacy_free_busy_status="Busy",
            reminder_is_set=True,
            reminder_minutes_before_start=_REMINDER_MIN,
            is_response_requested=True,
            allow_new_time_proposal=True,
            **self.times(spec),
            **words(spec),
            **guests(spec.attendees, None),
        )
        return self.store(item)

    def store(self, item: Any) -> Any:
        """Store an item in the calendar and return its id and key. Nobody is told."""
        service = _Create(account=self._account.ews)
        (created,) = self._send(
            lambda: service.call(
                items=[item],
                folder=self._account.calendar,
                message_disposition=SAVE_ONLY,
                send_meeting_invitations=SEND_TO_NONE,
            )
        )
        return created

    def update(self, master: Any, fields: Mapping[str, Any], mark: Mark, audience: Audience) -> str:
        """Change a master as it was read, and its mark; return its new change key.

        Raises ChangedError when somebody has changed it since.
        """
        target = self._item(_id=ItemId(id=master.id, changekey=master.changekey))
        changes = {**fields, "rmflow_mark": mark.text()}
        (written,) = self._update(target, changes, NEVER_OVERWRITE, audience)
        return str(written[1])

    def update_meeting(
        self, master: Any, index: int, fields: Mapping[str, Any], audience: Audience
    ) -> None:
        """Change the meeting with this number, counted from 1 over all that the rule has."""
        target = self._item(_id=OccurrenceItemId(id=master.id, instance_index=index))
        self._update(target, fields, ALWAYS_OVERWRITE, audience)

    def drop_meeting(self, master: Any, index: int) -> None:
        """Take a meeting out."""
        meeting = OccurrenceItemId(id=master.id, instance_index=index)
        self._delete(meeting, MOVE_TO_DELETED_ITEMS, Audience.NOBODY)

    def cancel(self, master: Any) -> None:
        """Move a series into Deleted Items; Exchange tells everybody."""
        id = ItemId(id=master.id, changekey=master.changekey)
        self._delete(id, MOVE_TO_DELETED_ITEMS, Audience.ALL)

    def destroy(self, item: Any) -> None:
        """Delete for good an item that nobody has been told of."""
        id = ItemId(id=item.id, changekey=item.changekey)
        self._delete(id, HARD_DELETE, Audience.NOBODY)

    def times(self, spec: SeriesSpec) -> dict[str, Any]:
        """Return when a series meets, as fields. Raises RejectedError."""
        try:
            recurrence = pattern_of(spec.rrule, spec.start, spec.zone)
            begin, end = span(spec, spec.start)
        except ValueError as error:
            raise RejectedError(BACKEND, self._operation, str(error)) from error
        return {"start": begin, "end": end, "recurrence": recurrence}

    def _item(self, **fields: Any) -> Any:
        return CalendarItem(account=self._account.ews, folder=self._account.calendar, **fields)

    def _update(
        self, target: Any, fields: Mapping[str, Any], resolution: str, audience: Audience
    ) -> list[Any]:
        for name, value in fields.items():
            setattr(target, name, value)
        service = _Update(account=self._account.ews)
        return self._send(
            lambda: service.call(
                items=[(target, list(fields))],
                conflict_resolution=resolution,
                message_disposition=SAVE_ONLY,
                send_meeting_invitations_or_cancellations=audience.value,
                suppress_read_receipts=True,
            )
        )

    def _delete(self, id: Any, how: str, audience: Audience) -> None:
        service = _Delete(account=self._account.ews)
        self._send(
            lambda: service.call(
                items=[id],
                delete_type=how,
                send_meeting_cancellations=audience.value,
                affected_task_occurrences="AllOccurrences",
                suppress_read_receipts=True,
            )
        )

    def _send(self, call: Any) -> list[Any]:
        return self._account.write(self._operation, lambda: without_errors(call()))


def words(spec: SeriesSpec) -> dict[str, Any]:
    """Return what a series is called and about, as fields."""
    return {
        "subject": spec.summary,
        "body": Body(spec.description),
        "location": spec.location,
    }


def guests(attendees: Iterable[Attendee], item: Any) -> dict[str, Any]:
    """Return attendees as fields. Who stands in `item` already keeps the answer they gave."""
    there = {address: person for address, (person, _) in people_of(item).items()} if item else {}
    lists: dict[str, list[Any]] = {"required_attendees": [], "optional_attendees": []}
    for attendee in attendees:
        if not attendee.room:
            person = there.get(attendee.address) or _attendee(attendee.address, attendee.name)
            lists["optional_attendees" if attendee.optional else "required_attendees"].append(
                person
            )
    return {**lists, **rooms((a.address, a.name) for a in attendees if a.room)}


def rooms(named: Iterable[tuple[Address, str]]) -> dict[str, Any]:
    """Return rooms as a field, from address and name."""
    return {"resources": [_attendee(address, name) for address, name in named]}


def room_of(place: Place) -> dict[str, Any]:
    """Return the room of one meeting as a field."""
    return rooms([(place.room, place.name)] if place.room else [])


def same_people(item: Any, attendees: Iterable[Attendee]) -> bool:
    """Return whether an item invites exactly these persons, in the same parts."""
    wanted = {(a.address, a.optional) for a in attendees if not a.room}
    return wanted == {(address, optional) for address, (_, optional) in people_of(item).items()}


def same_rooms(item: Any, attendees: Iterable[Attendee]) -> bool:
    """Return whether an item invites exactly these rooms."""
    return set(rooms_of(item)) == {a.address for a in attendees if a.room}


def span(spec: SeriesSpec, start: datetime) -> tuple[EWSDateTime, EWSDateTime]:
    """Return when a meeting that starts at this wall time starts and ends.

    An hour is an hour also in the night when the clocks change.
    """
    zone = windows_zone(spec.zone, spec.start.date())
    begin = EWSDateTime.from_datetime(start.replace(tzinfo=zone))
    end = begin.astimezone(UTC) + spec.duration
    return begin, end.astimezone(zone)


def _attendee(address: Address, name: str) -> Any:
    """Return an attendee who has not answered; exchangelib takes a bare address for "accepted"."""
    mailbox = Mailbox(email_address=address, name=name, routing_type="SMTP")
    return EwsAttendee(mailbox=mailbox, response_type="Unknown")


class _Create(OneVersion, CreateItem):  # type: ignore[misc]  # exchangelib has no types
    """CreateItem, once."""


class _Update(OneVersion, UpdateItem):  # type: ignore[misc]  # exchangelib has no types
    """UpdateItem, once."""


class _Delete(OneVersion, DeleteItem):  # type: ignore[misc]  # exchangelib has no types
    """DeleteItem, once."""
