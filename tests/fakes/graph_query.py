"""OData's query options, as far as Graph knows them for events; anything else is refused."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from graph import Call, GraphError, bad
from graph_schema import properties

Json = dict[str, Any]

_PROPERTY = re.compile(
    r"(String|Integer|Boolean|SystemTime) \{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\} "
    r"Name \S.*"
)
_ANY = re.compile(r"singleValueExtendedProperties/[aA]ny\(ep: ?ep/id eq '([^']+)' and (.+)\)")
_EQUALS = re.compile(r"ep/value (eq|ne) '((?:[^']|'')*)'")
_STARTS = re.compile(r"startswith\(ep/value, ?'((?:[^']|'')*)'\)")
_SHOWN = re.compile(
    r"singleValueExtendedProperties\(\$filter=(id eq '[^']+'(?: or id eq '[^']+')*)\)"
)
# Not said unless they are asked for.
ON_DEMAND = {"cancelledOccurrences", "exceptionOccurrences", "singleValueExtendedProperties"}


def extended(properties: Iterable[Json]) -> Mapping[str, str]:
    """Return extended properties as a mapping. Raises GraphError for a name that is none."""
    found = {}
    for one in properties:
        if not _PROPERTY.fullmatch(one.get("id", "")) or not isinstance(one.get("value"), str):
            raise bad("The property id or value is invalid.", "ErrorInvalidProperty")
        found[one["id"]] = one["value"]
    return found


def matching(call: Call) -> Callable[[Mapping[str, str]], bool]:
    """Return the $filter as a test of an event's extended properties."""
    text = call.option("$filter")
    if not text:
        return lambda _: True
    whole = _ANY.fullmatch(text)
    if whole is None or not _PROPERTY.fullmatch(whole[1]):
        raise _bad_filter(text)
    if equals := _EQUALS.fullmatch(whole[2]):
        wanted = equals[2].replace("''", "'").lower()
        right = equals[1] == "eq"
        return lambda found: whole[1] in found and (found[whole[1]].lower() == wanted) is right
    if starts := _STARTS.fullmatch(whole[2]):
        start = starts[1].replace("''", "'").lower()
        return lambda found: found.get(whole[1], "\0").lower().startswith(start)
    raise _bad_filter(text)


@dataclass(frozen=True)
class Shape:
    """What $select and $expand ask for; of extended properties, their ids."""

    selected: frozenset[str]
    expanded: Mapping[str, list[str]]

    def of(self, event: Json, found: Mapping[str, str]) -> Json:
        """Return an event in this shape; `found` are its extended properties."""
        wanted = self.selected or event.keys() - ON_DEMAND
        if "exceptionOccurrences" not in self.expanded:
            wanted = wanted - {"exceptionOccurrences"}
        shaped = {name: value for name, value in event.items() if name in wanted or name == "id"}
        shaped["@odata.etag"] = event["@odata.etag"]
        ids = self.expanded.get("singleValueExtendedProperties", ())
        pairs = [{"id": id, "value": found[id]} for id in ids if id in found]
        return {**shaped, "singleValueExtendedProperties": pairs} if pairs else shaped


def shape(call: Call, *, single: bool) -> Shape:
    """Return what a request asks for. Raises GraphError for what Graph does not know."""
    selected = frozenset(name for name in call.option("$select").split(",") if name)
    expanded = _expanded(call.option("$expand"))
    named = selected | expanded.keys()
    if unknown := named - properties("Event"):
        raise bad(f"Could not find a property named {sorted(unknown)}", "RequestBroker--ParseUri")
    if not single and named & (ON_DEMAND - {"singleValueExtendedProperties"}):
        raise bad("only a GET of one event tells of its occurrences", "ErrorInvalidRequest")
    return Shape(selected, expanded)


def page(call: Call, members: list[Json]) -> Json:
    """Return one page of a collection, ten members unless asked otherwise."""
    size, skip = int(call.option("$top", "10")), int(call.option("$skip", "0"))
    if not 1 <= size <= 1000:
        raise bad("$top must be between 1 and 1000", "ErrorInvalidRequest")
    answer: Json = {"value": members[skip : skip + size]}
    if len(members) > skip + size:
        query = {name: values[0] for name, values in call.request.query.items()}
        query["$skip"] = str(skip + size)
        link = urlencode(query, safe="$", quote_via=quote)
        answer["@odata.nextLink"] = f"{call.url}{quote(call.request.path)}?{link}"
    return answer


def _expanded(text: str) -> Mapping[str, list[str]]:
    """Return what $expand names, with the ids that a filter of extended properties names."""
    found: dict[str, list[str]] = {}
    if match := _SHOWN.search(text):
        found["singleValueExtendedProperties"] = re.findall("id eq '([^']+)'", match[1])
        text = text.replace(match[0], "")
    for name in filter(None, text.split(",")):
        if name == "singleValueExtendedProperties":
            raise bad("extended properties are told only by their ids", "ErrorInvalidRequest")
        found[name] = []
    return found


def _bad_filter(text: str) -> GraphError:
    return GraphError(400, "ErrorInvalidUrlQueryFilter", f"The query filter is invalid: {text}")
