"""The coordinator: keeps the roster, reads the workbook, moves a meeting in the calendar."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from rmflow.demo.organisation import LATE_PAIR, PAIRS, staff
from rmflow.demo.people.invitation import Meeting, meetings_in
from rmflow.demo.people.roster import save_roster
from rmflow.demo.people.workbook import type_into

NEW_ADDRESS = {"Linda Kowalczyk": "linda.kowalczyk@logistics.contoso.example"}
ADDRESS_CHANGES = date(2027, 2, 1)
_OF_THE_SERIES = ("RRULE", "EXDATE", "DTSTART", "DTEND", "DURATION", "DTSTAMP")


@dataclass(frozen=True, slots=True)
class Entry:
    """Something the coordinator does on a day."""

    on: date
    do: Callable[[datetime], None]


class Coordinator:
    """Does what the diary says. The three files are all there is between them and rmflow."""

    def __init__(self, folder: Path) -> None:
        self._roster = folder / "roster.xlsx"
        self._workbook = folder / "tracking.xlsx"
        self._calendars = folder / "calendars"
        self._pairs = list(PAIRS)
        self._addresses: dict[str, str] = {}
        self._diary = self._planned()

    def live(self, now: datetime) -> bool:
        """Do what is due until now; return whether there was anything."""
        today = now.astimezone(ZoneInfo("Europe/Berlin")).date()
        due = [entry for entry in self._diary if entry.on <= today]
        self._diary = [entry for entry in self._diary if entry.on > today]
        for entry in due:
            entry.do(now)
        return bool(due)

    def save(self, now: datetime) -> None:
        """Save the roster as it stands."""
        save_roster(self._roster, staff(), self._pairs, self._addresses, now)

    def close_workbook(self) -> None:
        """Save the workbook as it is, as people do before they go home."""
        self._workbook.touch()

    def _planned(self) -> list[Entry]:
        return [
            Entry(date(2026, 11, 4), self._notes),
            Entry(date(2026, 11, 9), self._drags),
            Entry(date(2026, 11, 30), self._pauses),
            Entry(date(2026, 12, 7), self._adds_a_pair),
            Entry(date(2026, 12, 14), self._chooses_a_time),
            Entry(date(2027, 1, 11), self._resumes),
            Entry(date(2027, 1, 18), self._removes_a_pair),
            Entry(ADDRESS_CHANGES, self._changes_an_address),
        ]

    # The workbook.

    def _notes(self, _: datetime) -> None:
        note = "Met Marcus at lunch: he looks forward to both mentors."
        self._type("Tyler Nguyen", "Coordinator notes", note)

    def _pauses(self, _: datetime) -> None:
        self._type("Jonas Achterberg", "Do next", "pause")

    def _resumes(self, _: datetime) -> None:
        self._type("Jonas Achterberg", "Do next", "resume")

    def _type(self, mentor: str, column: str, text: str) -> None:
        type_into(self._workbook, "Pairs", row_with=mentor, column=column, text=text)

    # The roster.

    def _adds_a_pair(self, now: datetime) -> None:
        self._pairs.append(LATE_PAIR)
        self.save(now)

    def _chooses_a_time(self, now: datetime) -> None:
        """Nobody's hours overlap, says the workbook; early there is late enough here."""
        self._pairs = [
            replace(pair, slot="Tue 08:00") if pair is LATE_PAIR else pair for pair in self._pairs
        ]
        self.save(now)

    def _removes_a_pair(self, now: datetime) -> None:
        """Let a leader go who never answers."""
        self._pairs = [pair for pair in self._pairs if pair.mentee != "Gregory Haldane"]
        self.save(now)

    def _changes_an_address(self, now: datetime) -> None:
        self._addresses |= NEW_ADDRESS
        self.save(now)

    # The calendar.

    def _drags(self, now: datetime) -> None:
        """Move the next meeting of two people to the next day, as khal or Thunderbird would."""
        path = next(
            p for p in sorted(self._calendars.glob("*.ics")) if b"lefevre" in p.read_bytes()
        )
        calendar = Calendar.from_ical(path.read_bytes().decode())
        meeting = meetings_in(calendar, now + timedelta(days=3))[0]
        calendar.add_component(_moved(meeting, timedelta(days=1), now))
        draft = path.with_name(f".{path.name}.tmp")
        draft.write_bytes(calendar.to_ical())
        draft.replace(path)


def _moved(meeting: Meeting, by: timedelta, now: datetime) -> Event:
    """Return the override that moves one meeting (RFC 5545 section 3.8.4.4)."""
    override = Event()
    for name, value in meeting.event.items():
        if name not in _OF_THE_SERIES:
            override[name] = value
    override.add("DTSTART", meeting.start + by)
    override.add("DTEND", meeting.end + by)
    override.add("DTSTAMP", now)
    return override
