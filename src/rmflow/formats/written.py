"""A letter in words, before it is a message."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Written:
    """What a template wrote. `text` is complete without `html`; both use LF line ends."""

    subject: str
    text: str
    html: str
