"""The programme: its cadences, its clock around a meeting, its breaks and limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import Enum

from rmflow.domain.form import Form
from rmflow.domain.people import Address
from rmflow.domain.series import Place
from rmflow.domain.topic import Topic


class Frequency(Enum):
    """The two frequencies of RFC 5545 that a meeting series here can have."""

    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often a pair meets and for how long. `count` None: until the programme ends."""

    name: str
    duration: timedelta
    frequency: Frequency
    interval: int = 1
    count: int | None = None
    at_least: int = 0


BUILT_IN_CADENCES: Mapping[str, Cadence] = {
    cadence.name: cadence
    for cadence in (
        Cadence("hour-monthly", timedelta(minutes=60), Frequency.MONTHLY),
        Cadence("every-3-weeks", timedelta(minutes=45), Frequency.WEEKLY, 3, at_least=6),
        Cadence("pilot", timedelta(minutes=30), Frequency.MONTHLY, count=6),
    )
}


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The wall-clock hours, in a person's own zone, in which we write and meet."""

    start: time = time(9)
    end: time = time(17)
    weekdays: frozenset[int] = frozenset(range(5))


@dataclass(frozen=True, slots=True)
class Break:
    """Days on which nobody meets, first and last included."""

    name: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Timing:
    """The clock around a meeting, and how much mail a person gets."""

    agenda_before: timedelta = timedelta(days=5)
    prompt_before: timedelta = timedelta(days=2)
    summary_after: timedelta = timedelta(hours=2)
    reminders_after: tuple[timedelta, ...] = (timedelta(days=3), timedelta(days=7))
    summary_expires: timedelta = timedelta(days=21)
    weekly_letters: int = 4
    lead: timedelta = timedelta(days=7)
    tolerance: timedelta = timedelta(days=5)
    horizon: timedelta = timedelta(days=366)
    declines_before_asking: int = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a plan may destroy before a person must confirm it."""

    cancel_share: float = 0.2
    cancel_minimum: int = 5
    roster_shrink_share: float = 0.2


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what people wrote is kept: mails as they came, after they were settled; words,
    after the last meeting.
    """

    mails: timedelta = timedelta(days=30)
    words: timedelta = timedelta(days=180)


class SummaryMode(Enum):
    """Who reads what the mentee writes: the coordinator too, or the pair alone."""

    FIELDS = "fields"
    COUNTS = "counts"


class CounterMode(Enum):
    """What a proposed new time does: we follow it where it fits, or a person decides."""

    FOLLOW = "follow"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Programme:
    """One run of mentoring. `salt` is derived from the secret and makes keys unguessable.

    `language`, `timezone` (IANA) and `region` stand in where the roster is silent. `rooms` can
    be booked; where the mentor's is taken, the first free one of them stands in. `authserv_id`
    is how the programme's mail server signs what it finds out about senders, "" if it does not;
    `proof_required` True: who is not proven to have written is not believed.
    """

    id: str
    name: str
    mailbox: Address
    mailbox_name: str
    coordinator: Address
    coordinator_name: str
    salt: bytes = field(repr=False)
    objective: str = ""
    language: str = "en"
    timezone: str = "UTC"
    region: str = ""
    start: date | None = None
    end: date | None = None
    plus_addressing: bool = True
    authserv_id: str = ""
    proof_required: bool = False
    default_cadence: str = "hour-monthly"
    cadences: Mapping[str, Cadence] = field(default_factory=lambda: BUILT_IN_CADENCES)
    hours: WorkingHours = WorkingHours()
    breaks: tuple[Break, ...] = ()
    rooms: tuple[Place, ...] = ()
    timing: Timing = Timing()
    limits: Limits = Limits()
    retention: Retention = Retention()
    summaries: SummaryMode = SummaryMode.FIELDS
    counters: CounterMode = CounterMode.FOLLOW
    forms: Mapping[str, Form] = field(default_factory=dict)
    topics: tuple[Topic, ...] = ()
