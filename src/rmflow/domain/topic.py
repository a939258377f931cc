"""Topics: what a pair can talk about, and in which order they are offered."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Owner(Enum):
    """Who brings the topic into the meeting."""

    MENTOR = "mentor"
    MENTEE = "mentee"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class TopicText:
    """A topic in one language: a title, an opening sentence, questions to start from."""

    title: str
    opening: str
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """One entry of `config/topics.toml`. `depth` 1 breaks the ice, 3 asks for trust."""

    id: str
    owner: Owner
    depth: int
    tags: frozenset[str]
    texts: Mapping[str, TopicText]

    def text(self, locale: str) -> TopicText:
        """Return the text in the language of `locale`, else in English."""
        return self.texts.get(locale.partition("-")[0].lower(), self.texts["en"])


def next_topic(topics: tuple[Topic, ...], used: tuple[str, ...], meeting: int) -> Topic | None:
    """Return the topic for meeting number `meeting` (1 is the first) of a pair.

    Ice-breakers come first, depth rises with the meetings, nothing is repeated. Among equals
    the order of the file decides. None when every topic has been used.
    """
    wanted = 1 if meeting <= 1 else 2 if meeting <= 3 else 3
    fresh = [topic for topic in topics if topic.id not in used]
    return min(fresh, key=lambda t: abs(t.depth - wanted), default=None)
