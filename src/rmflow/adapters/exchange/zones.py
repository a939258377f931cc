"""Time zones: ours are IANA's, Exchange's are Windows', and not each has a counterpart.

Our own name is kept in the mark and never read back from the Windows name, which stands for
several of ours.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from exchangelib import EWSTimeZone
from exchangelib.errors import UnknownTimeZone

_COMPARED = timedelta(days=2 * 366)


def windows_zone(name: str, first: date) -> EWSTimeZone:
    """Return the Windows zone that shows the same times as `name` for two years from `first`.

    Raises ValueError when there is none.
    """
    zone = _zone(name)
    if zone is None or not _same(name, zone.MS_TO_IANA_MAP[zone.ms_id], first.replace(day=1)):
        raise ValueError(
            f'Exchange has no time zone that keeps the times of "{name}"; give the mentor another'
        )
    return zone


def is_shown_as(name: str, shown: EWSTimeZone | None) -> bool:
    """Return whether an item's zone may stand for `name`. A zone that nobody knows does."""
    zone = _zone(name)
    return shown is None or (zone is not None and zone.ms_id == shown.ms_id)


def in_utc(at: datetime) -> datetime:
    """Return an instant without exchangelib's own kind of datetime, which refuses other zones."""
    return datetime.fromtimestamp(at.timestamp(), tz=UTC)


def _zone(name: str) -> EWSTimeZone | None:
    try:
        return EWSTimeZone(name)
    except UnknownTimeZone:
        return None


@lru_cache(maxsize=512)
def _same(one: str, other: str, first: date) -> bool:
    """Return whether two zones have equal offsets at noon, every day."""
    if one == other:
        return True
    zones = ZoneInfo(one), ZoneInfo(other)
    noon = datetime.combine(first, time(12))
    days = (noon + timedelta(days=n) for n in range(_COMPARED.days))
    return all(zones[0].utcoffset(day) == zones[1].utcoffset(day) for day in days)
