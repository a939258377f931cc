"""Requests to a CalDAV server, and what its answers mean."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from rmflow.adapters.standards.caldav_settings import Settings
from rmflow.adapters.web import Answer, Web
from rmflow.errors import (
    BackendError,
    ChangedError,
    DeniedError,
    RejectedError,
    UnavailableError,
)
from rmflow.formats.calendar.dav import Multistatus, precondition, read_multistatus

if TYPE_CHECKING:
    from requests import PreparedRequest

BACKEND = "caldav"
XML = "application/xml; charset=utf-8"
CALENDAR = "text/calendar; charset=utf-8"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_GONE = frozenset({404, 410})
_FOR_NOW = frozenset({423, 425})
# RFC 4791 section 5.3.2.1, RFC 6638 section 3.2.4.1.
_UID_TAKEN = frozenset({"no-uid-conflict", "unique-scheduling-object-resource"})


class CalDavServer:
    """One account on a server.

    Compression is declined: a proxy that compresses makes ETags weak, and If-Match takes none
    that are (RFC 9110 sections 8.8.1 and 13.1.1; Cyrus 3.6 does so itself). The password goes to
    the host of `url` only, wherever an answer points. A read follows redirects there; a write
    follows none.
    """

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._login = ""
        self._web = Web(BACKEND, self._authorise, timeout_s=settings.timeout_s)

    def ask(
        self,
        operation: str,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        depth: str = "",
        kind: str = XML,
    ) -> Answer:
        """Send a request that changes nothing. Raises DeniedError when the login is refused."""
        headers = _headers(kind if body else "", {"Depth": depth} if depth else {})
        self._check(operation, url)
        for _ in range(_MOST_REDIRECTS):
            answer = self._web.read(operation, method, url, headers=headers, body=body)
            if answer.status not in _REDIRECTS:
                return _known(operation, answer)
            url = urljoin(url, answer.headers.get("Location", ""))
            self._check(operation, url)
        raise DeniedError(BACKEND, operation, "it redirects in circles; correct url")

    def properties(self, operation: str, url: str, question: bytes, depth: str) -> Multistatus:
        """Return the properties of a resource (depth "0") or of what is in it as well ("1")."""
        answer = self.ask(operation, "PROPFIND", url, body=question, depth=depth)
        return multistatus(operation, answer)

    def put(self, operation: str, url: str, content: bytes, condition: Mapping[str, str]) -> Answer:
        """Store an item, in one request. Raises what a refusal means."""
        headers = _headers(CALENDAR, condition)
        self._check(operation, url)
        answer = self._web.write(operation, "PUT", url, headers=headers, body=content)
        return _done(operation, _known(operation, answer))

    def delete(self, operation: str, url: str) -> None:
        """Delete an item, in one request; one that is gone is no error."""
        self._check(operation, url)
        answer = _known(operation, self._web.write(operation, "DELETE", url, headers=_headers()))
        if answer.status not in _GONE:
            _done(operation, answer)

    def close(self) -> None:
        """End connections."""
        self._web.close()

    def _check(self, operation: str, url: str) -> None:
        """Raise DeniedError for an address that the password must not go to."""
        ours, theirs = urlsplit(self._settings.url), urlsplit(url)
        secure = theirs.scheme in (ours.scheme, "https")
        if theirs.hostname != ours.hostname or not secure:
            where = f"{theirs.scheme}://{theirs.netloc}"
            raise DeniedError(BACKEND, operation, f"it sends us to {where}; say so in url")

    def _authorise(self, request: "PreparedRequest") -> "PreparedRequest":
        if not self._login:
            password = self._settings.password.reveal(self._folder)
            pair = f"{self._settings.username}:{password}".encode()
            self._login = f"Basic {base64.b64encode(pair).decode()}"
        request.headers["Authorization"] = self._login
        return request


def multistatus(operation: str, answer: Answer) -> Multistatus:
    """Return the multistatus that a read was answered with. Raises DeniedError, UnavailableError."""
    if answer.status != 207:
        raise refusal(operation, answer)
    try:
        return read_multistatus(answer.content)
    except ValueError as error:
        raise UnavailableError(BACKEND, operation, str(error)) from error


def refusal(operation: str, answer: Answer) -> BackendError:
    """Return what it means that a read was refused."""
    if answer.status == 403:
        return DeniedError(BACKEND, operation, "this account may not read there")
    if answer.status in _GONE:
        return DeniedError(BACKEND, operation, "there is nothing at this address; correct url")
    if answer.status == 405:
        return DeniedError(BACKEND, operation, "no CalDAV server is at this address; correct url")
    return UnavailableError(BACKEND, operation, f"it answered {answer.status}")


def is_gone(answer: Answer) -> bool:
    """Return whether there is nothing at an address."""
    return answer.status in _GONE


def is_strong(etag: str) -> bool:
    """Return whether If-Match can be used with this ETag."""
    return etag.startswith('"')


def _headers(kind: str = "", more: Mapping[str, str] | None = None) -> dict[str, str]:
    headers = {"Accept-Encoding": "identity", "User-Agent": "rmflow", **(more or {})}
    return {**headers, "Content-Type": kind} if kind else headers


def _known(operation: str, answer: Answer) -> Answer:
    if answer.status == 401:
        raise DeniedError(BACKEND, operation, "it refuses the user name or the password")
    return answer


def _done(operation: str, answer: Answer) -> Answer:
    """Return the answer to a write that was done; raise what a refusal means."""
    if answer.fine:
        return answer
    named = precondition(answer.content)
    if answer.status == 412:
        raise ChangedError(BACKEND, operation, "the item is not as it was seen")
    if answer.status in _FOR_NOW:
        raise UnavailableError(BACKEND, operation, f"it answered {answer.status}")
    if named in _UID_TAKEN or b"uid already exists" in answer.content.lower():
        raise RejectedError(
            BACKEND,
            operation,
            "the account holds another item with this UID, in another calendar or in its trash "
            "bin; delete it there for good",
        )
    if _is_about_us(answer, named):
        raise DeniedError(BACKEND, operation, f"it does not let us ({answer.status})")
    raise RejectedError(BACKEND, operation, named or f"it answered {answer.status}")


def _is_about_us(answer: Answer, named: str) -> bool:
    """Return whether no other item would fare better: rights, or an address that is wrong."""
    if answer.status == 403:
        return named in ("", "need-privileges")
    return answer.status in {404, 405, 410, 407} | _REDIRECTS
