"""What the planner looks at: three snapshots, plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from rmflow.domain.busy import BusyTime
from rmflow.domain.documents import from_json, to_json
from rmflow.domain.keys import Key
from rmflow.domain.pairing import Pairing, PairingId, Roster
from rmflow.domain.people import Address, PersonId
from rmflow.domain.programme import Programme
from rmflow.domain.reading import Reading
from rmflow.domain.reason import Reasons
from rmflow.domain.records import (
    AnswerRecord,
    LetterRecord,
    PairingRecord,
    QuestionRecord,
    ReadingRecord,
    Record,
    ResponseRecord,
    SeriesRecord,
    SignalRecord,
)
from rmflow.domain.series import ObservedSeries, SeriesSpec, SessionId, TakenOut, Uid


class Found(Enum):
    """What looking at a doubtful effect showed."""

    HAPPENED = "it happened"
    DID_NOT = "it did not happen"
    UNKNOWABLE = "nobody can know"


class SeriesState(Enum):
    """Where a series of ours stands. DELETED: by a person, and never resurrected."""

    LIVE = "live"
    ENDED = "ended"
    CANCELLED = "cancelled"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class KnownSeries:
    """A series as the journal remembers it; see `SeriesRecord`."""

    spec: SeriesSpec
    generation: int
    state: SeriesState
    etag: str
    wish: str
    place: str = ""
    previous: SeriesSpec | None = None
    because: Reasons = ()
    ended_at: datetime | None = None
    told: int = -1
    taken_out: tuple[TakenOut, ...] = ()


def record_of(known: KnownSeries) -> SeriesRecord:
    """Return a series as the store keeps it."""
    return SeriesRecord(
        uid=known.spec.uid,
        pairing=known.spec.pairing,
        generation=known.generation,
        state=known.state.value,
        spec_json=to_json(known.spec),
        etag=known.etag,
        wish=known.wish,
        place=known.place,
        previous_json=to_json(known.previous) if known.previous else "",
        because_json=to_json(known.because) if known.because else "",
        ended_at=known.ended_at,
        told=known.told,
        taken_out_json=to_json(known.taken_out) if known.taken_out else "",
    )


def known_of(record: SeriesRecord) -> KnownSeries:
    """Return a series as the store kept it."""
    previous = from_json(SeriesSpec, record.previous_json) if record.previous_json else None
    return KnownSeries(
        spec=from_json(SeriesSpec, record.spec_json),
        generation=record.generation,
        state=SeriesState(record.state),
        etag=record.etag,
        wish=record.wish,
        place=record.place,
        previous=previous,
        because=from_json(Reasons, record.because_json) if record.because_json else (),
        ended_at=record.ended_at,
        told=record.told,
        taken_out=from_json(tuple[TakenOut, ...], record.taken_out_json)
        if record.taken_out_json
        else (),
    )


@dataclass(frozen=True, slots=True)
class Command:
    """What the coordinator chose in the column "Do next" of a pairing; not obeyed before."""

    pairing: PairingId
    text: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the coordinator chose for a row of the sheet "Needs you"; not obeyed before.

    `about` is what the row stands for, `filed` how a mail reads now that its meeting was named.
    """

    row: str
    text: str
    about: ReadingRecord | QuestionRecord
    filed: Reading | None = None

    @property
    def pairing(self) -> PairingId:
        """The pairing that it is about, "" for none."""
        return (self.filed.pairing if self.filed else None) or self.about.pairing


@dataclass(frozen=True, slots=True)
class History:
    """What earlier runs wrote down about one pairing. `series` is ordered by generation.

    `waiting`: the meetings about which somebody wrote what only a person can read; `asked_again`:
    the mails after which the coordinator has their meeting asked about once more. `readings` are
    all mails about the pairing.
    """

    record: PairingRecord | None = None
    series: tuple[KnownSeries, ...] = ()
    letters: tuple[LetterRecord, ...] = ()
    answers: tuple[AnswerRecord, ...] = ()
    responses: tuple[ResponseRecord, ...] = ()
    questions: tuple[QuestionRecord, ...] = ()
    waiting: frozenset[SessionId] = frozenset()
    asked_again: frozenset[ReadingRecord] = frozenset()
    readings: tuple[ReadingRecord, ...] = ()

    @property
    def live(self) -> KnownSeries | None:
        """The series that meetings come from now."""
        return next((s for s in reversed(self.series) if s.state is SeriesState.LIVE), None)


@dataclass(frozen=True, slots=True)
class Desired:
    """What the coordinator wants. `awake`: the pairings to plan for; others are left alone.

    `gone` are pairings that the last roster had and this one has not; everybody who is named
    by a pairing, gone or not, is in `roster.people`.
    `by_mail` True: attendees learn of their series through our invitation mails.
    `rooms` True: the calendar can invite rooms, and they answer.
    `known_pairings` were in the last roster and not over; `still_there` of them are in this one.
    `live_series`: how many series there are in all.
    """

    programme: Programme
    roster: Roster
    awake: frozenset[PairingId]
    by_mail: bool
    rooms: bool = False
    gone: Mapping[PairingId, Pairing] = field(default_factory=dict)
    known_pairings: int = 0
    still_there: int = 0
    live_series: int = 0


@dataclass(frozen=True, slots=True)
class Observed:
    """What the world looks like. `complete` False: what is missing may still be there.

    `busy`: when people cannot come, as far as it was asked; our own meetings are in it.
    """

    series: Mapping[Uid, ObservedSeries] = field(default_factory=dict)
    vanished: frozenset[Uid] = frozenset()
    complete: bool = True
    readings: tuple[Reading, ...] = ()
    commands: tuple[Command, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    busy: Mapping[Address, tuple[BusyTime, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Doubt:
    """An effect that was claimed and has no end, and what looking for it showed.

    `records`: what settling it will write down; if it happened, they hold already.
    """

    key: Key
    pairing: PairingId
    kind: str
    found: Found
    covers: tuple[Key, ...] = ()
    records: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Journal:
    """What earlier runs wrote down. `done` holds covered and held keys as well.

    `recent`: kind and time of what each person has got in the last seven days.
    `signals`: what was said about each person's taking part.
    `clock`: what the clock said when it was looked at last, to a week; None in the first run.
    """

    done: frozenset[Key] = frozenset()
    doubts: tuple[Doubt, ...] = ()
    pairs: Mapping[PairingId, History] = field(default_factory=dict)
    recent: Mapping[PersonId, tuple[tuple[str, datetime], ...]] = field(default_factory=dict)
    signals: Mapping[PersonId, tuple[SignalRecord, ...]] = field(default_factory=dict)
    clock: datetime | None = None

    def history(self, pairing: PairingId) -> History:
        """Return what is known of a pairing, nothing at all for a new one."""
        return self.pairs.get(pairing, _NOTHING)


_NOTHING = History()
