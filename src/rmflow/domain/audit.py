"""The audit log: what was done, by ids, each entry bound to the one before it.

An entry is sealed (an HMAC of its ids, with a number of its own that nobody can guess), and the seal
is chained (an HMAC of the seal, and of the chain so far). To forget somebody the ids and that number
are emptied: the seal stays, the chain holds, and nobody can find out any more what was sealed.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from typing import NamedTuple

from rmflow.domain.keys import mac_of
from rmflow.domain.people import PersonId

_ALIAS_DIGITS = 12

_OTHER = "a head that was kept elsewhere names another entry here"
_CUT_OFF = (
    "it is not there, but a head that was kept elsewhere names it: the end was cut off, or an older"
    " database was put back (then say `rmflow restore`)"
)
_EMPTIED = "it was emptied, and nobody was forgotten for it"


class Event(Enum):
    """What an entry tells."""

    RUN_STARTED = "run started"
    RUN_ENDED = "run ended"
    PLAN_CONFIRMED = "plan confirmed"
    CONFIGURED = "configuration changed"
    DONE = "effect done"
    HELD = "effect held"
    SETTLED = "settled by a person"
    CHOSEN = "chosen for a pair"
    SHOWN = "mail shown"
    EXPIRED = "old words deleted"
    COPIED = "database copied"
    REKEYED = "database rekeyed"
    EXPORTED = "person exported"
    FORGOTTEN = "person forgotten"
    READMITTED = "person readmitted"
    RESTORED = "database restored"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry to be written. `about`: the key of an effect or a question, the id of a mail.

    `person` is written as an alias only, see `alias_of`. `facts_json` holds numbers and ids. `after`:
    the number of the entry is above this one, for a database that others have gone on from.
    """

    at: datetime
    event: Event
    pairing: str = ""
    person: PersonId = PersonId("")  # noqa: RUF009 - a NewType is no call worth the name
    about: str = ""
    facts_json: str = "{}"
    after: int = 0


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry as it was written. `uid` is the number of the operating system's user, -1 for none.

    `blind`, a random number, is emptied with `pairing`, `person`, `about` and `facts_json` when
    somebody is forgotten.
    """

    number: int
    at: datetime
    event: str
    uid: int
    pairing: str
    person: str
    about: str
    facts_json: str
    blind: str
    seal: str
    chain: str

    @property
    def emptied(self) -> bool:
        """Whether nobody can know any more what the entry was about."""
        return not any((self.pairing, self.person, self.about, self.facts_json, self.blind))

    @property
    def facts(self) -> Mapping[str, str | int]:
        """What else it says."""
        found: dict[str, str | int] = json.loads(self.facts_json or "{}")
        return found

    @property
    def head(self) -> "Head":
        """What it is recognised by."""
        return Head(self.number, self.chain)


class Head(NamedTuple):
    """The newest entry at some moment, kept elsewhere: whoever cuts it off is found out."""

    number: int
    chain: str

    def __str__(self) -> str:
        return f"{self.number}:{self.chain}"


NO_HEAD = Head(0, "")


def head_in(text: str) -> Head:
    """Return the head that `str` wrote. Raises ValueError for anything else."""
    number, _, chain = text.strip().partition(":")
    if not number.isdecimal() or len(chain) != len(_digest(b"", "")):
        raise ValueError(f'"{text}" is no head of the audit log; it is written NUMBER:CODE')
    return Head(int(number), chain)


class Broken(NamedTuple):
    """The first place at which the log is not as it was written."""

    number: int
    why: str


def facts(**values: str | int) -> str:
    """Return facts as an entry keeps them."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"))


def alias_of(salt: bytes, person: PersonId) -> str:
    """Return by what a person is named: often their id is their address. "" for nobody."""
    return _digest(salt, "person", person)[:_ALIAS_DIGITS] if person else ""


def logged(entry: Entry, before: Head, *, salt: bytes, blind: str, uid: int) -> Logged:
    """Return an entry as it comes after another one."""
    number = max(before.number, entry.after) + 1
    about = (entry.pairing, alias_of(salt, entry.person), entry.about, entry.facts_json)
    row = Logged(number, entry.at, entry.event.value, uid, *about, blind, seal="", chain="")
    sealed = replace(row, seal=_seal(salt, row))
    return replace(sealed, chain=_chain(salt, before, sealed))


@dataclass(slots=True)
class _Walk:
    """How far a check has come."""

    salt: bytes
    last: Head = NO_HEAD
    emptied: set[int] = field(default_factory=set)
    excused: list[range] = field(default_factory=list)

    def step(self, row: Logged) -> str:
        """Go one entry on; return why it cannot be the one that was written, or ""."""
        restored, first = row.event == Event.RESTORED.value, self.last.number + 1
        if row.number != first and not (restored and row.number > first):
            return f"it is not there, or not in its place; the next one is {row.number}"
        if row.emptied:
            self.emptied.add(row.number)
        elif row.seal != _seal(self.salt, row):
            return "what it says was changed"
        if row.chain != _chain(self.salt, self.last, row):
            return "it was changed, or the one before it was"
        if restored:
            self.excused.append(range(int(row.facts.get("from", first)), row.number))
        if row.event == Event.FORGOTTEN.value:
            self.emptied.difference_update(numbers_in(str(row.facts.get("entries", ""))))
        self.last = row.head
        return ""


def check(
    rows: Iterable[Logged], heads: Collection[Head], salt: bytes
) -> tuple[Head, Broken | None]:
    """Return the last entry that is as it was written, and where the log is not, if so.

    `heads` were kept outside; a database that was restored is excused from those it does not know.
    """
    walk = _Walk(salt)
    wanted: dict[int, set[Head]] = {}
    for head in heads:
        wanted.setdefault(head.number, set()).add(head)
    unlike: set[int] = set()
    for row in rows:
        first = walk.last.number + 1
        if why := walk.step(row):
            return walk.last, Broken(min(first, row.number), why)
        if wanted.pop(row.number, set()) - {row.head}:
            unlike.add(row.number)
    return walk.last, _unlike(walk, unlike, wanted)


def _unlike(walk: _Walk, unlike: Collection[int], missing: Collection[int]) -> Broken | None:
    """Return the earliest of what only shows at the end."""
    found = dict.fromkeys(unlike, _OTHER) | dict.fromkeys(missing, _CUT_OFF)
    found = {n: why for n, why in found.items() if not any(n in known for known in walk.excused)}
    found |= dict.fromkeys(walk.emptied, _EMPTIED)
    return Broken(min(found), found[min(found)]) if found else None


def numbers_in(text: str) -> Iterator[int]:
    """Yield the numbers that `spans` wrote."""
    for span in filter(None, text.split(",")):
        first, _, last = span.partition("-")
        yield from range(int(first), int(last or first) + 1)


def spans(numbers: Iterable[int]) -> str:
    """Return numbers in short: "3-5,9"."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in found)


def _seal(salt: bytes, row: Logged) -> str:
    about = (row.pairing, row.person, row.about, row.facts_json)
    return _digest(salt, "seal", row.blind, *about)


def _chain(salt: bytes, before: Head, row: Logged) -> str:
    moment = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    stamps = (str(row.number), moment, row.event, str(row.uid))
    return _digest(salt, "chain", before.chain, *stamps, row.seal)


def _digest(salt: bytes, *parts: str) -> str:
    """Return 32 hex digits; nobody without the programme's secret can find others that fit."""
    return mac_of(salt, "audit", *parts).hex()[:32]
