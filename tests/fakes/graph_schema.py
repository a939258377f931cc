"""Microsoft's own description of Graph's resources, as the judge of bodies.

The schemas are made from Microsoft's published types (`@microsoft/microsoft-graph-types`, MIT) and
lie outside the repository, in $RMFLOW_CONTRACTS. Without them no fake of Graph can be trusted:
the tests that use one are skipped, and say why.
"""

import json
import os
from functools import cache
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
    error = best_match(_validator(name).iter_errors(_bare(body)))
    if error is not None:
        where = f"{name} {error.json_path}: {error.message}"
        raise GraphError(400, "RequestBodyRead", where[:400])


def assert_valid(name: str, body: Any) -> None:
    """Fail when an answer of the fake is no such resource: then the fake is wrong."""
    error = best_match(_validator(name).iter_errors(_bare(body)))
    assert error is None, f"the fake says nonsense: {name} {error.json_path}: {error.message}"


def properties(name: str) -> frozenset[str]:
    """Return the names of a resource's properties."""
    return frozenset(_schema(name)["properties"])


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
