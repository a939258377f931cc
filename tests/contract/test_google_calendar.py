"""The calendar contract on Google Calendar, and every outage of it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import outage_contract
import pytest
from a_series import MENTOR, a_series
from calendar_contract import CalendarContract
from google_calendar import GoogleCalendarService, People
from google_opened import OUTSIDER, opened
from outage_contract import AT, CalendarWorld, OutageContract, Write
from web_server import FakeService, Fault

from rmflow.adapters.google.calendar import GoogleCalendar
from rmflow.adapters.google.event import event_id
from rmflow.adapters.google.event_times import event_span, recurrence_lines
from rmflow.domain.series import SeriesSpec, Uid

DENTIST = "0dentist0"


class Hands:
    """What people do in Google Calendar, in the words of the contract."""

    def __init__(self, google: GoogleCalendarService) -> None:
        self._google = google
        self._people = People(google)

    def edit(self, spec: SeriesSpec) -> None:
        id, span = event_id(spec.uid), event_span(spec, spec.start)
        recurrence = recurrence_lines(spec, spec.excluded)
        self._people.change(id, recurrence=recurrence, location=spec.location, **span)

    def delete(self, uid: Uid) -> None:
        self._people.delete(event_id(uid))

    def add_others(self) -> None:
        span = event_span(a_series(), datetime(2026, 3, 4, 8))
        self._google.events.insert({"id": DENTIST, "summary": "Dentist", **span})

    def others(self) -> str:
        return str(self._google.events.masters.get(DENTIST, ""))


@pytest.fixture(params=[True, False], ids=["exceptions inherit", "exceptions are copies"])
def google(request: pytest.FixtureRequest) -> Iterator[GoogleCalendarService]:
    with GoogleCalendarService(inherits=request.param) as service:
        yield service


class TestGoogleCalendar(CalendarContract):
    @pytest.fixture
    def calendar(self, google: GoogleCalendarService, tmp_path: Path) -> Iterator[GoogleCalendar]:
        calendar = opened(google, tmp_path)
        yield calendar
        calendar.close()

    @pytest.fixture
    def outside(self, google: GoogleCalendarService) -> Hands:
        return Hands(google)


_HOUR = timedelta(hours=1)
_GUESTS = (MENTOR, OUTSIDER)
_MOVED = a_series(attendees=_GUESTS, moved=((AT[1], AT[1] + _HOUR), (AT[2], AT[2] + _HOUR)))
LONGER_WRITES = {
    "another rhythm, with a meeting moved": Write(
        _MOVED,
        a_series(
            attendees=_GUESTS,
            start=AT[0] + _HOUR,
            moved=((AT[3] + _HOUR, AT[3]),),
            excluded=frozenset({AT[4] + _HOUR}),
            sequence=1,
        ),
    ),
    "a meeting put back and moved": Write(
        a_series(attendees=_GUESTS, excluded=frozenset({AT[1]})),
        a_series(attendees=_GUESTS, moved=((AT[1], AT[1] + _HOUR),), sequence=1),
    ),
    "another place, also for meetings that were moved": Write(
        _MOVED, replace(_MOVED, location="Building 9", sequence=1)
    ),
}


class World:
    """One mailbox at Google."""

    def __init__(self, google: GoogleCalendarService, folder: Path) -> None:
        self.service: FakeService = google
        self._google, self._folder = google, folder
        self._open: list[GoogleCalendar] = []

    def open(self) -> GoogleCalendar:
        calendar = opened(self._google, self._folder, timeout_s=self._google.timeout_s)
        self._open.append(calendar)
        return calendar

    def told(self) -> list[str]:
        return list(self._google.notices)

    def close(self) -> None:
        for calendar in self._open:
            calendar.close()


NewWorld = Callable[[], AbstractContextManager[CalendarWorld]]


class TestOutages(OutageContract):
    @pytest.fixture
    def new_world(self, tmp_path: Path) -> NewWorld:
        @contextmanager
        def world() -> Iterator[CalendarWorld]:
            with GoogleCalendarService() as google:
                opened_world = World(google, tmp_path)
                yield opened_world
                opened_world.close()

        return world

    @pytest.mark.parametrize("fault", [Fault.BUSY_BEFORE, Fault.HANGS_UP_AFTER])
    @pytest.mark.parametrize("name", LONGER_WRITES)
    def test_a_longer_write_happens_once(
        self, monkeypatch: pytest.MonkeyPatch, new_world: NewWorld, name: str, fault: Fault
    ) -> None:
        """These change the series before its meetings; a guest outside hears of each."""
        monkeypatch.setattr(outage_contract, "WRITES", LONGER_WRITES)
        self.test_a_write_under_a_fault_happens_once(new_world, name, fault)
