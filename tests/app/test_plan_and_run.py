"""What `plan` shows is what `run` does; and who did nothing has changed nothing."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from life import LIFE, Moment, change_the_rhythm, lose_a_pair_and_move_a_mentor

from builders import at, kinds
from office import Office
from outages import PowerCut, power_cut_after, run_with
from rmflow.app.ports import Ports
from rmflow.app.run import Report, propose
from rmflow.domain.pairing import PairingId
from rmflow.domain.records import PairingRecord
from rmflow.planner.plan import Plan

Files = Mapping[str, tuple[int, str]]


@dataclass(frozen=True)
class Look:
    """What was seen at one moment."""

    moment: Moment
    before: Files
    planned: Plan
    after_plan: Files
    planned_for_all: Plan
    report: Report
    after_run: Files
    again: Report
    after_again: Files


class Sleepless:
    """A store in which every pairing is due at any time."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def due(self, now: object) -> frozenset[PairingId]:
        return frozenset(record.id for record in self._inner.read(PairingRecord))


@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory) -> list[Look]:
    """Live through all of it once; the tests look at different sides of it."""
    folder = tmp_path_factory.mktemp("life") / "office"
    office = Office(folder, pairs=6, start=at("2026-10-05 09:00"))
    office.plan()  # the very first look makes the empty memory
    return [look for moment in LIFE if (look := _live(office, moment))]


def _live(office: Office, moment: Moment) -> Look | None:
    office.at(at(moment.at))
    moment.people(office)
    if moment.cut_off:
        with pytest.raises(PowerCut):
            run_with(office, power_cut_after(2))
        return None
    before = _files(office.folder)
    planned = office.plan()
    after_plan = _files(office.folder)
    with office.ports() as ports:
        planned_for_all = propose(_sleepless(ports), office.now).plan
    report = office.run()
    after_run = _files(office.folder)
    again = office.run()
    after_again = _files(office.folder)
    return Look(
        moment, before, planned, after_plan, planned_for_all, report, after_run, again, after_again
    )


def _sleepless(ports: Ports) -> Ports:
    store: Any = Sleepless(ports.store)
    return replace(ports, store=store)


def _files(folder: Path) -> Files:
    """Return time and content of every file; `-shm` and `-wal` would show up as new ones."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_run_does_exactly_what_the_plan_before_it_has_listed(looks: list[Look]) -> None:
    for look in looks:
        done = [outcome.action for outcome in look.report.outcomes]
        assert [a.key for a in done] == [a.key for a in look.planned.actions], look.moment
        assert kinds(done) == kinds(look.planned.actions), look.moment
        assert look.planned.digest == look.report.plan.digest, look.moment


def test_these_weeks_have_seen_every_kind_of_action(looks: list[Look]) -> None:
    """The comparison above means something."""
    seen = {kind for look in looks for kind in kinds(look.planned.actions)}
    assert {
        "create series", "revise series", "cancel series", "settle doubt",
        "send invitation", "send update", "send cancellation", "send agenda-request",
        "send prompt", "send summary-request", "send summary-reminder", "send receipt",
        "file a reply", "set a mail aside for the coordinator", "put an automatic mail away",
        "follow a change in the calendar", "ask the coordinator", "close a question",
        "do what the coordinator chose",
    } <= seen  # fmt: skip


def test_a_plan_changes_no_file(looks: list[Look]) -> None:
    for look in looks:
        assert look.after_plan == look.before, look.moment


def test_a_second_run_at_the_same_moment_finds_nothing_to_do(looks: list[Look]) -> None:
    for look in looks:
        assert look.again.nothing, (look.moment, kinds(look.again.plan.actions))


def test_a_second_run_at_the_same_moment_changes_no_file(looks: list[Look]) -> None:
    """But where mail waits and the roster has changed: it reads that mail anew, and notes so."""
    reread = {lose_a_pair_and_move_a_mentor, change_the_rhythm}
    for look in looks:
        changed = set(look.after_again.items()) ^ set(look.after_run.items())
        noted = {"state.db"} if look.moment.people in reread else set()
        assert {name for name, _ in changed} <= noted, look.moment


def test_pairs_that_sleep_have_nothing_to_do(looks: list[Look]) -> None:
    """Only pairs that are awake are planned for; looking at all of them would give the same."""
    for look in looks:
        assert look.planned_for_all.actions == look.planned.actions, look.moment


def test_the_very_first_plan_makes_the_memory_and_nothing_else(tmp_path: Path) -> None:
    office = Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))
    before = _files(office.folder)

    office.plan()

    assert _files(office.folder).keys() - before.keys() <= {"state.db", "state.db.lock"}
