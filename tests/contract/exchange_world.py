"""A small company with an Exchange server, and rmflow's calendar on it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from a_series import MENTEE, MENTOR
from ews import FakeExchange
from ews_people import Outlook

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.exchange.calendar import ExchangeCalendar
from rmflow.adapters.exchange.settings import CalendarSettings
from rmflow.config import SecretRef
from rmflow.domain.people import Address
from rmflow.domain.series import SeriesSpec, Uid
from rmflow.ports.clock import Clock

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
MAILBOX = Address("mentoring@contoso.example")
BOARD = Address("board@contoso.example")
ROOM = Address("room.garden@contoso.example")
OTHER_ROOM = Address("room.attic@contoso.example")
RUTH = Address("ruth.kaya@contoso.example")
PEOPLE = {
    MAILBOX: "Mentoring team",
    MENTOR.address: MENTOR.name,
    MENTEE.address: MENTEE.name,
    RUTH: "Kaya, Ruth",
    BOARD: "The board",
    ROOM: "Garden",
    OTHER_ROOM: "Attic",
}
_PASSWORD = "EXCHANGE_PASSWORD"


def settings(service: FakeExchange, **changes: object) -> CalendarSettings:
    usual: dict[str, object] = {
        "endpoint": service.endpoint,
        "mailbox": MAILBOX,
        "auth": "basic",
        "username": FakeExchange.SERVICE[0],
        "password": SecretRef("env", _PASSWORD),
        "timeout_s": service.timeout_s,
    }
    return CalendarSettings.model_validate({**usual, **changes})


def opened(
    service: FakeExchange, clock: Clock | None = None, **changes: object
) -> ExchangeCalendar:
    return ExchangeCalendar(settings(service, **changes), Path(), clock or StoppedClock(NOW))


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


class ExchangeFixtures:
    """For test classes to inherit: a fresh server, rmflow's calendar on it, and a person's hands."""

    @pytest.fixture(autouse=True)
    def _password(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(_PASSWORD, FakeExchange.SERVICE[1])
        longest = "rmflow.adapters.patience.LONGEST_WAIT"
        monkeypatch.setattr(longest, timedelta(seconds=0.1))

    @pytest.fixture
    def exchange(self) -> Iterator[FakeExchange]:
        with FakeExchange(PEOPLE) as service:
            service.state.rooms = {ROOM: "Accept", OTHER_ROOM: "Decline"}
            yield service

    @pytest.fixture
    def outlook(self, exchange: FakeExchange) -> Hands:
        return Hands(exchange.state)

    @pytest.fixture
    def calendar(self, exchange: FakeExchange) -> Iterator[ExchangeCalendar]:
        adapter = opened(exchange)
        yield adapter
        adapter.close()
