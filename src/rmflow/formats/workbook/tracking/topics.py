"""The sheet `Topics`: which topics were used, and how worthwhile their meetings were."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rmflow.domain.people import PersonId
from rmflow.domain.topic import Topic
from rmflow.formats.workbook.book import Column, Look, Sheet, Value
from rmflow.formats.workbook.tracking.frame import HELD, SHOWN_FROM, Frame, average, key_column


@dataclass(slots=True)
class Use:
    """How often a topic was talked about, and the ratings of those meetings."""

    meetings: int = 0
    ratings: list[tuple[PersonId, int]] = field(default_factory=list)


def uses(frame: Frame) -> Mapping[str, Use]:
    """Return the use of every topic of the programme by its id, in the file's order."""
    found = {topic.id: Use() for topic in frame.view.programme.topics}
    for row in frame.view.sessions:
        use = found.get(row.topic)
        if use is not None and row.evidence in HELD:
            use.meetings += 1
            if row.rating is not None:
                use.ratings.append((frame.rater(row.pairing), row.rating))
    return found


def topics_sheet(frame: Frame) -> Sheet:
    """Return the topics that were used, the most used first, then the others."""
    found = uses(frame)
    topics = sorted(frame.view.programme.topics, key=lambda topic: -found[topic.id].meetings)
    return Sheet(
        "Topics",
        "What pairs talk about. An average is shown once "
        f"{SHOWN_FROM} people or more have rated meetings on the topic.",
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
        rows=tuple(_row(frame, topic, found[topic.id]) for topic in topics),
    )


def _row(frame: Frame, topic: Topic, use: Use) -> tuple[Value, ...]:
    return (
        topic.id,
        frame.topic(topic.id),
        topic.owner.value,
        topic.depth,
        ", ".join(frame.tags(topic.id)) or None,
        use.meetings,
        len({person for person, _ in use.ratings}),
        average(use.ratings),
    )
