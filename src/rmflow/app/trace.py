"""Traces: where a mistake of ours happened, and of what kind; never what it was about.

Python shows an error with its message, and a message likes to quote: the line of a mail, the address
that was no address, the password that a library was called with.
"""

import traceback
from collections.abc import Iterator


def trace_of(error: BaseException) -> str:
    """Return the kinds of an error and of what caused it, each with its lines of code."""
    return "\n".join(line for each in _chain(error) for line in _lines(each))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and its causes, the latest first, each once."""
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        yield each
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)


def _lines(error: BaseException) -> Iterator[str]:
    yield f"{type(error).__module__}.{type(error).__qualname__}"
    for frame in traceback.extract_tb(error.__traceback__, limit=-20):
        yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
