"""A calendar that does what it is told and then fails, or holds what nobody can read."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builders import at, kinds
from office import Office
from rmflow.app.outcome import Ending
from rmflow.app.remembered import CALENDAR
from rmflow.app.run import Report, run
from rmflow.domain.records import QuestionRecord, SettingRecord
from rmflow.domain.series import ObservedSeries, SeriesSpec, Uid
from rmflow.errors import RejectedError, UnavailableError, UncertainError
from rmflow.planner.actions import ReviseSeries
from rmflow.ports.calendar import CalendarChanges


class Failing:
    """The real calendar, with a lost answer to each revision, or a look that fails."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.loses_answers = False
        self.is_down = False
        self.look_fails = False
        self.unreadable: Uid | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def revise(self, spec: SeriesSpec, etag: str) -> str:
        if self.is_down:
            raise UnavailableError("calendar", "revise", "it answered 503")
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


def room_changed_by_somebody(office: Office) -> Uid:
    """Move the first mentor's meetings into the canteen, in the calendar itself."""
    room = office.people[0][5].replace(",", "\\,").encode()
    [item] = [i for i in (office.folder / "calendars").glob("*.ics") if room in i.read_bytes()]
    item.write_bytes(item.read_bytes().replace(room, b"Canteen"))
    return Uid(item.stem)


def settled(office: Office) -> bool:
    """Whether everybody was told of the canteen, once, and nothing is left to do."""
    told = [person for kind, person in office.outbox() if kind == "update"]
    return len(told) == len(set(told)) == 2 and office.run().nothing


@pytest.mark.parametrize("failing", [{"is_down": True}, {"loses_answers": True}], ids=str)
def test_a_change_by_somebody_is_followed_when_the_calendar_is_back(
    office: Office, failing: dict[str, bool]
) -> None:
    """It is told once: who forgets it, tells nobody that the meeting is elsewhere now."""
    room_changed_by_somebody(office)
    report = run_on(office, **failing)
    assert "update" not in [kind for kind, _ in office.outbox()]
    assert not {o.ending for o in report.outcomes} & {Ending.DONE}
    office.at(at("2026-10-05 10:00")).run()
    assert settled(office)


def test_a_change_that_a_calendar_never_told_is_found_all_the_same(office: Office) -> None:
    """Else each run would find the series other than it was seen, for ever."""
    room_changed_by_somebody(office)
    with office.ports() as ports:
        token = ports.calendar.changes(ports.store.setting(CALENDAR), ()).token
        ports.store.write([SettingRecord(CALENDAR, token)])
    office.people[1] = (*office.people[1][:2], "America/New_York", *office.people[1][3:])
    office.people[0] = (*office.people[0][:5], "Building 9", *office.people[0][6:])
    office.save_roster()
    report = office.run()
    assert any(o.stale for o in report.outcomes)
    office.at(at("2026-10-05 10:00")).run()
    assert not any(o.stale for o in office.run().outcomes)
    assert office.run().nothing
