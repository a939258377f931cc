"""How often and how long a read is tried again. A write never is."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import tenacity

from rmflow.errors import UnavailableError

T = TypeVar("T")

# A read may wait this long for a busy service; one that asks for more is left to the next run.
LONGEST_WAIT = timedelta(seconds=20)


def patiently(step: Callable[[], T], *, attempts: int = 4) -> T:
    """Return what `step` returns. It changes nothing, and is done anew after UnavailableError."""
    retrying = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(attempts),
        wait=_wait,
        retry=tenacity.retry_if_exception(_worth_another_try),
        reraise=True,
    )
    return retrying(step)


def _worth_another_try(error: BaseException) -> bool:
    if not isinstance(error, UnavailableError):
        return False
    return error.retry_after is None or error.retry_after <= LONGEST_WAIT


def _wait(state: tenacity.RetryCallState) -> float:
    """Return the seconds to wait: what the service asks for, else longer each time, never in step."""
    assert state.outcome is not None
    error = state.outcome.exception()
    usual: float = tenacity.wait_random_exponential(multiplier=0.2, max=5)(state)
    asked = error.retry_after if isinstance(error, UnavailableError) else None
    return usual if asked is None else asked.total_seconds()
