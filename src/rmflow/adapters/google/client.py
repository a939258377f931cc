"""Google's API client, with our own layer under it: a write leaves once, errors are ours.

`googleapiclient` sends a request again by itself when the connection ends without an answer,
whatever `num_retries` says (httplib2, `_conn_request`). A second `messages.send` is a second
mail. So its requests are built, checked and understood by the library, and travel over `Web`.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httplib2  # type: ignore[import-untyped]  # it has none
from googleapiclient.discovery import build_from_document
from googleapiclient.discovery_cache import get_static_doc
from googleapiclient.errors import HttpError
from googleapiclient.http import HttpRequest

from rmflow.adapters.google.credentials import Login
from rmflow.adapters.google.settings import GoogleSettings
from rmflow.adapters.http_date import http_date
from rmflow.adapters.web import Answer, Web, whole_characters
from rmflow.errors import (
    BackendError,
    DeniedError,
    RejectedError,
    UnavailableError,
    UncertainError,
    UsedUpError,
)

# They are POST because their questions are long; they change nothing.
_QUESTIONS = frozenset(
    {
        "calendar.freebusy.query",
        "sheets.spreadsheets.getByDataFilter",
        "sheets.spreadsheets.values.batchGetByDataFilter",
    }
)
_LEFT_TO_THE_CALLER = frozenset({304, 404, 409, 410, 412})
_BUSY = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
# The cap on invitations and mails of a day, not a rate: asking again soon makes it worse.
_CAPPED = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_CAP_LASTS = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Connection:
    """`api` is the `googleapiclient` resource of an API."""

    api: Any
    _http: "_Http"

    def clock_difference(self) -> timedelta | None:
        """Return how far Google's clock was ahead of this machine's, None before an answer."""
        return self._http.clock_difference

    def granted(self) -> frozenset[str]:
        """Return the scopes that the last token was granted, as far as Google said."""
        return self._http.login.granted

    def close(self) -> None:
        """End connections."""
        self._http.close()


def connected(
    settings: GoogleSettings, folder: Path, api: str, version: str, scopes: Collection[str]
) -> Connection:
    """Return an API to use; nothing is fetched before its first request.

    `execute()` of its requests takes no arguments. It sends a write exactly once and raises
    UnavailableError, UncertainError (writes only), DeniedError, RejectedError, ConfigError, or
    `googleapiclient.errors.HttpError` for what only the caller understands: 304, 404, 409, 410
    and 412.
    """
    content = get_static_doc(api, version)
    assert content is not None, f"{api} {version}"
    document = json.loads(content)
    root = f"{settings.url}/" if settings.url else document["rootUrl"]
    # The library describes every schema in prose, at each start, for people who ask for help().
    document["schemas"] = {n: {"id": n, "type": "object"} for n in document["schemas"]}
    http = _Http(api, Login(settings, folder, api, scopes), settings.timeout_s)
    resource = build_from_document(
        document,
        http=http,
        requestBuilder=_Request,
        client_options={"api_endpoint": root + document["servicePath"]},
    )
    return Connection(resource, http)


def service(
    settings: GoogleSettings, folder: Path, api: str, version: str, scopes: Collection[str]
) -> Any:
    """Return the API of `connected` alone; its `close()` ends connections as well."""
    return connected(settings, folder, api, version, scopes).api


def reasons(error: HttpError) -> frozenset[str]:
    """Return the reasons that Google gives in words for programs, old and new style."""
    try:
        body = json.loads(error.content)["error"]
        found = {each.get("reason") for each in body.get("errors", ())}
        found |= {each.get("reason") for each in body.get("details", ())}
        return frozenset({*found, body.get("status")} - {None})
    except (ValueError, KeyError, TypeError, AttributeError):
        return frozenset()


class _Http:
    """What googleapiclient takes for an httplib2.Http."""

    def __init__(self, backend: str, login: Login, timeout_s: float) -> None:
        self.backend = backend
        self.login = login
        self.web = Web(backend, login, timeout_s=timeout_s)
        self.clock_difference: timedelta | None = None

    def sent(self, operation: str, *, changes: bool) -> "_Sent":
        """Return what sends one request, as a write if it `changes` something."""
        return _Sent(self, operation, changes=changes)

    def close(self) -> None:
        self.web.close()
        self.login.close()


class _Sent:
    """Sends one request for googleapiclient."""

    def __init__(self, http: _Http, operation: str, *, changes: bool) -> None:
        self._http = http
        self._send = http.web.write if changes else http.web.read
        self._operation = operation

    def request(
        self, uri: str, method: str, body: str | bytes | None, headers: Mapping[str, str]
    ) -> tuple[httplib2.Response, bytes]:
        content = body.encode() if isinstance(body, str) else body
        kept = {name: value for name, value in headers.items() if name != "content-length"}
        answer = self._send(self._operation, method, uri, headers=kept, body=content)
        sent_at = http_date(answer.headers.get("Date", ""))
        if sent_at is not None:
            self._http.clock_difference = sent_at - datetime.now(UTC)
        return _response(answer), whole_characters(answer.content)


class _Request(HttpRequest):  # type: ignore[misc]  # googleapiclient has no types
    """A request that goes over our layer."""

    def execute(self) -> Any:
        method_id: str = self.methodId
        changes = self.method != "GET" and method_id not in _QUESTIONS
        operation = method_id.rpartition(".")[2]
        try:
            answer = super().execute(http=self.http.sent(operation, changes=changes))
        except HttpError as error:
            if error.resp.status in _LEFT_TO_THE_CALLER:
                raise
            raise _translated(error, self.http.backend, operation, changes=changes) from error
        except UnicodeDecodeError as error:
            raise _not_googles(self.http.backend, operation, changes=changes) from error
        if answer and not isinstance(answer, dict):
            raise _not_googles(self.http.backend, operation, changes=changes)
        return answer


def _response(answer: Answer) -> httplib2.Response:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    response = httplib2.Response({**headers, "status": str(answer.status)})
    response.reason = ""
    return response


def _translated(error: HttpError, backend: str, operation: str, *, changes: bool) -> BackendError:
    """Return our error for Google's (developers.google.com/workspace/calendar/api/guides/errors,
    developers.google.com/workspace/gmail/api/guides/handle-errors, read 2026-11).
    """
    status, why = error.resp.status, reasons(error)
    said = f"{status} {', '.join(sorted(why))}".strip()
    if "forbiddenForNonOrganizer" in why:
        reason = f"{said}; another calendar is its organiser now"
        return RejectedError(backend, operation, reason)
    if status == 407:
        return DeniedError(backend, operation, f"{said}; the proxy on the way wants a login")
    if status in (401, 403):
        return _refused(said, why, backend, operation)
    if "failedPrecondition" in why or "FAILED_PRECONDITION" in why:
        advice = "look whether the account acts for a mailbox that has this service"
        return DeniedError(backend, operation, f"{said}; {advice}")
    if 400 <= status < 500 and not why and status != 413:  # Google says why
        return UnavailableError(backend, operation, f"{said}; it is not Google's answer")
    if 400 <= status < 500:
        return RejectedError(backend, operation, said)
    if status < 400:
        return DeniedError(backend, operation, f"{said}; it points elsewhere, look at `url`")
    return (UncertainError if changes else UnavailableError)(backend, operation, said)


def _not_googles(backend: str, operation: str, *, changes: bool) -> BackendError:
    lost = UncertainError if changes else UnavailableError
    return lost(backend, operation, "its answer is not Google's")


def _refused(said: str, why: Collection[str], backend: str, operation: str) -> BackendError:
    if _CAPPED.intersection(why):
        return UsedUpError(backend, operation, f"{said}; the day's limit is used up", _CAP_LASTS)
    if _BUSY.intersection(why):
        return UnavailableError(backend, operation, f"{said}; it asks us to slow down")
    if {"accessNotConfigured", "SERVICE_DISABLED"}.intersection(why):
        advice = "switch the API on in console.cloud.google.com, APIs & Services, Library"
    elif {"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}.intersection(why):
        advice = "a scope is missing: grant it in the domain-wide delegation, or `rmflow login`"
    elif "forbiddenForServiceAccounts" in why:
        advice = "allow domain-wide delegation for the service account in admin.google.com"
    else:
        advice = "look what the account may do; `rmflow doctor` says which right is missing"
    return DeniedError(backend, operation, f"{said}; {advice}")
