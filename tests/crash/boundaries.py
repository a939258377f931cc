"""The boundaries of a run: before and after each step of claim, act, settle, publish and file.

Also three loops that are not ours. Each breaks one rule on purpose; the trials that ours comes
through must find it out.
"""

import mailbox
import os
import signal
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from days import Premises
from killing import Work
from outside import STEPS, watched
from places import Files

from office import Office
from rmflow.app.apply import apply
from rmflow.app.effects import effect_of
from rmflow.app.letters import writing_desk
from rmflow.app.payloads import freeze
from rmflow.app.ports import Ports
from rmflow.app.run import propose, run
from rmflow.domain.keys import Key
from rmflow.planner.actions import SendLetter
from rmflow.ports.mail import Departure, OutgoingMail

BOUNDARIES = frozenset(
    f"{when} {step}" for steps in STEPS.values() for step in steps for when in ("before", "after")
)
Where = TypeVar("Where", bound=Office)
Loop = Callable[[Ports, Premises], object]


def ours(ports: Ports, office: Office) -> object:
    """The loop that is tried."""
    return run(ports)


def looped(
    office: Where, loop: Callable[[Ports, Where], object] = ours, *, deadly: int = 0
) -> Work:
    """Return the work of a loop that dies at a boundary, counted from 1; 0: nowhere.

    The names of the boundaries it has come to are then in `boundaries_of(office)`.
    """

    def work() -> int:
        boundaries = _Boundaries(_list(office), deadly)
        with office.ports() as ports:
            loop(watched(ports, boundaries), office)
        return 0

    _list(office).write_text("")
    return work


def boundaries_of(office: Office) -> list[str]:
    """Return the boundaries that the last loop in this office has come to."""
    return _list(office).read_text().splitlines()


def _list(office: Office) -> Path:
    return office.folder.with_suffix(".boundaries")


def records_afterwards(ports: Ports, office: Premises) -> None:
    """Send, then record: what everybody writes first. Series go through, letters are the point.

    To a folder it sends as any program does, by a name that is new each time.
    """
    if isinstance(office.place, Files):
        plain: Any = _PlainMaildir(office.folder / "out")
        ports = replace(ports, mailer=plain)
    now = ports.clock.now()
    found = propose(ports, now)
    letters = [action for action in found.plan.actions if isinstance(action, SendLetter)]
    others = [action for action in found.plan.actions if not isinstance(action, SendLetter)]
    with ports.store.lease() as fence:
        apply(ports, found.observation.desired, others, fence=fence, now=now)
        for action in letters:
            desk = writing_desk(ports, found.observation.desired, [action.letter], now)
            payload = desk.write(action.letter)
            effect = effect_of(action, freeze(payload))
            ports.mailer.send(payload.mail(effect))
            ports.store.claim([effect], fence=fence, now=now)
            ports.store.settle(effect.key, payload.records, fence=fence, now=now)


def never_asks(ports: Ports, office: Premises) -> None:
    """Leave everything in doubt to a person, as one would who cannot look."""
    run(replace(ports, mailer=Instead(ports.mailer, departures=_unknown)))


def forgets_doubts(ports: Ports, office: Premises) -> None:
    """Go on as if no run had ever been cut off."""
    run(replace(ports, store=Instead(ports.store, doubts=list)))


def _unknown(mails: Collection[OutgoingMail], others: Collection[str]) -> Mapping[Key, Departure]:
    return {mail.key: Departure.UNKNOWN for mail in mails}


class _PlainMaildir:
    """Lays each mail down under a fresh name."""

    settling = timedelta()

    def __init__(self, root: Path) -> None:
        self._root = root

    def send(self, mail: OutgoingMail) -> None:
        mailbox.Maildir(self._root / mail.recipient, create=True).add(mail.content)

    def close(self) -> None:
        pass


class Instead:
    """Passes everything on but a few methods."""

    def __init__(self, inner: Any, **methods: Callable[..., Any]) -> None:
        self._inner, self._methods = inner, methods

    def __getattr__(self, name: str) -> Any:
        return self._methods.get(name) or getattr(self._inner, name)


class _Boundaries:
    """Writes down the boundaries of a run; kills the process at the wanted one."""

    def __init__(self, names: Path, deadly: int) -> None:
        self._names, self._deadly = names, deadly
        self._count = 0

    def __call__(self, name: str) -> None:
        self._count += 1
        with self._names.open("a") as names:
            names.write(f"{name}\n")
        if self._count == self._deadly:
            os.kill(os.getpid(), signal.SIGKILL)
