"""Domain values as JSON text and back, for the columns of the store that hold a whole value."""

import json
from functools import cache
from typing import Any, TypeVar

import pydantic_core
from pydantic import TypeAdapter

T = TypeVar("T")


_adapters: dict[Any, TypeAdapter[Any]] = {}  # making one costs a hundred times its use


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def to_json(value: object) -> str:
    """Return a dataclass value as JSON text; equal values give equal text, in every process."""
    kind: Any = type(value)
    adapter = _adapter(kind)
    if not _holds_sets(kind):
        return adapter.dump_json(value).decode()
    return pydantic_core.to_json(_in_order(adapter.dump_python(value))).decode()


@cache
def _holds_sets(kind: Any) -> bool:
    return '"uniqueItems": true' in json.dumps(_adapter(kind).json_schema(mode="serialization"))


def _in_order(value: Any) -> Any:
    """Return the value with its sets as sorted lists: a set has another order in every process."""
    match value:
        case dict():
            return {key: _in_order(each) for key, each in value.items()}
        case list() | tuple():
            return [_in_order(each) for each in value]
        case frozenset():
            return sorted(value)
        case _:
            return value


def from_json(kind: type[T], text: str | bytes) -> T:
    """Return the value that `to_json` wrote. Raises ValueError for anything else."""
    value: T = _adapter(kind).validate_json(text)
    return value
