"""Sessions: single occurrences of a series, and the evidence that they were held."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from rmflow.domain.series import ParticipationStatus, SessionId


def session_id(original_start: datetime) -> SessionId:
    """Return the id of the occurrence that was first meant to start then (an aware datetime)."""
    return SessionId(original_start.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"))


def original_start(id: SessionId) -> datetime:
    """Return the original start, in UTC, of the session with this id."""
    return datetime.fromisoformat(id)


@dataclass(frozen=True, slots=True)
class Session:
    """One meeting. `number` counts the meetings of its series that take place, from 1.

    `start` and `end` are aware, in the mentor's zone; for a moved session they are the new ones.
    """

    id: SessionId
    number: int
    start: datetime
    end: datetime
    moved: bool = False


class Evidence(Enum):
    """How sure we are that a meeting took place; never mixed in one figure (DESIGN 6)."""

    CONFIRMED = "confirmed"
    PRESUMED = "presumed"
    NOT_HELD = "not held"
    UNKNOWN = "unknown"
    PLANNED = "planned"


def evidence_of(
    session: Session, statuses: Iterable[ParticipationStatus], now: datetime, *, told: bool | None
) -> Evidence:
    """Return how sure we are that a session was held, from its attendees' answers.

    `told`: what somebody said of it in an answer, None if nobody did. The ladder of DESIGN 6:
    told, else not declined by anybody and accepted by all, else nobody knows.
    """
    answers = list(statuses)
    if told is not None:
        return Evidence.CONFIRMED if told else Evidence.NOT_HELD
    if ParticipationStatus.DECLINED in answers:
        return Evidence.NOT_HELD
    if session.end > now:
        return Evidence.PLANNED
    if all(status is ParticipationStatus.ACCEPTED for status in answers):
        return Evidence.PRESUMED
    return Evidence.UNKNOWN
