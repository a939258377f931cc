"""What an operator says about a CalDAV server; imports nothing that only its user needs."""

from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from rmflow.config.options import Options
from rmflow.config.secret import SecretRef

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class Settings(Options):
    """The meetings are kept in a calendar on a CalDAV server (Nextcloud, SOGo, Cyrus, Radicale).

    A private certificate authority is trusted through REQUESTS_CA_BUNDLE.
    """

    url: str = Field(
        description="Address of the calendar; or of the account, when `calendar` names it.",
        examples=["https://dav.contoso.example/calendars/mentoring/programme/"],
    )
    calendar: str = Field(
        default="",
        description="Name of the calendar in the account at `url`; empty when `url` is the "
        "calendar itself.",
        examples=["programme"],
    )
    username: str = Field(
        min_length=1, description="Name to log in with.", examples=["mentoring@contoso.example"]
    )
    password: SecretRef = Field(
        description="Where the password is kept; best one for rmflow alone.",
        examples=["file:caldav.password"],
    )
    scheduling: Literal["mail", "server"] = Field(
        default="mail",
        description='Who invites people: "mail" for rmflow, by mail; "server" for the CalDAV '
        "server itself, which must be able to (RFC 6638) and knows this account as the "
        "programme's mailbox. Never both.",
    )
    free_busy: bool = Field(
        default=False,
        description='Ask the server when people are busy. Only with scheduling = "server".',
    )
    timeout_s: float = Field(default=60, gt=0, le=600, description="Longest wait for an answer.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        parts = urlsplit(self.url)
        secure = parts.scheme == "https" or parts.hostname in _THIS_MACHINE
        if parts.scheme not in ("http", "https") or not secure or not parts.hostname:
            raise ValueError('url must begin with "https://" and name a host')
        if parts.query or parts.fragment or parts.username or parts.password:
            raise ValueError("url must be an address alone; username and password are options")
        if self.free_busy and self.scheduling != "server":
            raise ValueError('free_busy needs scheduling = "server"')
        return self
