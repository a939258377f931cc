"""The calendar contract on the two backends that keep a folder."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from calendar_contract import CalendarContract

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.standards.imip import ImipCalendar
from rmflow.adapters.standards.imip import Settings as ImipSettings
from rmflow.adapters.standards.vdir import Settings, VdirCalendar
from rmflow.domain.series import SeriesSpec, Uid
from rmflow.formats.calendar.ics import stored
from rmflow.formats.calendar.mark import MARK
from rmflow.ports.calendar import Capability

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
OTHERS = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:dentist\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


class Folder:
    """An editor on the folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def edit(self, spec: SeriesSpec) -> None:
        self.item(spec.uid).write_bytes(stored(spec, now=NOW).replace(b"\r\n", b"\n"))

    def delete(self, uid: Uid) -> None:
        self.item(uid).unlink()

    def add_others(self) -> None:
        self.path.mkdir()
        self.item(Uid("dentist")).write_text(OTHERS)

    def others(self) -> str:
        return self.item(Uid("dentist")).read_text()

    def item(self, uid: Uid) -> Path:
        return self.path / f"{uid}.ics"


@pytest.fixture
def outside(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "calendar")


class TestVdir(CalendarContract):
    @pytest.fixture
    def calendar(self, tmp_path: Path) -> VdirCalendar:
        return VdirCalendar(Settings(path=Path("calendar")), tmp_path, StoppedClock(NOW))

    def test_it_tells_nobody(self, calendar: VdirCalendar) -> None:
        """An undeclared capability is one it does not have."""
        assert calendar.capabilities == frozenset()


class TestImip(CalendarContract):
    @pytest.fixture
    def calendar(self, tmp_path: Path) -> ImipCalendar:
        return ImipCalendar(ImipSettings(path=Path("calendar")), tmp_path, StoppedClock(NOW))

    def test_its_attendees_are_told_by_mail(self, calendar: ImipCalendar) -> None:
        """The planner makes invitation mails for exactly these."""
        assert calendar.capabilities == {Capability.INVITES_BY_MAIL}


def test_the_event_of_others_has_no_mark() -> None:
    """Or the contract would prove nothing."""
    assert MARK not in OTHERS
