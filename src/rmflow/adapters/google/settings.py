"""How rmflow logs in to Google; the options that all its APIs share."""

from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from rmflow.config.options import Options
from rmflow.config.secret import SecretRef
from rmflow.config.values import Mail


class GoogleSettings(Options):
    """A Google account, used as a service account or with somebody's consent."""

    credentials: Literal["service-account", "user"] = Field(
        default="service-account",
        description='How to log in: as a "service-account" that acts for the mailbox (an '
        'administrator allows it once), or as the "user" who consents with `rmflow login`.',
    )
    key: SecretRef | None = Field(
        default=None,
        description='Where the JSON key of the service account is, for "service-account".',
        examples=["file:google-key.json"],
    )
    subject: Mail | None = Field(
        default=None,
        description='The mailbox that the service account acts for, for "service-account".',
        examples=["mentoring@contoso.example"],
    )
    client: SecretRef | None = Field(
        default=None,
        description='Where the JSON of the OAuth client (type "Desktop app") is, for "user".',
        examples=["file:google-client.json"],
    )
    token: Path | None = Field(
        default=None,
        description='File that `rmflow login` keeps the consent in, for "user". Whoever reads '
        "it can act as the user.",
        examples=["google-token.json"],
    )
    url: str | None = Field(
        default=None,
        description="Where the API is, when it is not Google's own address: a proxy, or a test.",
        examples=["https://google-proxy.contoso.example"],
    )
    timeout_s: float = Field(default=60, gt=0, le=600, description="Longest wait for an answer.")

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the account must allow: each backend says its own, for `rmflow login` too."""
        raise NotImplementedError

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme != "https" and not _is_this_machine(parts.hostname or ""):
            raise ValueError("only https is safe here; http is for this machine only")
        if not parts.hostname or parts.query or parts.fragment or parts.username:
            raise ValueError("this is no plain address like https://google-proxy.contoso.example")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _check(self) -> Self:
        needed = {"service-account": ("key", "subject"), "user": ("client", "token")}
        missing = [name for name in needed[self.credentials] if getattr(self, name) is None]
        if missing:
            raise ValueError(f'credentials = "{self.credentials}" needs {" and ".join(missing)}')
        return self


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
