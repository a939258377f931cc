"""The calendar contract on Radicale and Xandikos."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from calendar_contract import CalendarContract
from dav import PASSWORD, USER, DavServer, start_radicale, start_xandikos

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.standards.caldav import CalDavCalendar
from rmflow.adapters.standards.caldav_settings import Settings
from rmflow.domain.series import SeriesSpec, Uid
from rmflow.formats.calendar.ics import stored
from rmflow.ports.calendar import Calendar, Capability

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
OTHERS = """\
BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Somebody//Else//EN\r
BEGIN:VEVENT\r
UID:dentist\r
DTSTAMP:20260101T000000Z\r
DTSTART:20260303T090000Z\r
DTEND:20260303T100000Z\r
SUMMARY:Dentist\r
END:VEVENT\r
END:VCALENDAR\r
"""


@dataclass(frozen=True)
class Hands:
    """A person's calendar program, which asks nobody."""

    url: str
    auth: tuple[str, str] = (USER, PASSWORD)

    def edit(self, spec: SeriesSpec) -> None:
        self.put(f"{spec.uid}.ics", stored(spec, now=NOW))

    def delete(self, uid: Uid) -> None:
        assert self.ask("DELETE", f"{uid}.ics").ok

    def add_others(self) -> None:
        self.put("dentist.ics", OTHERS.encode())

    def others(self) -> str:
        answer = self.ask("GET", "dentist.ics")
        return answer.text if answer.ok else ""

    def put(self, name: str, content: bytes) -> None:
        answer = self.ask("PUT", name, content, {"Content-Type": "text/calendar"})
        assert answer.ok, answer.text

    def ask(
        self,
        method: str,
        name: str,
        content: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        url = self.url + name
        return requests.request(
            method, url, data=content, headers=headers, auth=self.auth, timeout=10
        )


@pytest.fixture(scope="session")
def radicale() -> Iterator[DavServer]:
    with start_radicale() as server:
        yield server


@pytest.fixture(scope="session")
def xandikos() -> Iterator[DavServer]:
    with start_xandikos() as server:
        yield server


@pytest.fixture
def outside(url: str) -> Hands:
    return Hands(url)


@pytest.fixture
def calendar(url: str, tmp_path: Path) -> Iterator[CalDavCalendar]:
    calendar = opened(url, tmp_path)
    yield calendar
    calendar.close()


def opened(url: str, folder: Path, **options: object) -> CalDavCalendar:
    (folder / "password").write_text(PASSWORD)
    settings = Settings.model_validate(
        {"url": url, "username": USER, "password": "file:password", "timeout_s": 10} | options
    )
    return CalDavCalendar(settings, folder, StoppedClock(NOW))


class Contract(CalendarContract):
    def test_rmflow_mails_its_invitations(self, calendar: CalDavCalendar) -> None:
        """The planner writes invitations for exactly these; a server that could must not."""
        assert calendar.capabilities == {Capability.INVITES_BY_MAIL}


class TestRadicale(Contract):
    @pytest.fixture
    def url(self, radicale: DavServer) -> str:
        return radicale.new_calendar()


class TestXandikos(Contract):
    @pytest.fixture
    def url(self, xandikos: DavServer) -> str:
        return xandikos.new_calendar()

    @pytest.mark.xfail(reason="Xandikos 0.4.10 takes an escaped backslash before N for a new line")
    def test_names_and_words_of_every_script_survive(self, calendar: Calendar) -> None:
        """It gives a strong ETag all the same (against RFC 4791 section 5.3.4)."""
        super().test_names_and_words_of_every_script_survive(calendar)
