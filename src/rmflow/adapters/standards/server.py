"""What SMTP and IMAP servers have in common: how they are reached and who we are to them."""

import re
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Self, TypeVar

import tenacity
from pydantic import Field, model_validator

from rmflow.config.options import Options
from rmflow.config.secret import SecretRef
from rmflow.ports.checkup import Finding, Verdict

T = TypeVar("T")

_ADDRESS_LIKE = re.compile(r"\S+@\S+")
_ATTEMPTS = 3
_SOON = timedelta(days=14)


class ServerSettings(Options):
    """A mail server. A private certificate authority is trusted through SSL_CERT_FILE."""

    host: str = Field(
        min_length=1,
        description="Name of the server, as in its certificate.",
        examples=["mail.contoso.example"],
    )
    port: int = Field(ge=1, le=65535, description="Port of the server.")
    security: Literal["tls", "starttls", "none"] = Field(
        default="tls",
        description='How the connection is encrypted; "none" only for a server on this machine.',
    )
    auth: Literal["password", "xoauth2", "none"] = Field(
        default="password", description="How to log in."
    )
    username: str = Field(
        default="", description="Name to log in with.", examples=["mentoring@contoso.example"]
    )
    password: SecretRef | None = Field(
        default=None, description="Where the password is kept.", examples=["file:mail.password"]
    )
    token: SecretRef | None = Field(
        default=None,
        description='Where an OAuth access token is kept, for auth = "xoauth2".',
        examples=["file:mail.token"],
    )
    timeout_s: float = Field(default=60, gt=0, le=600, description="Longest wait for an answer.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.security == "none" and not _is_this_machine(self.host):
            raise ValueError(
                'security = "none" is for a server on this machine only; use "tls" or "starttls"'
            )
        secret = {"password": self.password, "xoauth2": self.token}.get(self.auth)
        if self.auth != "none" and (not self.username or secret is None):
            name = "password" if self.auth == "password" else "token"
            raise ValueError(f'auth = "{self.auth}" needs username and {name}')
        return self

    def secret(self, folder: Path) -> str:
        """Return the password or token. Raises ConfigError."""
        reference = self.password if self.auth == "password" else self.token
        assert reference is not None
        return reference.reveal(folder)


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@cache
def tls_context() -> ssl.SSLContext:
    """Return the one context that verifies certificates and names. Building it takes a while."""
    return ssl.create_default_context()


def repeated(step: Callable[[], T], lost: type[Exception] | tuple[type[Exception], ...]) -> T:
    """Return what `step` returns, trying again shortly, twice, when the connection was lost.

    Only for steps that change nothing outside. A timeout is not repeated: it was long enough.
    """
    retrying = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(_ATTEMPTS),
        wait=tenacity.wait_exponential(multiplier=0.1, max=1),
        retry=tenacity.retry_if_exception(lambda e: isinstance(e, lost) and not _timed_out(e)),
        reraise=True,
    )
    return retrying(step)


def _timed_out(error: BaseException) -> bool:
    """Return whether it was a timeout; smtplib and imaplib wrap theirs."""
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def spoken(answer: bytes | str | BaseException) -> str:
    """Return what a server said, on one short line and without the addresses in it."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    text = " ".join(_ADDRESS_LIKE.sub("(address)", text).split())
    return text[:200] or type(answer).__name__


def encryption(connection: socket.socket | None) -> Finding:
    """Return how a connection is encrypted, and how long its certificate is good for."""
    if not isinstance(connection, ssl.SSLSocket):
        return Finding("encryption", Verdict.FINE, "none; the server is on this machine")
    certificate = connection.getpeercert() or {}
    end = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    text = f"{connection.version()}, certificate good until {end:%d %B %Y}"
    if end - datetime.now(UTC) < _SOON:
        return Finding("encryption", Verdict.WARNING, text, "have the certificate renewed")
    return Finding("encryption", Verdict.FINE, text)
