"""The reference page of the configuration, in Markdown."""

from collections.abc import Iterator

from rmflow.config.backend import Kinds, SettingsOf
from rmflow.config.described import Option, Section, sections

_PREFACE = """\
# Configuration

One programme is one TOML file: the one that `--config` names, else `$RMFLOW_CONFIG`, else
`config/programme.toml`. This page is made from the program, as is the commented sample
`config/programme.toml`. `rmflow check` reads a configuration and reports everything that is wrong
with it at once, each with its line.

- **Paths** count from the folder of the file.
- **Secrets** are never written into the file. Write `"file:NAME"` for a file that only rmflow's
  user can read, or `"env:NAME"` for an environment variable.
- **Days** are written `2027-01-31`, **moments** `2027-01-31T09:00:00Z`, both without quotes.
- An unknown section or option is an error, never ignored.

Sections in which nothing is required can be left out.
"""


def reference(settings_of: SettingsOf, kinds: Kinds) -> str:
    """Return the reference page."""
    parts = [_PREFACE]
    parts += ["\n".join(_lines(section)) + "\n" for section in sections(settings_of, kinds)]
    return "\n".join(parts)


def _lines(section: Section) -> Iterator[str]:
    kind, options = "", section.options
    if section.purpose:
        kind, options = f" kind = {options[0].example}", options[1:]
    yield f"## `{section.heading}{kind}`"
    yield ""
    if section.purpose and section.first:
        yield section.purpose
        yield ""
    yield section.intro
    if options:
        yield ""
        yield "| option | value | default | meaning |"
        yield "| --- | --- | --- | --- |"
        yield from (_row(option) for option in options)


def _row(option: Option) -> str:
    default = "**required**" if option.required else f"`{option.default}`" * bool(option.default)
    cells = (f"`{option.name}`", option.kind, default, option.description)
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"
