"""What the pages of docs/backends/ show, taken out of them so that it can be tried."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

PAGES = Path(__file__).parents[1] / "docs/backends"

_BLOCK = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^\[(\w+)\]\n(?:(?!\[).*\n?)*", re.MULTILINE)
_OUTPUT = re.compile(r"^    (\S.*)\n((?:      .*\n)+)", re.MULTILINE)


def shown_config(page: str) -> str:
    """Return a block of TOML on a page: the first is its configuration to begin with.

    "google.md#Log in with a user's consent" is the first one below that heading.
    """
    name, _, heading = page.partition("#")
    text = (PAGES / name).read_text(encoding="utf-8").partition(f"## {heading}")[2]
    block = _BLOCK.search(text)
    assert block is not None, f"{page} shows no configuration"
    return block[1]


def with_sections(config: str, shown: str, instead: Mapping[str, str]) -> str:
    """Return a configuration in which the sections shown stand for its own.

    `instead` says what stands for a text of the page: addresses of servers, mostly. Each text
    has to be there.
    """
    for text, other in instead.items():
        assert text in shown, text
        shown = shown.replace(text, other)
    replaced = tomllib.loads(shown)
    rest = _SECTION.sub(lambda section: "" if section[1] in replaced else section[0], config)
    return f"{rest}\n{shown}"


def shown_scopes(page: str) -> list[set[str]]:
    """Return the lines of scopes that a page tells to enter, each as a set."""
    text = (PAGES / page).read_text(encoding="utf-8")
    return [
        set(line.split(",")) for line in re.findall(r"^ *(https://[\w./,:]+)$", text, re.MULTILINE)
    ]


def shown_doctor(page: str) -> dict[str, list[str]]:
    """Return what a page shows of `rmflow doctor`: mark and check of each line, by subject."""
    text = (PAGES / page.partition("#")[0]).read_text(encoding="utf-8")
    return {subject: marks(lines) for subject, lines in _OUTPUT.findall(text)}


def marks(lines: str) -> list[str]:
    """Return "ok login" for each line of a finding."""
    found = re.findall(r"^ *(ok|warning|failed|skipped) +(.+?):", lines, re.MULTILINE)
    return [" ".join(each) for each in found]
