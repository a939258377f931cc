"""Meetings as Exchange keeps them: occurrences, exceptions, and whom the server mails."""

import copy
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from ews_recurrence import instant, starts_of, wall, zone_of
from ews_schema import element, local
from ews_store import EwsError, Folder, Item, Mailbox, Notice, Server
from lxml import etree

ATTENDEES = ("RequiredAttendees", "OptionalAttendees", "Resources")
READ_ONLY = {
    "AppointmentSequenceNumber",
    "CalendarItemType",
    "DateTimeCreated",
    "DeletedOccurrences",
    "IsCancelled",
    "IsMeeting",
    "IsRecurring",
    "LastModifiedTime",
    "MeetingRequestWasSent",
    "ModifiedOccurrences",
    "Organizer",
    "OriginalStart",
    "TextBody",
}
_TIMES = ("Start", "End")


def check(item: Item) -> None:
    """Refuse what Exchange refuses, and bring times into one form."""
    for name in _TIMES:
        if name not in item.values:
            raise EwsError("ErrorCalendarMeetingRequestIsOutOfDate", f"{name} is missing")
        item.set_text(name, f"{instant(item.text(name)):%Y-%m-%dT%H:%M:%SZ}")
    zone = zone_of(item)
    if item.text("End") < item.text("Start"):
        raise EwsError(
            "ErrorCalendarEndDateIsEarlierThanStartDate", "EndDate is earlier than StartDate"
        )
    for address in attendees(item):
        if "@" not in address:
            raise EwsError("ErrorInvalidRecipients", "At least one recipient is not valid.")
    if "Recurrence" in item.values:
        starts = starts_of(item)
        if not starts:
            raise EwsError("ErrorRecurrenceHasNoOccurrence", "There is no occurrence.")
        _begin_at(item, starts[0].replace(tzinfo=zone))


