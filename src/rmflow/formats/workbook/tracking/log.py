"""The sheets `Needs you` and `Log`: what waits for the coordinator, and what rmflow did."""

from rmflow.formats.workbook.book import Column, Look, Sheet, Tone
from rmflow.formats.workbook.tracking.frame import NOTES, PAIR_COLUMNS, Frame, key_column

_LOG_LINES = 2_000  # enough for the last weeks; the store keeps the rest
_STATE_TONES = (
    ("done", Tone.GOOD),
    ("claimed", Tone.BUSY),
    ("held", Tone.BAD),
    ("failed", Tone.WARN),
)
_DO_NEXT = Column(
    "Do next",
    width=17,
    typed=True,
    choices=("done", "assign", "ask again", "discard"),
    free=True,
    hint="done: takes the line off. assign: files the mail as the summary of this pair's meeting, "
    "or type: assign to PAIR, 2027-02-16. ask again: asks its author once more. discard: the mail "
    "is nobody's answer.",
)


def needs_you_sheet(frame: Frame) -> Sheet:
    """Return what waits for the coordinator: the urgent first, then what has waited longest."""
    waiting = sorted(frame.view.questions, key=lambda q: (not q.urgent, q.since, q.key))
    intro = (
        "First things first. Each line says what happened and what you can do about it; it goes "
        "away by itself once it is settled, or when you settle it in “Do next”."
    )
    return Sheet(
        "Needs you",
        intro if waiting else "Nothing needs you at the moment.",
        columns=(
            key_column("Needs you"),
            Column("Urgent", Look.STATE, width=9, tones=(("urgent", Tone.BAD),)),
            Column("Since", Look.DATE, width=12),
            Column("About", width=20),
            *PAIR_COLUMNS,
            Column("What happened", Look.LONG_TEXT, width=44),
            Column("What you can do", Look.LONG_TEXT, width=44),
            _DO_NEXT,
            NOTES,
        ),
        rows=tuple(
            (
                q.key,
                "urgent" if q.urgent else None,
                frame.day(q.since),
                q.what,
                *frame.pair(q.pairing),
                q.text,
                q.suggestion,
                None,
                None,
            )
            for q in waiting
        ),
    )


def log_sheet(frame: Frame) -> Sheet:
    """Return the last things rmflow did, newest first."""
    lines = sorted(frame.view.log, key=lambda line: (line.at, line.key), reverse=True)
    return Sheet(
        "Log",
        f"What rmflow did, newest first: the last {_LOG_LINES:,} things at most.",
        columns=(
            key_column("Log"),
            Column("When", Look.DATE_TIME, width=24),
            Column("Pair", width=16),
            Column("What", width=26),
            Column("State", Look.STATE, width=11, tones=_STATE_TONES),
            Column("Detail", Look.LONG_TEXT, width=70),
        ),
        rows=tuple(
            (line.key, frame.wall(line.at), line.pairing, line.what, line.state, line.detail)
            for line in lines[:_LOG_LINES]
        ),
    )
