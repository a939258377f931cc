"""How a mailbox on an Exchange server is reached; imports nothing heavy."""

from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from rmflow.config.options import Options
from rmflow.config.secret import SecretRef
from rmflow.config.values import Mail

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
# Names under which Exchange Online answers, in the worldwide and the national clouds.
_ONLINE = (
    "office365.com",
    "office.com",
    "office365.us",
    "outlook.com",
    "partner.outlook.cn",
    "outlook.office.de",
    "mail.protection.outlook.com",
)


class ExchangeSettings(Options):
    """A mailbox on an Exchange server of your own (2013 SP1 or newer), by Exchange Web Services."""

    endpoint: str = Field(
        description="Where Exchange Web Services answer. A private certificate authority is "
        "trusted through SSL_CERT_FILE.",
        examples=["https://mail.contoso.example/EWS/Exchange.asmx"],
    )
    mailbox: Mail = Field(
        description="The programme's mailbox; its calendar holds the meetings.",
        examples=["mentoring@contoso.example"],
    )
    access: Literal["impersonation", "delegate"] = Field(
        default="impersonation",
        description='"impersonation" acts as the mailbox, by the management role '
        'ApplicationImpersonation; "delegate" needs full access to the mailbox, or is the '
        "mailbox's own login.",
    )
    auth: Literal["ntlm", "basic", "oauth"] = Field(default="ntlm", description="How to log in.")
    username: str = Field(
        default="",
        description="Name of the service account, for ntlm and basic.",
        examples=["CONTOSO\\svc-mentoring"],
    )
    password: SecretRef | None = Field(
        default=None,
        description="Where its password is kept, for ntlm and basic.",
        examples=["file:exchange.password"],
    )
    client_id: str = Field(
        default="",
        description="The application (client) ID, for oauth (hybrid modern authentication).",
        examples=["00000000-0000-0000-0000-000000000000"],
    )
    tenant: str = Field(
        default="",
        pattern=r"^[\w.-]*$",
        description="The directory (tenant) ID, for oauth.",
        examples=["contoso.example"],
    )
    secret: SecretRef | None = Field(
        default=None,
        description="Where the app's client secret is kept, for oauth.",
        examples=["file:exchange.secret"],
    )
    outsider: Mail | None = Field(
        default=None,
        description="A mailbox that rmflow must not reach; `rmflow doctor` checks that it is "
        "refused there.",
        examples=["board@contoso.example"],
    )
    timeout_s: float = Field(default=60, gt=0, le=600, description="Longest wait for an answer.")

    @field_validator("endpoint")
    @classmethod
    def _check_endpoint(cls, url: str) -> str:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if any(host == name or host.endswith(f".{name}") for name in _ONLINE):
            raise ValueError(
                "this is Exchange Online, where Exchange Web Services are blocked by default since "
                "1 October 2026 and end for good on 1 April 2027; use the backend graph instead"
            )
        secure = parts.scheme == "https" or (parts.scheme == "http" and host in _THIS_MACHINE)
        if not secure or not host or parts.query or parts.username:
            raise ValueError(
                'write the whole address, such as "https://mail.contoso.example/EWS/Exchange.asmx"'
            )
        return url

    @model_validator(mode="after")
    def _check_login(self) -> Self:
        if self.auth == "oauth":
            if not (self.client_id and self.tenant and self.secret):
                raise ValueError('auth = "oauth" needs client_id, tenant and secret')
        elif not (self.username and self.password):
            raise ValueError(f'auth = "{self.auth}" needs username and password')
        return self


class CalendarSettings(ExchangeSettings):
    """The meetings are kept in a calendar on an Exchange server of your own (2013 SP1 or newer),
    which invites people itself.
    """
