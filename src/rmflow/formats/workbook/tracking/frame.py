"""What the sheets share: names of people, wall times, columns that recur, figures over many."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from statistics import fmean
from typing import TypeVar
from zoneinfo import ZoneInfo

from rmflow.domain.crowd import Rating, Round, by_topic, rounds
from rmflow.domain.pairing import Pairing, PairingId
from rmflow.domain.people import PersonId
from rmflow.domain.programme import SummaryMode
from rmflow.domain.series import SessionId
from rmflow.domain.session import Evidence
from rmflow.domain.topic import Topic
from rmflow.formats.workbook.book import MARK, Column, Look, Tone, Value
from rmflow.formats.workbook.tracking.view import SessionRow, View

T = TypeVar("T")

# More rows than this nobody reads, and office programs turn slow.
MOST_ROWS = 20_000
AHEAD = timedelta(days=35)  # the next monthly meeting of every pair, and no further
HELD = (Evidence.CONFIRMED, Evidence.PRESUMED)

NOTES = Column(
    "Coordinator notes",
    Look.LONG_TEXT,
    width=30,
    typed=True,
    hint="Yours: write what you like. It stays with its row, however you sort.",
)
PAIR_COLUMNS = (Column("Pair", width=16), Column("Mentor", width=18), Column("Mentee", width=18))
EVIDENCE_TONES = (
    (Evidence.CONFIRMED.value, Tone.GOOD),
    (Evidence.PRESUMED.value, Tone.BUSY),
    (Evidence.NOT_HELD.value, Tone.WARN),
    (Evidence.UNKNOWN.value, Tone.QUIET),
    (Evidence.PLANNED.value, Tone.QUIET),
)


def key_column(sheet: str) -> Column:
    """Return the hidden column that names the rows of a sheet."""
    return Column(MARK + sheet, Look.KEY)


def latest(rows: Sequence[T], intro: str) -> tuple[Sequence[T], str]:
    """Return the rows that are shown of those given, the latest first, and an intro that says so."""
    if len(rows) <= MOST_ROWS:
        return rows, intro
    return rows[:MOST_ROWS], f"{intro} Shown are the latest {MOST_ROWS:,} of {len(rows):,}."


def average(ratings: Iterable[Rating]) -> float:
    """Return the mean of one rating or more, to one decimal."""
    return round(fmean(rating.value for rating in ratings), 1)


@dataclass(frozen=True)  # without slots: cached_property needs a dictionary
class Frame:
    """A view and its indexes."""

    view: View

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone of the workbook: the programme's."""
        return ZoneInfo(self.view.programme.timezone)

    @cached_property
    def pairings(self) -> Mapping[PairingId, Pairing]:
        """The pairings by id."""
        return {pairing.id: pairing for pairing in self.view.pairings}

    @cached_property
    def sessions(self) -> Mapping[tuple[PairingId, SessionId], SessionRow]:
        """The meetings by pairing and session."""
        return {(row.pairing, row.session.id): row for row in self.view.sessions}

    @cached_property
    def sessions_of(self) -> Mapping[PairingId, list[SessionRow]]:
        """The meetings of each pairing, earliest first."""
        found: dict[PairingId, list[SessionRow]] = {id: [] for id in self.pairings}
        for row in sorted(self.view.sessions, key=lambda row: row.session.start):
            found.setdefault(row.pairing, []).append(row)
        return found

    @cached_property
    def rounds(self) -> tuple[Round, ...]:
        """The ratings that figures may be made of, in whole portions; see `crowd`."""
        return tuple(rounds(self.view.ratings, self.view.now, self.zone))

    @cached_property
    def rated(self) -> Mapping[str, tuple[Rating, ...]]:
        """The ratings of each topic of which a figure may be shown."""
        return by_topic(self.rounds)

    @cached_property
    def _topics(self) -> Mapping[str, Topic]:
        return {topic.id: topic for topic in self.view.programme.topics}

    def topic(self, text: str) -> str:
        """Return the title of a topic; free text stays as it is, where text is shown at all."""
        topic = self._topics.get(text)
        if topic:
            return topic.text(self.view.programme.language).title
        counts = self.view.programme.summaries is SummaryMode.COUNTS
        return "their own" if text and counts else text

    def tags(self, text: str) -> list[str]:
        """Return the tags of a topic in order; free text has none."""
        topic = self._topics.get(text)
        return sorted(topic.tags) if topic else []

    def wall(self, at: datetime) -> datetime:
        """Return an instant as the wall time of the workbook's zone, to the minute."""
        return at.astimezone(self.zone).replace(tzinfo=None, second=0, microsecond=0)

    def day(self, at: datetime) -> date:
        """Return the day of an instant in the workbook's zone."""
        return at.astimezone(self.zone).date()

    def name(self, person: PersonId) -> str:
        """Return the name of a person, their id where the name is not known any more."""
        known = self.view.people.get(person)
        return known.name if known else person

    def pair(self, id: PairingId | None) -> tuple[Value, Value, Value]:
        """Return the cells of PAIR_COLUMNS."""
        pairing = self.pairings.get(id) if id else None
        if pairing is None:
            return (id or None, None, None)
        return (pairing.id, self.name(pairing.mentor), self.name(pairing.mentee))
