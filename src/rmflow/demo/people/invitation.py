"""An invitation in a person's calendar, and the answers that calendar programs send to it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from enum import Enum
from typing import Any

import recurring_ical_events
from icalendar import Calendar, Event, vCalAddress

_FAR = timedelta(days=366)


class Answer(Enum):
    """What an attendee can say (RFC 5545 section 3.2.12)."""

    ACCEPTED = "Accepted"
    DECLINED = "Declined"
    TENTATIVE = "Tentative"


class Program(Enum):
    """Calendar programs, by the PRODID they write."""

    GOOGLE = "-//Google Inc//Google Calendar 70.9054//EN"
    OUTLOOK = "Microsoft Exchange Server 2010"
    APPLE = "-//Apple Inc.//iOS 18.1//EN"


@dataclass(frozen=True, slots=True)
class Attendee:
    """Who answers. `sent_by` is the assistant who does it for them (RFC 5545 section 3.2.18)."""

    name: str
    address: str
    program: Program
    sent_by: str = ""
    sent_by_name: str = ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting of a series. `event` is what a calendar program shows of it."""

    event: Event
    start: datetime
    end: datetime


def meetings_in(calendar: Calendar, after: datetime) -> list[Meeting]:
    """Return the meetings of a year, in order of their start."""
    events: list[Any] = recurring_ical_events.of(calendar).between(after, after + _FAR)
    found = [Meeting(event, event.start, event.end) for event in events]
    return sorted(found, key=lambda meeting: meeting.start)


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as it came: the calendar object, and its recurring event."""

    calendar: Calendar
    series: Event

    @classmethod
    def read(cls, content: bytes) -> "Invitation | None":
        """Return the invitation, None for a calendar part that cancels."""
        calendar = Calendar.from_ical(content.decode())
        assert isinstance(calendar, Calendar)
        if str(calendar["METHOD"]) != "REQUEST":
            return None
        return cls(calendar, next(event for event in calendar.events if "RRULE" in event))

    @property
    def uid(self) -> str:
        """What names the series."""
        return str(self.series["UID"])

    def unanswered(self, address: str) -> bool:
        """Return whether the invitation says that this person has not answered yet."""
        mine = [each for each in self.series.attendees if _address(each) == address]
        return any(each.params.get("PARTSTAT") == "NEEDS-ACTION" for each in mine)

    def meetings(self, after: datetime) -> list[Meeting]:
        """Return the meetings of the coming year."""
        return meetings_in(self.calendar, after)


def answered(
    invitation: Invitation,
    attendee: Attendee,
    answer: Answer,
    at: datetime,
    meeting: Meeting | None = None,
) -> EmailMessage:
    """Return the mail that answers the series, or one meeting of it (RFC 5546 section 3.2.3)."""
    event = _event(invitation, attendee, answer.name, at, meeting)
    return _mail(invitation, attendee, "REPLY", answer.value, event)


def proposed(
    invitation: Invitation, attendee: Attendee, at: datetime, meeting: Meeting, start: datetime
) -> EmailMessage:
    """Return the mail that proposes another time for a meeting (RFC 5546 section 3.2.7)."""
    event = _event(invitation, attendee, "TENTATIVE", at, meeting)
    for name, moment in (("DTSTART", start), ("DTEND", start + (meeting.end - meeting.start))):
        del event[name]
        event.add(name, moment)
    return _mail(invitation, attendee, "COUNTER", "New Time Proposed", event)


def _event(
    invitation: Invitation, attendee: Attendee, status: str, at: datetime, meeting: Meeting | None
) -> Event:
    """Return what a calendar program sends back: the event, with this person alone as attendee."""
    source = meeting.event if meeting else invitation.series
    event = Event()
    for name in ("UID", "SEQUENCE", "ORGANIZER", "SUMMARY", "LOCATION", "DTSTART", "DTEND"):
        if name in source:
            event[name] = source[name]
    only = "RECURRENCE-ID" if meeting else "RRULE"
    event[only] = source[only]
    event.add("DTSTAMP", at.astimezone(UTC))
    user = vCalAddress(f"mailto:{attendee.address}")
    user.params["PARTSTAT"] = status
    user.params["CN"] = attendee.name
    if attendee.sent_by:
        user.params["SENT-BY"] = f"mailto:{attendee.sent_by}"
    event.add("ATTENDEE", user)
    return event


def _mail(
    invitation: Invitation, attendee: Attendee, method: str, verb: str, event: Event
) -> EmailMessage:
    """Return the mail around an answer, in the shape of the program it comes from."""
    content = _calendar(invitation, attendee.program, method, event)
    sender = (attendee.name, attendee.address)
    if attendee.sent_by:
        sender = (attendee.sent_by_name, attendee.sent_by)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr(sender)
    mail["To"] = _address(invitation.series["ORGANIZER"])
    mail["Subject"] = f"{verb}: {invitation.series['SUMMARY']}"
    assert event.DTSTAMP
    mail["Date"] = format_datetime(event.DTSTAMP)
    said = f"{attendee.name}: {verb.lower()}."
    mail.set_content("\n" if attendee.program is Program.OUTLOOK else f"{said}\n")
    if attendee.program is Program.GOOGLE:
        mail.add_alternative(f"<p>{said}</p>", subtype="html")
    mail.add_alternative(content.decode(), subtype="calendar", params={"method": method})
    if attendee.program is not Program.OUTLOOK:
        mail.add_attachment(content, maintype="application", subtype="ics", filename="invite.ics")
    return mail


def _calendar(invitation: Invitation, program: Program, method: str, event: Event) -> bytes:
    calendar = Calendar()
    calendar.add("PRODID", program.value)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", method)
    for zone in invitation.calendar.walk("VTIMEZONE"):
        calendar.add_component(zone)
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _address(user: Any) -> str:
    return str(user).lower().removeprefix("mailto:")
