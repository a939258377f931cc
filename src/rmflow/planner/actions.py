"""The closed set of actions: plain values that can be printed, compared and hashed.

An action either touches the outside world (and then is claimed, done and settled by its key),
or only writes down what has been seen (`Note`). Text for people never names the key.
"""

from dataclasses import dataclass
from enum import Enum

from rmflow.domain.keys import Key
from rmflow.domain.letter import Letter
from rmflow.domain.pairing import PairingId
from rmflow.domain.reason import Reasons
from rmflow.domain.records import Record, Written
from rmflow.domain.series import SeriesSpec
from rmflow.planner.state import KnownSeries


@dataclass(frozen=True, slots=True)
class CreateSeries:
    """Put a new series into the calendar. `records` are written down together with it."""

    key: Key
    pairing: PairingId
    spec: SeriesSpec
    generation: int
    wish: str
    records: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviseSeries:
    """Replace a series; `known` is how its attendees know it, under the etag it was seen with.

    `covers`: proposals and answers it settles. `ends`: its last meeting lies in the past now.
    """

    key: Key
    pairing: PairingId
    spec: SeriesSpec
    known: KnownSeries
    because: Reasons
    covers: tuple[Key, ...] = ()
    ends: bool = False
    records: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class CancelSeries:
    """Cancel a series. `spec` already carries the raised SEQUENCE."""

    key: Key
    pairing: PairingId
    spec: SeriesSpec
    known: KnownSeries
    records: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class SendLetter:
    """Send one mail to one person. `after`: the series action whose success it reports."""

    key: Key
    pairing: PairingId
    letter: Letter
    after: Key | None = None

    @property
    def covers(self) -> tuple[Key, ...]:
        """The keys of everything this letter says."""
        return tuple(item.key for item in self.letter.items)


class NoteKind(Enum):
    """What is written down."""

    REPLY_FILED = "file a reply"
    MAIL_WAITS = "set a mail aside for the coordinator"
    MAIL_IGNORED = "put an automatic mail away"
    CALENDAR_FOLLOWED = "follow a change in the calendar"
    ROSTER_FOLLOWED = "note what the roster asks for"
    ANSWERS_NOTED = "note an answer in the calendar"
    SERIES_ADOPTED = "take over meetings that are in the calendar"
    QUESTION_ASKED = "ask the coordinator"
    QUESTION_CLOSED = "close a question"
    COMMAND_OBEYED = "do what the coordinator chose"
    PAIRING_ENDED = "end a pairing"


@dataclass(frozen=True, slots=True)
class Note:
    """Write down something seen or decided; nothing outside changes. `text` is for people."""

    key: Key
    pairing: PairingId
    kind: NoteKind
    text: str
    records: tuple[Written, ...]


@dataclass(frozen=True, slots=True)
class SettleDoubt:
    """An effect of a run that was cut off turned out to have happened."""

    key: Key
    pairing: PairingId
    kind: str


@dataclass(frozen=True, slots=True)
class HoldDoubt:
    """Nobody can know whether an effect happened; it is not repeated, a person is told."""

    key: Key
    pairing: PairingId
    kind: str


@dataclass(frozen=True, slots=True)
class DropDoubt:
    """An effect of a run that was cut off certainly did not happen; it is planned anew if due."""

    key: Key
    pairing: PairingId
    kind: str


Action = (
    SettleDoubt
    | HoldDoubt
    | DropDoubt
    | Note
    | CancelSeries
    | ReviseSeries
    | CreateSeries
    | SendLetter
)
