"""The last day of an absence or a pause, in the words of ten languages."""

import re
from datetime import date

from rmflow.formats.replies.answer_words import BACK_ON, UNTIL
from rmflow.formats.replies.dates import Window, read_date
from rmflow.formats.replies.words import Words, word_of

_CHARACTERS = 60
_UNTIL_BEHIND = re.compile(r"([^\n。、]{3,30}?)\s?まで")
_BACK_BEHIND = re.compile(r"([^\n。、]{3,30}?)\s?(?:から|より)(?:出社|復帰|通常)")


def last_day(text: str, locale: str, received: date, longest_days: int) -> date | None:
    """Return the last day that a text gives, None if it gives none.

    "Until 15 November" is that day; "back on 16 November" the day before it.
    """
    window = Window.after(received, longest_days)
    for phrases, behind, days in ((UNTIL, _UNTIL_BEHIND, 0), (BACK_ON, _BACK_BEHIND, 1)):
        for named in (*_after(text, phrases), *behind.findall(text)):
            day = read_date(named, locale, window)
            if day is not None:
                return date.fromordinal(day.toordinal() - days)
    return None


def _after(text: str, phrases: tuple[Words, ...]) -> list[str]:
    """Return what follows each phrase, up to the end of its clause."""
    found = []
    spans = [(word_of(m.group()), m.end()) for m in re.finditer(r"[^\W_]+(?:['’./][^\W_]+)*", text)]
    starts = {phrase[0] for phrase in phrases if phrase}
    for index, (word, _) in enumerate(spans):
        if word not in starts:
            continue
        ends = [
            spans[index + len(phrase) - 1][1]
            for phrase in phrases
            if tuple(w for w, _ in spans[index : index + len(phrase)]) == phrase
        ]
        if ends:
            clause = re.split(
                r"\n\n|[;!?]|(?<!\d)\.(?:\s+[^\W\d]|$)|\b(?:and|und|et|y|e|en|not|nicht|pas)\b",
                text[max(ends) : max(ends) + _CHARACTERS],
            )
            found.append(clause[0])
    return found