def _begin_at(item: Item, first: datetime) -> None:
    """The first meeting is the first that matches the pattern."""
    length = instant(item.text("End")) - instant(item.text("Start"))
    item.set_text("Start", f"{first.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    item.set_text("End", f"{first.astimezone(UTC) + length:%Y-%m-%dT%H:%M:%SZ}")


def attendees(item: Item) -> dict[str, etree._Element]:
    """Return the attendees of an item by address."""
    found = {}
    for name in ATTENDEES:
        for attendee in item.values.get(name, ()):
            found[(attendee.findtext(".//{*}EmailAddress") or "").lower()] = attendee
    return found


def occurrence(master: Item, original: datetime) -> Item:
    """Return one meeting of a series as it is; changing it changes nothing."""
    exception = master.exceptions.get(original)
    values = {k: v for k, v in master.values.items() if k not in (*_TIMES, "Recurrence")}
    length = instant(master.text("End")) - instant(master.text("Start"))
    begin = original.replace(tzinfo=zone_of(master)).astimezone(UTC)
    seen = Item(f"{master.id}@{original:%Y%m%dT%H%M}", master.kind, master.change, master.created)
    seen.values = {**values, **(exception.values if exception else {})}
    for name, at in (("Start", begin), ("End", begin + length)):
        if exception is None or name not in exception.values:
            seen.set_text(name, f"{at:%Y-%m-%dT%H:%M:%SZ}")
    seen.set_text("OriginalStart", f"{begin:%Y-%m-%dT%H:%M:%SZ}")
    seen.invited = set(exception.invited if exception else master.invited)
    seen.sent, seen.sequence = master.sent, master.sequence
    return seen


def original_of(master: Item, index: int) -> datetime:
    """Return the original start of the occurrence with this number, counted from 1."""
    starts = starts_of(master) if "Recurrence" in master.values else []
    if not 1 <= index <= len(starts):
        raise EwsError("ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange", str(index))
    return standing(master, starts[index - 1])


def standing(master: Item, original: datetime) -> datetime:
    """Return an original start unless that meeting has been deleted."""
    if original in master.deleted:
        raise EwsError("ErrorCalendarOccurrenceIsDeletedFromRecurrence", f"{original}")
    if original not in starts_of(master):
        raise EwsError("ErrorItemNotFound", "There is no such occurrence.")
    return original


def change_occurrence(
    master: Item, original: datetime, values: Mapping[str, etree._Element | None]
) -> Item:
    """Let one meeting differ. It keeps its guests from then on, whoever joins the series."""
    for name in values:
        if name in ("Recurrence", "UID"):
            raise EwsError("ErrorInvalidPropertySet", f"{name} cannot be set on an occurrence")
    exception = master.exceptions.get(original)
    if exception is None:
        exception = Item("", master.kind, 0, 0)
        for name in ATTENDEES:
            if name in master.values:
                exception.values[name] = copy.deepcopy(master.values[name])
        exception.invited = set(master.invited)
    changed = copy.deepcopy(exception)
    for name, value in values.items():
        changed.values[name] = element(f"t:{name}") if value is None else value
        if name in _TIMES:
            changed.set_text(name, f"{instant(changed.text(name)):%Y-%m-%dT%H:%M:%SZ}")
    _check_order(master, original, changed)
    master.exceptions[original] = changed
    return changed


def _check_order(master: Item, original: datetime, changed: Item) -> None:
    """A meeting may neither pass its neighbours nor share a day with one (MS-OXOCAL)."""
    was = master.exceptions.get(original)
    master.exceptions[original] = changed
    seen = occurrence(master, original)
    if was is None:
        del master.exceptions[original]
    else:
        master.exceptions[original] = was
    if instant(seen.text("End")) < instant(seen.text("Start")):
        raise EwsError("ErrorCalendarEndDateIsEarlierThanStartDate", "it ends before it starts")
    zone = zone_of(master)
    day = wall(seen.text("Start"), zone).date()
    others = [at for at in starts_of(master) if at not in master.deleted]
    place = others.index(original)
    for neighbour, sign in ((place - 1, 1), (place + 1, -1)):
        if 0 <= neighbour < len(others):
            other = wall(occurrence(master, others[neighbour]).text("Start"), zone).date()
            if (day - other) * sign <= timedelta():
                raise EwsError("ErrorOccurrenceCrossingBoundary", "It crosses another occurrence.")


def delete_occurrence(master: Item, original: datetime) -> None:
    if {*starts_of(master)} == {*master.deleted, original}:
        raise EwsError("ErrorRecurrenceHasNoOccurrence", "It is the last occurrence.")
    master.exceptions.pop(original, None)
    master.deleted.add(original)


def forget_exceptions(item: Item) -> None:
    """A new pattern or another time makes all meetings alike again."""
    item.exceptions.clear()
    item.deleted.clear()


def computed(server: Server, mailbox: Mailbox, item: Item) -> dict[str, etree._Element]:
    """Return the properties that only the server can say."""
    made = {
        "IsMeeting": str(bool(attendees(item))).lower(),
        "IsCancelled": "false",
        "IsRecurring": str("Recurrence" in item.values or "OriginalStart" in item.values).lower(),
        "MeetingRequestWasSent": str(item.sent).lower(),
        "CalendarItemType": _type_of(item),
        "AppointmentSequenceNumber": str(item.sequence),
        "DateTimeCreated": server.at(item.created),
        "LastModifiedTime": server.at(item.change),
        "ItemClass": "IPM.Appointment",
    }
    found = {name: element(f"t:{name}", text) for name, text in made.items()}
    found["Organizer"] = element("t:Organizer", mailbox_element(mailbox.address, mailbox.name))
    body = item.values.get("Body")
    if body is not None:
        found["TextBody"] = element("t:TextBody", body.text or "", BodyType="Text")
    if "Recurrence" in item.values:
        found |= _exceptions(item)
    return found


def _type_of(item: Item) -> str:
    if "Recurrence" in item.values:
        return "RecurringMaster"
    return "Exception" if "OriginalStart" in item.values else "Single"


def _exceptions(item: Item) -> dict[str, etree._Element]:
    modified = element("t:ModifiedOccurrences")
    for original in sorted(item.exceptions):
        seen = occurrence(item, original)
        modified.append(
            element(
                "t:Occurrence",
                element("t:ItemId", Id=seen.id, ChangeKey=item.change_key),
                *(element(f"t:{n}", seen.text(n)) for n in ("Start", "End", "OriginalStart")),
            )
        )
    deleted = element("t:DeletedOccurrences")
    for original in sorted(item.deleted):
        at = original.replace(tzinfo=zone_of(item)).astimezone(UTC)
        start = element("t:Start", f"{at:%Y-%m-%dT%H:%M:%SZ}")
        deleted.append(element("t:DeletedOccurrence", start))
    return {local(made): made for made in (modified, deleted) if len(made)}


def mailbox_element(address: str, name: str) -> etree._Element:
    return element(
        "t:Mailbox",
        element("t:Name", name),
        element("t:EmailAddress", address),
        element("t:RoutingType", "SMTP"),
        element("t:MailboxType", "Mailbox"),
    )


def tell(
    server: Server, meeting: Item, whom: str, before: Iterable[str], at: datetime | None = None
) -> None:
    """Mail the guests, as SendMeetingInvitationsOrCancellations asks.

    `before` are those who stood in the list until now. `at` is set for a single meeting.
    """
    if whom == "SendToNone":
        return
    now, before = set(attendees(meeting)), set(before)
    changed = "Changed" in whom
    for address in sorted(now):
        if address not in meeting.invited:
            _mail(server, meeting, "invited", address, at)
        elif not changed or address not in before:
            _mail(server, meeting, "updated", address, at)
    for address in sorted(meeting.invited - now):
        _mail(server, meeting, "cancelled", address, at)
    meeting.sequence += meeting.sent
    meeting.sent = True
    meeting.invited = now
    for exception in meeting.exceptions.values():  # the series' mail takes them along
        exception.invited |= now & attendees(exception).keys()
    for address in now & server.rooms.keys():
        answer(attendees(meeting)[address], server.rooms[address], server.at(server.number))


def tell_cancelled(server: Server, meeting: Item, whom: str, at: datetime | None = None) -> None:
    if whom != "SendToNone":
        for address in sorted(meeting.invited):
            _mail(server, meeting, "cancelled", address, at)


def _mail(server: Server, meeting: Item, kind: str, address: str, at: datetime | None) -> None:
    server.notices.append(Notice(kind, address, meeting.text("UID"), at))


def answer(attendee: etree._Element, status: str, at: str) -> None:
    """Note what a guest answered."""
    for old in list(attendee)[1:]:
        attendee.remove(old)
    attendee.append(element("t:ResponseType", status))
    attendee.append(element("t:LastResponseTime", at))


def bin_meeting(server: Server, mailbox: Mailbox, folder: Folder, item: Item, how: str) -> None:
    """Delete an item: for good, or into Deleted Items."""
    if how == "MoveToDeletedItems" and folder.name != "deleteditems":
        server.move(mailbox, folder, item, "deleteditems")
    else:
        server.remove(folder, item)
