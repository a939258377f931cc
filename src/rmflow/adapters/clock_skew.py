"""The clock of a service beside our own, for checkups."""

from datetime import datetime, timedelta

from rmflow.adapters.http_date import http_date
from rmflow.ports.checkup import Finding, Verdict
from rmflow.ports.clock import Clock

_MOST_SKEW = timedelta(seconds=60)


def compared(told: datetime | str | None, clock: Clock) -> Finding:
    """Return how far apart the clocks are; `told` is an instant, or a header field `Date`."""
    instant = http_date(told) if isinstance(told, str) else told
    return apart(None if instant is None else clock.now() - instant)


def apart(skew: timedelta | None) -> Finding:
    """Return whether a difference between the clocks is small enough; None: it is not known."""
    if skew is None:
        return Finding("clock", Verdict.SKIPPED, "the service does not say what time it is")
    text = f"this machine and the service are {abs(skew).total_seconds():.0f} s apart"
    if abs(skew) > _MOST_SKEW:
        return Finding("clock", Verdict.WARNING, text, "let this machine follow a time server")
    return Finding("clock", Verdict.FINE, text)
