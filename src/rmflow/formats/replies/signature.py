"""Where a person's words end and the trimmings begin: sign-offs, signatures, disclaimers, banners."""

import re
from collections.abc import Collection, Sequence

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
_LABELLED = re.compile(r"[^\W\d_][^:：]{1,60}[:：](?!//)\s*\S")
# In a signature such lines are telephone numbers and the like, not answers.
_CONTACT = re.compile(
    r"(?:t|m|f|e|w|p|tel|phone|mobile|mobil|cell|fax|e-?mail|mail|web|www|office|telefon|tél|téléphone|direct)\b\.?\s?[:：]",
    re.IGNORECASE,
)


def cut(texts: Sequence[str], names: Collection[str]) -> int:
    """Return how many lines of one stretch of a person's own writing are before its signature.

    `names` are the words of the author's name, lower case. Where two or more labelled lines
    follow, nothing is cut: somebody put the signature before the answers.
    """
    end = len(texts)
    said = [index for index, text in enumerate(texts) if text]
    for place, index in enumerate(said):
        below = [texts[i] for i in said[place + 1 : place + 2 + _MOST_SIGNATURE_LINES]]
        if _begins_signature(texts[index], below, names) and not _answers_follow(
            texts[index + 1 :]
        ):
            end = index
            break
    while end and (not texts[end - 1] or _is_name(texts[end - 1], names)):
        # A lone name is an answer if it is all there is ("Who would you like to meet?").
        if texts[end - 1] and not any(texts[: end - 1]):
            break
        end -= 1
    return end


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


def _answers_follow(texts: Sequence[str]) -> bool:
    labelled = [text for text in texts if _LABELLED.match(text) and not _CONTACT.match(text)]
    return len(labelled) >= 2
