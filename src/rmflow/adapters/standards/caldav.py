"""A calendar on a CalDAV server (RFC 4791), which may invite people by itself (RFC 6638)."""

import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from rmflow.adapters.standards.caldav_account import CalDavAccount
from rmflow.adapters.standards.caldav_checkup import Patient, examine
from rmflow.adapters.standards.caldav_items import SUFFIX, CalDavItems, Item
from rmflow.adapters.standards.caldav_outbox import Outbox
from rmflow.adapters.standards.caldav_server import (
    BACKEND,
    CalDavServer,
    is_strong,
)
from rmflow.adapters.standards.caldav_settings import Settings
from rmflow.adapters.standards.caldav_version import Version, is_ours, version_of
from rmflow.domain.busy import BusyTime
from rmflow.domain.people import Address
from rmflow.domain.series import ObservedSeries, ParticipationStatus, SeriesSpec, Uid, kept_answers
from rmflow.errors import (
    ChangedError,
    DeniedError,
    RejectedError,
    UnavailableError,
    UncertainError,
    UnsupportedError,
)
from rmflow.formats.calendar.ics import read_stored, stored
from rmflow.formats.calendar.mark import MARK
from rmflow.formats.calendar.scheduling import left_to_us
from rmflow.ports.calendar import CalendarChanges, Capability
from rmflow.ports.checkup import Finding
from rmflow.ports.clock import Clock

_log = logging.getLogger(__name__)
_NEW = {"If-None-Match": "*"}


