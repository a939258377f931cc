"""A backend as the configuration names it: port, kind and the backend's own options."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import BaseModel

from rmflow.errors import Problem
from rmflow.formats.settings.toml import Document, check, one_of, suggestion


class Port(NamedTuple):
    """What a backend is needed for; `usual` is the kind that is meant when the file is silent."""

    purpose: str
    usual: str = ""


PORTS = {
    "roster": Port("Where the roster is.", "file"),
    "calendar": Port("Where the meetings are kept."),
    "mail_out": Port("How mail leaves. Begin with files, look at them, then send."),
    "mail_in": Port("Where replies arrive."),
    "tracking": Port("Where the coordinator reads how it goes.", "xlsx"),
    "store": Port("What rmflow remembers between two runs.", "sql"),
}

SettingsOf = Callable[[str, str], type[BaseModel] | None]
Kinds = Callable[[str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Backend:
    """Which backend fills a port. `settings` is an instance of that backend's own model."""

    port: str
    kind: str
    settings: Any


def read_backend(
    port: str, document: Document, settings_of: SettingsOf, kinds: Kinds
) -> tuple[Backend | None, list[Problem]]:
    """Return the backend that the section of this port asks for, or all that is wrong with it."""
    section = document.tree.get(port, {})
    if not isinstance(section, dict):
        return None, [Problem(document.place((port,)), f"this is not a section; write [{port}]")]
    kind = section.get("kind", PORTS[port].usual)
    place, known = document.place((port, "kind")), kinds(port)
    if not kind:
        return None, [Problem(place, f"this is missing; use {one_of(known)}")]
    model = settings_of(port, kind) if isinstance(kind, str) else None
    if model is None:
        advice = suggestion(str(kind), known) or f"use {one_of(known)}"
        return None, [Problem(place, f'kind "{kind}" is unknown; {advice}')]
    options = {name: value for name, value in section.items() if name != "kind"}
    settings, problems = check(model, options, document, (port,))
    return (None, problems) if settings is None else (Backend(port, kind, settings), [])
