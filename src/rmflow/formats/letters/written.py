"""A letter in words, before it is a message."""

from dataclasses import dataclass
from typing import Protocol

from rmflow.formats.letters.facts import LetterFacts


@dataclass(frozen=True, slots=True)
class Written:
    """What a template wrote. `text` is complete without `html`; both use LF line ends."""

    subject: str
    text: str
    html: str


class Writer(Protocol):
    """Puts facts into words: see `letters.LetterWriter`."""

    def write(self, facts: LetterFacts) -> Written:
        """Return the letter. Raises ConfigError when a template is missing or wrong."""
        ...
