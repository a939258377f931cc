"""The HTTP under exchangelib: what is lost, late or refused is given its meaning here, once.

exchangelib folds a lost connection, a 503 and a busy server into the same few errors, and some of
its ways of trying again do not ask whether the request was a write. So its policy is always
"fail fast", its pool holds one connection, and the meaning of an answer is decided below it:

    answer                       a write                  a read
    200, 500 with a SOAP fault   exchangelib reads it     the same
    401                          the login's handshake    the same
    429                          UnavailableError         UnavailableError
    3xx, 403, 404                DeniedError              DeniedError
    other 5xx, lost, cut, late   UncertainError           UnavailableError
    no connection                UnavailableError         UnavailableError
    certificate not trusted      DeniedError              DeniedError
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import requests
from exchangelib.protocol import CachingProtocol, Protocol
from requests.adapters import HTTPAdapter

from rmflow.adapters.web import (
    Answer,
    EndlessError,
    never_left,
    no_authorities,
    not_trusted,
    retry_after,
    whole,
)
from rmflow.errors import BackendError, DeniedError, UnavailableError, UncertainError

BACKEND = "exchange"


class LostError(requests.exceptions.ConnectionError):
    """Carries the meaning of a failed request through exchangelib, which passes on nothing else
    of its own accord; see `meaning_in`.
    """

    def __init__(self, meaning: BackendError) -> None:
        super().__init__(meaning.reason)
        self.meaning = meaning


def meaning_in(error: BaseException | None) -> BackendError | None:
    """Return the meaning that the wire gave to an error, None if it was not from the wire."""
    while error is not None:
        if isinstance(error, LostError):
            return error.meaning
        error = error.__cause__ or error.__context__
    return None


class Wire(HTTPAdapter):
    """Sends requests of one account. `operation` names what is done, for messages.

    Inside `writing` only one request may be answered; the handshake of NTLM, which the server
    answers with 401 before it looks at the request, is none. Trusts what SSL_CERT_FILE names; a
    session would put REQUESTS_CA_BUNDLE before that.
    """

    def __init__(self) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, pool_block=True, max_retries=0)
        self.operation = "connect"
        self._writing = False
        self._answered = False
        self.last: Answer | None = None
        self._authorities = ssl.get_default_verify_paths().cafile

    @contextmanager
    def doing(self, operation: str, *, writing: bool) -> Iterator[None]:
        """Say what the requests inside are for."""
        self.operation, self._writing, self._answered = operation, writing, False
        try:
            yield
        finally:
            self._writing = False

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        """Send once, read the whole answer, and raise LostError unless exchangelib should see it."""
        assert not (self._writing and self._answered), "a write must leave once"
        if self._authorities:
            options["verify"] = self._authorities
        try:
            response = super().send(request, *args, **options)
            if response.status_code == 401:
                return response  # unread: NTLM looks into the connection for the certificate
            content = whole(response)
            response._content = content  # noqa: SLF001 - where exchangelib looks for it
        except requests.exceptions.RequestException as error:
            self._answered = True
            raise LostError(self._failure(error)) from error
        except OSError as error:  # of requests itself, before anything is sent
            denied = DeniedError(BACKEND, self.operation, no_authorities(error))
            raise LostError(denied) from error
        self.last = Answer(response.status_code, response.headers, content)
        self._answered = True
        meaning = self._refusal(self.last)
        if meaning is not None:
            response.close()
            raise LostError(meaning)
        # exchangelib asks for one byte at a time: a second for each megabyte.
        response.iter_content = lambda *_, **__: iter([content])  # type: ignore[method-assign]
        return response

    def unclear(self, reason: str, wait: timedelta | None = None) -> BackendError:
        """Return what it means when nobody can tell whether a request was carried out."""
        kind = UncertainError if self._writing else UnavailableError
        return kind(BACKEND, self.operation, reason, wait)

    def _refusal(self, answer: Answer) -> BackendError | None:
        status, wait = answer.status, retry_after(answer)
        if status == 429:
            return UnavailableError(BACKEND, self.operation, "it asks us to slow down", wait)
        if status in (403, 404) or 300 <= status < 400:
            return DeniedError(
                BACKEND, self.operation, f"it answered {status}; check endpoint and its access"
            )
        if status == 200 or (status == 500 and b"Envelope" in answer.content):
            return None
        return self.unclear(f"it answered {status}", wait)

    def _failure(self, error: requests.exceptions.RequestException) -> BackendError:
        reason = type(error).__name__
        if not_trusted(error):
            return DeniedError(BACKEND, self.operation, "its certificate is not trusted")
        if never_left(error):
            return UnavailableError(BACKEND, self.operation, f"no connection ({reason})")
        if isinstance(error, EndlessError):
            return self.unclear("its answer has no end")
        return self.unclear(f"the answer was lost ({reason})")


class _Uncached(CachingProtocol):  # type: ignore[misc]  # exchangelib has no types
    """Makes a protocol of its own for each account.

    exchangelib keeps one for each address and login for as long as the process lives, together
    with the password and with the policy of whoever came first.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return type.__call__(self, *args, **kwargs)


class EwsProtocol(Protocol, metaclass=_Uncached):  # type: ignore[misc]  # exchangelib has no types
    """exchangelib's protocol over a `Wire`."""

    def __init__(self, config: Any, timeout_s: float) -> None:
        super().__init__(config=config)
        self.TIMEOUT = timeout_s
        self.wire = Wire()

    def create_session(self) -> Any:
        """Return a session that sends through the wire."""
        session = super().create_session()
        session.mount(self.service_endpoint, self.wire)
        return session
