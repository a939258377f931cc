"""Names that people write into files and that programs rely on."""

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator


def checked(parse: Callable[[str], object]) -> AfterValidator:
    """Return a validator that keeps a text as it is, if `parse` does not raise ValueError."""

    def check(text: str) -> str:
        parse(text)
        return text

    return AfterValidator(check)


def matching(pattern: str, advice: str) -> AfterValidator:
    """Return a validator for texts that match as a whole; `advice` says how to write one."""
    compiled = re.compile(pattern)

    def check(text: str) -> None:
        if not compiled.fullmatch(text):
            raise ValueError(f'"{text}" cannot be used; {advice}')

    return checked(check)


Slug = Annotated[
    str,
    matching("[a-z0-9][a-z0-9-]{0,39}", "use at most 40 lower-case letters, digits and hyphens"),
]
Language = Annotated[str, matching("[a-z]{2}", 'use a language code such as "en" or "de"')]
