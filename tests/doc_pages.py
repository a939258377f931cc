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
    """Return the first block of TOML on a page: its configuration to begin with."""
    block = _BLOCK.search((PAGES / page).read_text(encoding="utf-8"))
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


def shown_doctor(page: str) -> dict[str, list[str]]:
    """Return what a page shows of `rmflow doctor`: mark and check of each line, by subject."""
    text = (PAGES / page).read_text(encoding="utf-8")
    return {subject: marks(lines) for subject, lines in _OUTPUT.findall(text)}


def marks(lines: str) -> list[str]:
    """Return "ok login" for each line of a finding."""
    found = re.findall(r"^ *(ok|warning|failed|skipped) +(.+?):", lines, re.MULTILINE)
    return [" ".join(each) for each in found]
