"""Work in a bounded child of its own."""

import pickle
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from rmflow.app.bounded import MEMORY_BYTES, SECONDS, Bounded, Failure

T = TypeVar("T")
R = TypeVar("R")


def bounded(
    work: Callable[[T], R],
    items: Iterable[T],
    *,
    seconds: float = SECONDS,
    memory_bytes: int = MEMORY_BYTES,
) -> Iterator[R | Failure]:
    """Yield `work(item)` for each item, in order, or the failure it ended in; see `Bounded`."""
    with Bounded(work, seconds=seconds, memory_bytes=memory_bytes) as child:
        for told in child.each(_called, items):
            yield told if isinstance(told, Failure) else pickle.loads(told)


def _called(work: Callable[[T], R], item: T) -> bytes:
    return pickle.dumps(work(item))
