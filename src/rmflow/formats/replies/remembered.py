"""Results remembered by the identity of what they are about: the forms of a programme."""

from collections.abc import Callable
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")

_MOST = 64


def remembered(function: Callable[[K], V]) -> Callable[[K], V]:
    """Remember what a pure function returns for its last arguments, which must not change.

    Forms and choices hold mappings, so they cannot be keys; a run has few, and reads thousands
    of mails with them. An argument is held on to, so that no other can get its id.
    """
    results: dict[int, tuple[K, V]] = {}

    def found(argument: K) -> V:
        known = results.get(id(argument))
        if known is None:
            if len(results) >= _MOST:
                results.clear()
            known = results[id(argument)] = (argument, function(argument))
        return known[1]

    return found
