"""Every write of a calendar under every fault: at the end it has happened, once.

`told` of a world is what guests of the vendor would have in their inboxes. The same write without
a fault, in a world of its own, says what it should be.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import pytest
from a_series import MENTOR, a_series
from web_server import FakeService, Fault, Request

from rmflow.app.doubts import stands
from rmflow.domain.people import Address
from rmflow.domain.series import Attendee, Place, SeriesSpec
from rmflow.errors import UnavailableError, UncertainError
from rmflow.ports.calendar import Calendar

AT = [datetime(2026, 3, 3, 9) + timedelta(weeks=3 * n) for n in range(6)]
SUCCESSOR = Attendee(Address("ruth.kaya@contoso.example"), "Ruth Kaya")


class CalendarWorld(Protocol):
    """One service, fresh, with the backend under test in front of it."""

    service: FakeService

    def open(self) -> Calendar:
        """Return the calendar as a new run would open it, with the service's `timeout_s`."""
        ...

    def told(self) -> list[str]:
        """Return one line for each notice that the service sent to a guest, in any order."""
        ...


@dataclass(frozen=True)
class Write:
    """A write: what stands before it, what shall stand after it."""

    before: SeriesSpec | None
    wanted: SeriesSpec
    cancelled: bool = False


_PLAIN = a_series()
WRITES = {
    "create": Write(None, _PLAIN),
    "create with exceptions": Write(
        None,
        a_series(
            moved=((AT[1], AT[1] + timedelta(hours=1)),),
            excluded=frozenset({AT[2]}),
            elsewhere=((AT[3], Place("Canteen")),),
        ),
    ),
    "revise the place": Write(_PLAIN, a_series(location="Building 9", sequence=1)),
    "revise exceptions": Write(
        _PLAIN,
        a_series(
            moved=((AT[1], AT[1] + timedelta(hours=1)), (AT[4], AT[4] + timedelta(days=1))),
            excluded=frozenset({AT[2], AT[5]}),
            sequence=1,
        ),
    ),
    "revise the people": Write(_PLAIN, a_series(attendees=(MENTOR, SUCCESSOR), sequence=1)),
    "cancel": Write(_PLAIN, a_series(sequence=1), cancelled=True),
}


class OutageContract:
    """Subclasses give `new_world`: a function that opens a fresh world."""

    @pytest.fixture
    def new_world(self) -> Callable[[], AbstractContextManager[CalendarWorld]]:
        raise NotImplementedError

    @pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name)
    @pytest.mark.parametrize("name", WRITES)
    def test_a_write_under_a_fault_happens_once(
        self,
        new_world: Callable[[], AbstractContextManager[CalendarWorld]],
        name: str,
        fault: Fault,
    ) -> None:
        """Whichever of its requests goes wrong; nothing is sent twice in one attempt."""
        write = WRITES[name]
        with new_world() as world:
            _prepare(world, write)
            steps = len(world.service.writes)
            _attempt(world, write)
            steps = len(world.service.writes) - steps
            expected = sorted(world.told())
        assert steps > 0
        for step in range(steps):
            with new_world() as world:
                _prepare(world, write)
                world.service.fail(fault, on=_nth_write(world.service, step))
                for _ in range(3):  # three runs of cron
                    with _no_repetition(world.service):
                        _attempt(world, write)
                    world.service.settle()
                    if _happened(world, write):
                        break
                assert _happened(world, write)
                seen = world.open().look([write.wanted.uid])[write.wanted.uid]
                if not write.cancelled:
                    assert replace(seen.spec, sequence=0) == replace(write.wanted, sequence=0)
                assert sorted(world.told()) == expected


def _prepare(world: CalendarWorld, write: Write) -> None:
    if write.before is not None:
        world.open().create(write.before)


def _attempt(world: CalendarWorld, write: Write) -> None:
    """Do what a run does: look first, then act on what is there."""
    calendar = world.open()
    with suppress(UnavailableError, UncertainError):
        seen = calendar.look([write.wanted.uid]).get(write.wanted.uid)
        if stands(seen, write.wanted, cancelled=write.cancelled):
            return
        if seen is None:
            calendar.create(write.wanted)
        elif write.cancelled:
            calendar.cancel(write.wanted, seen.etag)
        else:
            calendar.revise(write.wanted, seen.etag)


def _happened(world: CalendarWorld, write: Write) -> bool:
    seen = world.open().look([write.wanted.uid]).get(write.wanted.uid)
    return stands(seen, write.wanted, cancelled=write.cancelled)


def _nth_write(service: FakeService, step: int) -> Callable[[Request], bool]:
    """Pick the write after `step` further ones."""
    first = len(service.writes)

    def picks(request: Request) -> bool:
        return service.is_write(request) and len(service.writes) - 1 - first == step

    return picks


@contextmanager
def _no_repetition(service: FakeService) -> Iterator[None]:
    """Fail when a write reaches the service twice within one attempt."""
    first = len(service.writes)
    yield
    sent = [(r.method, r.path, r.body) for r in service.writes[first:]]
    assert len(set(sent)) == len(sent), sent
