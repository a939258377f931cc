"""The topics that come with rmflow, and the file format for one's own."""

from pathlib import Path

import pytest

from rmflow.domain.topic import Owner, Topic, next_topic
from rmflow.formats.settings.topics import read_topics

SHIPPED = Path(__file__).parents[2] / "config/topics.toml"

# What programmes have found worth talking about; each is the tag of a topic at least.
THEMES = [
    *("barriers", "impact", "motivation", "work-life", "team-culture", "career", "language"),
    *("school", "company", "diversity", "trust", "empathy", "news", "mentors-world", "privacy"),
    *("social-channels", "staying", "future", "technology", "ethics", "data", "responsibility"),
    *("belonging", "leadership", "voice", "resource-groups"),
]

WALK = """\
[walk]
owner = "both"
depth = 1
tags = ["ice-breaker"]
[walk.text.en]
title = "A walk"
opening = "Leave the room and talk on the way."
questions = ["Where would you take a guest?"]
"""


@pytest.fixture(scope="module")
def shipped() -> tuple[Topic, ...]:
    topics, problems = read_topics(SHIPPED.read_text(encoding="utf-8"), "topics.toml")
    assert problems == []
    return topics


def test_there_are_enough_topics_for_years(shipped: tuple[Topic, ...]) -> None:
    assert len(shipped) >= 36


def test_every_topic_is_there_in_three_languages(shipped: tuple[Topic, ...]) -> None:
    for topic in shipped:
        assert set(topic.texts) >= {"en", "de", "fr"}, topic.id
        for text in topic.texts.values():
            assert 2 <= len(text.questions) <= 3, topic.id
            assert len(text.opening) <= 200, "an opening is read between two meetings"


def test_translations_ask_the_same_number_of_questions(shipped: tuple[Topic, ...]) -> None:
    for topic in shipped:
        assert len({len(text.questions) for text in topic.texts.values()}) == 1, topic.id


def test_no_title_is_used_twice(shipped: tuple[Topic, ...]) -> None:
    for language in ("en", "de", "fr"):
        titles = [topic.texts[language].title for topic in shipped]
        assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_has_a_topic(shipped: tuple[Topic, ...], theme: str) -> None:
    assert any(theme in topic.tags for topic in shipped)


def test_a_year_of_meetings_starts_with_an_ice_breaker_and_grows_deeper(
    shipped: tuple[Topic, ...],
) -> None:
    used: list[Topic] = []
    for meeting in range(1, 13):
        topic = next_topic(shipped, tuple(topic.id for topic in used), meeting)
        assert topic is not None
        used.append(topic)
    assert "ice-breaker" in used[0].tags
    assert [topic.depth for topic in used] == [1, 2, 2, *[3] * 9]


def test_an_own_file_is_read() -> None:
    (topic,), problems = read_topics(WALK, "own.toml")
    assert problems == []
    assert (topic.id, topic.owner, topic.depth) == ("walk", Owner.BOTH, 1)
    assert topic.text("ja").title == "A walk"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("depth = 1", "depth = 4", "own.toml:3, [walk] depth: 4 is too large; use 3 or less"),
        ('"both"', '"boss"', '"boss" is not possible; use "mentor", "mentee" or "both"'),
        ("depth", "deepness", '"deepness" is not an option here'),
        ("opening", "openning", 'did you mean "opening"?'),
        ('title = "A walk"', 'title = " "', "it is too short"),
        (".en]", ".de]", "own.toml:1, [walk.text]: there is no English text; add [walk.text.en]"),
        (".en]", ".english]", 'use a language code such as "en"'),
        ("walk", "Walk", '"Walk" cannot be used'),
        ("= 1", "=", "own.toml:3: this is not valid TOML"),
        (WALK, "", "own.toml: there are no topics; write at least one"),
    ],
)
def test_a_mistake_is_answered_with_its_place(old: str, new: str, complaint: str) -> None:
    topics, problems = read_topics(WALK.replace(old, new), "own.toml")
    assert topics == ()
    assert any(complaint in str(problem) for problem in problems), problems