class CalDavCalendar:
    """Port Calendar. An item is named `<UID>.ics`; a copy under another name is not seen.

    We speak HTTP ourselves. The `caldav` package repairs an item that a server refuses and sends
    it again (`_put(retry_on_failure=True)`), and its HTTP client re-sends by itself; a write of
    ours is one request, with If-None-Match or If-Match.

    An etag is the server's ETag and a hash of what the item means (see `caldav_version`). The
    second half is used where the first cannot be: a weak ETag, or none, fits no If-Match, and is
    compared right before the write. And with `scheduling = "server"` an attendee's answer alone
    does not keep us from a revision; the answer stays in it unless the times change.

    Peculiarities (November 2026; measured on Radicale 3.9, Xandikos 0.4, Cyrus 3.6.1):

    - Schedule-Tag (RFC 6638 section 3.2.10) is made for that and not used: Cyrus gives every new
      item the same tag, changes it at the first answer, and not when the organiser edits.
    - Cyrus gives no ETag after PUT: it is read afterwards.
    - What a server makes of STATUS:CANCELLED is nowhere said (Cyrus sends a CANCEL). Attendees
      who are taken out get one for sure (RFC 6638 section 3.2.1.2), so a cancelled item has none
      where the server invites.
    - Cyrus counts SEQUENCE of exceptions on its own; ours is that of the series.
    - Cyrus invites nobody to a series whose last meeting is over.
    - A server that invites may keep SCHEDULE-AGENT=CLIENT or not (nextcloud/server#22197): with
      `scheduling = "mail"` each item is read again, and one that lost it stops us.
    - Nextcloud refuses a UID that lies in its trash bin (nextcloud/server#30096).
    - A person's answer to one meeting is told once; a revision afterwards does not repeat it.
    """

    backend = BACKEND
    capabilities = frozenset(
        {Capability.SENDS_INVITATIONS, Capability.INVITES_BY_MAIL, Capability.FREE_BUSY}
    )
    found_again = "the UID, which is the item's name"
    settling = timedelta(minutes=1)  # a proxy in between may pass a request on late

    def __init__(self, settings: Settings, folder: Path, clock: Clock) -> None:
        self._server = CalDavServer(settings, folder)
        self._account = CalDavAccount(self._server, settings)
        self._items = CalDavItems(self._server, self._account)
        self._clock = clock
        self._server_invites = settings.scheduling == "server"
        self.capabilities = _capabilities(settings)

    def changes(self, token: str, known: Collection[Uid]) -> CalendarChanges:
        """Ask what changed, then for these items. A calendar that is suddenly empty is no news."""
        listing = self._items.since(token)
        if listing.whole and known and not listing.names:
            return CalendarChanges((), frozenset(), token, complete=False)
        read = self._items.read_many(listing.names)
        seen, unread = [], set(read.unread)
        for name, item in read.items.items():
            try:
                series = _observed(name, item, known, server_invites=self._server_invites)
            except ValueError as error:
                _log.warning("%s: %s cannot be read: %s", self.backend, name, error)
                unread.add(name)
            else:
                seen += [series] if series else []
        there = listing.names & (read.items.keys() | read.unread)
        gone = listing.gone | (listing.names - there)
        vanished = frozenset(
            uid
            for uid in known
            if (_name(uid) not in there if listing.whole else _name(uid) in gone)
        )
        kept = token if unread else listing.token  # what could not be read is asked for again
        return CalendarChanges(tuple(seen), vanished, kept, complete=not unread)

    def look(self, uids: Collection[Uid]) -> Mapping[Uid, ObservedSeries]:
        """Read these items. Raises RejectedError for one that a person must repair, DeniedError
        where the server has taken our invitations over.
        """
        read = self._items.read_many({_name(uid) for uid in uids})
        if read.unread:
            raise UnavailableError(self.backend, "look", "it gives no content for some items")
        found = {}
        for name, item in read.items.items():
            try:
                series = _observed(name, item, uids, server_invites=self._server_invites)
            except ValueError as error:
                raise RejectedError(self.backend, "look", f"{name} {error}") from error
            if series:
                self._check_left(item)
                found[series.spec.uid] = series
        return found

    def create(self, spec: SeriesSpec) -> str:
        """Store the item if there is none of that name, be it ours or not."""
        self._check_inviting(spec)
        content = self._content(spec)
        return self._put("create", spec, content, _NEW)

    def revise(self, spec: SeriesSpec, etag: str) -> str:
        """Replace the item; answers in it stay while the times do."""
        item = self._items.read(_name(spec.uid))
        if item is None or not is_ours(item.content):
            raise ChangedError(self.backend, "revise", "the item is gone")
        condition = self._condition("revise", item, etag)
        self._check_inviting(spec)
        content = self._content(spec, statuses=_kept_statuses(item, spec))
        return self._put("revise", spec, content, condition)

    def cancel(self, spec: SeriesSpec, etag: str) -> None:
        """Set STATUS:CANCELLED; a server that invites is told to uninvite everybody."""
        item = self._items.read(_name(spec.uid))
        if item is None or not is_ours(item.content) or _is_cancelled(item):
            return
        condition = self._condition("cancel", item, etag)
        self._put("cancel", spec, self._content(spec, cancelled=True), condition)

    def busy(
        self, people: Collection[Address], start: datetime, end: datetime
    ) -> Mapping[Address, tuple[BusyTime, ...]]:
        """Ask our outbox (RFC 6638 section 5). Who the server does not know is missing."""
        if Capability.FREE_BUSY not in self.capabilities:
            raise UnsupportedError(self.backend, "busy", "free_busy is not switched on")
        outbox = Outbox(self._server, self._account.principal)
        return outbox.busy(people, start, end, now=self._clock.now())

    def checkup(self) -> Iterator[Finding]:
        """Examine address, login, calendar, rights, inviting, busy times and clock."""
        yield from examine(
            Patient(self._server, self._account, self._items, self.capabilities, self._clock)
        )

    def close(self) -> None:
        """End connections."""
        self._server.close()

    def _content(
        self,
        spec: SeriesSpec,
        *,
        cancelled: bool = False,
        statuses: Mapping[Address, ParticipationStatus] | None = None,
    ) -> bytes:
        if cancelled and self._server_invites:
            spec = _without_people(spec)
        return stored(
            spec,
            now=self._clock.now(),
            cancelled=cancelled,
            statuses=statuses or {},
            we_invite=not self._server_invites,
        )

    def _condition(self, operation: str, item: Item, etag: str) -> Mapping[str, str]:
        """Return the header for a write over this item. Raises ChangedError if it is not as seen."""
        try:
            now = version_of(item)
        except ValueError as error:
            raise ChangedError(self.backend, operation, f"the item {error}") from error
        seen = Version.parse(etag)
        unclear = self._server_invites or not is_strong(item.etag)
        if now.etag != seen.etag and not (unclear and now.meaning == seen.meaning):
            raise ChangedError(self.backend, operation, "the item is not as it was seen")
        return {"If-Match": item.etag if is_strong(item.etag) else "*"}

    def _put(
        self, operation: str, spec: SeriesSpec, content: bytes, condition: Mapping[str, str]
    ) -> str:
        """Store the item and return our etag for it."""
        look_again = not self._server_invites and self._account.schedules
        address = self._items.address(_name(spec.uid))
        answer = self._server.put(operation, address, content, condition)
        etag = answer.headers.get("ETag", "").strip()
        written = version_of(Item(content, etag))
        if is_strong(etag) and not look_again:
            return str(written)
        try:
            item = self._items.read(_name(spec.uid))
        except (UnavailableError, DeniedError) as error:
            raise UncertainError(
                self.backend, operation, error.reason, error.retry_after
            ) from error
        if item is None:
            return str(written)
        if look_again:
            _check_left_to_us(operation, item)
        return str(_settled(written, item))

    def _check_left(self, item: Item) -> None:
        """Do what a write does afterwards, for one whose answer was lost."""
        if not self._server_invites and self._account.schedules:
            _check_left_to_us("look", item)

    def _check_inviting(self, spec: SeriesSpec) -> None:
        """Raise DeniedError where the server would keep an invitation to itself."""
        if not self._server_invites:
            return
        if not self._account.schedules:
            reason = 'this server invites nobody; set scheduling = "mail"'
            raise DeniedError(self.backend, "invite", reason)
        if spec.organiser not in self._account.principal.addresses:
            reason = "the programme's mailbox is no address of this account; log in as its owner"
            raise DeniedError(self.backend, "invite", reason)


