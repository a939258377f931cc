"""The sheet `Overview`: key figures and charts, each kind of evidence counted by itself."""

from collections.abc import Iterable
from datetime import date

from rmflow.domain.health import Level
from rmflow.domain.pairing import PairingStatus
from rmflow.domain.session import Evidence
from rmflow.formats.workbook.book import Block, ChartKind, Figure, Sheet, Tone, Value
from rmflow.formats.workbook.tracking.frame import AHEAD, SHOWN_FROM, Frame, average
from rmflow.formats.workbook.tracking.pair_health import pair_health
from rmflow.formats.workbook.tracking.topics import uses
from rmflow.formats.workbook.tracking.view import SessionRow, SummaryState

_MONTHS = 12
_TOPICS = 8
_MEANINGS = {
    Evidence.CONFIRMED: ("a summary, or one side said so", Tone.GOOD),
    Evidence.PRESUMED: ("accepted and not cancelled", Tone.BUSY),
    Evidence.NOT_HELD: ("declined, cancelled, or said so", Tone.WARN),
    Evidence.UNKNOWN: ("nobody said whether they met", Tone.QUIET),
}


def overview_sheet(frame: Frame) -> Sheet:
    """Return the key figures and the charts. Averages are over five people or more."""
    past = [row for row in frame.view.sessions if row.session.start <= frame.view.now]
    blocks = (_meetings(frame, past), _summaries(frame, past), *_ratings(frame), *_topics(frame))
    return Sheet(
        "Overview",
        "How the programme is doing. Confirmed and presumed meetings are never mixed, and an "
        f"average is shown once {SHOWN_FROM} people or more stand behind it.",
        figures=(*_programme_figures(frame, past), *_meeting_figures(past), _planned(frame)),
        blocks=tuple(block for block in blocks if block.rows),
    )


def _programme_figures(frame: Frame, past: Iterable[SessionRow]) -> tuple[Figure, ...]:
    view = frame.view
    states = [view.states.get(p.id, p.status.value) for p in view.pairings]
    levels = [health.level for p in view.pairings if (health := pair_health(frame, p))]
    at_risk, watched = levels.count(Level.AT_RISK), levels.count(Level.WATCH)
    urgent = sum(question.urgent for question in view.questions)
    waiting = len(view.questions)
    asked = [row for row in past if row.summary_state is not SummaryState.NOT_ASKED]
    received = sum(row.summary_state is SummaryState.RECEIVED for row in asked)
    return (
        Figure(
            "Need you",
            waiting,
            f"{urgent} of them urgent" if urgent else "see the sheet Needs you",
            Tone.BAD if urgent else Tone.WARN if waiting else Tone.GOOD,
        ),
        Figure(
            "Active pairs",
            states.count(PairingStatus.ACTIVE.value),
            f"of {len(states)} in the roster",
            Tone.BUSY,
        ),
        Figure(
            "Pairs at risk",
            at_risk,
            f"and {watched} to watch: see Pairs",
            Tone.BAD if at_risk else Tone.GOOD,
        ),
        Figure("Summaries", received, f"of {len(asked)} asked for", Tone.BUSY),
        _rating_figure(frame),
    )


def _rating_figure(frame: Frame) -> Figure:
    ratings = [(frame.rater(r.pairing), r.rating) for r in frame.view.sessions if r.rating]
    mean = average(ratings)
    if mean is None:
        return Figure("Average rating", "–", f"shown from {SHOWN_FROM} people on")
    people = len({person for person, _ in ratings})
    return Figure("Average rating", mean, f"out of 5, from {people} leaders", Tone.BUSY)


def _meeting_figures(past: Iterable[SessionRow]) -> tuple[Figure, ...]:
    past = tuple(past)
    return tuple(
        Figure(evidence.value.capitalize(), sum(r.evidence is evidence for r in past), text, tone)
        for evidence, (text, tone) in _MEANINGS.items()
    )


def _planned(frame: Frame) -> Figure:
    now = frame.view.now
    coming = [r for r in frame.view.sessions if now < r.session.start <= now + AHEAD]
    return Figure("Planned", sum(not r.cancelled for r in coming), "in the next five weeks")


def _meetings(frame: Frame, past: Iterable[SessionRow]) -> Block:
    return _by_month(
        frame,
        "Meetings by month and evidence",
        ChartKind.STACKED,
        tuple(evidence.value.capitalize() for evidence in _MEANINGS),
        [(row, tuple(row.evidence is evidence for evidence in _MEANINGS)) for row in past],
    )


def _summaries(frame: Frame, past: Iterable[SessionRow]) -> Block:
    return _by_month(
        frame,
        "Summaries asked for and received",
        ChartKind.COLUMNS,
        ("Asked for", "Received"),
        [
            (
                row,
                (
                    row.summary_state is not SummaryState.NOT_ASKED,
                    row.summary_state is SummaryState.RECEIVED,
                ),
            )
            for row in past
        ],
    )


def _by_month(
    frame: Frame,
    title: str,
    kind: ChartKind,
    series: tuple[str, ...],
    counted: Iterable[tuple[SessionRow, tuple[bool, ...]]],
) -> Block:
    """Return the counts of the last twelve months in which there was a meeting or a gap."""
    counts: dict[date, list[int]] = {}
    for row, marks in counted:
        month = frame.day(row.session.start).replace(day=1)
        counts.setdefault(month, [0] * len(series))
        counts[month] = [n + mark for n, mark in zip(counts[month], marks, strict=True)]
    months = _months(min(counts), max(counts)) if counts else []
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (f"{month:%b ’%y}", *counts.get(month, [0] * len(series))) for month in months[-_MONTHS:]
    )
    return Block(title, kind, ("Month", *series), rows)


def _months(first: date, last: date) -> list[date]:
    """Return the first days of all months between two first days, both included."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def _ratings(frame: Frame) -> Iterable[Block]:
    """Return how often each rating was given, once five people have given one."""
    rated = [row for row in frame.view.sessions if row.rating]
    if len({frame.rater(row.pairing) for row in rated}) < SHOWN_FROM:
        return
    ratings = [row.rating for row in rated]
    rows: tuple[tuple[Value, ...], ...] = tuple((str(n), ratings.count(n)) for n in range(1, 6))
    yield Block(
        "Ratings of meetings (5 is best)",
        ChartKind.COLUMNS,
        ("Rating", "Meetings"),
        rows,
    )


def _topics(frame: Frame) -> Iterable[Block]:
    """Return the best rated topics of those that five people or more have rated."""
    rated = [(frame.topic(id), average(use.ratings)) for id, use in uses(frame).items()]
    best = sorted(
        ((title, mean) for title, mean in rated if mean is not None),
        key=lambda topic: (-topic[1], topic[0]),
    )
    yield Block(
        "Topics by average rating",
        ChartKind.BARS,
        ("Topic", "Average rating"),
        tuple(best[:_TOPICS]),
    )
