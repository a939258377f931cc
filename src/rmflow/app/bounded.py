"""Work on strangers' bytes in a child process: what hangs or swallows memory ends the child.

The child is a fork: it starts in milliseconds, has everything that was imported, and is handed its
work without a copy. One child does a whole batch; after one that died, the next goes on with the
item behind the one it died of. It leaves by `os._exit`, so that its parent's connections are not
ended in good form. It closes its own copies of them at once: a child that hangs, and whose parent
was killed, would else hold the parent's lock for ever.
"""

import gc
import os
import pickle
import resource
import select
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rmflow.app.trace import trace_of

T = TypeVar("T")
R = TypeVar("R")

SECONDS = 20.0
MEMORY_BYTES = 512 * 1024 * 1024
_SIZE = struct.Struct("!Q")


@dataclass(frozen=True, slots=True)
class Failure:
    """What became of an item instead of a result; `detail` says where, without its words."""

    detail: str


def bounded(
    work: Callable[[T], R],
    items: Sequence[T],
    *,
    seconds: float = SECONDS,
    memory_bytes: int = MEMORY_BYTES,
) -> Iterator[R | Failure]:
    """Yield `work(item)` for each item, in order, or the failure it ended in.

    `seconds` is the time on the clock an item may take, `memory_bytes` what all may use beyond
    what this process has. What `work` returns must be something that pickles.
    """
    at = 0
    while at < len(items):
        child = _Child(work, items[at:], memory_bytes)
        try:
            while at < len(items):
                found = child.next(seconds)
                yield found if found is not None else Failure("it took too long or too much memory")
                at += 1
                if found is None:
                    break
        finally:
            child.end()


class _Child:
    """A fork of this process that works through items and writes down each result."""

    def __init__(self, work: Callable[[T], R], items: Sequence[T], memory_bytes: int) -> None:
        self.results, writing = os.pipe()
        self.process = os.fork()
        if not self.process:
            try:
                _close_all_but(writing)
                _limit(memory_bytes)
                _work(work, items, writing)
            finally:
                os._exit(0)
        os.close(writing)

    def next(self, seconds: float) -> Any:
        """Return the next result or `Failure`; None if the child is dead or out of time."""
        until = time.monotonic() + seconds
        size = self._read(_SIZE.size, until)
        content = self._read(_SIZE.unpack(size)[0], until) if size else None
        return pickle.loads(content) if content else None  # noqa: S301 - of our own fork

    def end(self) -> None:
        """End the child for certain."""
        os.close(self.results)
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)

    def _read(self, size: int, until: float) -> bytes | None:
        ready = select.poll()
        ready.register(self.results, select.POLLIN)
        content = bytearray()
        while len(content) < size:
            left = until - time.monotonic()
            if left <= 0 or not ready.poll(left * 1000):
                return None
            piece = os.read(self.results, size - len(content))
            if not piece:
                return None
            content += piece
        return bytes(content)


def _work(work: Callable[[T], R], items: Sequence[T], writing: int) -> None:
    """In the child: write each result, its length first."""
    gc.freeze()  # a collection would copy the parent's memory
    with os.fdopen(writing, "wb") as stream:
        for item in items:
            stream.write(_told(work, item))
            stream.flush()


def _told(work: Callable[[T], R], item: T) -> bytes:
    try:
        content = pickle.dumps(work(item), pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told to the parent
        content = pickle.dumps(Failure(trace_of(error)))
    return _SIZE.pack(len(content)) + content


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
