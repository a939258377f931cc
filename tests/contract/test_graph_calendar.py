"""The calendar of Microsoft 365 keeps the promises of its port, also when requests go wrong."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime

import pytest
from a_series import MENTOR, a_series
from calendar_contract import CalendarContract
from graph_people import People
from graph_world import World, a_world
from outage_contract import SUCCESSOR, OutageContract

from rmflow.adapters.graph.calendar import GraphCalendar
from rmflow.ports.calendar import Calendar


class TestContract(CalendarContract):
    @pytest.fixture
    def world(self) -> Iterator[World]:
        with a_world() as world:
            yield world

    @pytest.fixture
    def calendar(self, world: World) -> GraphCalendar:
        return world.open()

    @pytest.fixture
    def outside(self, world: World) -> People:
        return world.people

    def test_a_new_person_is_invited_to_the_same_series(self, calendar: Calendar) -> None:
        """As promised, but for the sequence: with it, Exchange would mail those who stay as well."""
        moved = ((datetime(2026, 4, 14, 9), datetime(2026, 4, 15, 9)),)
        etag = calendar.create(a_series(moved=moved))
        wanted = a_series(moved=moved, attendees=(MENTOR, SUCCESSOR), sequence=1)
        calendar.revise(wanted, etag)
        seen = calendar.look([wanted.uid])[wanted.uid].spec
        assert replace(seen, sequence=1) == wanted


class TestOutages(OutageContract):
    @pytest.fixture
    def new_world(self) -> Callable[[], AbstractContextManager[World]]:
        return a_world
