"""The sheet `Topics`: which topics were used, and how worthwhile their meetings were."""

from collections import Counter

from rmflow.domain.crowd import LEAST, people_in
from rmflow.domain.topic import Topic
from rmflow.formats.workbook.book import Column, Look, Sheet, Value
from rmflow.formats.workbook.tracking.frame import HELD, Frame, average, key_column


def topics_sheet(frame: Frame) -> Sheet:
    """Return the topics that were used, the most used first, then the others."""
    meetings = Counter(row.topic for row in frame.view.sessions if row.evidence in HELD)
    topics = sorted(frame.view.programme.topics, key=lambda topic: -meetings[topic.id])
    return Sheet(
        "Topics",
        f"What pairs talk about. The ratings of a month count, when it is over, if {LEAST} people or"
        " more have rated the topic in it and nobody could work out those of fewer.",
        columns=(
            key_column("Topics"),
            Column("Topic", Look.LONG_TEXT, width=44),
            Column("Brought by", width=13),
            Column("Depth", Look.NUMBER, width=8),
            Column("Tags", width=26),
            Column("Meetings", Look.NUMBER, width=11),
            Column("Rated by", Look.NUMBER, width=10),
            Column("Average rating", Look.DECIMAL, width=10),
        ),
        rows=tuple(_row(frame, topic, meetings[topic.id]) for topic in topics),
    )


def _row(frame: Frame, topic: Topic, meetings: int) -> tuple[Value, ...]:
    ratings = frame.rated.get(topic.id)
    return (
        topic.id,
        frame.topic(topic.id),
        topic.owner.value,
        topic.depth,
        ", ".join(frame.tags(topic.id)) or None,
        meetings,
        people_in(ratings) if ratings else None,
        average(ratings) if ratings else None,
    )
