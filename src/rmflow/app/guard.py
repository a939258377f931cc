"""The guard before each outside system: what asks for peace, or does not answer, is left alone.

what it says                       what follows
wait, up to 20 seconds             the next request waits as long
wait longer                        no request until then, in later runs neither
the changes of a day are used up   it is read, and not written to until then
five failures in a row             no request in this run
it refuses us                      no request in this run
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from rmflow.app import remembered
from rmflow.app.ports import Ports
from rmflow.domain.busy import BusyTime
from rmflow.domain.keys import Key
from rmflow.domain.people import Address
from rmflow.domain.records import SettingRecord
from rmflow.domain.series import ObservedSeries, SeriesSpec, Uid
from rmflow.errors import (
    BackendError,
    DeniedError,
    UnavailableError,
    UncertainError,
    UsedUpError,
)
from rmflow.ports.calendar import Calendar, CalendarChanges
from rmflow.ports.clock import Clock
from rmflow.ports.mail import (
    Delivery,
    Departure,
    Folder,
    Mailbox,
    Mailer,
    OutgoingMail,
    Unfiled,
)
from rmflow.ports.store import Store

T = TypeVar("T")

_GIVE_UP_AFTER = 5  # failures in a row
_LONGEST_WAIT = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Peace:
    """What a provider has asked for. `reads`: it may be read all the same."""

    provider: str
    until: datetime
    why: str
    reads: bool = False


def guarded(ports: Ports, *, keep: bool) -> Ports:
    """Return the ports behind guards. `keep`: what a provider asks for is told to later runs."""
    providers: dict[str, _Provider] = {}

    def door(port: str) -> _Door:
        name = ports.providers.get(port, port)
        if name not in providers:
            providers[name] = _Provider(name, ports.store, ports.clock, keep=keep)
        return _Door(providers[name])

    return replace(
        ports,
        calendar=_GuardedCalendar(ports.calendar, door("calendar"), door("calendar")),
        mailer=_GuardedMailer(ports.mailer, door("mail_out")),
        mailbox=_GuardedMailbox(ports.mailbox, door("mail_in")),
    )


def asked_for(store: Store, providers: Collection[str], now: datetime) -> list[Peace]:
    """Return who has asked to be left alone for some time yet."""
    found = (
        _remembered(store, name, reads=reads)
        for name in sorted(set(providers))
        for reads in (False, True)
    )
    return [peace for peace in found if peace is not None and peace.until > now]


def _remembered(store: Store, provider: str, *, reads: bool) -> Peace | None:
    until, _, why = store.setting(_setting(provider, reads=reads)).partition(" ")
    return Peace(provider, datetime.fromisoformat(until), why, reads) if until else None


def _setting(provider: str, *, reads: bool) -> str:
    return f"{remembered.USED_UP if reads else remembered.PEACE} {provider}"


class _Provider:
    """One outside system, whichever ports it fills."""

    def __init__(self, name: str, store: Store, clock: Clock, *, keep: bool) -> None:
        self.name = name
        self._store = store
        self._clock = clock
        self._keep = keep
        self._asked = {
            reads: peace
            for reads in (False, True)
            if (peace := _remembered(store, name, reads=reads))
        }

    def admit(self, operation: str, *, changes: bool) -> None:
        """Wait a little, if that is asked for. Raises UnavailableError where it is long."""
        for peace in self._asked.values():
            left = peace.until - self._clock.now()
            if left <= timedelta() or (peace.reads and not changes):
                continue
            if left > _LONGEST_WAIT:
                reason = f"it asked to be left alone until {peace.until:%Y-%m-%d %H:%M %Z}"
                kind = UsedUpError if peace.reads else UnavailableError
                raise kind(self.name, operation, f"{reason} ({peace.why})", left)
            self._clock.wait(left)

    def note(self, error: BackendError) -> None:
        """Remember what an error asks for."""
        if not error.retry_after:
            return
        reads = isinstance(error, UsedUpError)
        until = self._clock.now() + error.retry_after
        if reads not in self._asked or until > self._asked[reads].until:
            self._asked[reads] = Peace(self.name, until, error.reason, reads)
            if self._keep:
                name = _setting(self.name, reads=reads)
                said = f"{until.isoformat()} {error.reason}"
                self._store.write([SettingRecord(name, said)])


class _Door:
    """The way to a provider through one port.

    Failures of reads and of changes are counted apart: who can be asked may not do what is asked.
    """

    def __init__(self, provider: _Provider) -> None:
        self._provider = provider
        self._failures = {False: 0, True: 0}
        self._closed = False

    def pass_through(self, operation: str, call: Callable[[], T], *, changes: bool = False) -> T:
        """Return what `call` returns. Raises UnavailableError where it must not be made."""
        if self._closed:
            raise UnavailableError(self._provider.name, operation, "the backend does not answer")
        self._provider.admit(operation, changes=changes)
        try:
            found = call()
        except BackendError as error:
            self._failed(error, changes=changes)
            raise
        self._failures[changes] = 0
        return found

    def each(self, operation: str, call: Callable[[], Iterable[T]]) -> Iterator[T]:
        """Yield what `call` yields; each step goes through the door."""
        found = self.pass_through(operation, lambda: iter(call()))
        while (one := self.pass_through(operation, lambda: next(found, None))) is not None:
            yield one

    def _failed(self, error: BackendError, *, changes: bool) -> None:
        """Count what says that nobody is there; who refuses one thing answers."""
        self._provider.note(error)
        match error:
            case UsedUpError():
                pass
            case UnavailableError() | UncertainError():
                self._failures[changes] += 1
            case _:
                self._failures[changes] = 0
        many = self._failures[changes] >= _GIVE_UP_AFTER
        self._closed = isinstance(error, DeniedError) or many


class _GuardedCalendar:
    """A calendar behind two doors: who may not ask when people are busy may still invite them."""

    def __init__(self, calendar: Calendar, door: _Door, busy_door: _Door) -> None:
        self._calendar = calendar
        self._door = door
        self._busy_door = busy_door
        self.capabilities = calendar.capabilities
        self.settling = calendar.settling

    def changes(self, token: str, known: Collection[Uid]) -> CalendarChanges:
        return self._door.pass_through("changes", lambda: self._calendar.changes(token, known))

    def look(self, uids: Collection[Uid]) -> Mapping[Uid, ObservedSeries]:
        return self._door.pass_through("look", lambda: self._calendar.look(uids))

    def create(self, spec: SeriesSpec) -> str:
        return self._door.pass_through("create", lambda: self._calendar.create(spec), changes=True)

    def revise(self, spec: SeriesSpec, etag: str) -> str:
        return self._door.pass_through(
            "revise", lambda: self._calendar.revise(spec, etag), changes=True
        )

    def cancel(self, spec: SeriesSpec, etag: str) -> None:
        self._door.pass_through("cancel", lambda: self._calendar.cancel(spec, etag), changes=True)

    def busy(
        self, people: Collection[Address], start: datetime, end: datetime
    ) -> Mapping[Address, tuple[BusyTime, ...]]:
        return self._busy_door.pass_through("busy", lambda: self._calendar.busy(people, start, end))


class _GuardedMailer:
    """A mailer behind a door."""

    def __init__(self, mailer: Mailer, door: _Door) -> None:
        self._mailer = mailer
        self._door = door
        self.settling = mailer.settling

    def send(self, mail: OutgoingMail) -> str | None:
        return self._door.pass_through("send", lambda: self._mailer.send(mail), changes=True)

    def departures(
        self, mails: Collection[OutgoingMail], others: Collection[str] = ()
    ) -> Mapping[Key, Departure]:
        return self._door.pass_through("departures", lambda: self._mailer.departures(mails, others))

    def close(self) -> None:
        self._mailer.close()


class _GuardedMailbox:
    """A mailbox behind a door."""

    def __init__(self, mailbox: Mailbox, door: _Door) -> None:
        self._mailbox = mailbox
        self._door = door

    def unfiled(self) -> Iterator[Unfiled]:
        return self._door.each("unfiled", self._mailbox.unfiled)

    def fetch(self, messages: Sequence[Unfiled]) -> Iterator[Delivery]:
        return self._door.each("fetch", lambda: self._mailbox.fetch(messages))

    def file(self, refs: Collection[str], folder: Folder) -> None:
        self._door.pass_through("file", lambda: self._mailbox.file(refs, folder), changes=True)

    def holds(self, message_ids: Collection[str]) -> frozenset[str]:
        return self._door.pass_through("holds", lambda: self._mailbox.holds(message_ids))

    def close(self) -> None:
        self._mailbox.close()
