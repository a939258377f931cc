"""Google's credentials on a request: fetched late, over our own layer, refused in clear words."""

import json
import os
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from google.auth import exceptions, transport
from google.oauth2.credentials import Credentials as UserCredentials
from google.oauth2.service_account import Credentials as ServiceAccountCredentials

from rmflow.adapters.google.settings import GoogleSettings
from rmflow.adapters.web import Answer, Web
from rmflow.errors import ConfigError, DeniedError, Problem, UnavailableError


class Login:
    """Puts an access token on each request, and fetches one when there is none that is valid.

    Peculiarities (developers.google.com/identity/protocols/oauth2, read 2026-11). Access tokens
    live for an hour and are never stored. A service account must name a subject, or Gmail and
    Calendar see an account without mailbox. A refresh token dies when it is unused for six
    months, when the user takes the consent back or changes the password (Gmail scopes), and
    after seven days while the OAuth client is in status "Testing". google-auth's own
    `before_request` is not used: it may look things up at other hosts on the way.
    """

    def __init__(
        self, settings: GoogleSettings, folder: Path, backend: str, scopes: Collection[str]
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._backend = backend
        self._scopes = sorted(scopes)
        self._credentials: Any = None
        self._refusal: DeniedError | None = None
        self._transport = _Transport(backend, settings.timeout_s)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Authorise a request. Raises as `fetch`."""
        self.fetch()
        self._credentials.apply(request.headers)
        return request

    def fetch(self) -> None:
        """Have a token that is valid. Raises DeniedError, UnavailableError or ConfigError."""
        if self._refusal is not None:
            raise self._refusal
        if self._credentials is None:
            self._credentials = self._loaded()
        if not self._credentials.valid:
            self._refresh()

    @property
    def granted(self) -> frozenset[str]:
        """The scopes that the last token was granted, as far as Google said."""
        return self._transport.granted

    def close(self) -> None:
        """End connections."""
        self._transport.close()

    def _loaded(self) -> Any:
        if self._settings.credentials == "user":
            return stored_user(self._settings, self._folder)
        key = self._settings.key
        assert key is not None
        info = _json(key.reveal(self._folder), str(key), "the JSON key of a service account")
        try:
            return ServiceAccountCredentials.from_service_account_info(  # type: ignore[no-untyped-call]  # google-auth is typed in part
                info, scopes=self._scopes, subject=self._settings.subject
            )
        except ValueError as error:  # google-auth's own errors about keys are ValueErrors too
            text = "this is not the JSON key of a service account; download it again"
            raise ConfigError([Problem(str(key), text)]) from error

    def _refresh(self) -> None:
        before = getattr(self._credentials, "refresh_token", None)
        try:
            self._credentials.refresh(self._transport)
        except exceptions.RefreshError as error:
            if error.retryable:
                raise UnavailableError(self._backend, "log in", "Google is busy") from error
            self._refusal = DeniedError(self._backend, "log in", self._refused(error))
            raise self._refusal from error
        after = getattr(self._credentials, "refresh_token", None)
        if after != before:
            store_user(self._settings, self._folder, self._credentials)

    def _refused(self, error: exceptions.RefreshError) -> str:
        """Return why Google gives no token, and who grants what where."""
        details = error.args[1] if len(error.args) > 1 else {}
        code = details.get("error", "") if isinstance(details, Mapping) else ""
        said = code or "no token was given"
        if self._settings.credentials == "user":
            return f"{said}; the consent is gone or was never given: run `rmflow login` again"
        if code == "unauthorized_client":
            return (
                f"{said}; in admin.google.com, Security, API controls, Domain-wide delegation, "
                "give the service account's client id exactly these scopes: "
                + ", ".join(self._scopes)
            )
        if code == "invalid_grant":
            return (
                f"{said}; look whether `subject` is a mailbox of this organisation, the key was "
                "not revoked, and this machine's clock is right"
            )
        return f"{said}; look whether the key belongs to a service account that is enabled"


def obtains(settings: GoogleSettings, folder: Path, scope: str) -> bool:
    """Return whether the service account gets a token for this scope."""
    login = Login(settings, folder, "google", [scope])
    try:
        login.fetch()
    except (DeniedError, UnavailableError):
        return False
    else:
        return True
    finally:
        login.close()


def stored_user(settings: GoogleSettings, folder: Path) -> Any:
    """Return the credentials that `rmflow login` stored. Raises ConfigError."""
    assert settings.token is not None
    path = folder / settings.token
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError([Problem(str(path), "no consent is kept; run `rmflow login`")]) from error
    refresh_token = _json(text, str(path), "what `rmflow login` stores").get("refresh_token")
    if not isinstance(refresh_token, str):
        problem = Problem(str(path), "this is not what `rmflow login` stores; run it again")
        raise ConfigError([problem])
    client = client_of(settings, folder)
    return UserCredentials(  # type: ignore[no-untyped-call]  # google-auth is typed in part
        token=None,
        refresh_token=refresh_token,
        token_uri=client["token_uri"],
        client_id=client["client_id"],
        client_secret=client["client_secret"],
    )


def store_user(settings: GoogleSettings, folder: Path, credentials: Any) -> None:
    """Keep the consent for the next run, whole or not at all, readable by this user only."""
    assert settings.token is not None
    path = folder / settings.token
    content = json.dumps({"refresh_token": credentials.refresh_token}) + "\n"
    descriptor, drafted = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(drafted).replace(path)
    except BaseException:
        Path(drafted).unlink(missing_ok=True)
        raise


def client_of(settings: GoogleSettings, folder: Path) -> dict[str, Any]:
    """Return the OAuth client as Google's console gives it. Raises ConfigError."""
    reference = settings.client
    assert reference is not None
    content = _json(reference.reveal(folder), str(reference), "the JSON of an OAuth client")
    client = content.get("installed")
    needed = {"client_id", "client_secret", "auth_uri", "token_uri"}
    if not isinstance(client, dict) or not needed <= client.keys():
        text = (
            'this is not the JSON of an OAuth client of type "Desktop app"; download it from '
            "console.cloud.google.com, APIs & Services, Credentials"
        )
        raise ConfigError([Problem(str(reference), text)])
    return client


def _json(text: str, place: str, what: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise ConfigError([Problem(place, f"this is not {what}")])
    return content


@dataclass(frozen=True, slots=True)
class _Response:
    """An answer as google-auth reads it."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class _Transport(transport.Request):
    """Lets google-auth fetch tokens over our layer. Fetching one changes nothing: it is a read."""

    def __init__(self, backend: str, timeout_s: float) -> None:
        self._web = Web(backend, lambda request: request, timeout_s=timeout_s)
        self.granted: frozenset[str] = frozenset()

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: Any,
    ) -> _Response:
        answer: Answer = self._web.read("log in", method, url, headers=headers, body=body)
        if answer.fine:
            self.granted = frozenset(answer.json().get("scope", "").split())
        return _Response(answer.status, answer.headers, answer.content)

    def close(self) -> None:
        self._web.close()
