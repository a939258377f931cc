"""Hundreds of replies drawn by chance: nothing of ours in them, nothing of theirs lost, no wrong value."""

from collections import Counter

import pytest
from corpus_drawn import Drawn, drawn
from corpus_reading import plain
from letter_samples import NOVEMBER, PROGRAMME
from reply_corpus import RECEIVED

from rmflow.formats.incoming.mail import parse
from rmflow.formats.replies.answers import read_answers
from rmflow.formats.replies.reply import Extract, new_text
from rmflow.formats.replies.words import words

_SEEDS = 400


def _extract(reply: Drawn, raw: bytes) -> Extract:
    names = [PROGRAMME.mailbox_name, PROGRAMME.name]
    return new_text(parse(raw), [reply.original.text], [PROGRAMME.mailbox], names, [reply.form])


def _labels(reply: Drawn) -> Counter[str]:
    lines = (reply.label_line(q) for q in reply.form.questions if q.id in reply.inside)
    return Counter(word for line in lines for word in words(line))


@pytest.mark.parametrize("seed", range(_SEEDS))
def test_a_drawn_reply_is_read_without_loss_and_without_error(seed: int) -> None:
    """Our words are none of theirs, but for the labels they stand at; theirs are all there."""
    reply, language, raw = drawn(seed)
    extract = _extract(reply, raw)
    found, typed = Counter(words(extract.text)), Counter(words(reply.typed))
    assert not found - typed - _labels(reply), "words of ours"
    assert not typed - found - Counter(words(extract.elided)), "lost words"
    reading = read_answers(extract, reply.form, language, session=NOVEMBER.start, received=RECEIVED)
    values = {id: plain(value) for id, value in reading.answers.items()}
    expected = {id: plain(value) for id, value in reply.answers.items()}
    assert values.items() <= expected.items()
    assert reading.status.value != "ok" or values.keys() == expected.keys()
