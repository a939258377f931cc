"""Work on strangers' bytes in a child process: what hangs or swallows memory ends the child.

The child is a fork: it starts in milliseconds and has everything that was imported. One child does
all the work of a run, since what a fork costs is the copying of its parent's pages; after one that
died, another goes on with the next item. It leaves by `os._exit`, so that its parent's connections
are not ended in good form. It closes its own copies of them at once: a child that hangs, and whose
parent was killed, would else hold the parent's lock for ever.
"""

import gc
import os
import pickle
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Generic, Self, TypeVar

from rmflow.app.trace import trace_of

T = TypeVar("T")
R = TypeVar("R")
G = TypeVar("G")

SECONDS = 20.0
MEMORY_BYTES = 512 * 1024 * 1024
_TOGETHER = 16
_MOST_TOGETHER = 256 * 1024  # octets
_SIZE = struct.Struct("!Q")


@dataclass(frozen=True, slots=True)
class Failure:
    """What became of an item instead of a result; `detail` says where, without its words."""

    detail: str


class Bounded(Generic[G]):
    """A child process, begun when there is something to do for it.

    It has its own copy of `given`. `seconds` is the time on the clock an item may take,
    `memory_bytes` what all may use beyond what this process has.
    """

    def __init__(
        self, given: G, *, seconds: float = SECONDS, memory_bytes: int = MEMORY_BYTES
    ) -> None:
        self._given = given
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self._child: _Child | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def each(self, work: Callable[[G, T], R], items: Iterable[T]) -> Iterator[R | Failure]:
        """Yield `work(given, item)` for each item, in order, or the failure it ended in.

        `work` is a function of a module; items and results must be something that pickles. Some
        items are done together; where that ends the child, each of them is done anew, alone.
        """
        tasks = (pickle.dumps((work, item), pickle.HIGHEST_PROTOCOL) for item in items)
        for group in _groups(tasks):
            results = self._results(group)
            if results is None:  # one of them did it: which?
                yield from map(self._alone, group)
            else:
                yield from map(pickle.loads, results)

    def _alone(self, task: bytes) -> Any:
        results = self._results([task])
        if results is None:
            return Failure("it took too long or too much memory")
        return pickle.loads(results[0])  # noqa: S301 - of our own fork

    def _results(self, tasks: Sequence[bytes]) -> Sequence[bytes] | None:
        """Return what becomes of tasks; None if the child died of them or was out of time."""
        if self._child is None:
            self._child = _Child(self._given, self._memory_bytes)
        results = self._child.ask(tasks, self._seconds)
        if results is None:
            self.close()
        return results

    def close(self) -> None:
        """End the child, if there is one."""
        child, self._child = self._child, None
        if child is not None:
            child.end()


def _groups(tasks: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield tasks to do together: to wait for each alone costs a tenth of reading a mail."""
    group: list[bytes] = []
    for task in tasks:
        if len(group) == _TOGETHER or (group and sum(map(len, group)) + len(task) > _MOST_TOGETHER):
            yield group
            group = []
        group.append(task)
    if group:
        yield group


class _Child:
    """A fork of this process that answers tasks with their results."""

    def __init__(self, given: object, memory_bytes: int) -> None:
        self._line, theirs = socket.socketpair()
        self._answers = self._line.makefile("rb")
        self._process = os.fork()
        if not self._process:
            try:
                _close_all_but(theirs.fileno())
                _limit(memory_bytes)
                _serve(theirs, given)
            finally:
                os._exit(0)
        theirs.close()

    def ask(self, tasks: Sequence[bytes], seconds: float) -> Sequence[bytes] | None:
        """Return what becomes of tasks; None if the child is dead or out of time."""
        try:
            self._line.settimeout(seconds)
            _send(self._line, tasks)
            return _receive(self._answers)
        except OSError:
            return None

    def end(self) -> None:
        """End the child for certain."""
        self._answers.close()
        self._line.close()
        with suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)


def _serve(line: socket.socket, given: object) -> None:
    """In the child: answer, until the parent is gone."""
    gc.freeze()  # a collection would copy the parent's memory
    with line.makefile("rb") as stream:
        while (tasks := _receive(stream)) is not None:
            _send(line, [_done(given, task) for task in tasks])


def _done(given: object, task: bytes) -> bytes:
    try:
        work, item = pickle.loads(task)  # noqa: S301 - of our own parent
        return pickle.dumps(work(given, item), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        raise  # it ends this child: what has swallowed memory may not give it back
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told to the parent
        return pickle.dumps(Failure(trace_of(error)))


def _send(line: socket.socket, contents: Sequence[bytes]) -> None:
    message = pickle.dumps(contents, pickle.HIGHEST_PROTOCOL)
    line.sendall(_SIZE.pack(len(message)) + message)


def _receive(stream: IO[bytes]) -> Sequence[bytes] | None:
    """Return what the other side sends; None if it is gone."""
    head = stream.read(_SIZE.size)
    if len(head) < _SIZE.size:
        return None
    size: int = _SIZE.unpack(head)[0]
    message = stream.read(size)
    if len(message) < size:
        return None
    contents: Sequence[bytes] = pickle.loads(message)  # noqa: S301 - of our own fork
    return contents


def _close_all_but(descriptor: int) -> None:
    """Close what was inherited, but for standard input and outputs."""
    for each in [int(path.name) for path in Path("/dev/fd").iterdir()]:
        if each > 2 and each != descriptor:
            with suppress(OSError):  # the listing's own
                os.close(each)


def _limit(memory_bytes: int) -> None:
    """Bound this process for good. What the system cannot limit (macOS: memory) it says nothing of."""
    limits = [(resource.RLIMIT_CORE, 0)]
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        limits.append((resource.RLIMIT_AS, pages * resource.getpagesize() + memory_bytes))
    for kind, limit in limits:
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (limit, limit))
