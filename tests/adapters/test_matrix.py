"""The page of backends is what their classes declare, and what it links to is there."""

import re
from pathlib import Path

import pytest

from rmflow.adapters import registry
from rmflow.adapters.matrix import matrix
from rmflow.adapters.registry import BACKENDS, load
from rmflow.ports.calendar import Capability

PAGE = Path(__file__).parents[2] / "docs/backends/index.md"
EVERY = [(port, kind) for port, backends in BACKENDS.items() for kind in backends]


@pytest.mark.parametrize(
    ("port", "kind", "names"),
    [
        *(("calendar", kind, ("capabilities", "settling")) for kind in BACKENDS["calendar"]),
        *(("mail_out", kind, ("settling",)) for kind in BACKENDS["mail_out"]),
    ],
)
def test_a_class_declares_what_can_be_had(port: str, kind: str, names: tuple[str, ...]) -> None:
    """Before there is an instance: what settings decide is declared as possible."""
    assert all(hasattr(load(port, kind), name) for name in names)


def row(port: str, name: str) -> dict[str, str]:
    """Return the cells of one row of the page, by backend."""
    section = matrix().partition(f"## `[{port}]`\n")[2].partition("\n## ")[0]
    (head, *_), cells = re.findall(r"^\|  \| (.*) \|$", section, re.MULTILINE), ""
    for line in section.splitlines():
        if line.startswith(f"| {name} |"):
            cells = line.removeprefix(f"| {name} | ").removesuffix(" |")
    return dict(zip(head.replace("`", "").split(" | "), cells.split(" | "), strict=True))


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == matrix(), "it is stale; run make docs"


@pytest.mark.parametrize("capability", Capability)
def test_a_calendar_can_what_its_class_declares(capability: Capability) -> None:
    for kind, cell in row("calendar", capability.value).items():
        able = capability in load("calendar", kind).capabilities
        assert cell == ("yes" if able else "–"), kind


@pytest.mark.parametrize(
    ("port", "kind"), [each for each in EVERY if each[0] in ("calendar", "mail_out")]
)
def test_whoever_writes_outside_says_how_a_doubt_ends(port: str, kind: str) -> None:
    """What is sent or invited twice, or never, is what people remember."""
    assert row(port, "after a lost answer, what was done is found by")[kind] != "–"
    assert row(port, "…and that is certain")[kind]


@pytest.mark.parametrize(("port", "kind"), EVERY)
def test_the_page_behind_a_link_is_there(port: str, kind: str) -> None:
    (target,) = re.findall(r"\((.+)\)", row(port, "more")[kind])
    assert (PAGE.parent / target).is_file()


def test_an_extra_is_shown_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = BACKENDS["calendar"]["vdir"]._replace(extra="caldav", page="")
    monkeypatch.setitem(registry.BACKENDS["calendar"], "sundial", entry)
    assert row("calendar", "to install")["sundial"] == '`pip install "rmflow[caldav]"`'
    assert row("calendar", "more")["sundial"] == "[caldav](caldav.md)"
    assert row("calendar", "to install")["vdir"] == "nothing"
