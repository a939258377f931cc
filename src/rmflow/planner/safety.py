"""Safety: plans that destroy much are an accident until a person has looked at them."""

from collections.abc import Sequence

from rmflow.domain.programme import Limits
from rmflow.domain.records import SeriesRecord
from rmflow.planner.actions import Action, CancelSeries, Note, ReviseSeries
from rmflow.planner.state import Desired, SeriesState


def alarms(desired: Desired, actions: Sequence[Action]) -> tuple[str, ...]:
    """Return why a person must confirm this plan; empty for an ordinary one."""
    limits = desired.programme.limits
    return (
        *_many_cancelled(limits, actions, desired.live_series),
        *_roster_shrunk(limits, desired),
    )


def _many_cancelled(limits: Limits, actions: Sequence[Action], live_series: int) -> tuple[str, ...]:
    ended = sum(map(_ends, actions))
    if live_series < limits.cancel_minimum or ended <= live_series * limits.cancel_share:
        return ()
    return (f"this would end or cancel the meetings of {ended} of {live_series} pairs",)


def _ends(action: Action) -> bool:
    """Return whether an action ends a series, or takes note that somebody deleted one."""
    match action:
        case CancelSeries() | ReviseSeries(ends=True):
            return True
        case Note(records=(SeriesRecord(state=state),)):
            return state == SeriesState.DELETED.value
        case _:
            return False


def _roster_shrunk(limits: Limits, desired: Desired) -> tuple[str, ...]:
    known, now = desired.known_pairings, desired.still_there
    if known and not now:
        return (f"the roster has none of the {known} pairs of the last run any more",)
    if known < limits.cancel_minimum or known - now <= known * limits.roster_shrink_share:
        return ()
    return (f"the roster has lost {known - now} of {known} pairs since the last run",)
