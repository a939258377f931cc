"""The calendar of Microsoft 365, on the fake of Graph and its calendar."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from a_series import MENTOR, a_series
from calendar_contract import CalendarContract
from graph import CLIENT, MAILBOX, OUTSIDER, SECRET, TENANT, GraphService
from graph_calendar import CalendarPart
from graph_people import People
from outage_contract import SUCCESSOR, OutageContract

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.graph.calendar import GraphCalendar
from rmflow.adapters.graph.settings import CalendarSettings
from rmflow.ports.calendar import Calendar

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)


class World:
    """A mailbox in Microsoft 365, what people do there, and runs of rmflow."""

    def __init__(self, service: GraphService) -> None:
        self.service = service
        self.people = People(service)
        self._opened: list[GraphCalendar] = []

    def open(self, **options: Any) -> GraphCalendar:
        calendar = GraphCalendar(settings(self.service, **options), Path(), StoppedClock(NOW))
        self._opened.append(calendar)
        return calendar

    def told(self) -> list[str]:
        return list(self.people.mailbox.notices)

    def close(self) -> None:
        for calendar in self._opened:
            calendar.close()


def settings(service: GraphService, **options: Any) -> CalendarSettings:
    usual = {
        "tenant": TENANT,
        "client_id": CLIENT,
        "secret": "env:GRAPH_SECRET",
        "mailbox": MAILBOX,
        "outsider": OUTSIDER,
        "url": service.graph_url,
        "authority": service.url,
        "timeout_s": 0.15,
    }
    return CalendarSettings.model_validate({**usual, **options})


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPH_SECRET", SECRET)


@contextmanager
def a_world(**part: Any) -> Iterator[World]:
    with GraphService(CalendarPart(**part)) as service:
        world = World(service)
        try:
            yield world
        finally:
            world.close()


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        yield world


@pytest.fixture
def calendar(world: World) -> GraphCalendar:
    return world.open()


class TestContract(CalendarContract):
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
