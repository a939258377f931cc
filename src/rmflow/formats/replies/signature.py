"""Where a person's words end and the trimmings begin: sign-offs, signatures, disclaimers, banners."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rmflow.formats.replies.labels import Labels, read_label
from rmflow.formats.replies.mail_words import (
    ADDRESSEE,
    BANNER,
    CONFIDENTIAL,
    EXTERNAL_TAG,
    REGISTER,
    SIGN_OFF,
    THANKS,
    is_mobile_signature,
)
from rmflow.formats.replies.words import words

_MOST_SIGNATURE_LINES = 15
_MOST_NAME_WORDS = 4
_LEAST_NOTICE = 80  # characters
_LEAST_REGISTER = 2
_REGISTERED = re.compile(r"\d{3}")  # its number; quicker to find than the words
# RFC 3676 section 4.3, and what people make of it.
MARKS = ("--", "—", "–", "__", "___")
_END_MARKS = " ,.!;~:)-–—*_。、！"
_LEAST_ANSWERS = 2


@dataclass(frozen=True, slots=True)
class Ending:
    """What tells a person's words from the end of their mail.

    `name` holds the words of the author's name, lower case, `labels` those of our forms.
    """

    name: frozenset[str]
    labels: tuple[Labels, ...] = ()

    def cut(self, texts: Sequence[str]) -> int:
        """Return how many lines of one stretch of a person's own writing are before its signature.

        Where answers follow, nothing is cut: somebody put the signature before them.
        """
        end = len(texts)
        said = [index for index, text in enumerate(texts) if text]
        for place, index in enumerate(said):
            below = [texts[i] for i in said[place + 1 : place + 2 + _MOST_SIGNATURE_LINES]]
            begins = _begins_signature(texts[index], below, self.name)
            if begins and not self.answers_in(texts[index + 1 :]):
                end = index
                break
        while end and (not texts[end - 1] or _is_name(texts[end - 1], self.name)):
            # A lone name is an answer if it is all there is ("Who would you like to meet?").
            if texts[end - 1] and not any(texts[: end - 1]):
                break
            end -= 1
        return end

    def answers_in(self, texts: Sequence[str]) -> bool:
        """Return whether lines hold answers: two or more labels of ours.

        "Phone: …" and "Registered office: …" are none, and one label may be chance.
        """
        return sum(map(self._is_labelled, texts)) >= _LEAST_ANSWERS

    def _is_labelled(self, text: str) -> bool:
        return any(read_label(text, labels) is not None for labels in self.labels)


def is_banner(text: str) -> bool:
    """Return whether a gateway wrote this paragraph above a mail from outside."""
    return bool(BANNER.match(text) or EXTERNAL_TAG.fullmatch(text))


def is_notice(text: str) -> bool:
    """Return whether a paragraph is a company's notice: of confidentiality, or of its register."""
    if len(text) > _LEAST_NOTICE and CONFIDENTIAL.search(text) and ADDRESSEE.search(text):
        return True
    return bool(_REGISTERED.search(text)) and len(REGISTER.findall(text)) >= _LEAST_REGISTER


def is_sign_off(text: str) -> bool:
    """Return whether a whole line is closing words."""
    return bool(SIGN_OFF.fullmatch(text.strip(_END_MARKS)))


def _begins_signature(text: str, below: Sequence[str], names: Collection[str]) -> bool:
    """Return whether a line begins a signature; `below` are the first lines that follow."""
    if is_mobile_signature(text, last=not below) or is_notice(text):
        return True
    if len(below) > _MOST_SIGNATURE_LINES:
        return False
    if text in MARKS:
        return True
    if is_sign_off(text):
        return not below or len(below[0]) <= 60
    closes = bool(THANKS.fullmatch(text.strip(_END_MARKS)))
    return closes and bool(below) and _is_name(below[0], names)


def _is_name(text: str, names: Collection[str]) -> bool:
    """Return whether a line is nothing but (a part of) the author's name."""
    line = words(text)
    return 0 < len(line) <= _MOST_NAME_WORDS and all(word in names for word in line)
