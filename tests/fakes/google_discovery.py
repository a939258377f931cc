"""Google's own description of its APIs, as a judge of what is asked of a fake and what it answers.

The discovery documents come with google-api-python-client:

    check = DiscoveryCheck("calendar", "v3")
    check.request(request)          # what is wrong with it, an empty list if nothing is
    check.answer(request, response) # the same for what a fake says to it
    check.method(request).id        # "calendar.events.insert", None if there is no such method
    check.method(request).scopes    # any one of them allows it

Objects are closed here, which they are not at Google: there a misspelt property is ignored, and an
event without its recurrence is what comes of it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from typing import Any

import jsonschema
from web_server import Request, Response

_FORMATS = {
    "byte": r"^[A-Za-z0-9_+/=-]*$",
    "date": r"^\d{4}-\d\d-\d\d$",
    "date-time": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$",
    "google-datetime": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
    "int64": r"^-?\d+$",
    "uint64": r"^\d+$",
}
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True)
class Method:
    """One method of an API, on one of its paths. `media`: its path for uploads."""

    verb: str
    pattern: re.Pattern[str]
    document: Mapping[str, Any] = field(repr=False)
    media: bool = False

    @property
    def id(self) -> str:
        name: str = self.document["id"]
        return name

    @property
    def scopes(self) -> frozenset[str]:
        """What a token needs one of."""
        return frozenset(self.document.get("scopes", ()))

    def arguments(self, path: str) -> Mapping[str, str]:
        """Return the values that a path has for this method's `{parameters}`."""
        matched = self.pattern.fullmatch(path)
        return matched.groupdict() if matched else {}


class DiscoveryCheck:
    """Judges requests and answers of one API, `DiscoveryCheck("gmail", "v1")`."""

    def __init__(self, api: str, version: str) -> None:
        documents = resources.files("googleapiclient.discovery_cache") / "documents"
        text = (documents / f"{api}.{version}.json").read_text(encoding="utf-8")
        self._document = json.loads(text)
        self._validators: dict[str, jsonschema.Draft202012Validator] = {}
        self._judged: dict[tuple[str, bytes], list[str]] = {}

    def method(self, request: Request) -> Method | None:
        """Return the method that a request calls, None if there is no such thing."""
        path = _one_slash(request.path)
        found = [m for m in self._methods if m.verb == request.method and m.pattern.fullmatch(path)]
        return max(found, key=_literal_length, default=None)

    def request(self, request: Request) -> list[str]:
        """Return what is wrong with path, query and body of a request."""
        method = self.method(request)
        if method is None:
            return [f"no method for {request.method} {request.path}"]
        return [*self._query(method, request.query), *self._body(method, request)]

    def answer(self, request: Request, response: Response) -> list[str]:
        """Return what is wrong with an answer: a body of another shape, an error without one."""
        if response.status >= 400:
            return _wrong_error(response)
        method = self.method(request)
        if method is None:
            return [f"{response.status} to a method that does not exist"]
        if "response" not in method.document:
            return [f"{method.id} has no answer"] if response.body else []
        if request.query.get("alt") == ["media"]:
            return []
        return self._schema_errors(method.document["response"]["$ref"], response.body, "answer")

    @cached_property
    def _methods(self) -> list[Method]:
        root = "/" + self._document["servicePath"]
        found = []
        for document in _methods_in(self._document):
            pattern = _pattern(root + document["path"])
            found.append(Method(document["httpMethod"], pattern, document))
            for protocol in document.get("mediaUpload", {}).get("protocols", {}).values():
                pattern = _pattern(protocol["path"])
                found.append(Method(document["httpMethod"], pattern, document, media=True))
        return found

    @cached_property
    def _definitions(self) -> Mapping[str, Any]:
        return {name: _json_schema(s) for name, s in self._document["schemas"].items()}

    def _query(self, method: Method, query: Mapping[str, list[str]]) -> Iterator[str]:
        own = method.document.get("parameters", {})
        known = {**self._document.get("parameters", {}), **own}
        if method.media:
            known["uploadType"] = {"type": "string", "location": "query"}
        for name, values in query.items():
            parameter = known.get(name)
            if parameter is None or parameter["location"] != "query":
                yield f"query: {name} is unknown to {method.id}"
                continue
            if len(values) > 1 and not parameter.get("repeated"):
                yield f"query: {name} is repeated"
            yield from (w for value in values for w in _wrong_value(name, value, parameter))
        for name, parameter in own.items():
            if parameter.get("required") and parameter["location"] == "query" and name not in query:
                yield f"query: {name} is missing"

    def _body(self, method: Method, request: Request) -> Iterator[str]:
        if method.media:
            return
        if "request" not in method.document:
            if request.body:
                yield f"body: {method.id} takes none"
            return
        if not request.body and request.method == "POST" and not self._all_optional(method):
            yield "body: missing"
            return
        kind = request.headers.get("content-type", "").partition(";")[0].strip()
        if request.body and kind != "application/json":
            yield f'body: its Content-Type is "{kind}"'
            return
        yield from self._schema_errors(method.document["request"]["$ref"], request.body, "body")
        yield from self._missing(method, request)

    def _all_optional(self, method: Method) -> bool:
        schema = self._document["schemas"][method.document["request"]["$ref"]]
        return not schema.get("properties")

    def _missing(self, method: Method, request: Request) -> Iterator[str]:
        """Yield the properties that the document says this method cannot do without."""
        schema = self._document["schemas"][method.document["request"]["$ref"]]
        body = json.loads(request.body or b"{}")
        for name, part in schema.get("properties", {}).items():
            if method.id in part.get("annotations", {}).get("required", ()) and name not in body:
                yield f"body: {name} is missing"

    def _schema_errors(self, name: str, body: bytes, where: str) -> list[str]:
        """Return what is wrong with a body. Fakes say the same again and again, in every test."""
        if (name, body) not in self._judged:
            self._judged[name, body] = self._judge(name, body)
        return [f"{where}: {problem}" for problem in self._judged[name, body]]

    def _judge(self, name: str, body: bytes) -> list[str]:
        try:
            value = json.loads(body or b"{}")
        except ValueError as error:
            return [f"it is no JSON: {error}"]
        errors = self._validator(name).iter_errors(value)
        return [f"{error.json_path}: {error.message[:200]}" for error in errors]

    def _validator(self, name: str) -> jsonschema.Draft202012Validator:
        """Return the judge of one schema; making one takes longer than what it is asked for."""
        if name not in self._validators:
            schema = {"$ref": f"#/$defs/{name}", "$defs": self._definitions}
            self._validators[name] = jsonschema.Draft202012Validator(schema)
        return self._validators[name]


