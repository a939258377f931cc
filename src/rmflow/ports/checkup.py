"""What `rmflow doctor` asks of a backend: whether it works, and whether it may do too much."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Verdict(Enum):
    """How a check ended. SKIPPED: it could not be tried here, and `text` says why."""

    FINE = "fine"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried. `check` names it in three words, `text` says what was seen, and
    `advice` what the operator does about it ("" where nothing is to be done).
    """

    check: str
    verdict: Verdict
    text: str
    advice: str = ""


class Checkup(Protocol):
    """A backend that can be examined. Every adapter offers it."""

    def checkup(self) -> Iterator[Finding]:
        """Yield what was found, most basic first: reachable, login, each right, clock, excess.

        A right to write is proved with a probe that nobody is told of and that is removed again.
        Never raises a BackendError: a failure is a finding, and ends what depends on it.
        """
        ...


@dataclass(frozen=True, slots=True)
class Examination:
    """One thing to examine, by its name. Nothing happens before `findings()` is iterated."""

    subject: str
    findings: Callable[[], Iterable[Finding]]
