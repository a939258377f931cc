"""The sheet `Sessions`: one row a meeting."""

from rmflow.domain.series import ParticipationStatus
from rmflow.formats.workbook.book import Column, Look, Sheet, Tone, Value
from rmflow.formats.workbook.tracking.frame import (
    AHEAD,
    EVIDENCE_TONES,
    NOTES,
    PAIR_COLUMNS,
    Frame,
    key_column,
    latest,
)
from rmflow.formats.workbook.tracking.view import SessionRow, SummaryState

RESPONSES = {
    ParticipationStatus.NEEDS_ACTION: "no answer",
    ParticipationStatus.ACCEPTED: "accepted",
    ParticipationStatus.DECLINED: "declined",
    ParticipationStatus.TENTATIVE: "tentative",
    ParticipationStatus.DELEGATED: "delegated",
}
_RESPONSE_TONES = (("declined", Tone.WARN), ("no answer", Tone.QUIET))
_SUMMARY_TONES = (
    (SummaryState.RECEIVED.value, Tone.GOOD),
    (SummaryState.NEEDS_YOU.value, Tone.BAD),
    (SummaryState.REMINDED.value, Tone.WARN),
    (SummaryState.ASKED.value, Tone.BUSY),
)


def sessions_sheet(frame: Frame) -> Sheet:
    """Return the meetings, the latest first; of those to come, the next five weeks."""
    horizon = frame.view.now + AHEAD
    shown = [row for row in frame.view.sessions if row.session.start <= horizon]
    shown.sort(key=lambda row: (row.session.start, row.pairing), reverse=True)
    rows, intro = latest(
        shown,
        "Every meeting, the latest first, and those of the next five weeks. Confirmed: a summary "
        "came or somebody said so. Presumed: both accepted and nobody cancelled.",
    )
    return Sheet(
        "Sessions",
        intro,
        columns=(
            key_column("Sessions"),
            *PAIR_COLUMNS,
            Column("No.", Look.NUMBER, width=6),
            Column("Meeting", Look.DATE_TIME, width=24),
            Column("Held", Look.STATE, width=12, tones=EVIDENCE_TONES),
            Column("Mentor said", Look.STATE, width=12, tones=_RESPONSE_TONES),
            Column("Mentee said", Look.STATE, width=12, tones=_RESPONSE_TONES),
            Column("Topic", Look.LONG_TEXT, width=36),
            Column("Summary", Look.STATE, width=12, tones=_SUMMARY_TONES),
            Column("Rating", Look.NUMBER, width=8),
            Column("Remark", Look.LONG_TEXT, width=26),
            NOTES,
        ),
        rows=tuple(_row(frame, row) for row in rows),
    )


def _row(frame: Frame, row: SessionRow) -> tuple[Value, ...]:
    remarks = ("cancelled" if row.cancelled else "", "moved" if row.session.moved else "", row.note)
    return (
        f"{row.pairing}/{row.session.id}",
        *frame.pair(row.pairing),
        row.session.number,
        frame.wall(row.session.start),
        row.evidence.value,
        RESPONSES[row.mentor_response],
        RESPONSES[row.mentee_response],
        frame.topic(row.topic) or None,
        row.summary_state.value or None,
        row.rating,
        "; ".join(remark for remark in remarks if remark) or None,
        None,
    )
