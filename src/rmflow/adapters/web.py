"""The thin layer under every web API that rmflow writes through: one call, one request.

The vendors' own clients send a write again when its answer is lost, unasked. Here a write leaves
once, and what its answer means is decided in one place:

    answer                       a write                  a read
    2xx, 3xx, 4xx                returned                 returned
    429                          UnavailableError         tried again, then UnavailableError
    408, 5xx, lost, cut short,
    late, unreadable             UncertainError           tried again, then UnavailableError
    no connection                UnavailableError         tried again, then UnavailableError
    certificate not trusted      DeniedError              DeniedError

Any other failure of TLS may come after the request was read: it is a lost answer.
"""

import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import requests
import tenacity
from requests.adapters import HTTPAdapter

from rmflow.errors import DeniedError, UnavailableError, UncertainError

_ATTEMPTS = 4
# A read may wait this long for a busy service; one that asks for more is left to the next run.
_LONGEST_WAIT = timedelta(seconds=20)


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
        return json.loads(self.content)


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
                raise UnavailableError(self._backend, operation, error.reason) from error

        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(_ATTEMPTS),
            wait=_wait,
            retry=tenacity.retry_if_exception(_worth_another_try),
            reraise=True,
        )
        return retrying(attempt)

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
            response = self._session.request(
                method,
                url,
                headers=headers,
                data=body,
                timeout=self._timeout_s,
                allow_redirects=False,
            )
        except requests.exceptions.RequestException as error:
            raise self._failure(operation, error) from error
        answer = Answer(response.status_code, response.headers, response.content)
        if answer.status == 429:
            wait = retry_after(answer)
            raise UnavailableError(self._backend, operation, "it asks us to slow down", wait)
        if answer.status == 408 or answer.status >= 500:  # a gateway in between may say 408
            raise UncertainError(self._backend, operation, f"it answered {answer.status}")
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
        if _never_left(error):
            return UnavailableError(self._backend, operation, f"no connection ({reason})")
        return UncertainError(self._backend, operation, f"the answer was lost ({reason})")


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


def http_date(text: str) -> datetime | None:
    """Return the instant of a header such as Date, None where it says none."""
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def not_trusted(error: BaseException | None) -> bool:
    """Return whether a request failed because of the service's certificate: it has not left."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _readable(answer: Answer) -> bool:
    """Return whether what calls itself JSON is."""
    if not answer.content or "json" not in answer.headers.get("Content-Type", ""):
        return True
    try:
        answer.json()
    except ValueError:
        return False
    return True


def _never_left(error: requests.exceptions.RequestException) -> bool:
    """Return whether not even a connection was made."""
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    return isinstance(cause, NewConnectionError)


def _worth_another_try(error: BaseException) -> bool:
    if not isinstance(error, UnavailableError):
        return False
    return error.retry_after is None or error.retry_after <= _LONGEST_WAIT


def _wait(state: tenacity.RetryCallState) -> float:
    """Return the seconds to wait: what the service asks for, else longer each time, never in step."""
    assert state.outcome is not None
    error = state.outcome.exception()
    usual: float = tenacity.wait_random_exponential(multiplier=0.2, max=5)(state)
    asked = error.retry_after if isinstance(error, UnavailableError) else None
    return usual if asked is None else asked.total_seconds()
