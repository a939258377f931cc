"""Ten mail programs, eight ways to answer, three languages: what is understood of each."""

import pytest
import reply_corpus as corpus
from letter_samples import NOVEMBER, PROGRAMME

from rmflow.domain.reading import MailKind, ReadingStatus
from rmflow.formats.incoming.mail import parse
from rmflow.formats.incoming.mail_kind import kind_of
from rmflow.formats.replies.answers import AnswersReading, read_answers
from rmflow.formats.replies.reply import Extract, new_text

CASES = corpus.grid()


def understood(case: corpus.Case) -> tuple[Extract, AnswersReading]:
    mail = parse(case.raw)
    extract = new_text(
        mail,
        [corpus.letter(case.locale).text],
        [PROGRAMME.mailbox],
        [PROGRAMME.mailbox_name, PROGRAMME.name],
        [corpus.SUMMARY],
    )
    reading = read_answers(
        extract,
        corpus.SUMMARY,
        case.locale,
        session=NOVEMBER.start,
        received=corpus.RECEIVED,
    )
    return extract, reading


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_reply_is_understood_to_the_letter(case: corpus.Case) -> None:
    """INBOUND section 2.4: the exact new words, the exact answers, whatever the client did."""
    extract, reading = understood(case)
    assert extract.text == case.text
    assert dict(reading.answers) == dict(case.answers)
    assert reading.status is case.status


@pytest.mark.parametrize("case", corpus.treated(), ids=lambda case: case.name)
def test_what_a_quote_goes_through_changes_no_answer(case: corpus.Case) -> None:
    """Wrapping, trimming, banners and the like; a line break within a text is let pass."""
    _, reading = understood(case)
    answers = {id: " ".join(answer.split()) for id, answer in reading.answers.items()}
    assert answers == {id: " ".join(answer.split()) for id, answer in case.answers.items()}
    assert reading.status is case.status


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_persons_reply_is_human(case: corpus.Case) -> None:
    assert kind_of(parse(case.raw), PROGRAMME.mailbox) is MailKind.HUMAN


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_without_the_letter_no_value_is_invented(case: corpus.Case) -> None:
    """A lost original costs answers, never gives wrong ones to the short questions."""
    mail = parse(case.raw)
    extract = new_text(mail, [], [PROGRAMME.mailbox], [PROGRAMME.mailbox_name])
    reading = read_answers(
        extract, corpus.SUMMARY, case.locale, session=NOVEMBER.start, received=corpus.RECEIVED
    )
    for id in ("met", "worthwhile", "share"):
        if id in reading.answers:
            assert reading.answers[id] == case.answers[id]
    assert extract.status is not ReadingStatus.PARTIAL
