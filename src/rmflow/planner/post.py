"""Post: letters become mails. Prompts to one person are merged, and nobody gets too many.

A mail that asks a question is never merged: an answer must belong to one meeting.

The first question for a summary is counted and never held back: it comes last, when what prepares
the meetings has used the budget up, and without it nothing is ever known of a meeting.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rmflow.domain.keys import Key, key_of
from rmflow.domain.letter import Letter, LetterItem, LetterKind
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import PersonId
from rmflow.domain.programme import Programme
from rmflow.domain.workdays import next_open
from rmflow.planner.actions import SendLetter
from rmflow.planner.mail import DueLetter

WEEK = timedelta(days=7)
Sent = Sequence[tuple[str, datetime]]
# Of all kinds together. What changes faster than that is told as it stands in the end.
_MOST_A_DAY = 10
_FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Post:
    """The mails to send now, and when the postponed letters of a pairing may be tried again."""

    mails: tuple[SendLetter, ...]
    postponed: Mapping[PairingId, datetime]


def plan_post(
    programme: Programme,
    due: Iterable[DueLetter],
    recent: Mapping[PersonId, Sent],
    now: datetime,
) -> Post:
    """Return the mails for all due letters, the most urgent first, within what each person may get.

    Where that is not enough for all, what asks for a summary comes before the rest.
    `recent`: kind and time of what each has got in the last seven days.
    """
    had = {person: list(letters) for person, letters in recent.items()}
    postponed: dict[PairingId, datetime] = {}
    batches = _batches(due)
    mails: dict[Key, SendLetter] = {}
    for batch in sorted(batches, key=lambda each: not each[0].kind.asks_for_a_summary):
        first = batch[0]
        sent = had.setdefault(first.to.id, [])
        again = _not_before(programme, first, sent, now)
        if again is None:
            sent.append((first.kind.value, now))
            mails[first.item.key] = _mail(programme, batch)
            continue
        for letter in batch:
            id = letter.item.pairing
            postponed[id] = min(again, postponed.get(id, again))
    in_order = (mails.get(batch[0].item.key) for batch in batches)
    return Post(tuple(mail for mail in in_order if mail), postponed)


def _not_before(
    programme: Programme, letter: DueLetter, sent: Sent, now: datetime
) -> datetime | None:
    """Return when a letter may be tried again, None if it may go now."""
    if letter.kind.counts_against_budget and letter.kind is not LetterKind.SUMMARY_REQUEST:
        counted = sorted(at for kind, at in sent if LetterKind(kind).counts_against_budget)
        if len(counted) >= programme.timing.weekly_letters:
            return counted[-programme.timing.weekly_letters] + WEEK
    zone = ZoneInfo(letter.to.timezone)
    day = now.astimezone(zone).date()
    today = [LetterKind(kind) for kind, at in sent if at.astimezone(zone).date() == day]
    answered = letter.kind.answers_by_itself and any(kind.answers_by_itself for kind in today)
    if not answered and len(today) < _MOST_A_DAY:
        return None
    tomorrow = datetime.combine(day + timedelta(days=1), time(), zone)
    return next_open(tomorrow, letter.to, programme)


def _batches(due: Iterable[DueLetter]) -> list[list[DueLetter]]:
    """Group what goes into one mail; sort by when it becomes pointless, then by key."""
    groups: dict[tuple[str, ...], list[DueLetter]] = defaultdict(list)
    for letter in due:
        merged = letter.kind is LetterKind.PROMPT
        groups[(letter.to.id, letter.kind.value, "" if merged else letter.item.key)].append(letter)
    for group in groups.values():
        group.sort(key=_urgency)
    return sorted(groups.values(), key=lambda group: _urgency(group[0]))


def _urgency(letter: DueLetter) -> tuple[datetime, str]:
    return letter.until or _FAR, letter.item.key


def _mail(programme: Programme, batch: list[DueLetter]) -> SendLetter:
    first = batch[0]
    items = tuple(letter.item for letter in batch)
    key = _key(programme, items)
    letter = Letter(key, first.kind, first.to.id, items)
    return SendLetter(key, first.item.pairing, letter, first.after)


def with_items(programme: Programme, action: SendLetter, items: Sequence[LetterItem]) -> SendLetter:
    """Return the mail that these items of another one make by themselves."""
    key = _key(programme, items)
    letter = replace(action.letter, key=key, items=tuple(items))
    return replace(action, key=key, pairing=items[0].pairing, letter=letter)


def _key(programme: Programme, items: Sequence[LetterItem]) -> Key:
    if len(items) == 1:
        return items[0].key
    return key_of(programme.salt, "merged", *(item.key for item in items))
