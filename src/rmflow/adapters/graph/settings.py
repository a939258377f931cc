"""How the programme's mailbox in Microsoft 365 is reached; imports nothing heavy."""

from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from rmflow.config.options import Options
from rmflow.config.secret import SecretRef
from rmflow.config.values import Mail

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class GraphSettings(Options):
    """A mailbox in Microsoft 365, used by an app registration of its own (client credentials)."""

    tenant: str = Field(
        min_length=1,
        pattern=r"^[\w.-]+$",
        description="The directory (tenant) ID of the app registration, or a domain of the tenant.",
        examples=["contoso.example"],
    )
    client_id: str = Field(
        min_length=1,
        description="The application (client) ID of the app registration.",
        examples=["00000000-0000-0000-0000-000000000000"],
    )
    secret: SecretRef | None = Field(
        default=None,
        description="Where the app's client secret is kept. Either this or a certificate.",
        examples=["file:graph.secret"],
    )
    certificate: SecretRef | None = Field(
        default=None,
        description="Where the private key of the app's certificate is kept (PEM).",
    )
    thumbprint: str = Field(
        default="",
        pattern="^([0-9A-Fa-f]{40})?$",
        description="Thumbprint of that certificate, as the app registration shows it (40 digits).",
    )
    mailbox: Mail = Field(
        description="The programme's mailbox; its calendar holds the meetings.",
        examples=["mentoring@contoso.example"],
    )
    outsider: Mail | None = Field(
        default=None,
        description="A mailbox that the app must not reach; `rmflow doctor` checks that it is "
        "refused there.",
        examples=["board@contoso.example"],
    )
    url: str = Field(
        default="https://graph.microsoft.com/v1.0",
        description="Where Microsoft Graph is; another one for a national cloud.",
    )
    authority: str = Field(
        default="https://login.microsoftonline.com",
        description="Where tokens are issued; another one for a national cloud.",
    )
    timeout_s: float = Field(default=60, gt=0, le=600, description="Longest wait for an answer.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.secret is None) == (self.certificate is None):
            raise ValueError("give either secret, or certificate with its thumbprint")
        if self.certificate is not None and not self.thumbprint:
            raise ValueError("certificate needs its thumbprint")
        for name, url in (("url", self.url), ("authority", self.authority)):
            _check_url(name, url)
        return self


def _check_url(name: str, url: str) -> None:
    parts = urlsplit(url)
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)
    if not secure or not parts.hostname or parts.query or parts.username:
        raise ValueError(f'{name} must begin with "https://" and name a host')


class CalendarSettings(GraphSettings):
    """The meetings are kept in a calendar of Microsoft 365, which invites people itself.

    The app needs Calendars.ReadWrite as an application permission, through RBAC for Applications
    in Exchange Online and a management scope with this mailbox only.
    """

    online_meetings: bool = Field(
        default=False, description="Whether every series gets a meeting in Microsoft Teams."
    )
    reminder_minutes: int = Field(
        default=15,
        ge=0,
        le=10_080,
        description="How long before a meeting calendars remind of it; 0 for no reminder.",
    )
