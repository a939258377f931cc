"""Domain values as JSON text and back, for the columns of the store that hold a whole value."""

from functools import lru_cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


@lru_cache(maxsize=64)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def to_json(value: object) -> str:
    """Return a dataclass value as JSON text; equal values give equal text."""
    text: str = _adapter(type(value)).dump_json(value).decode()
    return text


def from_json(kind: type[T], text: str) -> T:
    """Return the value that `to_json` wrote. Raises ValueError for anything else."""
    value: T = _adapter(kind).validate_json(text)
    return value
