"""The outside world of the crash tests: it counts, and somebody is told of each step.

Mail and calendar keep journals of their own, appended to and synced before they answer: what they
say happened is counted there, never in our database. The mailer repeats what it is told to, like
a real relay; nothing here is idempotent by itself.
"""

import os
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from rmflow.app.ports import Ports
from rmflow.domain.keys import Key
from rmflow.ports.mail import Departure, OutgoingMail

Tell = Callable[[str], None]  # of "before send", "after send"

# Every step at which a run may be cut off: before it, and after it.
STEPS = {
    "store": ("claim", "settle", "release", "hold", "write", "keep"),
    "calendar": ("create", "revise", "cancel"),
    "mailer": ("send",),
    "mailbox": ("file",),
    "tracking": ("publish",),
}


class Journal:
    """An append-only file: one line an effect that really happened."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, line: str) -> None:
        """Write one line, whole."""
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, f"{line}\n".encode())
        os.close(descriptor)

    def counted(self) -> Counter[str]:
        """Return how often each line is there."""
        return Counter(self._path.read_text().splitlines() if self._path.exists() else ())


class Relay:
    """A mail relay that can be asked what it has accepted."""

    settling = timedelta()

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def send(self, mail: OutgoingMail) -> None:
        self._journal.add(f"mail {mail.key} {mail.recipient}")

    def departures(
        self, mails: Collection[OutgoingMail], others: Collection[str] = ()
    ) -> Mapping[Key, Departure]:
        known = self._journal.counted()
        return {
            mail.key: Departure.LEFT
            if known[f"mail {mail.key} {mail.recipient}"]
            else Departure.NOT_LEFT
            for mail in mails
        }

    def close(self) -> None:
        pass


class Watched:
    """Passes everything on; tells somebody before and after the steps that matter."""

    def __init__(self, inner: Any, steps: Collection[str], tell: Tell) -> None:
        self._inner, self._steps, self._tell = inner, steps, tell

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in self._steps:
            return found

        def step(*args: Any, **options: Any) -> Any:
            self._tell(f"before {name}")
            result = found(*args, **options)
            self._tell(f"after {name}")
            return result

        return step


class _Counting:
    """A calendar whose successful writes are counted outside."""

    def __init__(self, inner: Any, journal: Journal) -> None:
        self._inner, self._journal = inner, journal

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in STEPS["calendar"]:
            return found

        def write(spec: Any, *args: Any) -> Any:
            result = found(spec, *args)
            self._journal.add(f"{name} {spec.uid} {spec.sequence}")
            return result

        return write


def watched(ports: Ports, tell: Tell) -> Ports:
    """Return the ports, each of which tells of its steps."""
    changed: dict[str, Any] = {
        port: Watched(getattr(ports, port), steps, tell) for port, steps in STEPS.items()
    }
    return replace(ports, **changed)


def outside(ports: Ports, journal: Journal, tell: Tell) -> Ports:
    """Return the ports with an outside world that counts; somebody is told of each step."""
    calendar: Any = _Counting(ports.calendar, journal)
    return watched(replace(ports, mailer=Relay(journal), calendar=calendar), tell)
