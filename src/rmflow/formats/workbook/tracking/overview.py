"""The sheet `Overview`: key figures and charts, each kind of evidence counted by itself."""

from collections.abc import Iterable
from datetime import date

from rmflow.domain.crowd import LEAST, people_in
from rmflow.domain.health import Level
from rmflow.domain.pairing import PairingStatus
from rmflow.domain.session import Evidence
from rmflow.formats.workbook.book import Block, ChartKind, Figure, Sheet, Tone, Value
from rmflow.formats.workbook.tracking.frame import AHEAD, Frame, average
from rmflow.formats.workbook.tracking.pair_health import pair_health
from rmflow.formats.workbook.tracking.view import SessionRow, SummaryState

_MONTHS = 12
_TOPICS = 8
_COMPARED = 3  # a chart of one or two compares nothing
_MEANINGS = {
    Evidence.CONFIRMED: ("a summary, or one side said so", Tone.GOOD),
    Evidence.PRESUMED: ("accepted and not cancelled", Tone.BUSY),
    Evidence.NOT_HELD: ("declined, cancelled, or said so", Tone.WARN),
    Evidence.UNKNOWN: ("nobody said whether they met", Tone.QUIET),
}


def overview_sheet(frame: Frame) -> Sheet:
    """Return the key figures and the charts. Averages are over five people or more: `crowd`."""
    past = [row for row in frame.view.sessions if row.session.start <= frame.view.now]
    blocks = (_meetings(frame, past), _summaries(frame, past), *_ratings(frame), *_topics(frame))
    return Sheet(
        "Overview",
        "How the programme is doing. Confirmed and presumed meetings are never mixed. Ratings enter "
        f"the averages when a month is over and {LEAST} people or more have given one.",
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
    ratings = [rating for each in frame.rounds for rating in each.ratings]
    if not ratings:
        return Figure("Average rating", "–", f"shown from {LEAST} people on")
    text = f"out of 5, from {people_in(ratings)} leaders"
    return Figure("Average rating", average(ratings), text, Tone.BUSY)


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
    """Return the average of each month in which five people gave a rating. How often each was
    given is not shown: a rating that one person gave would be theirs.
    """
    yield Block(
        "Average rating by month (5 is best)",
        ChartKind.COLUMNS,
        ("Month", "Average rating"),
        tuple((f"{each.month:%b ’%y}", average(each.ratings)) for each in frame.rounds)[-_MONTHS:],
    )


def _topics(frame: Frame) -> Iterable[Block]:
    """Return the best rated topics of those that five people or more have rated, if there are
    enough of them to compare.
    """
    known = {topic.id for topic in frame.view.programme.topics}
    rated = [(frame.topic(id), average(r)) for id, r in frame.rated.items() if id in known]
    best = sorted(rated, key=lambda topic: (-topic[1], topic[0]))
    if len(best) >= _COMPARED:
        head = ("Topic", "Average rating")
        yield Block("Topics by average rating", ChartKind.BARS, head, tuple(best[:_TOPICS]))
