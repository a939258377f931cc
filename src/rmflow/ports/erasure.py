"""Erasure: what a store and a workbook do so that nothing of a person is left in their files."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from rmflow.domain.pairing import PairingId
from rmflow.domain.people import Address, PersonId
from rmflow.domain.records import Written


@dataclass(frozen=True, slots=True)
class Traces:
    """What a person can be found by. `words` are replaced wherever else they stand, the first
    name alone in letters about several pairings, one of them theirs.
    """

    person: PersonId
    address: Address
    pairings: Collection[PairingId]
    words: Collection[str]
    first_name: str


class Eraser(Protocol):
    """Erases a person from the store."""

    def erase(self, traces: Traces, records: Collection[Written]) -> None:
        """Delete the person and their pairings with all that belongs to them, replace their name
        and address in everything else, write `records`; then clean the files of what was deleted.

        In the audit log the entries about them are emptied. An entry among `records` gets their
        numbers, so that nobody else can empty one unnoticed.
        """
        ...


@runtime_checkable
class KeepsCopies(Protocol):
    """A publisher that keeps earlier versions of the workbook."""

    def erase_copies(self) -> None:
        """Delete all earlier versions. Raises UnavailableError."""
        ...
