"""CalDAV servers to keep promises on, and the hands of everybody else on the same calendar."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from dav import PASSWORD, USER, DavServer, start_radicale, start_xandikos

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.standards.caldav import CalDavCalendar
from rmflow.adapters.standards.caldav_settings import Settings
from rmflow.domain.series import SeriesSpec, Uid
from rmflow.formats.calendar.ics import stored

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


def opened(folder: Path, **options: object) -> CalDavCalendar:
    """Return a calendar with these options, `url` among them."""
    (folder / "password").write_text(PASSWORD)
    usual = {"username": USER, "password": "file:password", "timeout_s": 10}
    settings = Settings.model_validate(usual | options)
    return CalDavCalendar(settings, folder, StoppedClock(NOW))


class OnDav:
    """What is tried on servers; a subclass says at which `url`."""

    @pytest.fixture(scope="class")
    @classmethod
    def radicale(cls) -> Iterator[DavServer]:
        with start_radicale() as server:
            yield server

    @pytest.fixture(scope="class")
    @classmethod
    def xandikos(cls) -> Iterator[DavServer]:
        with start_xandikos() as server:
            yield server

    @pytest.fixture
    def outside(self, url: str) -> Hands:
        return Hands(url)

    @pytest.fixture
    def calendar(self, url: str, tmp_path: Path) -> Iterator[CalDavCalendar]:
        calendar = opened(tmp_path, url=url)
        yield calendar
        calendar.close()
