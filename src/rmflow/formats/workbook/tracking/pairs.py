"""The sheet `Pairs`: one row a pair, how it is doing, and what the coordinator wants next."""

from statistics import fmean

from rmflow.domain.health import Health, Level
from rmflow.domain.pairing import Pairing, PairingStatus
from rmflow.domain.session import Evidence
from rmflow.formats.workbook.book import Column, Look, Sheet, Tone, Value
from rmflow.formats.workbook.tracking.frame import HELD, NOTES, PAIR_COLUMNS, Frame, key_column
from rmflow.formats.workbook.tracking.pair_health import pair_health
from rmflow.formats.workbook.tracking.view import SummaryState

CHOICES = ("pause", "resume", "skip next", "resend invitation", "rematch", "close")
_COUNTED = (Evidence.CONFIRMED, Evidence.PRESUMED, Evidence.NOT_HELD, Evidence.UNKNOWN)
_STATE_TONES = (
    (PairingStatus.ACTIVE.value, Tone.GOOD),
    (PairingStatus.PAUSED.value, Tone.WARN),
    (PairingStatus.CLOSED.value, Tone.QUIET),
)
_HEALTH_TONES = (
    (Level.GOOD.value, Tone.GOOD),
    (Level.WATCH.value, Tone.WARN),
    (Level.AT_RISK.value, Tone.BAD),
    (Level.NEW.value, Tone.QUIET),
)
_DO_NEXT = Column(
    "Do next",
    width=17,
    typed=True,
    choices=CHOICES,
    hint="Choose from the list. The next run does it and empties the cell.",
)


def pairs_sheet(frame: Frame) -> Sheet:
    """Return the pairs in the roster's order."""
    return Sheet(
        "Pairs",
        "How every pair is doing. Choose in “Do next” what you want done: the next run does it "
        "and empties the cell. Health follows plain rules, and “Why” says which.",
        columns=(
            key_column("Pairs"),
            *PAIR_COLUMNS,
            Column("State", Look.STATE, width=10, tones=_STATE_TONES),
            Column("Health", Look.STATE, width=10, tones=_HEALTH_TONES),
            Column("Why", Look.LONG_TEXT, width=28),
            Column("What would help", Look.LONG_TEXT, width=32),
            _DO_NEXT,
            NOTES,
            Column("Next meeting", Look.DATE_TIME, width=24),
            Column("Last held", Look.DATE, width=13),
            *(Column(e.value.capitalize(), Look.NUMBER, width=11) for e in _COUNTED),
            Column("Summaries", Look.NUMBER, width=11),
            Column("Average rating", Look.DECIMAL, width=10),
            Column("Cadence", width=15),
            Column("Mentor's team", width=17),
            Column("Mentee's team", width=17),
        ),
        rows=tuple(_row(frame, pairing) for pairing in frame.view.pairings),
    )


def _row(frame: Frame, pairing: Pairing) -> tuple[Value, ...]:
    rows = frame.sessions_of[pairing.id]
    now = frame.view.now
    upcoming = [row for row in rows if row.session.start > now and not row.cancelled]
    held = [row for row in rows if row.evidence in HELD]
    ratings = [row.rating for row in rows if row.rating is not None]
    people = [frame.view.people.get(id) for id in (pairing.mentor, pairing.mentee)]
    return (
        pairing.id,
        *frame.pair(pairing.id),
        frame.view.states.get(pairing.id, pairing.status.value),
        *_health_cells(pair_health(frame, pairing)),
        None,
        None,
        frame.wall(upcoming[0].session.start) if upcoming else None,
        frame.day(held[-1].session.start) if held else None,
        *(sum(row.evidence is evidence for row in rows) for evidence in _COUNTED),
        sum(row.summary_state is SummaryState.RECEIVED for row in rows),
        round(fmean(ratings), 1) if ratings else None,
        pairing.cadence,
        *(person.team if person else None for person in people),
    )


def _health_cells(health: Health | None) -> tuple[Value, Value, Value]:
    if health is None:
        return (None, None, None)
    return (health.level.value, health.reason or None, health.step or None)
