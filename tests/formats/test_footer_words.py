"""The footer of every letter names words that steer taking part: what it promises is understood."""

import re

import pytest
import reply_corpus as corpus
from corpus_reading import context_of

from rmflow.domain.reading import MailId, Reading, ReadingStatus
from rmflow.domain.signal import SignalKind
from rmflow.formats.incoming.interpret import interpret
from rmflow.formats.incoming.mail import parse

_WORDS = {
    "en": (SignalKind.PAUSE, SignalKind.REMATCH, SignalKind.LEAVE),
    "de": (SignalKind.PAUSE, SignalKind.REMATCH, SignalKind.LEAVE),
    "fr": (SignalKind.PAUSE, SignalKind.REMATCH, SignalKind.LEAVE),
}


def _named(locale: str) -> list[str]:
    footer = corpus.letter(locale).text.partition("· · ·")[2]
    return re.findall(r"\b[^\W\d_a-z]{5,}\b", footer)


def _answered(locale: str, above: str) -> Reading:
    raw = corpus.phone_plain(corpus.Reply("steer", locale, above))
    return interpret(parse(raw), MailId("m1"), context_of(locale), corpus.RECEIVED)


@pytest.mark.parametrize("locale", _WORDS)
def test_each_word_that_the_footer_names_does_what_it_says(locale: str) -> None:
    signals = [_answered(locale, word).signal for word in _named(locale)]
    assert [signal and signal.kind for signal in signals] == list(_WORDS[locale])


@pytest.mark.parametrize("locale", _WORDS)
def test_the_words_in_the_quoted_footer_are_nobodys_wish(locale: str) -> None:
    """Every reply quotes them."""
    reading = _answered(locale, "")
    assert (reading.signal, reading.status) == (None, ReadingStatus.EMPTY)
