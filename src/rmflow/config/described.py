"""Every section and option with its description: what the sample and the reference are made of."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import PurePath
from typing import Any, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from rmflow.config.backend import PORTS, Kinds, SettingsOf
from rmflow.config.sections import Sections
from rmflow.formats.settings.toml import model_in


@dataclass(frozen=True, slots=True)
class Option:
    """One option. `default` and `example` are TOML, "" where there is none."""

    name: str
    description: str
    kind: str
    required: bool
    default: str
    example: str


@dataclass(frozen=True, slots=True)
class Section:
    """One section, or one of the backends that a section can ask for.

    `purpose` says what the port of a backend is for; `first` False: it is an alternative there.
    `needed` False: nothing is lost when the file lacks it.
    """

    heading: str
    intro: str
    options: tuple[Option, ...]
    needed: bool
    first: bool = True
    purpose: str = ""


def sections(settings_of: SettingsOf, kinds: Kinds) -> Iterator[Section]:
    """Yield what must be said, then the backends, then what may be said."""
    fields = Sections.model_fields
    yield from (_section(name, field) for name, field in fields.items() if field.is_required())
    for port in PORTS:
        for kind in kinds(port):
            model = settings_of(port, kind)
            assert model is not None
            yield _backend(port, kind, model, first=kind == kinds(port)[0])
    yield from (_section(name, field) for name, field in fields.items() if not field.is_required())


def _section(name: str, field: FieldInfo) -> Section:
    model = model_in(field.annotation)
    assert model is not None
    heading = f"[{name}]"
    if get_origin(field.annotation) is tuple:
        heading = f"[[{name}]]"
    elif field.examples:
        heading = f"[{name}.{field.examples[0]}]"
    needed = model is field.annotation
    return Section(heading, _doc(model), tuple(_options(model)), needed)


def _backend(port: str, kind: str, model: type[BaseModel], *, first: bool) -> Section:
    choice = Option(
        name="kind",
        description="",
        kind="",
        required=True,
        default="",
        example=_toml(kind),
    )
    options = (choice, *_options(model))
    return Section(f"[{port}]", _doc(model), options, first, first, PORTS[port].purpose)


def _options(model: type[BaseModel]) -> Iterator[Option]:
    schema = model.model_json_schema()
    for name, field in model.model_fields.items():
        if name == "kind":  # how a backend is chosen, said already
            continue
        assert field.description, f"{model.__module__}: {name} has no description"
        given = field.get_default(call_default_factory=True, validated_data={})
        default = "" if given in (None, "", PydanticUndefined) else _toml(given)
        yield Option(
            name=name,
            description=field.description,
            kind=_kind(schema["properties"][name], schema.get("$defs", {})),
            required=field.is_required(),
            default=default,
            example=_toml(field.examples[0]) if field.examples else default,
        )


def _doc(model: type[BaseModel]) -> str:
    assert model.__doc__, f"{model.__module__}: {model.__name__} has no docstring"
    return " ".join(model.__doc__.split())


def _toml(value: object) -> str:
    """Return a value as it is written in TOML."""
    match value:
        case Enum():
            return _toml(value.value)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case tuple() | list():
            return f"[{', '.join(_toml(each) for each in value)}]"
        case bool() | int() | float():
            return json.dumps(value)
        case PurePath():
            return _toml(value.as_posix())
        case _:
            return json.dumps(str(value), ensure_ascii=False)


_KINDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "date": "day",
    "date-time": "moment",
    "path": "path",
    "secret": "secret",
}


def _kind(schema: Mapping[str, Any], shared: Mapping[str, Any]) -> str:
    """Return what kind of value a JSON schema asks for, in an operator's words."""
    if "$ref" in schema:
        return _kind(shared[schema["$ref"].rpartition("/")[2]], shared)
    if "anyOf" in schema:
        return " or ".join(
            _kind(each, shared) for each in schema["anyOf"] if each.get("type") != "null"
        )
    if "enum" in schema:
        return " or ".join(_toml(each) for each in schema["enum"])
    if "const" in schema:
        return _toml(schema["const"])
    if schema["type"] == "array":
        return f"list of {_kind(schema['items'], shared)}"
    return _KINDS[schema.get("format", schema["type"])] + _range(schema)


def _range(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None:
        return ""
    return f", {low:g} or more" if high is None else f" from {low:g} to {high:g}"
