"""The feature matrix of the backends, in Markdown, from what their classes declare.

A class may declare `capabilities` (the most that it can do; an instance has what its settings
allow), `settling`, and `found_again`: what tells it, after an answer was lost, whether a write
has happened.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from rmflow.adapters.registry import BACKENDS, load, settings_of
from rmflow.config.backend import PORTS
from rmflow.ports.calendar import Capability

_PREFACE = """\
# Backends

One backend fills each port, named by `kind` in its section of the [configuration](../configuration.md).
`rmflow doctor` says whether yours works. This page is made from the program: what a backend declares
here it can do, and what it cannot do it refuses. Some of it wants an option; the page of each backend
has its rights, limits and quirks, and a configuration to begin with.
"""
_YES, _NO = "yes", "–"


def matrix() -> str:
    """Return the page. Imports every backend, so every extra has to be installed."""
    return "\n".join([_PREFACE, *(_section(port) for port in PORTS)])


def _section(port: str) -> str:
    kinds = list(BACKENDS[port])
    classes = {kind: load(port, kind) for kind in kinds}
    rows = [
        ("", [f"`{kind}`" for kind in kinds]),
        ("---", ["---"] * len(kinds)),
        ("in short", [_in_short(port, kind) for kind in kinds]),
        *_features(classes),
        ("to install", [_install(port, kind) for kind in kinds]),
        ("more", [_page(port, kind) for kind in kinds]),
    ]
    table = "\n".join(_row(name, cells) for name, cells in rows)
    return f"## `[{port}]`\n\n{PORTS[port].purpose}\n\n{table}\n"


def _features(classes: Mapping[str, type[Any]]) -> Iterator[tuple[str, list[str]]]:
    """Yield the rows that any backend of a port has something to say about."""
    backends = classes.values()
    if any(hasattr(backend, "capabilities") for backend in backends):
        for capability in Capability:
            able = [capability in getattr(backend, "capabilities", ()) for backend in backends]
            yield capability.value, [_YES if each else _NO for each in able]
    if any(hasattr(backend, "found_again") for backend in backends):
        told = [getattr(backend, "found_again", _NO) for backend in backends]
        yield "after a lost answer, what was done is found by", told
    if any(hasattr(backend, "settling") for backend in backends):
        yield "…and that is certain", [_after(backend) for backend in backends]


def _in_short(port: str, kind: str) -> str:
    settings = settings_of(port, kind)
    assert settings is not None
    return " ".join((settings.__doc__ or "").split()).partition(". ")[0].rstrip(".")


def _install(port: str, kind: str) -> str:
    extra = BACKENDS[port][kind].extra
    return f'`pip install "rmflow[{extra}]"`' if extra else "nothing"


def _page(port: str, kind: str) -> str:
    entry = BACKENDS[port][kind]
    page = entry.page or f"{entry.extra}.md"
    return f"[{page.rpartition('/')[2].removesuffix('.md')}]({page})"


def _after(backend: type[Any]) -> str:
    minutes = getattr(backend, "settling", timedelta()) / timedelta(minutes=1)
    return f"after {minutes:g} min" if minutes else "at once"


def _row(name: str, cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in (name, *cells)) + " |"
