"""The file of topics: what pairs can talk about, in the order in which it is offered."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints

from rmflow.domain.topic import Owner, Topic, TopicText
from rmflow.errors import ConfigError, Problem
from rmflow.formats.settings.names import Language, Slug
from rmflow.formats.settings.toml import check, parse

_Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
_Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]


class _Text(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: _Title
    opening: _Sentence
    questions: Annotated[tuple[_Sentence, ...], Field(min_length=1, max_length=6)]


class _Topic(BaseModel):
    model_config = ConfigDict(extra="forbid")

    owner: Owner
    depth: Annotated[int, Field(ge=1, le=3)]
    tags: frozenset[Slug] = frozenset()
    text: dict[Language, _Text]

    def topic(self, id: str) -> Topic:
        texts = {
            language: TopicText(each.title, each.opening, each.questions)
            for language, each in self.text.items()
        }
        return Topic(id, self.owner, self.depth, self.tags, texts)


class _File(RootModel[dict[Slug, _Topic]]):
    pass


def read_topics(text: str, source: str) -> tuple[tuple[Topic, ...], list[Problem]]:
    """Return the topics in the order of the file; with problems, none and all of them."""
    try:
        document = parse(text, source)
    except ConfigError as error:
        return (), list(error.problems)
    file, problems = check(_File, document.tree, document)
    if file is None:
        return (), problems
    if not file.root:
        return (), [Problem(source, "there are no topics; write at least one")]
    problems = [
        Problem(document.place((id, "text")), f"there is no English text; add [{id}.text.en]")
        for id, topic in file.root.items()
        if "en" not in topic.text
    ]
    topics = () if problems else tuple(topic.topic(id) for id, topic in file.root.items())
    return topics, problems
