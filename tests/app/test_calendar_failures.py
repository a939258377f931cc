"""A calendar that does what it is told and then fails, or holds what nobody can read."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builders import at, kinds
from office import Office
from rmflow.app.outcome import Ending
from rmflow.app.run import Report, run
from rmflow.domain.records import QuestionRecord
from rmflow.domain.series import ObservedSeries, SeriesSpec, Uid
from rmflow.errors import RejectedError, UnavailableError, UncertainError
from rmflow.planner.actions import ReviseSeries
from rmflow.ports.calendar import CalendarChanges


class Failing:
    """The real calendar, with a lost answer to each revision, or a look that fails."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.loses_answers = False
        self.look_fails = False
        self.unreadable: Uid | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def revise(self, spec: SeriesSpec, etag: str) -> str:
        revised: str = self._inner.revise(spec, etag)
        if self.loses_answers:
            raise UncertainError("calendar", "revise", "the answer was lost")
        return revised

    def changes(self, token: str, known: Collection[Uid]) -> CalendarChanges:
        found: CalendarChanges = self._inner.changes(token, known)
        if self.unreadable is None:
            return found
        rest = tuple(seen for seen in found.series if seen.spec.uid != self.unreadable)
        return replace(found, series=rest, token=token, complete=False)

    def look(self, uids: Collection[Uid]) -> Mapping[Uid, ObservedSeries]:
        if self.look_fails and uids:
            raise UnavailableError("calendar", "look", "no connection")
        if self.unreadable in uids:
            raise RejectedError("calendar", "look", "its rule is one that rmflow does not follow")
        found: Mapping[Uid, ObservedSeries] = self._inner.look(uids)
        return found


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))
    office.run()
    return office


def run_on(office: Office, **failing: Any) -> Report:
    with office.ports() as ports:
        calendar: Any = Failing(ports.calendar)
        for name, value in failing.items():
            setattr(calendar, name, value)
        return run(replace(ports, calendar=calendar))


def questions(office: Office) -> list[str]:
    with office.ports() as ports:
        return [question.about for question in ports.store.read(QuestionRecord)]


def test_a_cancellation_stands_although_nobody_can_look_at_it(office: Office) -> None:
    """Taken for undone, it would be found by the next run as somebody else's deletion."""
    office.rows[0] = (*office.rows[0][:5], "closed")
    office.save_roster()
    report = run_on(office, look_fails=True)
    assert {o.ending for o in report.outcomes} == {Ending.DONE}
    office.run()
    assert questions(office) == []
    assert [kind for kind, _ in office.outbox()].count("cancellation") == 2
    assert office.run().nothing


def test_one_series_that_nobody_can_read_does_not_stop_the_others(office: Office) -> None:
    """Three hundred leaders wait for their mail; one of them asks the coordinator."""
    office.people[0] = (*office.people[0][:5], "Building 9", *office.people[0][6:])
    office.people[1] = (*office.people[1][:5], "Building 9", *office.people[1][6:])
    office.save_roster()
    lost = run_on(office, loses_answers=True)
    uids = [o.action.spec.uid for o in lost.outcomes if isinstance(o.action, ReviseSeries)]
    assert len(uids) == 2
    office.at(at("2026-10-05 10:00"))
    report = run_on(office, unreadable=uids[0])
    assert {"hold doubt", "settle doubt"} <= set(kinds(o.action for o in report.outcomes))
    assert questions(office) == ["not delivered"]
    assert [kind for kind, _ in office.outbox()].count("update") == 2
