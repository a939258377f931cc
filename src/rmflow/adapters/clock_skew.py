"""The clock of a service beside our own, for checkups."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from rmflow.ports.checkup import Finding, Verdict
from rmflow.ports.clock import Clock

_MOST_SKEW = timedelta(seconds=60)


def compared(told: datetime | str | None, clock: Clock) -> Finding:
    """Return how far apart the clocks are; `told` is an instant, or a header field `Date`."""
    instant = _read(told) if isinstance(told, str) else told
    if instant is None:
        return Finding("clock", Verdict.SKIPPED, "the service does not say what time it is")
    skew = abs(clock.now() - instant)
    text = f"this machine and the service are {skew.total_seconds():.0f} s apart"
    if skew > _MOST_SKEW:
        return Finding("clock", Verdict.WARNING, text, "let this machine follow a time server")
    return Finding("clock", Verdict.FINE, text)


def _read(field: str) -> datetime | None:
    """Return the instant of a `Date`, None when it is none (RFC 9110 section 5.6.7: always GMT)."""
    try:
        instant = parsedate_to_datetime(field)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
