"""The forms that come with rmflow, and the file format for one's own."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from rmflow.domain.form import Form, QuestionType, Visibility
from rmflow.formats.settings.forms import read_forms
from rmflow.formats.settings.header_words import is_header_word

SHIPPED = Path(__file__).parents[2] / "config/forms.toml"
LANGUAGES = {"en", "de", "fr", "es", "pt", "it", "nl", "sv", "pl", "ja"}

PULSE = """\
[pulse]
prose = "word"

[pulse.questions.word]
type = "text"
text.en = { label = "In one word", aliases = ["Word"] }

[pulse.questions.useful]
type = "scale"
seen_by = "pair"
text.en = { label = "Useful", hint = "5 is best" }

[pulse.questions.again]
type = "choice"
text.en = { label = "Once more" }
[pulse.questions.again.choices.yes]
en = { label = "gladly", aliases = ["yes"] }
[pulse.questions.again.choices.no]
en = { label = "rather not", aliases = ["no"] }
"""


@pytest.fixture(scope="module")
def shipped() -> Mapping[str, Form]:
    forms, problems = read_forms(SHIPPED.read_text(encoding="utf-8"), "forms.toml")
    assert problems == []
    return forms


def test_the_summary_asks_what_the_tracking_shows(shipped: Mapping[str, Form]) -> None:
    types = {question.id: question.type for question in shipped["summary"].questions}
    assert types == {
        "met": QuestionType.DATE,
        "talked": QuestionType.TEXT,
        "takeaways": QuestionType.LIST,
        "surprise": QuestionType.TEXT,
        "change": QuestionType.LIST,
        "worthwhile": QuestionType.SCALE,
        "next": QuestionType.TEXT,
        "share": QuestionType.CHOICE,
    }
    values = [choice.value for choice in shipped["summary"].question("share").choices]
    assert values == ["no", "anonymously", "named"]


def test_the_coordinator_does_not_read_agendas(shipped: Mapping[str, Form]) -> None:
    assert {q.visibility for q in shipped["agenda"].questions} == {Visibility.PAIR}


def test_every_question_is_asked_in_ten_languages(shipped: Mapping[str, Form]) -> None:
    for form in shipped.values():
        for question in form.questions:
            assert set(question.labels) == LANGUAGES, question.id
            assert all(set(choice.labels) == LANGUAGES for choice in question.choices)


def test_shipped_hints_fit_into_brackets(shipped: Mapping[str, Form]) -> None:
    """A hint stands in the middle of a line: "Key takeaways (one a line):"."""
    for form in shipped.values():
        for question in form.questions:
            for hint in question.hints.values():
                assert not hint[0].isupper(), hint
                assert not hint.endswith((".", "。")), hint


def test_no_shipped_name_is_a_mail_header_word(shipped: Mapping[str, Form]) -> None:
    """ "Datum: 4 March" in a reply is taken for a quoted mail, and the answer is cut off."""
    for form in shipped.values():
        for question in form.questions:
            aliases = [alias for each in question.aliases.values() for alias in each]
            for name in [*question.labels.values(), *aliases]:
                assert not is_header_word(name), name


@pytest.mark.parametrize(
    "word",
    ["Date:", "Datum", "OBJET", "Von", "From", "Onderwerp", "Enviado  el", "件名：", "Från", "Temat",
     "Asunto :", "보낸 사람", "Тема", "Ｄａｔｅ"],
)  # fmt: skip
def test_header_words_are_known_in_many_languages_and_spellings(word: str) -> None:
    assert is_header_word(word)


@pytest.mark.parametrize("name", ["Date we met", "Datum van het gesprek", "From now on", "Agenda"])
def test_a_name_that_only_begins_like_a_header_is_none(name: str) -> None:
    assert not is_header_word(name)


def test_an_own_file_is_read() -> None:
    forms, problems = read_forms(PULSE, "own.toml")
    assert problems == []
    word, useful, again = forms["pulse"].questions
    assert (word.label("de-AT"), word.aliases) == ("In one word", {"en": ("Word",)})
    assert (useful.hint("en"), useful.lowest, useful.highest) == ("5 is best", 1, 5)
    assert useful.visibility is Visibility.PAIR
    assert [choice.value for choice in again.choices] == ["yes", "no"]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('"Word"', '"Datum"', 'own.toml:6, [pulse.questions.word.text.en]: "Datum" is a mail header'),
        ('label = "Useful"', 'label = "Objet"', '"Objet" is a mail header'),
        ('"Word"', '"Word:"', '"Word:" has a colon'),
        ('"Word"', '"useful"', 'own.toml:11, [pulse.questions.useful.text.en]: "Useful" also stands for "word"'),
        ('"no"', '"Yes"', '[pulse.questions.again.choices.no]: "Yes" also stands for "yes"'),
        ('prose = "word"', 'prose = "wrod"', 'there is no question "wrod"; did you mean "word"?'),
        ('prose = "word"', 'prose = "useful"', '"useful" takes no prose'),
        ('type = "choice"', 'type = "text"', 'choices belong to type = "choice"'),
        ('type = "scale"', 'type = "scales"', '"scales" is not possible; use "text", "list"'),
        ('seen_by = "pair"', "lowest = 5", "lowest is not below highest"),
        ('seen_by = "pair"', 'seenby = "pair"', '"seenby" is not an option here; did you mean "seen_by"?'),
        ("hint =", "hnt =", 'did you mean "hint"?'),
        ('text.en = { label = "Once', 'text.de = { label = "Once', "there is no English wording"),
        ('en = { label = "gladly"', 'de = { label = "gladly"', "there is no English wording"),
        ("questions.word", "questions.Word", '"Word" cannot be used'),
        ("[pulse]", "[pulse", "own.toml:1: this is not valid TOML"),
    ],
)  # fmt: skip
def test_a_mistake_is_answered_with_its_place(old: str, new: str, complaint: str) -> None:
    forms, problems = read_forms(PULSE.replace(old, new, 1), "own.toml")
    assert forms == {}
    assert any(complaint in str(problem) for problem in problems), problems
