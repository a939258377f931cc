"""The audit log, as it is read, checked, and told that a database was put back."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from rmflow.app.person import person_named
from rmflow.app.ports import Ports
from rmflow.domain.audit import Broken, Entry, Event, Head, Logged, alias_of, check, facts
from rmflow.ports.store import Store


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the log was found. `newest`: the last entry that is as it was written."""

    newest: Head
    broken: Broken | None


def examined(ports: Ports, heads: Collection[Head]) -> Verdict:
    """Go through the whole log; `heads` were kept outside of the database."""
    return Verdict(*check(ports.store.entries(), heads, ports.programme.salt))


def entries_about(
    ports: Ports, *, pair: str = "", person: str = "", since: datetime | None = None
) -> Iterator[Logged]:
    """Yield the entries, oldest first, narrowed down. Raises RmflowError for an unknown person."""
    alias = alias_of(ports.programme.salt, person_named(ports, person).id) if person else ""
    for entry in ports.store.entries():
        if pair not in ("", entry.pairing) or alias not in ("", entry.person):
            continue
        if since is None or entry.at >= since:
            yield entry


def restored_by_hand(store: Store, heads: Collection[Head], now: datetime) -> Entry:
    """Return the entry for a database that was put back by other means than ours.

    It is numbered above all that the database had been through; the heads of that are excused.
    """
    entry = restored_from_file(heads, now)
    known = {head.number: head for head in heads}
    unlike = [e.number for e in store.entries() if known.get(e.number, e.head) != e.head]
    first = min([*unlike, store.head().number + 1])
    return Entry(now, Event.RESTORED, facts_json=facts(**{"from": first}), after=entry.after)


def restored_from_file(heads: Collection[Head], now: datetime) -> Entry:
    """Return the entry for a database that a backup is put in the place of."""
    return Entry(now, Event.RESTORED, after=max((head.number for head in heads), default=0))
