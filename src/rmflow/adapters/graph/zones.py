"""Time zones as Exchange knows them.

Graph takes every Windows name, and only some IANA names (learn.microsoft.com/graph/api/resources/
datetimetimezone). The Unicode CLDR has one IANA zone for each Windows name; any other zone, Vienna
beside Berlin, goes by a name whose clocks show the same, hour for hour, over the next two years.
What comes back is never read as a zone: rmflow keeps its own name beside the event.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones


@lru_cache(maxsize=256)
def windows_zone(name: str, year: int) -> str:
    """Return the Windows name of an IANA zone, as its clocks go from this year on, for two years.

    Raises ValueError when no zone of Windows has the same clocks.
    """
    known = _windows_names()
    if name in known:
        return known[name]
    place = name.partition("/")[0]
    instants = _instants(year)
    wanted = _offsets(name, instants)
    alike = (other for other in known if _alike(other, wanted, instants))
    best = min(alike, key=lambda other: (other.partition("/")[0] != place, other), default=None)
    if best is None:
        raise ValueError(f"Exchange has no time zone with the clocks of {name}")
    return known[best]


@lru_cache(maxsize=1)
def _windows_names() -> dict[str, str]:
    """Return the Windows name for each IANA zone that stands for one."""
    from babel.core import get_global

    there = available_timezones()
    return {
        iana: name for name, iana in get_global("windows_zone_mapping").items() if iana in there
    }


def _instants(year: int) -> list[datetime]:
    """Return instants, every three hours of two years; coarse ones first, they tell most apart."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    hours = range(0, 2 * 366 * 24, 3)
    return [start + timedelta(hours=hour) for hour in (*hours[::240], *hours)]


def _offsets(name: str, instants: list[datetime]) -> list[timedelta | None]:
    zone = ZoneInfo(name)
    return [at.astimezone(zone).utcoffset() for at in instants]


def _alike(name: str, wanted: list[timedelta | None], instants: list[datetime]) -> bool:
    zone = ZoneInfo(name)
    pairs = zip(instants, wanted, strict=True)
    return all(at.astimezone(zone).utcoffset() == offset for at, offset in pairs)
