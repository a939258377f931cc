"""Google Calendar, on a fake of its API: the contract, every outage, and Google's own habits."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from a_series import a_series
from calendar_contract import CalendarContract
from google_calendar import MAILBOX, GoogleCalendarService, People
from outage_contract import CalendarWorld, OutageContract

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.google.calendar import GoogleCalendar
from rmflow.adapters.google.calendar_settings import CalendarSettings
from rmflow.adapters.google.event import event_id
from rmflow.adapters.google.event_times import event_span, recurrence_lines
from rmflow.config import SecretRef
from rmflow.domain.people import Address
from rmflow.domain.series import Attendee, SeriesSpec, Uid

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
DENTIST = "0dentist0"
OUTSIDER = Attendee(Address("noor.haddad@fabrikam.example"), "Noor Haddad")


def opened(google: GoogleCalendarService, folder: Path, **options: object) -> GoogleCalendar:
    """Return the calendar as an operator configures it."""
    google.login.write_key(folder / "key.json", f"{google.url}/token")
    settings = CalendarSettings.model_validate(
        {
            "key": SecretRef("file", "key.json"),
            "subject": MAILBOX,
            "url": google.url,
            "timeout_s": 0.15,
            **options,
        }
    )
    return GoogleCalendar(settings, folder, StoppedClock(NOW))


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


class World:
    """One mailbox at Google."""

    def __init__(self, service: GoogleCalendarService, folder: Path) -> None:
        self.service = service
        self._folder = folder
        self._open: list[GoogleCalendar] = []

    def open(self) -> GoogleCalendar:
        calendar = opened(self.service, self._folder)
        self._open.append(calendar)
        return calendar

    def told(self) -> list[str]:
        return list(self.service.notices)

    def close(self) -> None:
        for calendar in self._open:
            calendar.close()


class TestOutages(OutageContract):
    @pytest.fixture
    def new_world(self, tmp_path: Path) -> Callable[[], AbstractContextManager[CalendarWorld]]:
        @contextmanager
        def world() -> Iterator[World]:
            with GoogleCalendarService() as service:
                opened_world = World(service, tmp_path)
                yield opened_world
                opened_world.close()

        return world
