"""Finding and reading our series on Exchange."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exchangelib import Q
from exchangelib.errors import ErrorItemNotFound
from exchangelib.fields import FieldPath
from exchangelib.folders import Folder
from exchangelib.items import ID_ONLY, SHALLOW, CalendarItem
from exchangelib.restriction import Restriction
from exchangelib.services import FindItem, GetItem

from rmflow.adapters.exchange.account import MailboxAccount
from rmflow.adapters.exchange.item import MASTER_FIELDS, MEETING_FIELDS, Stored, spec_of
from rmflow.adapters.exchange.mark import Mark
from rmflow.domain.series import Uid

# A series, or why it cannot be understood.
Read = Stored | ValueError

_UIDS_IN_ONE_SEARCH = 50
_PAGE = 500


@dataclass(frozen=True)
class Found:
    """An item of ours, not read yet. `item` is exchangelib's, with its id and change key."""

    item: Any
    uid: Uid
    binned: bool


class SeriesReader:
    """Reads series from the calendar, and from Deleted Items, where cancelled ones lie.

    `operation` is for messages.
    """

    def __init__(self, account: MailboxAccount) -> None:
        self._account = account

    def find(self, uids: Collection[Uid], operation: str) -> list[Found]:
        """Return the items that carry these UIDs, lowest id first; there may be several of one.

        Deleted Items are searched for what is not in the calendar.
        """
        found = self._search(self._account.calendar, uids, operation)
        missing = set(uids) - {one.uid for one in found}
        found += self._search(self._account.deleted_items, missing, operation)
        return sorted(found, key=lambda one: one.item.id)

    def all_in_calendar(self, operation: str) -> list[Found]:
        """Return every item of ours that is in the calendar."""
        return self._found(self._account.calendar, Q(rmflow_uid__exists=True), operation)

    def read(self, found: Sequence[Found], operation: str) -> list[tuple[Uid, Read]]:
        """Return each item with its UID, in order; those that have gone meanwhile are left out."""
        masters = self._items(found, MASTER_FIELDS, operation)
        meetings = self._meetings([master for master in masters if master], operation)
        return [
            (one.uid, _understood(one, master, meetings.get(master.id, ())))
            for one, master in zip(found, masters, strict=True)
            if master is not None
        ]

    def _search(self, folder: Folder, uids: Collection[Uid], operation: str) -> list[Found]:
        found: list[Found] = []
        wanted = sorted(uids)
        for start in range(0, len(wanted), _UIDS_IN_ONE_SEARCH):
            some = Q()
            for uid in wanted[start : start + _UIDS_IN_ONE_SEARCH]:
                some |= Q(rmflow_uid=uid)
            found += self._found(folder, some, operation)
        return found

    def _found(self, folder: Folder, condition: Q, operation: str) -> list[Found]:
        uid_field = FieldPath(field=CalendarItem.get_field_by_fieldname("rmflow_uid"))

        def search() -> list[Any]:
            return without_errors(
                FindItem(account=self._account.ews, page_size=_PAGE).call(
                    folders=[folder],
                    additional_fields=[uid_field],
                    restriction=Restriction(condition, [folder], Restriction.ITEMS),
                    order_fields=None,
                    shape=ID_ONLY,
                    query_string=None,
                    depth=SHALLOW,
                    calendar_view=None,
                    max_items=None,
                    offset=0,
                )
            )

        binned = folder is self._account.deleted_items
        return [
            Found(item, Uid(item.rmflow_uid), binned)
            for item in self._account.read(operation, search)
            if isinstance(item, CalendarItem) and item.rmflow_uid
        ]

    def _meetings(self, masters: Iterable[Any], operation: str) -> Mapping[str, list[Any]]:
        """Return the meetings that differ, by the id of their master."""
        ids, owners = [], []
        for master in masters:
            for meeting in master.modified_occurrences or ():
                ids.append(meeting)
                owners.append(master.id)
        found: dict[str, list[Any]] = {}
        for owner, meeting in zip(owners, self._items(ids, MEETING_FIELDS, operation), strict=True):
            if meeting is not None:
                found.setdefault(owner, []).append(meeting)
        return found

    def _items(
        self, wanted: Sequence[Any], fields: Iterable[str], operation: str
    ) -> list[Any | None]:
        """Return whole items in the same order, None for one that has gone."""
        if not wanted:
            return []
        ids = [one.item if isinstance(one, Found) else one for one in wanted]
        paths = [FieldPath(field=CalendarItem.get_field_by_fieldname(name)) for name in fields]

        def get() -> list[Any]:
            service = GetItem(account=self._account.ews)
            keys = [(one.id, one.changekey) for one in ids]
            items = service.call(items=keys, additional_fields=paths, shape=ID_ONLY)
            return without_errors(None if isinstance(i, ErrorItemNotFound) else i for i in items)

        return self._account.read(operation, get)


def best_of(items: Iterable[tuple[Uid, Read]]) -> Mapping[Uid, Read]:
    """Return what stands under each UID: a finished series before one that was begun, one in the
    calendar before a deleted one, the lowest id before others.
    """
    best: dict[Uid, Read] = {}
    for uid, item in items:
        if uid not in best or _rank(item) > _rank(best[uid]):
            best[uid] = item
    return best


def without_errors(results: Iterable[Any]) -> list[Any]:
    """Return results. Raises the first error that exchangelib has put among them."""
    found = list(results)
    for result in found:
        if isinstance(result, Exception):
            raise result
    return found


def _understood(found: Found, master: Any, meetings: Sequence[Any]) -> Read:
    try:
        mark = Mark.read(master.rmflow_mark)
        stored = Stored(master, tuple(meetings), mark, found.binned)
        spec_of(stored)
    except ValueError as error:
        return error
    return stored


def _rank(item: Read) -> tuple[bool, bool]:
    if isinstance(item, ValueError):
        return True, False
    return item.is_there, not item.binned
