"""From the meetings of a pair to the facts its health is judged by."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from itertools import takewhile

from rmflow.domain.health import Facts, Health, assess
from rmflow.domain.pairing import Pairing, PairingStatus
from rmflow.domain.people import Role
from rmflow.domain.programme import Frequency, Programme
from rmflow.domain.series import ParticipationStatus
from rmflow.domain.session import Evidence
from rmflow.formats.workbook.tracking.frame import HELD, Frame
from rmflow.formats.workbook.tracking.view import SessionRow, SummaryState

_MONTH = timedelta(days=30)
_IN_VAIN = (SummaryState.ASKED, SummaryState.REMINDED)


def pair_health(frame: Frame, pairing: Pairing) -> Health | None:
    """Return how an active pair is doing; None for one that is paused or closed."""
    state = frame.view.states.get(pairing.id, pairing.status.value)
    if state != PairingStatus.ACTIVE.value:
        return None
    rows = frame.sessions_of[pairing.id]
    past = [row for row in rows if row.session.start <= frame.view.now]
    held = [row for row in past if row.evidence in HELD]
    since = held[-1] if held else next(iter(past), None)
    asked = [row for row in past if row.summary_state is not SummaryState.NOT_ASKED]
    return assess(
        Facts(
            today=frame.day(frame.view.now),
            rhythm=_rhythm(frame.view.programme, pairing),
            waiting_since=frame.day(since.session.start) if since else None,
            ever_met=bool(held),
            declined={role: _declined(rows, role) for role in Role},
            unanswered=_latest(asked, lambda row: row.summary_state in _IN_VAIN),
            unclear=_latest(past, lambda row: row.evidence is Evidence.UNKNOWN),
        )
    )


def _declined(rows: Iterable[SessionRow], role: Role) -> int:
    """Return how many of the latest meetings this side declined in a row, those to come too."""
    said = [row.mentee_response if role is Role.MENTEE else row.mentor_response for row in rows]
    answers = [response for response in said if response is not ParticipationStatus.NEEDS_ACTION]
    return len(
        list(takewhile(lambda said: said is ParticipationStatus.DECLINED, reversed(answers)))
    )


def _latest(rows: Sequence[SessionRow], wanted: Callable[[SessionRow], bool]) -> int:
    return len(list(takewhile(wanted, reversed(rows))))


def _rhythm(programme: Programme, pairing: Pairing) -> timedelta:
    """Return the usual time between two meetings of a pair; a month for an unknown cadence."""
    cadence = programme.cadences.get(pairing.cadence)
    if cadence is None:
        return _MONTH
    weekly = cadence.frequency is Frequency.WEEKLY
    return cadence.interval * (timedelta(weeks=1) if weekly else _MONTH)
