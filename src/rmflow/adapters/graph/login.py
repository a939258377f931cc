"""Tokens for an app of its own: the client credentials flow of Microsoft Entra, through msal.

Read: learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow and msal 1.39.
msal takes only https addresses for an authority; on this machine, where a test may listen without,
the configured scheme is put back on the wire. Asking for a token changes nothing, so it is a read:
tried again when the service is down.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import msal
import requests

from rmflow.adapters.graph.settings import GraphSettings
from rmflow.adapters.web import Answer, Web
from rmflow.config.secret import SecretRef
from rmflow.errors import ConfigError, DeniedError, Problem, UnavailableError

_OPERATION = "log in"
_CODE = re.compile(r"AADSTS\d+")
_FOR_NOW = ("temporarily_unavailable", "server_error")
_ADVICE = {
    "invalid_client": "the secret or certificate of the app is wrong or has expired; make a new "
    "one under Certificates & secrets of the app registration",
    "unauthorized_client": "the app is not known in this tenant; check client_id and tenant, and "
    "let an administrator consent to its permissions",
    "invalid_scope": "this cloud has no Microsoft Graph at that address; check url and authority",
}
_TENANT = "the tenant is not known; check tenant and authority"


class Login:
    """The app's access to Microsoft Graph. One refusal is final: asking again changes nothing."""

    def __init__(self, settings: GraphSettings, folder: Path, backend: str) -> None:
        self._settings = settings
        self._folder = folder
        self._backend = backend
        self._web = Web(backend, lambda request: request, timeout_s=settings.timeout_s)
        self._app: msal.ConfidentialClientApplication | None = None
        self._refusal: DeniedError | None = None

    def token(self) -> str:
        """Return a valid token, a kept one if there is one.

        Raises DeniedError with what the operator does about it, UnavailableError, or ConfigError
        when the secret cannot be read.
        """
        if self._refusal is not None:
            raise self._refusal
        try:
            return self._issued()
        except DeniedError as error:
            self._refusal = error
            raise

    def roles(self) -> frozenset[str]:
        """Return the application permissions that the token carries."""
        try:
            payload = self.token().split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
            return frozenset(claims.get("roles", ()))
        except (IndexError, ValueError):
            return frozenset()

    def authorise(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the token on a request."""
        request.headers["Authorization"] = f"Bearer {self.token()}"
        return request

    def close(self) -> None:
        """End connections."""
        self._web.close()

    def _issued(self) -> str:
        if self._app is None:
            self._app = self._opened()
        graph = urlsplit(self._settings.url)
        scope = f"{graph.scheme}://{graph.netloc}/.default"
        answer: Mapping[str, Any] = self._app.acquire_token_for_client([scope])
        if "access_token" in answer:
            return str(answer["access_token"])
        error = str(answer.get("error", ""))
        code = _CODE.search(str(answer.get("error_description", "")))
        said = f"{error} {code[0]}" if code else error
        if error in _FOR_NOW:
            raise UnavailableError(self._backend, _OPERATION, said)
        advice = _ADVICE.get(error, "check tenant, client_id and the app's secret")
        raise DeniedError(self._backend, _OPERATION, f"{said}: {advice}")

    def _opened(self) -> msal.ConfidentialClientApplication:
        settings = self._settings
        credential = self._credential()
        authority = urlsplit(settings.authority)
        try:
            return msal.ConfidentialClientApplication(
                settings.client_id,
                client_credential=credential,
                authority=f"https://{authority.netloc}{authority.path.rstrip('/')}/{settings.tenant}",
                instance_discovery=False,
                http_client=_MsalHttp(self._web, plain=authority.scheme == "http"),
            )
        except ValueError as error:
            raise DeniedError(self._backend, _OPERATION, _TENANT) from error

    def _credential(self) -> str | dict[str, str]:
        settings = self._settings
        if settings.secret is not None:
            return settings.secret.reveal(self._folder)
        assert settings.certificate is not None
        key = settings.certificate.reveal(self._folder)
        _check_key(settings.certificate, key)
        return {"private_key": key, "thumbprint": settings.thumbprint}


def _check_key(reference: SecretRef, key: str) -> None:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        load_pem_private_key(key.encode(), password=None)
    except (TypeError, ValueError) as error:
        text = "it is no private key without a passphrase; write one in PEM"
        raise ConfigError([Problem(str(reference), text)]) from error


@dataclass(frozen=True)
class _Response:
    """An answer as msal reads it."""

    status_code: int
    text: str
    headers: Mapping[str, str]

    @classmethod
    def of(cls, answer: Answer) -> "_Response":
        return cls(answer.status, answer.content.decode("utf-8", "replace"), answer.headers)

    def raise_for_status(self) -> None:
        """Raise for a 4xx."""
        if self.status_code >= 400:
            raise ValueError(f"it answered {self.status_code}")


class _MsalHttp:
    """msal's way out, over `Web`. `plain`: the authority is on this machine, without TLS."""

    def __init__(self, web: Web, *, plain: bool) -> None:
        self._web = web
        self._plain = plain

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> _Response:
        return _Response.of(
            self._web.read(_OPERATION, "GET", self._at(url, params), headers=headers)
        )

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> _Response:
        typed = {**(headers or {}), "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(data or {}).encode()
        url = self._at(url, params)
        return _Response.of(self._web.read(_OPERATION, "POST", url, headers=typed, body=body))

    def close(self) -> None:
        """Do nothing: the connections are ended with the login."""

    def _at(self, url: str, params: Mapping[str, str] | None) -> str:
        url = f"{url}?{urlencode(params)}" if params else url
        return url.replace("https://", "http://", 1) if self._plain else url
