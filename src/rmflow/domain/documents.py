"""Domain values as JSON text and back, for the columns of the store that hold a whole value."""

from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


_adapters: dict[Any, TypeAdapter[Any]] = {}  # making one costs a hundred times its use


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def to_json(value: object) -> str:
    """Return a dataclass value as JSON text; equal values give equal text."""
    text: str = _adapter(type(value)).dump_json(value).decode()
    return text


def from_json(kind: type[T], text: str) -> T:
    """Return the value that `to_json` wrote. Raises ValueError for anything else."""
    value: T = _adapter(kind).validate_json(text)
    return value
