"""The sample configuration: every option with its explanation, and valid as it is."""

from collections.abc import Iterator
from textwrap import wrap

from rmflow.config.backend import Kinds, SettingsOf
from rmflow.config.described import Option, Section, sections

_WIDTH = 98

_PREFACE = """\
# One programme of rmflow.
#
# What begins with "#" is not read. A line such as "#language = ..." shows the value that counts as
# long as you say nothing else; "e.g." marks an example for an option that has none. Lines without
# "#" have to be there: put your own values in.
#
# Paths count from the folder of this file. Secrets are never written here: write "file:NAME" for a
# file that only rmflow's user can read, or "env:NAME" for an environment variable.
#
# `rmflow check` reads this file and says what is wrong with it.
"""


def sample(settings_of: SettingsOf, kinds: Kinds) -> str:
    """Return the commented sample. Of several backends the first one is in force."""
    parts = [_PREFACE]
    parts += ["\n".join(_lines(section)) + "\n" for section in sections(settings_of, kinds)]
    return "\n\n".join(parts)


def _lines(section: Section) -> Iterator[str]:
    yield from _comment(f"{section.purpose if section.first else 'Or:'} {section.intro}")
    off = "" if section.needed else "#"
    yield off + section.heading
    for option in section.options:
        if option.description:
            yield ""
            yield from _comment(option.description)
        yield _line(option, off)


def _line(option: Option, off: str) -> str:
    if option.required:
        return f"{off}{option.name} = {option.example}"
    if option.default:
        return f"#{option.name} = {option.default}"
    return f"#{option.name} = {option.example}  # e.g."


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in wrap(text.strip(), _WIDTH - 2)]
