"""The outside world of the crash tests: it counts, and it kills.

Mail and calendar keep journals of their own, appended to and synced before they answer: what they
say happened is counted there, never in our database. The mailer repeats what it is told to, like
a real relay; nothing here is idempotent by itself.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from rmflow.app.ports import Ports
from rmflow.domain.keys import Key
from rmflow.ports.mail import Departure, OutgoingMail

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
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, f"{line}\n".encode())
        os.close(descriptor)

    def counted(self) -> Counter[str]:
        return Counter(self._path.read_text().splitlines() if self._path.exists() else ())


class Relay:
    """A mail relay that can be asked what it has accepted."""

    settling = timedelta()

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def send(self, mail: OutgoingMail) -> None:
        self._journal.add(f"mail {mail.key} {mail.recipient}")

    def departures(self, mails: Collection[OutgoingMail]) -> Mapping[Key, Departure]:
        known = self._journal.counted()
        return {
            mail.key: Departure.LEFT
            if known[f"mail {mail.key} {mail.recipient}"]
            else Departure.NOT_LEFT
            for mail in mails
        }

    def close(self) -> None:
        pass


class _Watched:
    """Passes everything on; tells `boundary` before and after the steps that matter."""

    def __init__(self, inner: Any, steps: Collection[str], boundary: Callable[[str], None]) -> None:
        self._inner, self._steps, self._boundary = inner, steps, boundary

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in self._steps:
            return found

        def step(*args: Any, **options: Any) -> Any:
            self._boundary(f"before {name}")
            result = found(*args, **options)
            self._boundary(f"after {name}")
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


class Boundaries:
    """Counts the boundaries of a run; kills the process at the wanted one."""

    def __init__(self, deadly: int = 0) -> None:
        self.names: list[str] = []
        self._deadly = deadly

    def __call__(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) == self._deadly:
            os.kill(os.getpid(), signal.SIGKILL)


def outside(ports: Ports, folder: Path, boundaries: Boundaries) -> Ports:
    """Return the ports with an outside world that counts, and boundaries that kill."""
    journal = Journal(folder / "outside.log")
    changed: dict[str, Any] = {
        "mailer": Relay(journal),
        "calendar": _Counting(ports.calendar, journal),
    }
    for port, steps in STEPS.items():
        inner = changed.get(port) or getattr(ports, port)
        changed[port] = _Watched(inner, steps, boundaries)
    return replace(ports, **changed)
