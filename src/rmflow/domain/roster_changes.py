"""What is new in a roster: people and pairings by their ids, before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from rmflow.domain.pairing import Pairing, Roster
from rmflow.domain.people import Participant

Id = TypeVar("Id", bound=str)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Change(Generic[Value]):
    """The same person or pairing, before and after an edit."""

    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class RosterChanges:
    """All differences, each in the order of the roster it stands in.

    The id says who a person is: a new mail address is a change, not one who left and one who
    joined (if the roster has employee ids). `shrunk_share`: the removed pairings as a share of
    all that were there, 0.0 to 1.0.
    """

    joined: tuple[Participant, ...]
    left: tuple[Participant, ...]
    changed: tuple[Change[Participant], ...]
    added: tuple[Pairing, ...]
    removed: tuple[Pairing, ...]
    revised: tuple[Change[Pairing], ...]
    shrunk_share: float


def changes(before: Roster | None, after: Roster) -> RosterChanges:
    """Return what changed between two rosters; `before` None means that `after` is the first."""
    if before is None:
        before = Roster({}, {})
    joined, left, changed = _compared(before.people, after.people)
    added, removed, revised = _compared(before.pairings, after.pairings)
    share = len(removed) / len(before.pairings) if before.pairings else 0.0
    return RosterChanges(joined, left, changed, added, removed, revised, share)


def _compared(
    before: Mapping[Id, Value], after: Mapping[Id, Value]
) -> tuple[tuple[Value, ...], tuple[Value, ...], tuple[Change[Value], ...]]:
    """Return what is new, what is gone, and what is different."""
    return (
        tuple(value for id, value in after.items() if id not in before),
        tuple(value for id, value in before.items() if id not in after),
        tuple(
            Change(before[id], value)
            for id, value in after.items()
            if id in before and before[id] != value
        ),
    )
