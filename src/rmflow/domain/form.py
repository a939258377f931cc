"""Forms: questions we ask by mail. One definition renders, parses and names the columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class QuestionType(Enum):
    """The shape of an answer; canonical text: see `Answers`."""

    TEXT = "text"
    LIST = "list"
    DATE = "date"
    SCALE = "scale"
    CHOICE = "choice"
    YES_NO = "yes-no"


class Visibility(Enum):
    """Who may read an answer besides its author."""

    PAIR = "pair"
    COORDINATOR = "coordinator"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a choice question: what is stored, and how people may write it."""

    value: str
    labels: Mapping[str, str]
    aliases: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `labels`, `hints` and `aliases` are by language; "en" is always there.

    A label is never a mail header word ("Date", "Datum", "Objet") in any language: clients
    and readers of replies take such a line for a header.
    """

    id: str
    type: QuestionType
    labels: Mapping[str, str]
    hints: Mapping[str, str]
    aliases: Mapping[str, tuple[str, ...]]
    visibility: Visibility = Visibility.COORDINATOR
    choices: tuple[Choice, ...] = ()
    lowest: int = 1
    highest: int = 5

    def label(self, locale: str) -> str:
        """Return the label in the language of `locale`, else in English."""
        return self.labels.get(locale.partition("-")[0].lower(), self.labels["en"])

    def hint(self, locale: str) -> str:
        """Return the hint in the language of `locale`, else in English, else nothing."""
        return self.hints.get(locale.partition("-")[0].lower(), self.hints.get("en", ""))


@dataclass(frozen=True, slots=True)
class Form:
    """A list of questions. `prose` names the question that takes an answer in plain prose."""

    id: str
    questions: tuple[Question, ...]
    prose: str

    def question(self, id: str) -> Question:
        """Return the question with this id. Raises KeyError."""
        for question in self.questions:
            if question.id == id:
                return question
        raise KeyError(id)


# Canonical text of an answer by question id. DATE: ISO 8601 date; SCALE: digits; CHOICE: the
# choice's value; YES_NO: "yes" or "no"; LIST: one item a line; TEXT: as written, trimmed.
# A question without an answer is absent.
Answers = Mapping[str, str]
