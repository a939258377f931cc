"""The calendar contract on Exchange, and what only Exchange does."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from a_series import MENTEE, MENTOR, a_series
from calendar_contract import CalendarContract
from ews import FakeExchange
from ews_people import Outlook
from outage_contract import CalendarWorld, OutageContract

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.exchange.calendar import ExchangeCalendar
from rmflow.adapters.exchange.settings import ExchangeSettings
from rmflow.config import SecretRef
from rmflow.domain.series import SeriesSpec, Uid

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
MAILBOX = "mentoring@contoso.example"
PEOPLE = {
    MAILBOX: "Mentoring team",
    MENTOR.address: MENTOR.name,
    MENTEE.address: MENTEE.name,
    "ruth.kaya@contoso.example": "Kaya, Ruth",
}
_PASSWORD = "EXCHANGE_PASSWORD"


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(_PASSWORD, FakeExchange.SERVICE[1])
    monkeypatch.setattr("rmflow.adapters.exchange.account.LONGEST_WAIT", timedelta(seconds=0.1))


def settings(service: FakeExchange, **changes: object) -> ExchangeSettings:
    usual: dict[str, object] = {
        "endpoint": service.endpoint,
        "mailbox": MAILBOX,
        "auth": "basic",
        "username": FakeExchange.SERVICE[0],
        "password": SecretRef("env", _PASSWORD),
        "timeout_s": 0.15,
    }
    return ExchangeSettings.model_validate({**usual, **changes})


def opened(service: FakeExchange, **changes: object) -> ExchangeCalendar:
    return ExchangeCalendar(settings(service, **changes), Path(), StoppedClock(NOW))


class Hands(Outlook):
    """Outlook, as the contract's Outside."""

    def edit(self, spec: SeriesSpec) -> None:
        item = self.item(spec.uid)
        start = datetime.fromisoformat(item.text("Start")).astimezone(ZoneInfo(spec.zone))
        if start.replace(tzinfo=None) != spec.start:
            self.drag_all(spec.uid, spec.start)
        if item.text("Location") != spec.location:
            self.place(spec.uid, spec.location)

    def delete(self, uid: str, original: datetime | None = None) -> None:
        super().delete(Uid(uid), original)


@pytest.fixture
def exchange() -> Iterator[FakeExchange]:
    with FakeExchange(PEOPLE) as service:
        yield service


@pytest.fixture
def outside(exchange: FakeExchange) -> Hands:
    return Hands(exchange.state)


@pytest.fixture
def calendar(exchange: FakeExchange) -> Iterator[ExchangeCalendar]:
    adapter = opened(exchange)
    yield adapter
    adapter.close()


class TestContract(CalendarContract):
    """All of it."""


class World:
    """The world of the outage contract."""

    def __init__(self, service: FakeExchange) -> None:
        self.service = service
        self._opened: list[ExchangeCalendar] = []

    def open(self) -> ExchangeCalendar:
        adapter = opened(self.service)
        self._opened.append(adapter)
        return adapter

    def told(self) -> list[str]:
        return [str(notice) for notice in self.service.state.notices]

    def close(self) -> None:
        for adapter in self._opened:
            adapter.close()


class TestOutages(OutageContract):
    @pytest.fixture
    def new_world(self) -> Callable[[], AbstractContextManager[CalendarWorld]]:
        @contextmanager
        def world() -> Iterator[World]:
            with FakeExchange(PEOPLE) as service:
                opened_world = World(service)
                yield opened_world
                opened_world.close()

        return world