def _capabilities(settings: Settings) -> frozenset[Capability]:
    if settings.scheduling == "mail":
        return frozenset({Capability.INVITES_BY_MAIL})
    busy = {Capability.FREE_BUSY} if settings.free_busy else set()
    return frozenset({Capability.SENDS_INVITATIONS} | busy)


def _name(uid: Uid) -> str:
    return f"{uid}{SUFFIX}"


def _observed(
    name: str, item: Item, known: Collection[Uid], *, server_invites: bool
) -> ObservedSeries | None:
    """Return the series in an item, None if it is not ours.

    Raises ValueError when it is ours and cannot be understood, one that lost its mark included.
    """
    uid = Uid(name.removesuffix(SUFFIX))
    if not is_ours(item.content):
        if uid in known:
            raise ValueError(f"has lost its mark ({MARK})")
        return None
    series = read_stored(item.content)
    if series.spec.uid != uid:
        if uid in known:
            raise ValueError("holds another series than its name says")
        return None
    spec = series.spec
    if server_invites:
        spec = replace(spec, sequence=series.sequence)
    etag = str(Version.of(item.etag, series))
    return ObservedSeries(spec, etag, series.cancelled, series.responses)


def _check_left_to_us(operation: str, item: Item) -> None:
    """Raise DeniedError if the server invites people whom rmflow would mail as well."""
    if not left_to_us(item.content):
        reason = 'the server has taken the invitations over; set scheduling = "server"'
        raise DeniedError(BACKEND, operation, reason)


def _settled(written: Version, item: Item) -> Version:
    """Return the version of what we wrote, as it was found right afterwards.

    If somebody was faster it is our own: we have not seen their edit, and a revision will say so.
    """
    try:
        found = version_of(item)
    except ValueError:
        return written
    return found if found.meaning == written.meaning else written


def _is_cancelled(item: Item) -> bool:
    try:
        return version_of(item).cancelled
    except ValueError:
        return False


def _kept_statuses(item: Item, spec: SeriesSpec) -> Mapping[Address, ParticipationStatus]:
    """Return the answers to a series; none if the revision is about other times."""
    before = read_stored(item.content)
    return kept_answers(before.spec, before.responses, spec)


def _without_people(spec: SeriesSpec) -> SeriesSpec:
    return replace(spec, attendees=(), moved=(), elsewhere=())
