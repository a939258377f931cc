"""Which series are in the calendar, in which version, and a token for all of it.

v1.0 of Graph has `calendarView/delta` only: bounded by two dates, without our properties, and its
tokens are short-lived (learn.microsoft.com/graph/api/event-delta; the delta of whole calendars is
in beta). So we list our masters with their versions, which is one small request for five hundred
of them. That suffices, because exceptions are stored inside their master (MS-OXOCAL 2.2.10) and
share its version, as the sample answer of /graph/api/event-list-instances shows.

A token holds a short hash for each of 256 groups of series. It needs no clock and never goes out
of date; after a change a few unchanged neighbours are told again.
"""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rmflow.adapters.graph.client import GraphClient
from rmflow.adapters.graph.properties import State, of_ours, shown, values, with_uid
from rmflow.domain.series import Uid

_SELECT = "id,changeKey,createdDateTime"
_PAGE = "500"


@dataclass(frozen=True, slots=True)
class Entry:
    """An event of ours. The first one of a UID and state counts; a race may have made two."""

    uid: Uid
    state: State
    id: str
    version: str
    created: str


class Entries:
    """The events of ours that were found, by UID."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._by_uid: dict[Uid, list[Entry]] = {}
        for entry in sorted(entries, key=lambda entry: (entry.created, entry.id)):
            self._by_uid.setdefault(entry.uid, []).append(entry)

    def __bool__(self) -> bool:
        """Return whether there is any."""
        return bool(self._by_uid)

    def there(self, uid: Uid) -> Entry | None:
        """Return the live event of a series, else what remembers that it was cancelled."""
        for state in (State.FINISHED, State.CANCELLED):
            for entry in self.all(uid, state):
                return entry
        return None

    def all(self, uid: Uid, state: State) -> list[Entry]:
        """Return the events of a series in this state, oldest first."""
        return [entry for entry in self._by_uid.get(uid, ()) if entry.state is state]

    def token(self, without: Iterable[Uid] = ()) -> str:
        """Return ten characters for each group of series, except the groups of `without`."""
        left_out = {_group(uid) for uid in without}
        digests = self._digests()
        return "".join(group + digests[group] for group in sorted(digests.keys() - left_out))

    def changed_since(self, token: str) -> list[Entry]:
        """Return the series of the groups that differ from the token's."""
        told = {token[at : at + 2]: token[at + 2 : at + 10] for at in range(0, len(token), 10)}
        digests = self._digests()
        found = (
            self.there(uid)
            for uid in sorted(self._by_uid)
            if told.get(_group(uid)) != digests[_group(uid)]
        )
        return [entry for entry in found if entry is not None]

    def _digests(self) -> Mapping[str, str]:
        lines: dict[str, list[str]] = {}
        for uid, entries in self._by_uid.items():
            told = sorted(f"{uid} {e.state.value} {e.id} {e.version}" for e in entries)
            lines.setdefault(_group(uid), []).extend(told)
        return {
            group: hashlib.sha256("\n".join(sorted(told)).encode()).hexdigest()[:8]
            for group, told in lines.items()
        }


def every(client: GraphClient, operation: str) -> Entries:
    """Return all events of ours, also those that were begun and never finished."""
    return Entries(_found(client, operation, of_ours()))


def of(client: GraphClient, operation: str, uid: Uid) -> Entries:
    """Return the events with this UID."""
    entries = _found(client, operation, with_uid(uid))
    return Entries(entry for entry in entries if entry.uid == uid)


def _found(client: GraphClient, operation: str, condition: str) -> Iterator[Entry]:
    query = {
        "$filter": condition,
        "$select": _SELECT,
        "$expand": shown(details=False),
        "$top": _PAGE,
    }
    for event in client.pages(operation, client.mailbox("calendar", "events"), query=query):
        uid, state, _ = values(event)
        if uid and state is not None:
            yield Entry(uid, state, event["id"], event["changeKey"], event["createdDateTime"])


def _group(uid: Uid) -> str:
    return f"{zlib.crc32(uid.encode()) & 0xFF:02x}"
