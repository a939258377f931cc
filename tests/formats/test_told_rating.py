"""A rating within prose: a value where it is certain, a person's look where it is not."""

import pytest
from reply_corpus import RECEIVED, SUMMARY

from rmflow.domain.reading import ReadingStatus
from rmflow.formats.replies.answers import AnswersReading, read_answers
from rmflow.formats.replies.reply import Extract, ReplyLine

_PROSE = "She showed me how her team plans a week, and what they leave out."


def _read(text: str) -> AnswersReading:
    lines = tuple(map(ReplyLine, text.split("\n")))
    extract = Extract(text, "", ReadingStatus.OK, lines)
    return read_answers(extract, SUMMARY, "en", session=None, received=RECEIVED)


@pytest.mark.parametrize(
    ("text", "rating"),
    [
        (f"{_PROSE}\n\nI'd give it a 4 out of 5.", "4"),
        (f"{_PROSE}\n\n4/5 from me!", "4"),
        (f"I'd rate it 3 out of 5. {_PROSE}", "3"),
        (f"Great session on hiring and on notes. I would give it four out of five\n{_PROSE}", "4"),
        (f"{_PROSE} I'd give this session a solid 5/5.", "5"),
        (f"{_PROSE}\n\nIch würde 4 von 5 geben.", "4"),
        (f"Sehr gutes Gespräch über Fehler und wie man sie zugibt. Von mir 5/5. {_PROSE}", "5"),
        (f"Bel échange sur le télétravail. Je mets 4 sur 5. {_PROSE}", "4"),
        (f"{_PROSE}\n\nLe doy un 4 de 5.", "4"),
        (f"{_PROSE}\n\nDou 4 em 5.", "4"),
        (f"{_PROSE}\n\nDarei 5 su 5.", "5"),
        (f"{_PROSE}\n\nIk geef het een 4 van de 5.", "4"),
        (f"{_PROSE}\n\nJag ger det 4 av 5.", "4"),
        (f"{_PROSE}\n\nDaję 4 na 5.", "4"),
    ],
)
def test_a_sentence_that_does_nothing_but_rate_the_meeting_is_its_rating(
    text: str, rating: str
) -> None:
    found = _read(text)
    assert found.answers == {"talked": text, "worthwhile": rating}
    assert found.status is ReadingStatus.OK


@pytest.mark.parametrize(
    "text",
    [
        "We looked at the new canteen and its prices. I'd give it a 2 out of 5.",
        "We looked at the new canteen, and at its prices since the summer.\nI'd give it a 2 out of 5.",
        "We talked about a week without a single meeting for anyone. I'd give it 2 out of 5.",
        f"{_PROSE}\n\nLast time I gave it a 2 out of 5.",
        f"{_PROSE}\n\nPriya would give our intranet 2 out of 5.",
        f"{_PROSE}\n\nI'd give it a 4 out of 5, or 3 out of 5 without the coffee.",
        f"{_PROSE}\n\nI'd give it a 4 out of 5.\nI'd give it a 2 out of 5.",
        f"{_PROSE}\n\nI would not give it a 4 out of 5.",
        f"{_PROSE}\n\nI'd give it an 8 out of 10.",
        f"{_PROSE}\n\nI'd give it a 6 out of 5.",
        f"{_PROSE}\n\nNearly 4/5, if the room had been warmer.",
    ],
)
def test_a_rating_that_may_be_of_something_else_waits_for_a_person(text: str) -> None:
    """No value at all, and the mail is named as read in part: never a wrong one, never silence."""
    found = _read(text)
    assert found.answers == {"talked": text}
    assert found.status is ReadingStatus.PARTIAL
    assert "rates the meeting" in found.why


@pytest.mark.parametrize(
    "text",
    [
        f"{_PROSE} Four of five teams do it.",
        f"{_PROSE} It took us 3/4 of an hour.",
        f"{_PROSE} We meet again on 4/5 or so, not sooner than 2026.",
    ],
)
def test_numbers_that_rate_nothing_are_prose(text: str) -> None:
    found = _read(text)
    assert "worthwhile" not in found.answers


def test_a_labelled_rating_wins_over_one_in_prose() -> None:
    found = _read(f"{_PROSE} I'd give the canteen 2 out of 5.\n\nRating: 5")
    assert found.answers["worthwhile"] == "5"
    assert found.status is ReadingStatus.OK
