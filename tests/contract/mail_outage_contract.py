"""A mail under every fault: at the end exactly one has left, or a person is asked.

Each run does what rmflow does: a mail that may have left is looked for, and sent again only when
it did not leave.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import pytest
from mailer_contract import MARIA, SVEN, outgoing
from web_server import FakeService, Fault, Request

from rmflow.domain.people import Address
from rmflow.errors import UnavailableError, UncertainError
from rmflow.ports.mail import Departure, Mailer, OutgoingMail

MAIL = outgoing(1)
EARLIER = outgoing(2, SVEN)
NEVER_SENT = outgoing(3)
_UNKNOWN = dict.fromkeys((MAIL.key, NEVER_SENT.key), Departure.UNKNOWN)


class MailWorld(Protocol):
    """One service, fresh, with the backend under test in front of it."""

    looks_back: bool  # whether `departures` can tell

    @property
    def service(self) -> FakeService:
        """The service itself, to make it fail."""
        ...

    def open(self) -> Mailer:
        """Return the mailer as a new run would open it, with the service's `timeout_s`."""
        ...

    def received(self, recipient: Address) -> list[bytes]:
        """Return what this person received, oldest first."""
        ...


NewWorld = Callable[[], AbstractContextManager[MailWorld]]


class MailOutageContract:
    """Subclasses give `new_world`: a function that opens a fresh world."""

    @pytest.fixture
    def new_world(self) -> NewWorld:
        raise NotImplementedError

    @pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name)
    def test_a_mail_under_a_fault_leaves_once(self, new_world: NewWorld, fault: Fault) -> None:
        """Whichever of its requests goes wrong; nothing is sent twice in one attempt."""
        for step in range(_steps(new_world)):
            with new_world() as world:
                _send(world, EARLIER)
                world.service.fail(fault, on=_nth_write(world.service, step))
                departure = Departure.NOT_LEFT
                for _ in range(3):  # three runs of cron
                    departure = _run(world, MAIL, departure)
                    world.service.settle()
                arrived = world.received(MARIA)
                if departure is Departure.UNKNOWN:  # a person decides
                    assert not world.looks_back
                    assert len(arrived) <= 1
                else:
                    assert departure is Departure.LEFT
                    assert arrived == [MAIL.content]
                assert world.received(SVEN) == [EARLIER.content]

    @pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name)
    def test_looking_back_through_a_fault_tells_no_lie(
        self, new_world: NewWorld, fault: Fault
    ) -> None:
        """ "Not left" sends a second mail, so a look that failed must not end in it."""
        with new_world() as world:
            _send(world, MAIL)
            world.service.fail(fault, on=lambda request: not world.service.is_write(request))
            mailer = world.open()
            try:
                found = mailer.departures([MAIL, NEVER_SENT])
            except UnavailableError:
                return
            finally:
                mailer.close()
            expected = {MAIL.key: Departure.LEFT, NEVER_SENT.key: Departure.NOT_LEFT}
            assert found == (expected if world.looks_back else _UNKNOWN)


def _steps(new_world: NewWorld) -> int:
    """Return how many writes one mail takes, without a fault."""
    with new_world() as world:
        _send(world, EARLIER)
        before = len(world.service.writes)
        _send(world, MAIL)
        steps = len(world.service.writes) - before
    assert steps > 0
    return steps


def _send(world: MailWorld, mail: OutgoingMail) -> None:
    mailer = world.open()
    mailer.send(mail)
    mailer.close()


def _run(world: MailWorld, mail: OutgoingMail, known: Departure) -> Departure:
    """Do what a run does about one mail, and return what is known about it then.

    NOT_LEFT: nothing has happened. LEFT: it is over. UNKNOWN: look first, next time; or, when
    looking did not help, a person is asked and nothing is sent any more.
    """
    if known is Departure.LEFT:
        return known
    mailer = world.open()
    try:
        with _no_repetition(world.service):
            if known is Departure.UNKNOWN:
                known = mailer.departures([mail])[mail.key]
            if known is not Departure.NOT_LEFT:
                return known
            mailer.send(mail)
    except UncertainError:
        return Departure.UNKNOWN
    except UnavailableError:
        return known
    else:
        return Departure.LEFT
    finally:
        mailer.close()


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
    try:
        yield
    finally:
        sent = [(r.method, r.path, r.body) for r in service.writes[first:]]
        assert len(set(sent)) == len(sent), sent
