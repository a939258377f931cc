"""Requests to Microsoft Graph, and what its answers mean.

Read: learn.microsoft.com/graph/errors, /graph/throttling-limits, /graph/outlook-immutable-id,
/graph/paging (November 2026).

- Ids are immutable ones, on every request: an id that was noted is still right after a move.
- Four requests in flight are allowed for an app in a mailbox; we send one after the other.
- `Retry-After` is obeyed for reads. With 202 it is part of a success, and nothing is sent again.
- The next page is fetched from our own host only: the link carries our token there.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from rmflow.adapters.graph.login import Login
from rmflow.adapters.graph.settings import GraphSettings
from rmflow.adapters.web import Answer, Web
from rmflow.errors import (
    BackendError,
    ChangedError,
    DeniedError,
    RejectedError,
    UnavailableError,
    UncertainError,
)

Json = dict[str, Any]

_IMMUTABLE = 'IdType="ImmutableId"'
_ADDRESS_LIKE = re.compile(r"\S+@\S+")
_NO_MAILBOX = {
    "ErrorInvalidUser",
    "ErrorNonExistentMailbox",
    "MailboxNotEnabledForRESTAPI",
    "MailboxNotSupportedForRESTAPI",
    "Request_ResourceNotFound",
}
# Of the mailbox or the moment, not of what is written, whatever status they come with.
_FULL = "ErrorQuotaExceeded"
_FOR_NOW = {
    "ErrorExceededMessageLimit",
    "ErrorMailboxMoveInProgress",
    "ErrorMailboxStoreUnavailable",
    "ErrorServerBusy",
    "ErrorSubmissionQuotaExceeded",
}
_MOST_PAGES = 1000


class GraphClient:
    """One mailbox. `backend` is its name in messages, `needs` the permission that it lives by."""

    def __init__(self, settings: GraphSettings, folder: Path, *, backend: str, needs: str) -> None:
        self._settings = settings
        self._base = settings.url.rstrip("/")
        self._backend = backend
        self._needs = needs
        self.written = 0  # writes that were answered with a success
        self.login = Login(settings, folder, backend)
        self._web = Web(backend, self.login.authorise, timeout_s=settings.timeout_s)

    def mailbox(self, *names: str) -> str:
        """Return the path of something in our mailbox; `names` may hold any character."""
        return path("users", self._settings.mailbox, *names)

    def ask(
        self,
        operation: str,
        method: str,
        at: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        prefer: tuple[str, ...] = (),
    ) -> Answer:
        """Send a request that changes nothing, and return whatever is said, a refusal included.

        `at` is a path below the service's address, or a whole address from an answer of its own.
        """
        self.login.token()  # a login that fails is not worth another try of this request
        content, headers = _sent(body, prefer)
        url = self._url(operation, at, query)
        return self._web.read(operation, method, url, headers=headers, body=content)

    def read(
        self,
        operation: str,
        at: str,
        *,
        query: Mapping[str, str] | None = None,
        prefer: tuple[str, ...] = (),
    ) -> Json | None:
        """Return what is there, None if there is nothing (404, 410)."""
        answer = self.ask(operation, "GET", at, query=query, prefer=prefer)
        if answer.status in (404, 410) and _code(answer) not in _NO_MAILBOX:
            return None
        return self.understood(operation, answer)

    def pages(
        self,
        operation: str,
        at: str,
        *,
        query: Mapping[str, str] | None = None,
        prefer: tuple[str, ...] = (),
    ) -> Iterator[Json]:
        """Yield the members of a collection, page after page."""
        link, wanted = at, query
        for _ in range(_MOST_PAGES):
            page = self.understood(
                operation, self.ask(operation, "GET", link, query=wanted, prefer=prefer)
            )
            if "value" not in page:  # an empty page of a proxy is no empty mailbox
                raise UnavailableError(self._backend, operation, "its answer is not Graph's")
            yield from page["value"]
            link, wanted = page.get("@odata.nextLink", ""), None
            if not link:
                return
        raise UnavailableError(self._backend, operation, "its pages have no end")

    def write(
        self,
        operation: str,
        method: str,
        at: str,
        *,
        body: object = None,
        etag: str = "",
        headers: Mapping[str, str] | None = None,
        prefer: tuple[str, ...] = (),
    ) -> Json:
        """Send a request that changes something, once, and return its answer, {} if it has none.

        `body` is JSON, or bytes that go as they are with a Content-Type of `headers`. With an
        `etag` it happens only if the thing is as it was seen: else, or if it is gone,
        ChangedError. Other refusals as in `understood`, UncertainError when nobody knows.
        """
        self.login.token()
        content, usual = _sent(body, prefer)
        conditions = {"If-Match": etag} if etag else {}
        sent = {**usual, **conditions, **(headers or {})}
        url = self._url(operation, at, None)
        answer = self._web.write(operation, method, url, headers=sent, body=content)
        found = self.understood(operation, answer)
        self.written += 1
        return found

    def understood(self, operation: str, answer: Answer) -> Json:
        """Return the body of a success, {} if it is empty; raise what a refusal means."""
        if not answer.fine:
            raise self.refusal(operation, answer)
        if not answer.content:
            return {}
        try:
            found = answer.json()
        except ValueError as error:
            raise UncertainError(self._backend, operation, "its answer is no JSON") from error
        return found if isinstance(found, dict) else {}

    def refusal(self, operation: str, answer: Answer) -> BackendError:
        """Return the error that an answer other than 2xx means."""
        code, status = _code(answer), answer.status
        said = f"{status} {code} {_message(answer)}".strip()
        if status < 400 or status == 407:
            reason = f"{said}; something on the way answers instead, check url and proxy"
            return DeniedError(self._backend, operation, reason)
        if status == 401:
            reason = f"{said}; the token is not accepted, check url, authority and tenant"
            return DeniedError(self._backend, operation, reason)
        if code in _NO_MAILBOX:
            reason = f"{said}; check mailbox, and that it has an Exchange Online licence"
            return DeniedError(self._backend, operation, reason)
        if code == _FULL:
            reason = f"{said}; the mailbox is full, make room in it"
            return DeniedError(self._backend, operation, reason)
        if code in _FOR_NOW:
            return UnavailableError(self._backend, operation, said)
        if status == 403:
            reason = f"{said}; {self.grant()}"
            return DeniedError(self._backend, operation, reason)
        if status in (404, 409, 410, 412):
            return ChangedError(self._backend, operation, said)
        if status == 423:
            return UnavailableError(self._backend, operation, f"{said}; it is locked")
        if not code and status != 413:  # Graph says why; a gateway may be well again tomorrow
            return UnavailableError(self._backend, operation, f"{said}; it is not Graph's answer")
        return RejectedError(self._backend, operation, said)

    def grant(self) -> str:
        """Return the sentence that says which permission to give, and how narrowly."""
        return (
            f"grant the application permission {self._needs} with RBAC for Applications in "
            "Exchange Online, with a management scope that holds the programme's mailbox only"
        )

    def close(self) -> None:
        """End connections."""
        self._web.close()
        self.login.close()

    def _url(self, operation: str, at: str, query: Mapping[str, str] | None) -> str:
        if not at.startswith("/"):
            ours, theirs = urlsplit(self._base), urlsplit(at)
            if (theirs.scheme, theirs.netloc) != (ours.scheme, ours.netloc):
                raise DeniedError(self._backend, operation, "a link leads to another host")
            return at
        return f"{self._base}{at}" + (
            f"?{urlencode(query, safe='$', quote_via=quote)}" if query else ""
        )


def path(*names: str) -> str:
    """Return a path of these names, each of which may hold any character."""
    return "".join("/" + quote(name, safe="@") for name in names)


def _sent(body: object, prefer: tuple[str, ...]) -> tuple[bytes | None, dict[str, str]]:
    """Return the bytes and the usual headers of a request."""
    headers = {"Accept": "application/json", "Prefer": ", ".join((_IMMUTABLE, *prefer))}
    if body is None or isinstance(body, bytes):
        return body, headers
    return json.dumps(body).encode(), {**headers, "Content-Type": "application/json"}


def _error(answer: Answer) -> Mapping[str, Any]:
    try:
        error = answer.json()["error"]
    except (ValueError, KeyError, TypeError):
        return {}
    return error if isinstance(error, dict) else {}


def _code(answer: Answer) -> str:
    return str(_error(answer).get("code", ""))


def _message(answer: Answer) -> str:
    """Return what was said, on one short line and without the addresses in it."""
    text = _ADDRESS_LIKE.sub("(address)", str(_error(answer).get("message", "")))
    return " ".join(text.split())[:200]
