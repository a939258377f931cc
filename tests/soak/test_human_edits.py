"""People edit their meetings in any order, and the coordinator the roster: every edit stands.

Section "People's own changes" of docs/reliability.md. `RMFLOW_SOAK_EDITS=100` plays so many
sequences on each calendar; one is played with all tests.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from shutil import rmtree
from typing import Any

import pytest
from soak_calendars import CALENDARS, Hands

from builders import at
from correspondence import invitation_of
from office import Office
from rmflow.app.ports import Ports
from rmflow.app.run import run
from rmflow.domain.documents import from_json
from rmflow.domain.records import SeriesRecord
from rmflow.domain.recurrence import original_wall_start, sessions
from rmflow.domain.series import ObservedSeries, SeriesSpec
from rmflow.errors import UnavailableError
from rmflow.planner.revision import same_meetings
from rmflow.planner.state import SeriesState

SEQUENCES = int(os.environ.get("RMFLOW_SOAK_EDITS", "1"))
SEED = int(os.environ.get("RMFLOW_SOAK_SEED", "1"))
_STEPS = 5
_REFUSALS = 0.25
_PLACE, _SLOT = 5, 4  # the columns of People and Pairs


@dataclass
class Wanted:
    """What people have made of the meetings of a pair, as they would tell it.

    `start` None and `place` "": nobody has touched them since the coordinator last did, who has
    asked for others before the next run where `new_times` or `new_place` says so.
    """

    moved: dict[datetime, datetime] = field(default_factory=dict)
    out: set[datetime] = field(default_factory=set)
    start: datetime | None = None
    place: str = ""
    title: str = ""
    guests: set[str] = field(default_factory=set)
    deleted: bool = False

    @property
    def untimed(self) -> bool:
        return not self.moved and not self.out

    new_times: bool = False
    new_place: bool = False

    def obey(self) -> None:
        """Of two who change the same since the last run, the coordinator is followed."""
        if self.new_times:
            self.moved, self.out, self.start = {}, set(), None
        if self.new_place:
            self.place = ""
        self.new_times = self.new_place = False


class Refusing:
    """A calendar that can be read, and changes nothing."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        if name in ("create", "revise", "cancel"):
            return self._refuse
        return getattr(self._inner, name)

    def _refuse(self, *_: object) -> str:
        raise UnavailableError("calendar", "change", "it answered 503")


