"""The thin layer under every web API that rmflow writes through: one call, one request.

The vendors' own clients send a write again when its answer is lost, unasked. Here a write leaves
once, and what its answer means is decided in one place:

    answer                       a write                  a read
    2xx, 3xx, 4xx                returned                 returned
    429                          UnavailableError         tried again, then UnavailableError
    408, 5xx, lost, cut short,
    late, unreadable             UncertainError           tried again, then UnavailableError
    without end                  UncertainError           UnavailableError
    no connection                UnavailableError         tried again, then UnavailableError
    certificate not trusted      DeniedError              DeniedError

Any other failure of TLS may come after the request was read: it is a lost answer. Where a service
says how long to wait (Retry-After, also with 503), the error does, too.
"""

import json
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, ProxyError

from rmflow.adapters.http_date import http_date
from rmflow.adapters.patience import patiently
from rmflow.errors import DeniedError, UnavailableError, UncertainError

# More than any of these services ever says at once: the largest mail of Gmail is 50 MB.
LARGEST_BYTES = 100 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024


class EndlessError(requests.exceptions.RequestException):
    """An answer is larger than any can be."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said. `headers` are looked up in any case."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    @property
    def fine(self) -> bool:
        """True for 2xx."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Return the body. Raises ValueError when it is no JSON."""
        return json.loads(whole_characters(self.content))


# An escaped backslash, a whole surrogate pair, or half of one.
_ESCAPE = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
Authorise = Callable[[requests.PreparedRequest], requests.PreparedRequest]


class Web:
    """Requests to one service. `authorise` puts credentials on a request, late and each time.

    Redirects are not followed and `.netrc` is not read: credentials go where they were meant to.
    """

    def __init__(self, backend: str, authorise: Authorise, *, timeout_s: float) -> None:
        self._backend = backend
        self._timeout_s = timeout_s
        self._session = requests.Session()
        self._session.auth = authorise
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=0))

    def read(
        self,
        operation: str,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Send a request that changes nothing, up to four times. `operation` is for messages."""

        def attempt() -> Answer:
            try:
                return self._once(operation, method, url, headers, body)
            except UncertainError as error:
                if isinstance(error.__cause__, EndlessError):
                    raise  # once is enough
                raise unavailable(error) from error

        try:
            return patiently(attempt)
        except UncertainError as error:
            raise unavailable(error) from error

    def write(
        self,
        operation: str,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Send a request that changes something, once. Raises as the table above says."""
        return self._once(operation, method, url, headers, body)

    def close(self) -> None:
        """End connections."""
        self._session.close()

    def _once(
        self,
        operation: str,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        body: bytes | None,
    ) -> Answer:
        try:
            with self._session.request(
                method,
                url,
                headers=headers,
                data=body,
                timeout=self._timeout_s,
                allow_redirects=False,
                stream=True,
            ) as response:
                answer = Answer(response.status_code, response.headers, whole(response))
        except requests.exceptions.RequestException as error:
            raise self._failure(operation, error) from error
        except OSError as error:  # of requests itself, before anything is sent
            raise DeniedError(self._backend, operation, no_authorities(error)) from error
        wait = retry_after(answer)
        if answer.status == 429:
            raise UnavailableError(self._backend, operation, "it asks us to slow down", wait)
        if answer.status == 408 or answer.status >= 500:  # a gateway in between may say 408
            raise UncertainError(self._backend, operation, f"it answered {answer.status}", wait)
        if answer.fine and not _readable(answer):
            raise UncertainError(self._backend, operation, "its answer cannot be read")
        return answer

    def _failure(
        self, operation: str, error: requests.exceptions.RequestException
    ) -> UnavailableError | UncertainError | DeniedError:
        """Return what a lost request means. `requests` wraps what urllib3 raised."""
        reason = type(error).__name__
        if not_trusted(error):
            return DeniedError(self._backend, operation, "its certificate is not trusted")
        if never_left(error):
            return UnavailableError(self._backend, operation, f"no connection ({reason})")
        if isinstance(error, EndlessError):
            return UncertainError(self._backend, operation, "its answer has no end")
        return UncertainError(self._backend, operation, f"the answer was lost ({reason})")


def unavailable(error: UncertainError) -> UnavailableError:
    """Return what a lost answer means where nothing was to be changed."""
    return UnavailableError(error.backend, error.operation, error.reason, error.retry_after)


def whole(response: requests.Response) -> bytes:
    """Return the body of an answer that is not read yet. Raises EndlessError where it is too much."""
    content = bytearray()
    for chunk in response.iter_content(_CHUNK_BYTES):
        content += chunk
        if len(content) > LARGEST_BYTES:
            raise EndlessError
    return bytes(content)


def retry_after(answer: Answer) -> timedelta | None:
    """Return how long a service asks us to wait (RFC 9110 section 10.2.3), None if it does not."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isdecimal() and text.isascii():
        return timedelta(seconds=min(int(text[:9]), 86_400))
    at = http_date(text)
    if at is None:
        return None
    since = http_date(answer.headers.get("Date", "")) or datetime.now(UTC)
    return max(at - since, timedelta())


def no_authorities(error: OSError) -> str:
    """Return why a request could not even begin, for the operator."""
    return f"correct REQUESTS_CA_BUNDLE or SSL_CERT_FILE in the environment: {error}"


def not_trusted(error: BaseException | None) -> bool:
    """Return whether a request failed because of the service's certificate: it has not left."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def never_left(error: requests.exceptions.RequestException) -> bool:
    """Return whether not even a connection was made.

    Behind a proxy urllib3 says "ProxyError" also where the answer was lost: it forgets that it
    was connected when the connection ends. What it wraps tells.
    """
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    if isinstance(cause, ProxyError):
        cause = cause.original_error
        if type(cause) is OSError and str(cause).startswith("Tunnel connection failed"):
            return True
    return isinstance(cause, ConnectTimeoutError)  # every NewConnectionError is one


def whole_characters(content: bytes) -> bytes:
    """Return JSON in which no half of a surrogate pair stands alone: no database stores one."""
    if b"\\ud" not in content and b"\\uD" not in content:
        return content
    return _ESCAPE.sub(lambda found: b"\\ufffd" if found["half"] else found[0], content)


def _readable(answer: Answer) -> bool:
    """Return whether what calls itself JSON is."""
    if not answer.content or "json" not in answer.headers.get("Content-Type", ""):
        return True
    try:
        answer.json()
    except ValueError:
        return False
    return True
