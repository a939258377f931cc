"""Everything the tracking workbook shows, gathered from the store by whoever builds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from rmflow.domain.crowd import Rating
from rmflow.domain.pairing import Pairing, PairingId
from rmflow.domain.people import Participant, PersonId
from rmflow.domain.programme import Programme
from rmflow.domain.records import AnswerRecord
from rmflow.domain.series import ParticipationStatus
from rmflow.domain.session import Evidence, Session


class SummaryState(Enum):
    """What became of the summary of a meeting."""

    NOT_ASKED = ""
    ASKED = "asked"
    REMINDED = "reminded"
    RECEIVED = "received"
    NEEDS_YOU = "needs you"


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One meeting as it is known now. `topic` is a topic's id, or free text from an agenda.

    `rating` is what the mentee gave the meeting, 1 to 5. `note` is ours: "moved by the mentee".
    """

    pairing: PairingId
    session: Session
    evidence: Evidence
    mentor_response: ParticipationStatus = ParticipationStatus.NEEDS_ACTION
    mentee_response: ParticipationStatus = ParticipationStatus.NEEDS_ACTION
    topic: str = ""
    summary_state: SummaryState = SummaryState.NOT_ASKED
    rating: int | None = None
    cancelled: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class NeedsYou:
    """Something that waits for the coordinator. `what` is its kind in a word or three, `text`
    what happened, `suggestion` the plain next step. Urgent ones come first.
    """

    key: str
    pairing: PairingId | None
    since: datetime
    what: str
    text: str
    suggestion: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class LogLine:
    """One thing rmflow did: an effect, its state and, if any, what there is to say about it."""

    at: datetime
    key: str
    pairing: PairingId | None
    what: str
    state: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """The facts. All datetimes are aware. `states`: "active", "paused", "closed" and the like.

    `people` and `pairings` include those who left while records of them are kept. The order of
    pairings is the order of the sheet. `ratings`: each at the time when its receipt left.
    """

    programme: Programme
    now: datetime
    people: Mapping[PersonId, Participant]
    pairings: tuple[Pairing, ...]
    states: Mapping[PairingId, str]
    sessions: tuple[SessionRow, ...] = ()
    answers: tuple[AnswerRecord, ...] = ()
    ratings: tuple[Rating, ...] = ()
    questions: tuple[NeedsYou, ...] = ()
    log: tuple[LogLine, ...] = ()