class Play:
    """One sequence: a step is what people do between two runs."""

    def __init__(self, office: Office, hands: Hands, ports: Ports, dice: Random) -> None:
        self.office, self.hands, self.ports, self.dice = office, hands, ports, dice
        self.wanted = {row[0]: Wanted() for row in office.rows}
        self.told: list[str] = []

    def step(self) -> None:
        self.office.at(self.office.now + timedelta(hours=1))
        for _ in range(self.dice.randrange(1, 4)):
            self._one_edit()
        for wanted in self.wanted.values():
            wanted.obey()
        if self.dice.random() < _REFUSALS:
            self.told.append("the calendar refuses what we change")
            calendar: Any = Refusing(self.ports.calendar)
            run(replace(self.ports, calendar=calendar))
            self.check()
        run(self.ports)
        self.check()

    def check_known(self) -> None:
        """Everything that people changed is known to us: who forgets it, tells nobody of it."""
        for pair in self.wanted:
            live = self._live(pair)
            known = [r for r in self._records(pair) if r.state == SeriesState.LIVE.value]
            assert len(known) == (live is not None), self.told
            if live:
                spec = from_json(SeriesSpec, known[0].spec_json)
                assert same_meetings(spec, live.spec), self.told
                assert (spec.location, spec.summary) == (live.spec.location, live.spec.summary)

    def check(self) -> None:
        story = "\n".join(self.told)
        for pair, wanted in self.wanted.items():
            live = self._live(pair)
            if wanted.deleted:
                assert live is None, story
                assert len(self._records(pair)) == 1, story
                continue
            assert live is not None, story
            spec = live.spec
            assert wanted.moved.items() <= spec.moves.items(), story
            assert wanted.out <= spec.excluded, story
            assert wanted.start in (None, spec.start), story
            assert wanted.place in ("", spec.location), story
            assert wanted.title in ("", spec.summary), story
            assert wanted.guests <= self.hands.guests(spec), story

    def _one_edit(self) -> None:
        pair = self.dice.choice(list(self.wanted))
        live = self._live(pair)
        if live is None:
            return
        edits = (self._drag, self._drag_all, self._take_out, self._place, self._title, self._bring,
                 self._new_room, self._new_slot, self._delete)  # fmt: skip
        (edit,) = self.dice.choices(edits, (6, 2, 4, 4, 3, 3, 4, 2, 1))
        self.told.append(f"{pair}: {edit.__name__[1:]}")
        edit(pair, live.spec)

    # People.

    def _drag(self, pair: str, spec: SeriesSpec) -> None:
        original = self._some_meeting(spec)
        start = original + timedelta(
            days=self.dice.randrange(-3, 4), hours=self.dice.choice((1, 3))
        )
        self.hands.drag(spec, original, start)
        self.wanted[pair].moved[original] = start

    def _drag_all(self, pair: str, spec: SeriesSpec) -> None:
        if self.wanted[pair].untimed and not spec.moved and not spec.excluded:
            start = spec.start.replace(hour=self.dice.choice((9, 11, 13, 14, 15)))
            self.hands.drag_all(spec, start)
            self.wanted[pair].start = start

    def _take_out(self, pair: str, spec: SeriesSpec) -> None:
        original = self._some_meeting(spec)
        self.hands.take_out(spec, original)
        self.wanted[pair].out.add(original)
        self.wanted[pair].moved.pop(original, None)

    def _place(self, pair: str, spec: SeriesSpec) -> None:
        place = f"Garden {self.dice.randrange(1000)}"
        self.hands.place(spec, place)
        self.wanted[pair].place = place

    def _title(self, pair: str, spec: SeriesSpec) -> None:
        title = f"Our hour {self.dice.randrange(1000)}"
        self.hands.title(spec, title)
        self.wanted[pair].title = title

    def _bring(self, pair: str, spec: SeriesSpec) -> None:
        guest = f"guest{self.dice.randrange(1000)}@contoso.example"
        self.hands.bring(spec, guest)
        self.wanted[pair].guests.add(guest)

    def _delete(self, pair: str, spec: SeriesSpec) -> None:
        """One of the two: an empty folder of files says nothing about what was in it."""
        if not any(wanted.deleted for wanted in self.wanted.values()):
            self.hands.delete(spec)
            self.wanted[pair].deleted = True

    # The coordinator.

    def _new_room(self, pair: str, spec: SeriesSpec) -> None:
        number = next(n for n, row in enumerate(self.office.rows) if row[0] == pair)
        person = self.office.people[number]
        place = f"Building {self.dice.randrange(10, 1000)}"
        self.office.people[number] = (*person[:_PLACE], place, *person[_PLACE + 1 :])
        self.office.save_roster()
        self.wanted[pair].new_place = True

    def _new_slot(self, pair: str, spec: SeriesSpec) -> None:
        number = next(n for n, row in enumerate(self.office.rows) if row[0] == pair)
        row = self.office.rows[number]
        slot = f"{self.dice.choice(('Mon', 'Wed', 'Thu'))} {self.dice.randrange(9, 16)}:00"
        self.office.rows[number] = (*row[:_SLOT], slot, *row[_SLOT + 1 :])
        self.office.save_roster()
        if slot != row[_SLOT]:
            self.wanted[pair].new_times = True

    def _some_meeting(self, spec: SeriesSpec) -> datetime:
        later = self.office.now + timedelta(days=20)
        coming = list(sessions(spec, later, later + timedelta(days=200)))
        return original_wall_start(spec, self.dice.choice(coming).id)

    def _records(self, pair: str) -> list[SeriesRecord]:
        return [r for r in self.ports.store.read(SeriesRecord) if r.pairing == pair]

    def _live(self, pair: str) -> ObservedSeries | None:
        records = self._records(pair)
        seen = self.ports.calendar.look([record.uid for record in records])
        found = [series for series in seen.values() if not series.cancelled]
        return found[0] if found else None


@contextmanager
def _play(folder: Path, calendar: str, seed: int) -> Iterator[Play]:
    until = "end = 2027-07-31"
    office = Office(folder, pairs=2, programme=until, start=at("2026-10-05 09:00"))
    with CALENDARS[calendar]() as hands:
        text = office.config_path.read_text()
        section = hands.section(folder)
        text = re.sub(r"\[calendar\]\n(?:[^\[\n].*\n)*", lambda _: section, text)
        office.config_path.write_text(text)
        with office.ports() as ports:
            run(ports)
            yield Play(office, hands, ports, Random(f"{calendar} {seed}"))


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("calendar", CALENDARS)
def test_what_people_change_stands_whatever_the_coordinator_changes(
    calendar: str, tmp_path: Path
) -> None:
    """PITFALLS 3.5, I6 and I7; R25, R26."""
    for seed in range(SEED, SEED + SEQUENCES):
        folder = tmp_path / "office"
        with _play(folder, calendar, seed) as play:
            for _ in range(_STEPS):
                play.step()
            run(play.ports)
            assert run(play.ports).nothing, (seed, play.told)
            play.check()
            play.check_known()
            _nobody_was_told_twice(play.office, play.told)
        rmtree(folder)


def _nobody_was_told_twice(office: Office, story: list[str]) -> None:
    """Two mails in a row about a series say different things."""
    for row in office.people:
        told = [
            _said(invitation_of(mail))
            for mail in office.mails_to(row[1])
            if mail["X-Rmflow-Kind"] in ("invitation", "update", "cancellation")
        ]
        assert all(one != other for one, other in pairwise(told)), story


def _said(calendar: bytes) -> bytes:
    """Return what a calendar part says, whenever and for the how-manieth time it says it."""
    return re.sub(rb"(?m)^(?:DTSTAMP|SEQUENCE|LAST-MODIFIED|CREATED)[:;].*$", b"", calendar)