def _methods_in(resource: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from _methods_in(inner)


def _one_slash(path: str) -> str:
    return re.sub("/+", "/", path)


def _pattern(path: str) -> re.Pattern[str]:
    """Return the pattern of a path: `{name}` is one segment, `{+name}` may have slashes."""
    parts = re.split(r"\{(\+?\w+)\}", _one_slash(path))
    written = []
    for number, part in enumerate(parts):
        if number % 2 == 0:
            written.append(re.escape(part))
        elif part.startswith("+"):
            written.append(f"(?P<{part[1:]}>.+?)")
        else:
            written.append(f"(?P<{part}>[^/]+?)")
    return re.compile("".join(written))


def _literal_length(method: Method) -> int:
    return len(re.sub(r"\(\?P<\w+>[^)]*\)", "", method.pattern.pattern))


def _json_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a discovery schema as a JSON schema in which no object has further properties.

    A null is Google's word for "clear it", in a patch.
    """
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    kind = schema.get("type", "any")
    if kind == "any":
        return {}
    found: dict[str, Any] = {"type": [kind, "null"]}
    if kind == "object":
        properties = schema.get("properties", {})
        found["properties"] = {name: _json_schema(part) for name, part in properties.items()}
        extra = schema.get("additionalProperties")
        found["additionalProperties"] = _json_schema(extra) if extra else False
    if kind == "array":
        found["items"] = _json_schema(schema["items"])
    if "enum" in schema:
        found["enum"] = [*schema["enum"], None]
    pattern = schema.get("pattern") or _FORMATS.get(schema.get("format", ""))
    if pattern and kind == "string":
        found["pattern"] = pattern
    return found


def _wrong_value(name: str, value: str, parameter: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with one value in a query."""
    kind, form = parameter["type"], parameter.get("format")
    if "enum" in parameter and value not in parameter["enum"]:
        yield f"query: {name}={value} is not one of {', '.join(parameter['enum'])}"
    if kind == "boolean" and value not in ("true", "false"):
        yield f"query: {name}={value} is neither true nor false"
    if kind == "integer":
        yield from _wrong_number(name, value, parameter)
    if form in ("date-time", "google-datetime") and not _RFC_3339.fullmatch(value):
        yield f"query: {name}={value} is no RFC 3339 time with an offset"
    if form in ("int64", "uint64") and not re.fullmatch(_FORMATS[form], value):
        yield f"query: {name}={value} is no number"


def _wrong_number(name: str, value: str, parameter: Mapping[str, Any]) -> Iterator[str]:
    if not re.fullmatch(r"-?\d+", value):
        yield f"query: {name}={value} is no whole number"
        return
    least, most = parameter.get("minimum"), parameter.get("maximum")
    if (least and int(value) < int(least)) or (most and int(value) > int(most)):
        yield f"query: {name}={value} is not between {least} and {most}"


def _wrong_error(response: Response) -> list[str]:
    """Return what is wrong with an error: {"error": {"code", "message", "errors"}}."""
    try:
        error = json.loads(response.body)["error"]
        told = (error["code"], bool(error["message"]))
    except (ValueError, KeyError, TypeError):
        return [f"{response.status} without Google's error body"]
    return [] if told == (response.status, True) else [f"{response.status} says {told}"]
