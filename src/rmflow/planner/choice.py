"""What somebody chose from times that we had offered."""

from datetime import datetime

from rmflow.domain.documents import from_json
from rmflow.domain.letter import LetterKind, Offer
from rmflow.domain.pairing import Slot
from rmflow.domain.records import AnswerRecord, LetterRecord
from rmflow.planner.state import History

TIMES = "times"  # the form
_WHICH = "which"  # its question; 0 is none of them


def offers(history: History) -> list[LetterRecord]:
    """Return the letters that offered times, oldest first."""
    found = [r for r in history.letters if r.kind == LetterKind.NEW_TIMES.value]
    return sorted(found, key=lambda r: r.sent_at)


def answer_to(history: History, letter: LetterRecord) -> AnswerRecord | None:
    """Return the newest answer to such a letter, None while there is none."""
    answers = [
        a
        for a in history.answers
        if (a.form, a.session, a.author) == (TIMES, letter.session, letter.person)
    ]
    return max(answers, key=lambda a: (a.received_at, a.revision), default=None)


def chosen_slot(history: History, asked: str) -> Slot | None:
    """Return the slot chosen last, None when there is none or the roster asks anew since."""
    for letter in reversed(offers(history)):
        offer = from_json(Offer, letter.offer_json)
        start = chosen_start(history, letter) if offer.wish == asked else None
        if start is not None:
            return Slot(start.weekday(), start.time())
    return None


def chosen_start(history: History, letter: LetterRecord) -> datetime | None:
    """Return which of the times was chosen, None for none of them."""
    answer = answer_to(history, letter)
    if answer is None:
        return None
    number = from_json(dict[str, str], answer.answers_json).get(_WHICH, "")
    starts = from_json(Offer, letter.offer_json).starts
    return (
        starts[int(number) - 1] if number.isdecimal() and 0 < int(number) <= len(starts) else None
    )
