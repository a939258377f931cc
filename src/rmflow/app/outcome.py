"""Outcomes: what became of each action of a plan, and of the workbook."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from rmflow.errors import Problem
from rmflow.planner.actions import Action


class Ending(Enum):
    """What became of an action."""

    DONE = "done"
    LATER = "later"
    HELD = "held"
    IN_DOUBT = "in doubt"


@dataclass(frozen=True, slots=True)
class Outcome:
    """An action and what became of it; `detail` says why, for everything but DONE.

    `stale`: what it was to change is not as it was seen.
    """

    action: Action
    ending: Ending
    detail: str = ""
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Published:
    """Whether the workbook was written, and why not if it should have been."""

    written: bool
    problem: Problem | None = None


def complaints(problems: Iterable[Problem]) -> str:
    """Return what the workbook complains about because of these problems; warnings are not in it."""
    return "\n".join(sorted(str(problem) for problem in problems if not problem.warning))
