"""What stands for one state of an item: the server's ETag, and a hash of what the item means.

The hash leaves out who answered what, and SEQUENCE, which counts: neither is an edit.
"""

import hashlib
from dataclasses import dataclass, replace
from typing import Self

from rmflow.adapters.standards.caldav_items import Item
from rmflow.formats.calendar.ics import StoredSeries, read_stored
from rmflow.formats.calendar.mark import MARK


@dataclass(frozen=True, slots=True)
class Version:
    """Written as "<meaning> <etag>". `etag` is as it stands in HTTP, "" if there is none."""

    meaning: str
    etag: str
    cancelled: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the version that was written as `text`."""
        meaning, _, etag = text.partition(" ")
        return cls(meaning, etag)

    @classmethod
    def of(cls, etag: str, series: StoredSeries) -> Self:
        """Return the version of a series that was read."""
        spec = series.spec
        rest = replace(spec, excluded=frozenset(), attendees=(), sequence=0)
        people = sorted(spec.attendees, key=lambda attendee: attendee.address)
        text = repr((rest, sorted(spec.excluded), people, series.cancelled))
        meaning = hashlib.sha256(text.encode()).hexdigest()[:16]
        return cls(meaning, etag, series.cancelled)

    def __str__(self) -> str:
        return f"{self.meaning} {self.etag}"


def version_of(item: Item) -> Version:
    """Return the version of an item. Raises ValueError when it is no series of ours."""
    return Version.of(item.etag, read_stored(item.content))


def is_ours(content: bytes) -> bool:
    """Return whether the mark is there, without parsing what belongs to others."""
    return MARK.encode() in content.upper()
