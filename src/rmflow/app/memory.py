"""Memory: where the store may lack what happened last, letters are looked for before they leave.

A database of yesterday does not know what was mailed today, an empty one knows nothing. The keys
of letters, and with them their Message-IDs, are the same in every memory: so they can be found.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import combinations

from rmflow.app import remembered
from rmflow.app.doubts import departures
from rmflow.app.ports import Ports
from rmflow.domain.keys import Key
from rmflow.domain.letter import LetterItem
from rmflow.domain.records import SettingRecord
from rmflow.formats.letters.compose import message_id
from rmflow.planner.actions import SendLetter
from rmflow.planner.post import with_items
from rmflow.planner.state import Desired
from rmflow.ports.mail import Departure, OutgoingMail
from rmflow.ports.store import Store

# Letters that the lost memory had sent are due at once, or when the budget of a week allows it.
_UNSURE = timedelta(days=14)
_HELD_FOR = timedelta(days=1)
_LOOK_BACK = timedelta(days=30)
# So long without any effect is either a quiet day or a memory of the day before: of a machine that
# was put back as a whole, with everything by which the store could notice it.
_SILENCE = timedelta(hours=20)
_MOST_MERGED = 6


@dataclass(frozen=True, slots=True)
class Trust:
    """How far the store is believed when it knows of no letter.

    `since`: from when on letters may have left without its knowledge, None if there are none.
    `torn`: there certainly are some, so that what nobody can see is left to a person.
    """

    since: datetime | None
    torn: bool = False


@dataclass(frozen=True, slots=True)
class Sought:
    """Letters, in parts where a merged one had left in parts; `left` are those that had left.

    `unknown`: nobody can see whether they had, and they may well have.
    """

    letters: tuple[SendLetter, ...]
    left: frozenset[Key] = field(default=frozenset())
    unknown: frozenset[Key] = field(default=frozenset())


def trust(store: Store, now: datetime) -> Trust:
    """Return how far the store is to be believed."""
    restored = remembered.instant(store, remembered.RESTORED)
    begun = remembered.instant(store, remembered.BEGUN)
    last = next((effect.claimed_at for effect in store.latest(1)), None)
    if any(at and now - at < _UNSURE for at in (restored, begun)) or last is None:
        torn = restored is not None and now - restored < _HELD_FOR
        return Trust(now - _LOOK_BACK, torn)
    return Trust(last if now - last > _SILENCE else None)


def note_begin(store: Store, now: datetime) -> None:
    """Write down that memory begins now, if there is none."""
    if not store.setting(remembered.BEGUN) and not store.latest(1):
        store.write([SettingRecord(remembered.BEGUN, now.isoformat())])


def sought(
    ports: Ports, desired: Desired, letters: Sequence[SendLetter], believed: Trust
) -> Sought:
    """Look for letters that may have left without the store knowing it. Changes nothing."""
    if believed.since is None:
        return Sought(tuple(letters))
    versions = {action.key: tuple(_versions(ports, action)) for action in letters}
    mails = {
        version.key: _mail(ports, desired, version, believed.since)
        for each in versions.values()
        for version in each
    }
    found = departures(ports, list(mails.values()))
    left = {key for key, departure in found.items() if departure is Departure.LEFT}
    parts = [part for action in letters for part in _parts(ports, action, versions, left)]
    unseen = {key for key, departure in found.items() if departure is Departure.UNKNOWN}
    return Sought(tuple(parts), frozenset(left), frozenset(unseen if believed.torn else ()))


def _versions(ports: Ports, action: SendLetter) -> Iterator[SendLetter]:
    """Yield the mails in which the items of a letter may have left, the largest first."""
    for items in _selections(action.letter.items):
        yield with_items(ports.programme, action, items)


def _selections(items: tuple[LetterItem, ...]) -> Iterable[tuple[LetterItem, ...]]:
    if len(items) > _MOST_MERGED:
        return (items, *((item,) for item in items))
    sizes = range(len(items), 0, -1)
    return (chosen for size in sizes for chosen in combinations(items, size))


def _mail(ports: Ports, desired: Desired, action: SendLetter, since: datetime) -> OutgoingMail:
    """Return what a letter can be found by; its date is the earliest it can have."""
    sender = ports.programme.mailbox
    recipient = action.letter.recipient(desired.roster.people).address
    head = f"Date: {format_datetime(since)}\r\n\r\n".encode()
    return OutgoingMail(action.key, message_id(action.key, sender), sender, recipient, head)


def _parts(
    ports: Ports,
    action: SendLetter,
    versions: Mapping[Key, Sequence[SendLetter]],
    left: set[Key],
) -> Iterator[SendLetter]:
    """Yield what of a letter had left, and, as one mail, what had not."""
    rest = list(action.letter.items)
    for version in versions[action.key]:
        if version.key in left and all(item in rest for item in version.letter.items):
            rest = [item for item in rest if item not in version.letter.items]
            yield version
    if rest:
        yield with_items(ports.programme, action, rest)
