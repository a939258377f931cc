"""Where things are in a CalDAV account: its calendar, its outbox, its addresses (RFC 6764)."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote, urljoin, urlsplit

from rmflow.adapters.standards.caldav_server import BACKEND, CalDavServer, multistatus
from rmflow.adapters.standards.caldav_settings import Settings
from rmflow.domain.people import Address, parse_address
from rmflow.errors import DeniedError
from rmflow.formats.calendar.dav import Multistatus, Resource, propfind

_DISCOVER = "find the calendar"
_PRINCIPAL = propfind("d:current-user-principal")
_SCHEDULES = "calendar-auto-schedule"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who we are to the server: our mail addresses, and where we ask for busy times ("")."""

    addresses: frozenset[Address]
    outbox: str


class CalDavAccount:
    """Everything is looked up when it is first needed, and once."""

    def __init__(self, server: CalDavServer, settings: Settings) -> None:
        self._server = server
        self._settings = settings

    @cached_property
    def calendar(self) -> str:
        """The address of our calendar, with a slash at its end."""
        if not self._settings.calendar:
            return _slashed(self._settings.url)
        home = self._first(self._principal_url, "c:calendar-home-set")
        question = propfind("d:resourcetype", "d:displayname")
        found = self._server.properties(_DISCOVER, home, question, "1")
        calendars = [r for r in found.resources if r.has("d:resourcetype", "c:calendar")]
        named = [urljoin(home, r.href) for r in calendars if self._is_named(r)]
        if len(named) != 1:
            raise DeniedError(BACKEND, _DISCOVER, self._choice(named, calendars))
        return _slashed(named[0])

    @cached_property
    def features(self) -> frozenset[str]:
        """What the server can do with our calendar: the words of its DAV header."""
        answer = self._server.ask("ask for features", "OPTIONS", self.calendar)
        words = answer.headers.get("DAV", "").split(",")
        return frozenset(word.strip().lower() for word in words)

    @property
    def schedules(self) -> bool:
        """Whether the server invites people by itself (RFC 6638)."""
        return _SCHEDULES in self.features

    @cached_property
    def principal(self) -> Principal:
        """Who we are to the server."""
        url = self._principal_url
        question = propfind("c:calendar-user-address-set", "c:schedule-outbox-URL")
        found = self._server.properties("ask who we are", url, question, "0")
        users = _hrefs(found, "c:calendar-user-address-set")
        outboxes = _hrefs(found, "c:schedule-outbox-URL")
        return Principal(
            frozenset(address for user in users if (address := mail_of(user))),
            urljoin(url, outboxes[0]) if outboxes else "",
        )

    @cached_property
    def _principal_url(self) -> str:
        """The address of the principal; a server may tell it only where RFC 6764 says."""
        start = self._settings.url
        answer = self._server.ask(_DISCOVER, "PROPFIND", start, body=_PRINCIPAL, depth="0")
        if answer.status == 207:
            found = _hrefs(multistatus(_DISCOVER, answer), "d:current-user-principal")
            if found:
                return urljoin(start, found[0])
        return self._first(urljoin(start, "/.well-known/caldav"), "d:current-user-principal")

    def _first(self, url: str, name: str) -> str:
        """Return the address in a property of a resource."""
        found = _hrefs(self._server.properties(_DISCOVER, url, propfind(name), "0"), name)
        if not found:
            what = name.partition(":")[2]
            raise DeniedError(BACKEND, _DISCOVER, f"it does not say its {what}; check url")
        return urljoin(url, found[0])

    def _is_named(self, calendar: Resource) -> bool:
        return self._settings.calendar in (calendar.text("d:displayname"), _segment(calendar))

    def _choice(self, named: list[str], calendars: list[Resource]) -> str:
        name = self._settings.calendar
        if named:
            return f'{len(named)} calendars are called "{name}"; give the address of one as url'
        names = ", ".join(sorted(_segment(calendar) for calendar in calendars)) or "none"
        return f'there is no calendar "{name}" in the account; there is: {names}'


def mail_of(user: str) -> Address | None:
    """Return the address in "mailto:…", None if there is none."""
    scheme, _, text = user.partition(":")
    try:
        return parse_address(unquote(text)) if scheme.lower() == "mailto" else None
    except ValueError:
        return None


def _hrefs(found: Multistatus, name: str) -> tuple[str, ...]:
    return tuple(href for r in found.resources for href in r.hrefs(name) if href)


def _segment(calendar: Resource) -> str:
    return unquote(urlsplit(calendar.href).path.rstrip("/").rpartition("/")[2])


def _slashed(url: str) -> str:
    return url if url.endswith("/") else f"{url}/"
