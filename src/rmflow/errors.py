"""Every deliberate error, drawn as a tree; each leaf says who acts and how the process ends.

RmflowError                exit 1
├── ConfigError            exit 2   the operator edits a file
├── RosterError            exit 3   the roster's owner edits cells (all problems listed)
├── UnsafePlanError        exit 4   a person looks at the plan and confirms it
├── BackendError           exit 5
│   ├── UnavailableError            it did not happen; the next run tries again
│   │   └── UsedUpError              no more changes for now; reading goes on
│   ├── UncertainError              it may have happened; the next run looks before acting
│   ├── DeniedError                 we are refused as a whole; the operator acts, all is kept
│   ├── RejectedError               this one thing is refused for good; a person is asked
│   ├── ChangedError                somebody edited it since we looked; look again
│   └── UnsupportedError            never possible with this backend
└── AlreadyRunningError    exit 75  another run holds the lock
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong at one place. `str()` gives `place: what is wrong; what to do`."""

    place: str
    text: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


class RmflowError(Exception):
    """The root; its message is one sentence a person can act on."""

    exit_code = 1


class ProblemsError(RmflowError):
    """Carries every problem of one input at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class ConfigError(ProblemsError):
    """The configuration cannot be used; the operator edits it."""

    exit_code = 2


class RosterError(ProblemsError):
    """The roster cannot be used; its owner edits the named cells."""

    exit_code = 3


class UnsafePlanError(RmflowError):
    """The plan would destroy much; a person reads it and runs `rmflow run --plan DIGEST`."""

    exit_code = 4

    def __init__(self, alarms: Sequence[str], digest: str) -> None:
        super().__init__("\n".join(alarms))
        self.alarms = tuple(alarms)
        self.digest = digest


class BackendError(RmflowError):
    """An outside system failed. `backend` and `operation` say where.

    `retry_after`: how long it asks to be left alone, None if it does not say.
    """

    exit_code = 5

    def __init__(
        self, backend: str, operation: str, reason: str, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(f"{backend}: {operation} failed: {reason}")
        self.backend = backend
        self.operation = operation
        self.reason = reason
        self.retry_after = retry_after


class UnavailableError(BackendError):
    """It certainly did not happen; the next run may try again, not before `retry_after`."""


class UsedUpError(UnavailableError):
    """A service takes no more changes for `retry_after`: the invitations of a day are used up.

    It can be read all the same.
    """


class UncertainError(BackendError):
    """It may or may not have happened; look before acting again."""


class DeniedError(BackendError):
    """The service refuses us, not this one thing: a login, a certificate, a relay. Nothing can
    happen until the operator acts; what was planned stays planned.
    """


class RejectedError(BackendError):
    """This one thing did not happen and will not: an unknown recipient, a mail that is refused."""


class ChangedError(BackendError):
    """Somebody edited the thing since it was last seen; look again, never force."""


class UnsupportedError(BackendError):
    """The backend cannot do this and does not declare it."""


class AlreadyRunningError(RmflowError):
    """Another run holds the lock."""

    exit_code = 75
