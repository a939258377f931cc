"""The file of forms: the questions of our mails, with labels and aliases in every language."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints

from rmflow.domain.form import Choice, Form, Question, QuestionType, Visibility
from rmflow.errors import ConfigError, Problem
from rmflow.formats.settings.header_words import folded, is_header_word
from rmflow.formats.settings.names import Language, Slug
from rmflow.formats.settings.toml import Location, check, parse, suggestion

_Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class _Wording(BaseModel):
    model_config = ConfigDict(extra="forbid")

    label: _Label
    hint: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    aliases: tuple[_Label, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The label and the aliases: whatever a person may write for it."""
        return (self.label, *self.aliases)


_Wordings = dict[Language, _Wording]


class _Question(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: QuestionType
    seen_by: Visibility = Visibility.COORDINATOR
    lowest: Annotated[int, Field(ge=0, le=9)] = 1
    highest: Annotated[int, Field(ge=1, le=10)] = 5
    text: _Wordings
    choices: dict[Slug, _Wordings] = {}

    def question(self, id: str) -> Question:
        choices = tuple(
            Choice(value, _labels(text), _aliases(text)) for value, text in self.choices.items()
        )
        hints = {language: each.hint for language, each in self.text.items() if each.hint}
        return Question(
            id,
            self.type,
            _labels(self.text),
            hints,
            _aliases(self.text),
            self.seen_by,
            choices,
            self.lowest,
            self.highest,
        )


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")

    prose: str
    questions: dict[Slug, _Question]

    def form(self, id: str) -> Form:
        questions = tuple(each.question(name) for name, each in self.questions.items())
        return Form(id, questions, self.prose)


class _File(RootModel[dict[Slug, _Form]]):
    pass


def read_forms(text: str, source: str) -> tuple[Mapping[str, Form], list[Problem]]:
    """Return the forms by id; with problems, none and all of them.

    A name (label or alias) belongs to one question of a form only, whatever the language,
    because people answer in the language they like. No name is a mail header word.
    """
    try:
        document = parse(text, source)
    except ConfigError as error:
        return {}, list(error.problems)
    file, problems = check(_File, document.tree, document)
    if file is None:
        return {}, problems
    found = (
        Problem(document.place(location), text)
        for id, form in file.root.items()
        for location, text in _faults(id, form)
    )
    problems = list(found)
    return {} if problems else {id: form.form(id) for id, form in file.root.items()}, problems


Fault = tuple[Location, str]


def _faults(id: str, form: _Form) -> Iterator[Fault]:
    """Yield what is wrong with a form although each option by itself is right."""
    prose = form.questions.get(form.prose)
    if prose is None:
        advice = suggestion(form.prose, form.questions) or "write a question"
        yield (id, "prose"), f'there is no question "{form.prose}"; {advice}'
    elif prose.type not in (QuestionType.TEXT, QuestionType.LIST):
        yield (id, "prose"), f'"{form.prose}" takes no prose; use a question of type text or list'
    here: Location = (id, "questions")
    yield from _ambiguities({(*here, name): each.text for name, each in form.questions.items()})
    for name, question in form.questions.items():
        yield from _question_faults((*here, name), question)


def _question_faults(here: Location, question: _Question) -> Iterator[Fault]:
    choices = {(*here, "choices", value): text for value, text in question.choices.items()}
    if (question.type is QuestionType.CHOICE) != bool(choices):
        yield here, 'choices belong to type = "choice", and to no other; correct one of the two'
    if question.lowest >= question.highest:
        yield (*here, "lowest"), "lowest is not below highest; correct one of the two"
    yield from _ambiguities(choices)
    for location, wordings in {(*here, "text"): question.text, **choices}.items():
        if "en" not in wordings:
            yield location, "there is no English wording; add en = { label = … }"
    for language, wording in question.text.items():
        yield from _name_faults((*here, "text", language), wording)


def _name_faults(here: Location, wording: _Wording) -> Iterator[Fault]:
    for name in wording.names:
        if is_header_word(name):
            yield here, f'"{name}" is a mail header in some language; use more than that one word'
        if any(mark in name for mark in ":：>\n"):
            yield here, f'"{name}" has a colon, ">" or line break in it; leave that out'


def _ambiguities(wordings: Mapping[Location, _Wordings]) -> Iterator[Fault]:
    """Yield the names that belong to two of the questions, or to two of the choices."""
    owners: dict[str, Location] = {}
    for here, texts in wordings.items():
        for language, wording in texts.items():
            for name in wording.names:
                owner = owners.setdefault(folded(name), here)
                if owner != here:
                    location = (*here, "text", language) if "choices" not in here else here
                    yield location, f'"{name}" also stands for "{owner[-1]}"; use another word'


def _labels(wordings: _Wordings) -> dict[str, str]:
    return {language: each.label for language, each in wordings.items()}


def _aliases(wordings: _Wordings) -> dict[str, tuple[str, ...]]:
    return {language: each.aliases for language, each in wordings.items() if each.aliases}
