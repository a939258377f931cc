"""People who are no trouble to simulate: what they do depends on who they are, not on when.

So the same people do the same in a world where mail comes late.
"""

import email
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage, Message
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook

from rmflow.domain.people import Address
from rmflow.domain.recurrence import sessions
from rmflow.domain.series import ParticipationStatus, Response, SeriesSpec
from rmflow.domain.session import Session

BERLIN = ZoneInfo("Europe/Berlin")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")
_SUMMARY = "Key takeaways: {words}\nRating: {rating}\n"
_PEOPLE = ("email", "name", "timezone", "locale", "location", "team")
_PAIRS = ("pair_id", "mentor", "mentee", "cadence", "slot")


def address(name: str) -> Address:
    return Address(name.lower().replace(" ", ".") + "@contoso.example")


def mentor(number: int) -> str:
    return f"Mentor {_word(number)}"


def mentee(number: int) -> str:
    return f"Leader {_word(number)}"


def _word(number: int) -> str:
    """Return a name for a number: letters only, for it is read in mails."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:02}").title() + "son"


def names(pairs: int) -> dict[str, str]:
    """Return everybody's name by address."""
    everybody = [name(n) for n in range(pairs) for name in (mentor, mentee)]
    return {address(name): name for name in everybody}


@dataclass(frozen=True)
class Roster:
    """The coordinator's file. Pairs leave it, and one mentor gets another room."""

    path: Path
    pairs: int

    def save(self, *, leavers: frozenset[int] = frozenset(), moved: bool = False) -> None:
        """Write it."""
        there = [n for n in range(self.pairs) if n not in leavers]
        with Workbook(self.path) as book:
            sheets = (
                ("People", _PEOPLE, [row for n in there for row in _people(n, moved=moved)]),
                ("Pairs", _PAIRS, [_pair(n) for n in there]),
            )
            for name, head, rows in sheets:
                sheet = book.add_worksheet(name)
                for number, row in enumerate((head, *rows)):
                    sheet.write_row(number, 0, row)


def _people(number: int, *, moved: bool) -> list[tuple[str, ...]]:
    room = f"Building 9, room {number}" if moved and number % 10 == 1 else f"Room {number}"
    return [
        (address(name), name, "Europe/Berlin", "en", room, f"Team {number}")
        for name in (mentor(number), mentee(number))
    ]


def _pair(number: int) -> tuple[str, ...]:
    cadence = ("hour-monthly", "every-3-weeks")[number % 2]
    slot = f"{_DAYS[number % 5]} {10 + number // 5 % 6}:00"
    return f"pair-{number}", address(mentor(number)), address(mentee(number)), cadence, slot


@dataclass(frozen=True)
class Drag:
    """Somebody drags a meeting (by its original wall time) to another wall time."""

    original: datetime
    start: datetime


class Person:
    """Somebody who answers invitations and letters."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.address = address(name)

    def answer(self, spec: SeriesSpec, now: datetime) -> Response | None:
        """Return the answer to an invitation to a series, None for none."""
        chance = self._random("answer").random()
        status = ParticipationStatus.ACCEPTED if chance < 0.8 else ParticipationStatus.TENTATIVE
        return self._response(spec, status, now) if chance < 0.9 else None

    def declined(self, spec: SeriesSpec, day: date, now: datetime) -> Response | None:
        """Return that the third meeting is declined, eight days before."""
        if self._random("decline").random() >= 0.2:
            return None
        meeting = _meeting(spec, 3, day + timedelta(days=8))
        if meeting is None:
            return None
        return self._response(spec, ParticipationStatus.DECLINED, now, meeting)

    def drag(self, spec: SeriesSpec, day: date) -> Drag | None:
        """Return where the second meeting is dragged to, nine days before it."""
        if self._random("drag").random() >= 0.15:
            return None
        meeting = _meeting(spec, 2, day + timedelta(days=9))
        if meeting is None or meeting.moved or meeting.start.weekday() == 4:
            return None
        wall = meeting.start.replace(tzinfo=None)
        return Drag(wall, wall + timedelta(days=1))

    def reply(self, raw: bytes, now: datetime) -> bytes | None:
        """Return the answer to a letter, None for none."""
        letter = email.message_from_bytes(raw.partition(b"\r\n\r\n")[0])
        chance = self._random(letter["Message-ID"])
        match letter["X-Rmflow-Kind"]:
            case "summary-request" if chance.random() < 0.8:
                words = f"what we said {chance.randrange(10**6)} times"
                return self._said(letter, _SUMMARY.format(words=words, rating=4), now)
            case "agenda-request" if chance.random() < 0.5:
                return self._said(letter, "How people learn what is new.\n", now)
            case _:
                return None

    def _said(self, letter: Message, text: str, now: datetime) -> bytes:
        reply = EmailMessage()
        reply["From"] = f"{self.name} <{self.address}>"
        reply["To"] = letter["Reply-To"]
        reply["Subject"] = f"Re: {letter['Subject']}"
        reply["Date"] = now
        reply["Message-ID"] = f"<re.{letter['Message-ID'].strip('<>')}>"
        reply["In-Reply-To"] = letter["Message-ID"]
        reply.set_content(text)
        return reply.as_bytes()

    def _response(
        self,
        spec: SeriesSpec,
        status: ParticipationStatus,
        now: datetime,
        meeting: Session | None = None,
    ) -> Response:
        session = meeting.id if meeting else None
        return Response(spec.uid, session, self.address, status, spec.sequence, now)

    def _random(self, about: str) -> Random:
        return Random(f"{self.name} {about}")


def _meeting(spec: SeriesSpec, number: int, day: date) -> Session | None:
    """Return the meeting with this number if it is on this day."""
    begin = datetime(day.year, day.month, day.day, tzinfo=BERLIN).astimezone(UTC)
    found = sessions(spec, begin, begin + timedelta(days=1))
    return next((each for each in found if each.number == number), None)


def itip_reply(response: Response, spec: SeriesSpec, name: str) -> bytes:
    """Return the mail that answers an invitation which came by mail."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//Calendar//EN", "METHOD:REPLY",
        "BEGIN:VEVENT", f"UID:{response.uid}", f"SEQUENCE:{response.sequence}",
        f"DTSTAMP:{response.stamped_at:%Y%m%dT%H%M%SZ}", f"ORGANIZER:mailto:{spec.organiser}",
        f"ATTENDEE;PARTSTAT={response.status.value}:mailto:{response.attendee}",
        *([f"RECURRENCE-ID:{response.session}"] if response.session else []),
        "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    mail = EmailMessage()
    mail["From"] = f"{name} <{response.attendee}>"
    mail["To"] = spec.organiser
    mail["Subject"] = f"{response.status.value.title()}: {spec.summary}"
    mail["Date"] = response.stamped_at
    mail["Message-ID"] = f"<{response.session or 'all'}.{response.attendee}.{response.uid}>"
    mail.set_content(f"{name} has answered.")
    mail.add_alternative("\r\n".join(lines), subtype="calendar", params={"method": "REPLY"})
    return mail.as_bytes()
