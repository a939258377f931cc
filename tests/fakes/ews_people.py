"""What people do in Outlook with a meeting that the programme's mailbox has made."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ews_calendar import (
    answer,
    attendees,
    bin_meeting,
    change_occurrence,
    check,
    delete_occurrence,
    forget_exceptions,
    mailbox_element,
)
from ews_recurrence import instant
from ews_schema import element
from ews_store import Folder, Item, Server

_OTHERS = "dentist"


class Outlook:
    """Hands on the first mailbox of a server. Times are wall times in `zone`."""

    def __init__(self, server: Server, zone: str = "Europe/Berlin") -> None:
        self.server = server
        self.mailbox = next(iter(server.mailboxes.values()))
        self.zone = ZoneInfo(zone)

    def item(self, uid: str) -> Item:
        """Return a meeting of the calendar by its UID."""
        (found,) = [i for i in self._calendar.items.values() if i.text("UID") == uid]
        return found

    def answer(self, uid: str, guest: str, status: str, original: datetime | None = None) -> None:
        """A guest answers the series, or one meeting, which differs from the series then."""
        item = self.item(uid)
        target = item if original is None else change_occurrence(item, original, {})
        answer(attendees(target)[guest], status, self.server.at(self.server.number))
        self._saved(item)

    def drag(self, uid: str, original: datetime, start: datetime) -> None:
        """Drag one meeting to another time."""
        item = self.item(uid)
        length = instant(item.text("End")) - instant(item.text("Start"))
        begin = start.replace(tzinfo=self.zone).astimezone(UTC)
        times = {"Start": begin, "End": begin + length}
        values = {
            name: element(f"t:{name}", f"{at:%Y-%m-%dT%H:%M:%SZ}") for name, at in times.items()
        }
        change_occurrence(item, original, values)
        self._saved(item)

    def drag_all(self, uid: str, start: datetime) -> None:
        """Move the whole series; meetings that differed are like all others again."""
        item = self.item(uid)
        length = instant(item.text("End")) - instant(item.text("Start"))
        begin = start.replace(tzinfo=self.zone).astimezone(UTC)
        item.set_text("Start", f"{begin:%Y-%m-%dT%H:%M:%SZ}")
        item.set_text("End", f"{begin + length:%Y-%m-%dT%H:%M:%SZ}")
        first_day = item.values["Recurrence"][1][0]
        first_day.text = f"{start:%Y-%m-%d}+01:00"
        forget_exceptions(item)
        check(item)
        self._saved(item)

    def place(self, uid: str, place: str, original: datetime | None = None) -> None:
        """Write another place over the series, or over one meeting."""
        item = self.item(uid)
        if original is None:
            item.set_text("Location", place)
        else:
            change_occurrence(item, original, {"Location": element("t:Location", place)})
        self._saved(item)

    def write(self, uid: str, name: str, text: str) -> None:
        """Type over a property of the series."""
        item = self.item(uid)
        item.set_text(name, text)
        self._saved(item)

    def delete(self, uid: str, original: datetime | None = None) -> None:
        """Delete the series, or one meeting."""
        item = self.item(uid)
        if original is None:
            bin_meeting(self.server, self.mailbox, self._calendar, item, "MoveToDeletedItems")
        else:
            delete_occurrence(item, original)
            self._saved(item)

    def empty_deleted_items(self) -> None:
        """Delete for good what has been deleted."""
        folder = self.mailbox.folders["deleteditems"]
        for item in list(folder.items.values()):
            self.server.remove(folder, item)

    def forward(self, uid: str, guest: str) -> None:
        """A guest forwards the invitation; Exchange adds whom they sent it to."""
        item = self.item(uid)
        extra = element("t:Attendee", mailbox_element(guest, guest))
        item.values.setdefault("OptionalAttendees", element("t:OptionalAttendees")).append(extra)
        self._saved(item)

    def set_zone(self, uid: str, windows_name: str) -> None:
        """Choose another time zone; the instants stay."""
        item = self.item(uid)
        for name in ("StartTimeZone", "EndTimeZone"):
            item.values[name] = element(f"t:{name}", Id=windows_name)
        self._saved(item)

    def add_others(self) -> None:
        """Put somebody else's appointment beside ours."""
        item = self.server.add(self.mailbox, "calendar", "CalendarItem")
        item.set_text("Subject", "Dentist")
        item.set_text("UID", _OTHERS)
        item.set_text("Start", "2026-03-03T08:00:00Z")
        item.set_text("End", "2026-03-03T09:00:00Z")

    def others(self) -> str:
        """Return that appointment as it is, "" if it has gone."""
        found = [i for i in self._calendar.items.values() if i.text("UID") == _OTHERS]
        return "".join(f"{i.change} {sorted(i.values)} {i.text('Subject')}" for i in found)

    @property
    def _calendar(self) -> Folder:
        return self.mailbox.folders["calendar"]

    def _saved(self, item: Item) -> None:
        self.server.touch(self._calendar, item)
