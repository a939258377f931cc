"""A mail that comes again: the same, changed, or an old one taken up once more."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from builders import MONDAY, a_programme
from rmflow.domain.documents import from_json
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import PersonId
from rmflow.domain.reading import MailId, MailKind, Reading, ReadingStatus
from rmflow.domain.records import AnswerRecord, ReadingRecord
from rmflow.domain.series import SessionId
from rmflow.planner.filing import file_reading
from rmflow.planner.state import History

FOUR = Reading(
    mail_id=MailId("1"),
    kind=MailKind.HUMAN,
    status=ReadingStatus.OK,
    received_at=MONDAY,
    message_id="<1@mail.contoso.example>",
    author=PersonId("jens"),
    pairing=PairingId("pair-1"),
    session=SessionId("20261005T080000Z"),
    form="summary",
    answers={"worthwhile": "4"},
    text="Rating: 4",
)
FIVE = replace(FOUR, mail_id=MailId("2"), message_id="<2@mail.contoso.example>", answers={"worthwhile": "5"}, text="Rating: 5")  # fmt: skip


def filed(readings: Iterable[Reading]) -> tuple[History, str]:
    """File mails one after another; return the history, and what became of the last one."""
    history, state = History(), ""
    for reading in readings:
        note, history = file_reading(a_programme(), reading, history)
        (record,) = (r for r in note.records if isinstance(r, ReadingRecord))
        state = record.state
    return history, state


def ratings(history: History) -> list[str]:
    answers: tuple[AnswerRecord, ...] = history.answers
    return [from_json(dict[str, str], a.answers_json)["worthwhile"] for a in answers]


@pytest.mark.parametrize("message_id", [FOUR.message_id, "<rewritten@ses.example>", ""])
def test_the_same_mail_by_another_way_is_no_second_answer(message_id: str) -> None:
    """Case 79: other Received lines make it another mail to the byte."""
    again = replace(FOUR, mail_id=MailId("9"), message_id=message_id)
    history, state = filed([FOUR, again])
    assert (state, ratings(history)) == ("ignored", ["4"])


def test_a_first_answer_sent_again_does_not_undo_its_correction() -> None:
    """Whoever gets hold of a genuine mail can send it again, signature and all."""
    history, state = filed([FOUR, FIVE, replace(FOUR, mail_id=MailId("9"))])
    assert (state, ratings(history)) == ("ignored", ["4", "5"])


def test_whoever_writes_the_first_answer_anew_has_changed_their_mind_back() -> None:
    back = replace(FOUR, mail_id=MailId("3"), message_id="<3@mail.contoso.example>")
    history, state = filed([FOUR, FIVE, back])
    assert (state, ratings(history)) == ("filed", ["4", "5", "4"])
    assert [a.revision for a in history.answers] == [0, 1, 2]


def test_one_message_id_with_other_words_is_looked_at() -> None:
    forged = replace(FIVE, mail_id=MailId("9"), message_id=FOUR.message_id)
    history, state = filed([FOUR, forged])
    assert (state, ratings(history)) == ("waiting", ["4"])


def test_a_mail_read_anew_is_not_its_own_double() -> None:
    waited = replace(FOUR, status=ReadingStatus.REVIEW, why="Who?")
    history, state = filed([waited, FOUR])
    assert (state, ratings(history)) == ("filed", ["4"])
