"""Bodies that may be too large for the memory: read as a stream, never through a redirect."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import requests
from requests.adapters import HTTPAdapter

from rmflow.adapters.patience import patiently
from rmflow.adapters.web import Answer, Authorise, no_authorities, not_trusted, retry_after
from rmflow.errors import BackendError, DeniedError, UnavailableError

T = TypeVar("T")

_CHUNK_BYTES = 256 * 1024
_REFUSAL_BYTES = 64 * 1024


class Downloads:
    """Downloads from one service. `authorise` puts credentials on a request, or leaves it alone.

    `refusal` says what an answer means that is neither 2xx nor "later".
    """

    def __init__(
        self,
        backend: str,
        authorise: Authorise,
        refusal: Callable[[str, Answer], BackendError],
        *,
        timeout_s: float,
    ) -> None:
        self._backend = backend
        self._refusal = refusal
        self._timeout_s = timeout_s
        self._session = requests.Session()
        self._session.auth = authorise  # also keeps `requests` from reading .netrc
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=0))

    def get(
        self,
        operation: str,
        url: str,
        take: Callable[[Iterator[bytes]], T],
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """Return what `take` makes of the chunks of a body; it may stop before their end.

        A lost or unfinished answer is fetched again from its start, up to four times in all, and
        is an UnavailableError then.
        """
        return patiently(lambda: self._once(operation, url, take, headers))

    def close(self) -> None:
        """End connections."""
        self._session.close()

    def _once(
        self,
        operation: str,
        url: str,
        take: Callable[[Iterator[bytes]], T],
        headers: Mapping[str, str] | None,
    ) -> T:
        try:
            with self._session.get(
                url, headers=headers, timeout=self._timeout_s, stream=True, allow_redirects=False
            ) as response:
                self._check(operation, response)
                return take(response.iter_content(_CHUNK_BYTES))
        except requests.exceptions.RequestException as error:
            if not_trusted(error):
                reason = "its certificate is not trusted"
                raise DeniedError(self._backend, operation, reason) from error
            reason = f"the answer was lost ({type(error).__name__})"
            raise UnavailableError(self._backend, operation, reason) from error
        except OSError as error:  # of requests itself, before anything is sent
            raise DeniedError(self._backend, operation, no_authorities(error)) from error

    def _check(self, operation: str, response: requests.Response) -> None:
        """Raise what an answer other than 200 means."""
        if response.status_code == 200:
            return
        said = next(response.iter_content(_REFUSAL_BYTES), b"")
        answer = Answer(response.status_code, response.headers, said)
        if answer.status == 429 or answer.status >= 500:
            reason = f"it answered {answer.status}"
            raise UnavailableError(self._backend, operation, reason, retry_after(answer))
        raise self._refusal(operation, answer)
