"""A mailbox through exchangelib, with one way to read and one way to write.

Reads are tried again, at most twice and for at most a minute; a write leaves once. exchangelib's
own policies are not used for either: "fault tolerance" sends writes again after a 401 or a 503,
waits ten seconds and more without asking, and does not try a lost read again in a pool of one.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from exchangelib import BASIC, DELEGATE, IMPERSONATION, NTLM, OAUTH2, UTC, Account, Configuration
from exchangelib.account import Identity
from exchangelib.credentials import Credentials, OAuth2Credentials
from exchangelib.errors import EWSError
from exchangelib.folders import (
    Calendar,
    DeletedItems,
    Drafts,
    Folder,
    Inbox,
    MsgFolderRoot,
    Outbox,
    Root,
    SentItems,
)
from exchangelib.protocol import FailFast
from exchangelib.version import EXCHANGE_2013_SP1, Version
from oauthlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]  # it has no types
from requests.exceptions import RequestException

from rmflow.adapters.exchange.failures import impersonation_advice, meaning
from rmflow.adapters.exchange.settings import ExchangeSettings
from rmflow.adapters.exchange.wire import BACKEND, EwsProtocol, meaning_in
from rmflow.adapters.patience import patiently
from rmflow.errors import DeniedError, UnavailableError

T = TypeVar("T")

_ATTEMPTS = 3
_AUTH = {"ntlm": NTLM, "basic": BASIC, "oauth": OAUTH2}
_ACCESS = {"impersonation": IMPERSONATION, "delegate": DELEGATE}


class MailboxAccount:
    """A mailbox on Exchange; `mailbox` is another one than the settings' only for a checkup.

    No request is sent before the first read or write. `ews` is exchangelib's account. Requests
    name the schema of Exchange 2013 SP1 until the server has told its version, so nothing is spent
    on guessing, and no other version is tried for a request that was refused.
    """

    def __init__(self, settings: ExchangeSettings, folder: Path, mailbox: str = "") -> None:
        # Its messages hold requests with the names and words in them.
        logging.getLogger("exchangelib").setLevel(logging.CRITICAL)
        self.mailbox = mailbox or settings.mailbox
        configuration = Configuration(
            service_endpoint=settings.endpoint,
            credentials=_credentials(settings, folder, self.mailbox),
            auth_type=_AUTH[settings.auth],
            version=Version(build=EXCHANGE_2013_SP1),
            retry_policy=FailFast(),
            max_connections=1,
        )
        self.protocol = EwsProtocol(configuration, settings.timeout_s)
        self.ews = _Account(self.mailbox, self.protocol, _ACCESS[settings.access])
        self._advice = impersonation_advice(settings.username or settings.client_id, self.mailbox)
        root = self.ews.root = Root(account=self.ews)  # else exchangelib asks for it
        self.calendar = _folder(Calendar, root)
        self.deleted_items = _folder(DeletedItems, root)
        self.drafts = _folder(Drafts, root)
        self.inbox = _folder(Inbox, root)
        self.outbox = _folder(Outbox, root)
        self.sent_items = _folder(SentItems, root)
        self.top = _folder(MsgFolderRoot, root)

    @property
    def wire(self) -> Any:
        """What the last request met; see `wire.Wire`."""
        return self.protocol.wire

    def read(self, operation: str, step: Callable[[], T]) -> T:
        """Return what `step` returns; it changes nothing, and is done again when it was lost.

        Raises UnavailableError, DeniedError or RejectedError. A generator must be used up inside.
        """
        return patiently(lambda: self._done(operation, step, writing=False), attempts=_ATTEMPTS)

    def write(self, operation: str, step: Callable[[], T]) -> T:
        """Return what `step` returns; it sends one request that changes something.

        Raises UncertainError and ChangedError as well.
        """
        return self._done(operation, step, writing=True)

    def close(self) -> None:
        """End the connection."""
        self.protocol.close()

    def _done(self, operation: str, step: Callable[[], T], *, writing: bool) -> T:
        with self.wire.doing(operation, writing=writing):
            try:
                return step()
            except EWSError as error:
                raise meaning(error, self.wire, advice=self._advice) from error
            except OAuth2Error as error:
                reason = "the client secret is refused, or the tenant is wrong"
                raise DeniedError(BACKEND, operation, reason) from error
            except RequestException as error:  # a token was wanted, before any request
                reason = f"no token ({type(error).__name__})"
                raise meaning_in(error) or UnavailableError(BACKEND, operation, reason) from error


class OneVersion:
    """Mixed into a service of exchangelib: a request that is refused is not sent again under
    other versions of the schema.
    """

    _version_hint: Any

    def _api_versions_to_try(self) -> tuple[str]:
        return (self._version_hint.api_version,)


class _Account(Account):  # type: ignore[misc]  # exchangelib has no types
    """An account on a protocol that is there already. Times without a zone are UTC."""

    def __init__(self, mailbox: str, protocol: EwsProtocol, access_type: str) -> None:
        super().__init__(
            primary_smtp_address=mailbox,
            config=protocol.config,
            autodiscover=False,
            access_type=access_type,
            locale="en_US",
            default_timezone=UTC,
        )
        self.protocol = protocol


class _ServerCredentials(OAuth2Credentials):  # type: ignore[misc]  # exchangelib has no types
    """An app's login whose token is for our own server, not for Exchange Online."""

    def __init__(self, endpoint: str, **options: Any) -> None:
        super().__init__(**options)
        self.endpoint = endpoint

    @property
    def scope(self) -> list[str]:
        """What the token is for."""
        scheme, _, host, *_ = self.endpoint.split("/")
        return [f"{scheme}//{host}/.default"]


def _folder(kind: Any, root: Folder) -> Folder:
    """Return a folder that every mailbox has. Its id is set before anybody asks for its hash."""
    folder = kind(root=root)
    folder.to_id()
    return folder


def _credentials(settings: ExchangeSettings, folder: Path, mailbox: str) -> Any:
    """Return the login. Raises ConfigError when a secret is missing."""
    if settings.auth == "oauth":
        assert settings.secret is not None
        return _ServerCredentials(
            settings.endpoint,
            client_id=settings.client_id,
            client_secret=settings.secret.reveal(folder),
            tenant_id=settings.tenant,
            identity=Identity(primary_smtp_address=mailbox),
        )
    assert settings.password is not None
    return Credentials(settings.username, settings.password.reveal(folder))
