"""Work on strangers' bytes in a child process: what hangs or swallows memory ends the child.

The child is a fork: it starts in milliseconds and has everything that was imported. One child does
all the work of a run, since what a fork costs is the copying of its parent's pages; after one that
died, another goes on with the next item. It leaves by `os._exit`, so that its parent's connections
are not ended in good form. It closes its own copies of them at once: a child that hangs, and whose
parent was killed, would else hold the parent's lock for ever.

What a child answers is bytes for its parent to judge, never an object: a mail that takes over the
process that reads it has not taken over the run.
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
from typing import IO, Generic, Self, TypeVar

from rmflow.app.trace import trace_of

T = TypeVar("T")
G = TypeVar("G")

SECONDS = 20.0
MEMORY_BYTES = 512 * 1024 * 1024
_TOGETHER = 32
_MOST_TOGETHER = 256 * 1024  # octets
_OBJECTS = 10_000  # between two collections: one task makes some hundreds, which go by themselves
_SIZE = struct.Struct("!Q")
_DONE, _FAILED = b"+", b"-"


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

    def each(self, work: Callable[[G, T], bytes], items: Iterable[T]) -> Iterator[bytes | Failure]:
        """Yield `work(given, item)` for each item, in order, or the failure it ended in.

        `work` is a function of a module; items must be something that pickles. Some items are
        done together; where that ends the child, each of them is done anew, alone.
        """
        tasks = (pickle.dumps((work, item), pickle.HIGHEST_PROTOCOL) for item in items)
        for group in _groups(tasks):
            results = self._results(group)
            if results is None:  # one of them did it: which?
                yield from map(self._alone, group)
            else:
                yield from map(_told, results)

    def _alone(self, task: bytes) -> bytes | Failure:
        results = self._results([task])
        if results is None:
            return Failure("it took too long or too much memory")
        return _told(results[0])

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


def _told(result: bytes) -> bytes | Failure:
    if result[:1] == _DONE:
        return result[1:]
    return Failure(result[1:].decode("utf-8", "replace"))


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
            results = _receive(self._answers)
        except OSError:
            return None
        return results if results is not None and len(results) == len(tasks) else None

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
    gc.set_threshold(_OBJECTS)
    with line.makefile("rb") as stream:
        while (tasks := _receive(stream)) is not None:
            _send(line, [_done(given, task) for task in tasks])


def _done(given: object, task: bytes) -> bytes:
    try:
        work, item = pickle.loads(task)  # noqa: S301 - of our own parent
        result: bytes = work(given, item)
        return _DONE + result
    except MemoryError:
        raise  # it ends this child: what has swallowed memory may not give it back
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told to the parent
        return _FAILED + trace_of(error).encode("utf-8", "replace")


def _send(line: socket.socket, contents: Sequence[bytes]) -> None:
    """Send contents: how many, then each after its size."""
    sized = (piece for content in contents for piece in (_SIZE.pack(len(content)), content))
    line.sendall(b"".join((_SIZE.pack(len(contents)), *sized)))


def _receive(stream: IO[bytes]) -> Sequence[bytes] | None:
    """Return what the other side sends; None if it is gone, or sends more than it may."""
    try:
        return [
            _content(stream, _size(stream, MEMORY_BYTES)) for _ in range(_size(stream, _TOGETHER))
        ]
    except EOFError:
        return None


def _size(stream: IO[bytes], most: int) -> int:
    size: int = _SIZE.unpack(_content(stream, _SIZE.size))[0]
    if size > most:
        raise EOFError
    return size


def _content(stream: IO[bytes], size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise EOFError
    return content


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
