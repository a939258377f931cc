"""A calendar that can be read and not written: letters wait for what they tell of."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from builders import at, kinds
from office import Office
from rmflow.app.run import Report, run
from rmflow.domain.series import SeriesSpec
from rmflow.errors import UnavailableError


class ReadOnly:
    """A calendar on a disk that is full."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def create(self, spec: SeriesSpec) -> str:
        raise UnavailableError("imip", "create", "No space left on device")

    def revise(self, spec: SeriesSpec, etag: str) -> str:
        raise UnavailableError("imip", "revise", "No space left on device")


def run_read_only(office: Office) -> Report:
    with office.ports() as ports:
        calendar: Any = ReadOnly(ports.calendar)
        return run(replace(ports, calendar=calendar))


def test_nobody_is_invited_to_a_meeting_that_is_in_no_calendar(tmp_path: Path) -> None:
    office = Office(tmp_path / "office", pairs=1, start=at("2026-10-05 09:00"))

    report = run_read_only(office)

    assert [outcome.ending.value for outcome in report.outcomes] == ["later"] * 3
    assert office.outbox() == []

    office.run()
    assert [kind for kind, _ in office.outbox()] == ["invitation"] * 2


def test_nobody_hears_of_a_new_room_before_the_calendar_has_it(tmp_path: Path) -> None:
    office = Office(tmp_path / "office", pairs=1, start=at("2026-10-05 09:00"))
    office.run()
    office.people[0] = (*office.people[0][:5], "Building 9", *office.people[0][6:])
    office.save_roster()

    run_read_only(office)
    assert "update" not in dict(office.outbox())

    again = office.run()
    assert kinds(o.action for o in again.outcomes)[0] == "revise series"
    assert [kind for kind, _ in office.outbox()].count("update") == 2
