"""The items of one CalDAV calendar, by name: the last part of their address, decoded."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urljoin, urlsplit

from rmflow.adapters.standards.caldav_account import CalDavAccount
from rmflow.adapters.standards.caldav_server import (
    CalDavServer,
    is_gone,
    multistatus,
    refusal,
)
from rmflow.formats.calendar.dav import Resource, changed_since, multiget, propfind

SUFFIX = ".ics"
_MOST_AT_ONCE = 50
_LISTED = "listed "
_LIST = "list the calendar"
_READ = "read items"


@dataclass(frozen=True, slots=True)
class Item:
    """What is stored, and the server's ETag for it, as it stands in HTTP ("" without one)."""

    content: bytes = field(repr=False)
    etag: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What changed, and what is gone. `whole`: `names` are all that there are, changed or not."""

    names: frozenset[str]
    gone: frozenset[str]
    token: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Read:
    """Items that were read, and the names of those that are there and were not given to us."""

    items: Mapping[str, Item]
    unread: frozenset[str]


class CalDavItems:
    """A calendar. Only items whose name ends in .ics are seen."""

    def __init__(self, server: CalDavServer, account: CalDavAccount) -> None:
        self._server = server
        self._account = account

    def since(self, token: str) -> Listing:
        """Return what changed since a token, by the cheapest way that the server has.

        A token that it does not know any more (RFC 6578 section 3.2, DAV:valid-sync-token) is
        followed by a listing of everything.
        """
        if not token.startswith(_LISTED):
            for start in dict.fromkeys((token, "")):
                listing = self._synchronised(start)
                if listing:
                    return listing
        return self._listed(token)

    def read_many(self, names: Collection[str]) -> Read:
        """Return these items; those that are gone are missing from both."""
        items: dict[str, Item] = {}
        unread = set[str]()
        wanted = sorted(names)
        for start in range(0, len(wanted), _MOST_AT_ONCE):
            some = wanted[start : start + _MOST_AT_ONCE]
            answered = {_name(resource.href): resource for resource in self._multiget(some)}
            for name in some:
                item, missed = self._given(name, answered.get(name))
                if item:
                    items[name] = item
                elif missed:
                    unread.add(name)
        return Read(items, frozenset(unread))

    def read(self, name: str) -> Item | None:
        """Return an item, None if there is none."""
        answer = self._server.ask(_READ, "GET", self.address(name))
        if is_gone(answer):
            return None
        if not answer.fine:
            raise refusal(_READ, answer)
        return Item(answer.content, answer.headers.get("ETag", "").strip())

    def address(self, name: str) -> str:
        """Return the address of an item."""
        return self._account.calendar + quote(name, safe="")

    def _synchronised(self, token: str) -> Listing | None:
        """Return what sync-collection tells, None if the server refuses it for this token."""
        names, gone, sent = set[str](), set[str](), token
        while True:
            answer = self._server.ask(
                _LIST, "REPORT", self._account.calendar, body=changed_since(sent), depth="0"
            )
            if 400 <= answer.status < 500 and not is_gone(answer):
                return None
            told = multistatus(_LIST, answer)
            if not told.token:
                return None
            for resource in told.resources:
                name = _name(resource.href)
                here, there = (gone, names) if resource.status in (404, 410) else (names, gone)
                here.add(name)
                there.discard(name)
            cut_short = any(resource.status == 507 for resource in told.resources)
            if not cut_short or told.token == sent:
                break
            sent = told.token  # RFC 6578 section 3.6: more follows after this token
        return Listing(_items(names), _items(gone), told.token, whole=not token)

    def _listed(self, token: str) -> Listing:
        """Return all items; the token is a hash over their names and ETags."""
        question = propfind("d:getetag")
        found = self._server.properties(_LIST, self._account.calendar, question, "1")
        etags = {_name(r.href): r.text("d:getetag") for r in found.resources if r.status == 200}
        lines = (f"{name} {etag}" for name, etag in sorted(etags.items()))
        now = _LISTED + hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]
        if now == token:
            return Listing(frozenset(), frozenset(), token, whole=False)
        return Listing(_items(etags), frozenset(), now, whole=True)

    def _multiget(self, names: Collection[str]) -> Iterator[Resource]:
        calendar = self._account.calendar
        hrefs = [urlsplit(self.address(name)).path for name in names]
        answer = self._server.ask(_READ, "REPORT", calendar, body=multiget(hrefs), depth="1")
        yield from multistatus(_READ, answer).resources

    def _given(self, name: str, answered: Resource | None) -> tuple[Item | None, bool]:
        """Return the item that a multiget gave, and whether it is there but was not given.

        An item that the server passed over in silence is asked for on its own.
        """
        if answered is None:
            return self.read(name), False
        if answered.status in (404, 410):
            return None, False
        content = answered.text("c:calendar-data")
        if not content:
            return None, True
        return Item(content.encode(), answered.text("d:getetag")), False


def _name(href: str) -> str:
    """Return the name of an item; "" for a collection. An href is a path or a whole URL."""
    return unquote(urlsplit(urljoin("/", href)).path.rpartition("/")[2])


def _items(names: Collection[str]) -> frozenset[str]:
    return frozenset(name for name in names if name.endswith(SUFFIX))
