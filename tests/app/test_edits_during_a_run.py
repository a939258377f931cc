"""A person edits the calendar while a run is at work."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from builders import at, kinds
from office import Office
from rmflow.app.run import run


class EditedMeanwhile:
    """A calendar in which somebody moves the other pair into the canteen right after our first change."""

    def __init__(self, inner: Any, folder: Path) -> None:
        self._inner, self._folder = inner, folder
        self._edited = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def revise(self, spec: Any, etag: str) -> str:
        changed: str = self._inner.revise(spec, etag)
        if not self._edited:
            self._edited = True
            (other,) = [p for p in self._folder.glob("*.ics") if p.stem != spec.uid]
            other.write_bytes(other.read_bytes().replace(b"Building 1", b"Canteen"))
        return changed


def test_what_somebody_moves_during_a_run_is_followed_by_the_next(tmp_path: Path) -> None:
    """The calendar is known up to the run's own look at it, not up to its end."""
    office = Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))
    office.run()
    office.run()
    office.people[0] = (*office.people[0][:5], "Building 9", *office.people[0][6:])
    office.save_roster()

    with office.ports() as ports:
        calendar: Any = EditedMeanwhile(ports.calendar, office.folder / "calendars")
        first = run(replace(ports, calendar=calendar))
    second = office.run()

    assert kinds(o.action for o in first.outcomes)[:1] == ["revise series"]
    assert "revise series" in kinds(o.action for o in second.outcomes)
    assert office.run().nothing
