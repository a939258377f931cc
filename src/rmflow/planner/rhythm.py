"""The rhythm in which a pair meets."""

from collections.abc import Iterable

from rmflow.domain.pairing import Pairing
from rmflow.domain.programme import Cadence, Programme
from rmflow.domain.recurrence import cadence_of
from rmflow.planner.state import KnownSeries, SeriesState


def rhythm(programme: Programme, pairing: Pairing, series: Iterable[KnownSeries]) -> Cadence | None:
    """Return the cadence of a pairing, None for one that is not known and has never met.

    A roster that was good names a cadence that the configuration may have no more. Until its
    owner mends it the last good one stands in, and then its meetings say what they were made by.
    """
    known = programme.cadences.get(pairing.cadence)
    if known is not None:
        return known
    whole = [s.previous or s.spec if s.state is SeriesState.ENDED else s.spec for s in series]
    found = (cadence_of(pairing.cadence, spec.rrule, spec.duration) for spec in reversed(whole))
    return next((cadence for cadence in found if cadence), None)
