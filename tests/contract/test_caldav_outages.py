"""Every write of a CalDAV calendar under every fault, on a real Radicale behind a proxy."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from a_series import a_series
from caldav_fixtures import OnDav, opened
from dav import DavServer
from dav_proxy import DavProxy, Shelf
from outage_contract import OutageContract
from web_server import Fault

from rmflow.adapters.standards.caldav import CalDavCalendar
from rmflow.errors import UncertainError


class World:
    """A Radicale behind a proxy. Nobody is told of anything; what could be there twice is an item."""

    def __init__(self, service: DavProxy, path: str, folder: Path) -> None:
        self.service = service
        self._path = path
        self._folder = folder
        self._opened: list[CalDavCalendar] = []

    def open(self) -> CalDavCalendar:
        url = self.service.url + self._path
        calendar = opened(self._folder, url=url, timeout_s=self.service.timeout_s)
        self._opened.append(calendar)
        return calendar

    def told(self) -> list[str]:
        return self.service.state.items()

    def close(self) -> None:
        for calendar in self._opened:
            calendar.close()


class TestOutages(OnDav, OutageContract):
    @pytest.fixture
    def new_world(
        self, radicale: DavServer, tmp_path: Path
    ) -> Callable[[], AbstractContextManager[World]]:
        @contextmanager
        def world() -> Iterator[World]:
            parts = urlsplit(radicale.new_calendar())
            shelf = Shelf(radicale.folder / Path(parts.path).name)
            with DavProxy(f"{parts.scheme}://{parts.netloc}", shelf) as service:
                world = World(service, parts.path, tmp_path)
                yield world
                world.close()
                assert world.told() == [f"{a_series().uid}.ics"]

        return world

    def test_while_it_lags_the_old_state_is_shown(
        self, new_world: Callable[[], AbstractContextManager[World]]
    ) -> None:
        """Or the fault would be one of the others."""
        with new_world() as world:
            world.service.fail(Fault.LAGS_AFTER)
            with pytest.raises(UncertainError):
                world.open().create(a_series())
            assert world.open().look([a_series().uid]) == {}
            world.service.settle()
            assert set(world.open().look([a_series().uid])) == {a_series().uid}
