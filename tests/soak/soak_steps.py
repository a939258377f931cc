"""Where a run of the soak tests is cut off: between any two steps, and inside the wire's own.

Nothing of rmflow is replaced. The store, the mailbox and the workbook are watched from outside, and
so are the libraries that speak to servers: a move is one call of ours and three commands of IMAP.
"""

import http.client
import os
import signal
import traceback
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from imapclient import IMAPClient

import rmflow.app.readings  # noqa: F401 - here, or every child pays for it
from office import Office
from rmflow.app.ports import Ports
from rmflow.app.run import run

Happening = Callable[[], None]

# "letters_by_token" is where a batch has been taken apart and is not yet understood.
STEPS: dict[str, Collection[str]] = {
    "store": ("keep", "letters_by_token", "write", "claim", "settle"),
    "mailbox": ("file",),
    "mailer": ("send",),
    "tracking": ("publish",),
}
IMAP = ("fetch", "move")
IMAP_WITHOUT_MOVE = ("fetch", "copy", "add_flags", "uid_expunge")
HTTP = ("getresponse",)
FILES = ("rename",)
_WIRES: dict[str, Any] = {
    **dict.fromkeys((*IMAP, *IMAP_WITHOUT_MOVE), IMAPClient),
    **dict.fromkeys(HTTP, http.client.HTTPConnection),
    **dict.fromkeys(FILES, Path),
}
NOTHING_TO_DO = 0
RAN = 10


def die() -> None:
    """What no program can do anything about."""
    os.kill(os.getpid(), signal.SIGKILL)


class Boundary:
    """Before or after a step, at its nth time, something happens once."""

    def __init__(self, name: str = "", nth: int = 1, happens: Happening = die) -> None:
        self._name, self._left, self._happens = name, nth, happens

    def __call__(self, name: str) -> None:
        if name == self._name:
            self._left -= 1
            if not self._left:
                self._happens()


def boundaries(wire: Collection[str]) -> list[str]:
    """Return the names of all boundaries where the mailbox is spoken to in these steps."""
    steps = [step for each in STEPS.values() for step in each]
    return [f"{when} {step}" for step in (*steps, *wire) for when in ("before", "after")]


def run_until(office: Office, boundary: Boundary) -> int:
    """Run in a child; return the signal that ended it, else `RAN` or `NOTHING_TO_DO`."""
    child = os.fork()
    if child == 0:
        try:
            with _wires_watched(boundary), office.ports() as ports:
                report = run(_watched(ports, boundary))
            os._exit(NOTHING_TO_DO if report.nothing else RAN)
        except BaseException:  # noqa: BLE001 - the child must not return into pytest
            traceback.print_exc()
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _watched(ports: Ports, boundary: Boundary) -> Ports:
    found = {port: _Watched(getattr(ports, port), steps, boundary) for port, steps in STEPS.items()}
    changed: dict[str, Any] = found
    return replace(ports, **changed)


class _Watched:
    """Passes everything on; tells the boundary before and after the steps that matter."""

    def __init__(self, inner: Any, steps: Collection[str], boundary: Boundary) -> None:
        self._inner, self._steps, self._boundary = inner, steps, boundary

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return _between(name, found, self._boundary) if name in self._steps else found


@contextmanager
def _wires_watched(boundary: Boundary) -> Iterator[None]:
    with ExitStack() as stack:
        for name, owner in _WIRES.items():
            step = _between(name, getattr(owner, name), boundary)
            stack.enter_context(patch.object(owner, name, step))
        yield


def _between(name: str, step: Callable[..., Any], boundary: Boundary) -> Callable[..., Any]:
    def watched(*args: Any, **options: Any) -> Any:
        boundary(f"before {name}")
        result = step(*args, **options)
        boundary(f"after {name}")
        return result

    return watched
