"""TOML as people edit it: read, checked against a model, every problem with its place.

A place reads `programme.toml:41, [letters] weekly_limit`. The line is found by a plain look at
the text: it is missing or off by a few lines where somebody writes TOML in an unusual way.
"""

import difflib
import json
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, ValidationError
from pydantic_core import ErrorDetails

from rmflow.errors import ConfigError, Problem

M = TypeVar("M", bound=BaseModel)
Location = tuple[str | int, ...]

_MOST = 2**63
_HEADER = re.compile(r"\s*(\[\[?)([^\[\]]+)\]")
_KEY = re.compile(r"""\s*([\w"'.-]+(?:\s*\.\s*[\w"'-]+)*)\s*=""")
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)| \(at end of document\)")

# What was expected, by the beginning of pydantic's name for the error.
_EXPECTED = {
    "int": "a whole number",
    "float": "a number",
    "finite": "a number",
    "bool": "true or false",
    "string_type": "text in quotes",
    "path": "text in quotes",
    "date_": "a day such as 2027-01-31",
    "datetime": "a moment such as 2027-01-31T09:00:00Z",
    "timezone": "a moment with its zone, such as 2027-01-31T09:00:00Z",
    "tuple": "a list in [ ]",
    "list": "a list in [ ]",
    "set": "a list in [ ]",
    "frozen_set": "a list in [ ]",
    "model": "a section",
    "dict": "a section",
    "mapping": "a section",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A TOML text that was read. `lines` says on which line sections and options stand."""

    source: str
    tree: Mapping[str, Any]
    lines: Mapping[Location, int]

    def place(self, location: Location) -> str:
        """Return the place as a person would say it."""
        section, rest = self._split(location)
        words = [self._source_and_line(location)]
        if section:
            name = ".".join(str(part) for part in section if isinstance(part, str))
            repeated = [part + 1 for part in section if isinstance(part, int)]
            words.append(f"[[{name}]] {repeated[-1]}" if repeated else f"[{name}]")
        names = " ".join(str(part) for part in rest if isinstance(part, str))
        items = "".join(f", item {part + 1}" for part in rest if isinstance(part, int))
        tail = f" {names}{items}" if section else f", {names}{items}"
        return ", ".join(words) + (tail if rest else "")

    def _source_and_line(self, location: Location) -> str:
        for length in range(len(location), 0, -1):
            if line := self.lines.get(location[:length]):
                return f"{self.source}:{line}"
        return self.source

    def _split(self, location: Location) -> tuple[Location, Location]:
        """Return the location of the section, and that of the option within it."""
        node: Any = self.tree
        for depth, part in enumerate(location):
            try:
                node = node[part]
            except (KeyError, IndexError, TypeError):
                # Not there: on its first level a file of ours has nothing but sections.
                missing = max(depth, 1)
                return location[:missing], location[missing:]
            if not _is_section(node):
                return location[:depth], location[depth:]
        return location, ()


def parse(text: str, source: str) -> Document:
    """Return the text as a document. Raises ConfigError with the line of a syntax error, and of
    numbers of more than the 64 bits that TOML has: Python reads them, and cannot write them.
    """
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        reason = _AT_LINE.sub("", str(error)).strip()
        line = found[1] if found and found[1] else str(text.count("\n") + 1)
        raise ConfigError(
            [Problem(f"{source}:{line}", f"this is not valid TOML ({reason}); correct the line")]
        ) from error
    except (RecursionError, ValueError) as error:
        text = "this has brackets within brackets without end, or a number that is no number; correct it"
        raise ConfigError([Problem(source, text)]) from error
    document = Document(source, tree, _lines(text))
    if places := sorted(map(document.place, _too_large(tree))):
        advice = "this number is far too large; correct it"
        raise ConfigError([Problem(place, advice) for place in places])
    return document


def _too_large(tree: Mapping[str, Any]) -> Iterator[Location]:
    """Yield where whole numbers stand that need more than 64 bits."""
    nodes: list[tuple[Location, Any]] = [((), tree)]
    while nodes:
        at, node = nodes.pop()
        if isinstance(node, dict):
            nodes += [((*at, name), below) for name, below in node.items()]
        elif isinstance(node, list):
            nodes += [((*at, number), below) for number, below in enumerate(node)]
        elif isinstance(node, int) and not -_MOST <= node < _MOST:
            yield at


def check(
    model: type[M], tree: object, document: Document, at: Location = ()
) -> tuple[M | None, list[Problem]]:
    """Return `tree`, which stands at `at` in the document, as a `model`, or all its problems.

    Strict as JSON is strict: a number in quotes is not a number, and `true` is not 1.
    """
    try:
        return model.model_validate_json(json.dumps(tree, default=_iso), strict=True), []
    except ValidationError as error:
        details = error.errors(include_url=False)
        return None, [_problem(model, each, document, at) for each in details]


def suggestion(word: str, known: Collection[str]) -> str:
    """Return advice for an unknown word: the nearest known ones, else all if they are few."""
    near = difflib.get_close_matches(word, known, n=2, cutoff=0.6)
    if near:
        return f"did you mean {one_of(near)}?"
    return f"use {one_of(known)}" if 0 < len(known) <= 16 else ""


def one_of(words: Iterable[str]) -> str:
    """Return the words in quotes, as a choice."""
    *most, last = [f'"{word}"' for word in words]
    return f"{', '.join(most)} or {last}" if most else last


def model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model in an annotation such as `tuple[Model, ...]`, None if there is none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Annotated, Union, UnionType, tuple, list, dict, Mapping):
        found = (model_in(each) for each in get_args(annotation))
        return next((model for model in found if model is not None), None)
    return None


def _problem(
    model: type[BaseModel], error: ErrorDetails, document: Document, at: Location
) -> Problem:
    inside = tuple(part for part in error["loc"] if part != "[key]")
    return Problem(document.place(at + inside), _advice(model, error, inside))


def _advice(model: type[BaseModel], error: ErrorDetails, inside: Location) -> str:
    """Return what is wrong and what to do, in our words. It never repeats a secret: those are
    refused by SecretRef, with words of its own.
    """
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "missing":
        return "this is missing; add it"
    if kind == "extra_forbidden":
        known = list(_model_at(model, inside[:-1]).model_fields)
        advice = suggestion(str(inside[-1]), known) or "remove it"
        return f'"{inside[-1]}" is not an option here; {advice}'
    if kind in ("enum", "literal_error"):
        return f"{_shown(error['input'])} is not possible; use {_plain(context['expected'])}"
    return _limit(kind, context, error["input"]) or _wrong_type(kind, error)


def _limit(kind: str, context: Mapping[str, Any], value: object) -> str:
    """Return the advice for a value out of its limits, "" if that is not what is wrong."""
    limits = {
        "greater_than_equal": "{} is too small; use {ge} or more",
        "greater_than": "{} is too small; use more than {gt}",
        "less_than_equal": "{} is too large; use {le} or less",
        "less_than": "{} is too large; use less than {lt}",
        "string_too_long": "it is too long; use {max_length} characters at most",
        "string_too_short": "it is too short; use {min_length} characters or more",
        "too_long": "there are too many; use {max_length} at most",
        "too_short": "there are too few; use {min_length} or more",
    }
    return limits[kind].format(_shown(value), **context) if kind in limits else ""


def _wrong_type(kind: str, error: ErrorDetails) -> str:
    for beginning, expected in _EXPECTED.items():
        if kind.startswith(beginning):
            return f"{_shown(error['input'])} is another kind of value; write {expected}"
    return error["msg"][:1].lower() + error["msg"][1:]


def _model_at(model: type[BaseModel], location: Location) -> type[BaseModel]:
    """Return the innermost model on the way to `location`."""
    if issubclass(model, RootModel):
        model = model_in(model.model_fields["root"].annotation) or model
    for part in location:
        field = model.model_fields.get(part) if isinstance(part, str) else None
        model = (model_in(field.annotation) if field else None) or model
    return model


def _is_section(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(each, dict) for each in value)
    return isinstance(value, dict)


def _lines(text: str) -> dict[Location, int]:
    """Return the lines of sections and options; the first one counts."""
    lines: dict[Location, int] = {}
    section: Location = ()
    repeated: dict[Location, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            section = _names(header[2])
            if header[1] == "[[":
                repeated[section] = repeated.get(section, -1) + 1
                section = (*section, repeated[section])
            lines.setdefault(section, number)
        elif key := _KEY.match(line):
            lines.setdefault(section + _names(key[1]), number)
    return lines


def _names(dotted: str) -> Location:
    return tuple(name.strip().strip("\"'") for name in dotted.split("."))


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f'"{value[:60]}"'
    return json.dumps(value, default=str)[:60]


def _plain(expected: str) -> str:
    """Return pydantic's list of choices with the quotes we use."""
    return expected.replace("'", '"')


def _iso(value: Any) -> str:
    """Return a TOML day or time as JSON has it."""
    return str(value.isoformat())
