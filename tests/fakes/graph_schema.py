"""Microsoft's own description of Graph's resources, as the judge of bodies.

The schemas are made from Microsoft's published types (`@microsoft/microsoft-graph-types`, MIT) and
lie outside the repository, in $RMFLOW_CONTRACTS. Without them no fake of Graph can be trusted:
the tests that use one are skipped, and say why.
"""

import json
import os
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pytest
from graph import GraphError
from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

FOLDER = Path(
    os.environ.get("RMFLOW_CONTRACTS")
    or Path(__file__).resolve().parents[2].parent / "shared" / "contracts"
)


def refuse_unless(name: str, body: Any) -> None:
    """Raise GraphError, as Graph does, when a request's body is no such resource."""
    if complaint := _complaint(name, body):
        raise GraphError(400, "RequestBodyRead", complaint[:400])


def assert_valid(name: str, body: Any) -> None:
    """Fail when an answer of the fake is no such resource: then the fake is wrong."""
    assert (complaint := _complaint(name, body)) == "", f"the fake says nonsense: {complaint}"


def properties(name: str) -> frozenset[str]:
    """Return the names of a resource's properties."""
    return frozenset(_schema(name)["properties"])


def _complaint(name: str, body: Any) -> str:
    """Return what is wrong with a resource, property by property: most were seen before."""
    members = (json.dumps({name: value}) for name, value in _bare(body).items())
    return next((found for member in members if (found := _member_complaint(name, member))), "")


@lru_cache(maxsize=10_000)
def _member_complaint(name: str, text: str) -> str:
    error = best_match(_validator(name).iter_errors(json.loads(text)))
    return f"{name} {error.json_path}: {error.message}" if error else ""


@cache
def _validator(name: str) -> Draft7Validator:
    return Draft7Validator(_schema(name))


@cache
def _schema(name: str) -> Any:
    path = FOLDER / "graph" / f"schema-{name}.json"
    if not path.is_file():
        pytest.skip(f"{path} is missing: set RMFLOW_CONTRACTS to the folder of vendors' schemas")
    return json.loads(path.read_text().replace("%3C", "<").replace("%3E", ">"))


def _bare(body: Any) -> Any:
    """Return a body without OData's annotations, which are no properties."""
    if isinstance(body, dict):
        return {name: _bare(value) for name, value in body.items() if "@" not in name}
    if isinstance(body, list):
        return [_bare(member) for member in body]
    return body
