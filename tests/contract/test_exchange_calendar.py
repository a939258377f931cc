"""The calendar contract on Exchange."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from calendar_contract import CalendarContract
from ews import FakeExchange
from exchange_world import PEOPLE, ExchangeFixtures, Hands, opened
from outage_contract import CalendarWorld, OutageContract
from web_server import FakeService

from rmflow.adapters.exchange.calendar import ExchangeCalendar


class TestContract(ExchangeFixtures, CalendarContract):
    @pytest.fixture
    def outside(self, outlook: Hands) -> Hands:
        return outlook


class World:
    """The world of the outage contract."""

    service: FakeService

    def __init__(self, service: FakeExchange) -> None:
        self.service = service
        self._exchange = service
        self._opened: list[ExchangeCalendar] = []

    def open(self) -> ExchangeCalendar:
        adapter = opened(self._exchange)
        self._opened.append(adapter)
        return adapter

    def told(self) -> list[str]:
        return [str(notice) for notice in self._exchange.state.notices]

    def close(self) -> None:
        for adapter in self._opened:
            adapter.close()


class TestOutages(ExchangeFixtures, OutageContract):
    @pytest.fixture
    def new_world(self) -> Callable[[], AbstractContextManager[CalendarWorld]]:
        @contextmanager
        def world() -> Iterator[CalendarWorld]:
            with FakeExchange(PEOPLE) as service:
                opened_world = World(service)
                yield opened_world
                opened_world.close()

        return world
