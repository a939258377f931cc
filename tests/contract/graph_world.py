"""A mailbox in Microsoft 365 (the fakes of Graph), what people do there, and runs of rmflow."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from graph import CLIENT, MAILBOX, OUTSIDER, SECRET, TENANT, GraphService
from graph_calendar import CalendarPart
from graph_people import People

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.graph.calendar import GraphCalendar
from rmflow.adapters.graph.settings import CalendarSettings

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)


class World:
    """One service, fresh; `open` gives what a run of rmflow would have."""

    def __init__(self, service: GraphService) -> None:
        self.service = service
        self.people = People(service)
        self._opened: list[GraphCalendar] = []

    def open(self, now: datetime = NOW, **options: Any) -> GraphCalendar:
        calendar = GraphCalendar(settings(self.service, **options), Path(), StoppedClock(now))
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
        "timeout_s": service.timeout_s,
    }
    return CalendarSettings.model_validate({**usual, **options})


@contextmanager
def a_world(**part: Any) -> Iterator[World]:
    """Open a world; `part` is for the fake of the calendar."""
    with pytest.MonkeyPatch.context() as patch, GraphService(CalendarPart(**part)) as service:
        patch.setenv("GRAPH_SECRET", SECRET)
        world = World(service)
        try:
            yield world
        finally:
            world.close()
