"""Other appointments: those that calendars know, and those that we know ourselves."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from builders import at
from coordinator import type_in
from office import Office, address
from rmflow.app.run import run
from rmflow.domain.busy import BusyTime
from rmflow.domain.documents import from_json
from rmflow.domain.people import Address
from rmflow.domain.records import SeriesRecord
from rmflow.domain.recurrence import sessions
from rmflow.domain.series import SeriesSpec
from rmflow.errors import DeniedError
from rmflow.ports.calendar import Calendar, Capability


class KnowsWhoIsBusy:
    """A calendar that has been told when people are busy, and notes what it was asked."""

    def __init__(self, inner: Calendar, times: Mapping[Address, tuple[BusyTime, ...]]) -> None:
        self._inner, self._times = inner, times
        self.capabilities = inner.capabilities | {Capability.FREE_BUSY}
        self.asked: list[tuple[set[Address], timedelta]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def busy(
        self, people: Collection[Address], start: datetime, end: datetime
    ) -> Mapping[Address, tuple[BusyTime, ...]]:
        self.asked.append((set(people), end - start))
        return {person: self._times[person] for person in people if person in self._times}


def series(office: Office) -> dict[str, SeriesSpec]:
    with office.ports() as ports:
        records = ports.store.read(SeriesRecord)
    return {r.pairing: from_json(SeriesSpec, r.spec_json) for r in records if r.state == "live"}


def run_knowing(office: Office, times: Mapping[Address, tuple[BusyTime, ...]]) -> KnowsWhoIsBusy:
    with office.ports() as ports:
        calendar: Any = KnowsWhoIsBusy(ports.calendar, times)
        run(replace(ports, calendar=calendar))
    found: KnowsWhoIsBusy = calendar
    return found


def test_a_second_mentor_of_one_leader_gets_a_time_beside_the_first(tmp_path: Path) -> None:
    """Also where no calendar knows who is busy: our own meetings we know ourselves."""
    office = Office(tmp_path, pairs=2, start=at("2026-10-05 09:00"))
    office.run()
    first = series(office)["pair-1"]
    leader = address("Jens Adler")
    office.rows[1] = ("pair-3", address("Ben Ode"), leader, "hour-monthly", "Tue 10:00", "")
    office.save_roster()
    office.at(at("2026-10-05 10:00")).run()
    second = series(office)["pair-3"]
    assert second.start == first.start, "the coordinator's slot stands"
    horizon = at("2026-10-05 10:00") + timedelta(days=366)
    taken = {s.start for s in sessions(first, office.now, horizon)}
    assert taken.isdisjoint(s.start for s in sessions(second, office.now, horizon))


def test_beginners_are_asked_about_far_ahead_and_others_about_the_next_weeks(
    tmp_path: Path,
) -> None:
    """One question to the calendar for all of them, not one a person."""
    office = Office(tmp_path, pairs=2, start=at("2026-10-05 09:00"))
    began = run_knowing(office, {})
    assert began.asked == [({address(n) for n in _PEOPLE}, timedelta(days=366))]
    assert run_knowing(office, {}).asked == [], "who is not looked at is not asked about"
    later = run_knowing(office.at(at("2026-10-08 11:00")), {})
    assert [(len(people), span.days) for people, span in later.asked] == [(4, 62)]


def test_somebodys_appointment_moves_one_meeting_aside(tmp_path: Path) -> None:
    office = Office(tmp_path, pairs=1, start=at("2026-10-05 09:00"))
    second = at("2026-11-10 10:00")
    times = {Address(address("Jens Adler")): (BusyTime(second, second + timedelta(hours=1)),)}
    run_knowing(office, times)
    spec = series(office)["pair-1"]
    assert spec.moves == {datetime(2026, 11, 10, 10): datetime(2026, 11, 10, 11)}


def test_what_is_left_of_a_meeting_at_the_end_of_the_question_moves_nobody(
    tmp_path: Path,
) -> None:
    """Services cut the last appointment off where the question ends: here, our own meeting."""
    office = Office(tmp_path, pairs=1, start=at("2026-09-05 09:00"))
    run_knowing(office, {})
    second = at("2026-11-10 10:00")
    cut = second + timedelta(minutes=5)
    times = {Address(address("Jens Adler")): (BusyTime(second, cut),)}
    office.at(cut - timedelta(days=62))
    type_in(office, "pair-1", "Do next", "resend invitation")
    run_knowing(office, times)
    assert series(office)["pair-1"].moves == {}


def test_meetings_are_made_where_nobody_may_ask_who_is_busy(tmp_path: Path) -> None:
    """A right that is missing for this alone stops no programme; the doctor tells of it."""
    office = Office(tmp_path, pairs=1, start=at("2026-10-05 09:00"))
    with office.ports() as ports:
        calendar: Any = KnowsWhoIsBusy(ports.calendar, {})
        calendar.busy = _refused
        run(replace(ports, calendar=calendar))
    assert set(series(office)) == {"pair-1"}


def _refused(*_: object) -> None:
    raise DeniedError("calendar", "free/busy", "403")


_PEOPLE = ("Mara Vogel", "Ben Ode", "Jens Adler", "Ruth Kaya")
