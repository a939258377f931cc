"""One logged-in IMAP connection that knows how its server spells folders."""

import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError
from imapclient.imapclient import DELETED

from rmflow.adapters.standards.server import ServerSettings, repeated, spoken, tls_context
from rmflow.errors import BackendError, RejectedError, UnavailableError, UncertainError

T = TypeVar("T")

BACKEND = "imap"
_LOST = (IMAPClientAbortError, ConnectionError)
# RFC 5530: refused for now, not for good.
_FOR_NOW = ("[UNAVAILABLE]", "[INUSE]", "[SERVERBUG]", "[LIMIT]")


class ImapSession:
    """Connects when it is first needed and again when the connection was lost.

    Work is given as a step, a function of the client. A step opens the folder it works on
    itself, with `opened`, because it may be repeated on a new connection.
    """

    def __init__(self, settings: ServerSettings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._client: Any = None  # IMAPClient has no types
        self._prefix, self._delimiter = "", "/"
        self._open: tuple[str, int] | None = None

    def reading(self, operation: str, step: Callable[[Any], T]) -> T:
        """Return the result of a step that changes nothing; it may run up to three times."""
        return self._translating(operation, lambda: repeated(lambda: self._attempt(step), _LOST))

    def writing(self, operation: str, step: Callable[[Any], T]) -> T:
        """Return the result of a step that changes something; it runs once at most.

        Raises UncertainError when the connection was lost on the way.
        """
        self.reading(operation, lambda client: client.noop())
        try:
            return self._translating(operation, lambda: self._attempt(step))
        except UnavailableError as error:
            if isinstance(error.__cause__, IMAPClientAbortError | OSError):
                raise UncertainError(BACKEND, operation, error.reason) from error
            raise

    def opened(self, client: Any, name: str, *, to_write: bool = False) -> int:
        """Open a folder (`spelt`), only examining it unless `to_write`; return its UIDVALIDITY."""
        if to_write or self._open is None or self._open[0] != name:
            self._open = None
            answer = client.select_folder(name, readonly=not to_write)
            self._open = name, int(answer[b"UIDVALIDITY"])
        return self._open[1]

    def spelt(self, folder: str) -> str:
        """Return a folder's name ("a/b") as the server spells it ("INBOX.a.b").

        Call it inside a step: what the server wants is known once it is connected.
        """
        if folder.upper() == "INBOX":
            return "INBOX"
        parts = (part.replace(self._delimiter, "-") for part in folder.split("/"))
        name = self._delimiter.join(parts)
        return name if name.startswith(self._prefix) else self._prefix + name

    def close(self) -> None:
        """Log out, if the server still listens."""
        client = self._client
        self._client = self._open = None
        if client is None:
            return
        try:
            client.logout()
        except (IMAPClientError, OSError):
            _hang_up(client)

    def _attempt(self, step: Callable[[Any], T]) -> T:
        try:
            if self._client is None:
                self._client = self._connected()
            return step(self._client)
        except (IMAPClientAbortError, OSError):
            client, self._client, self._open = self._client, None, None
            if client is not None:
                _hang_up(client)
            raise

    def _translating(self, operation: str, work: Callable[[], T]) -> T:
        try:
            return work()
        except LoginError as error:
            lost = isinstance(error.__context__, IMAPClientAbortError)
            raise _refused("log in", error, for_now=lost) from error
        except ssl.SSLCertVerificationError as error:
            raise RejectedError(BACKEND, "connect", spoken(error)) from error
        except (IMAPClientAbortError, OSError) as error:
            raise UnavailableError(BACKEND, operation, spoken(error)) from error
        except IMAPClientError as error:
            raise _refused(operation, error) from error

    def _connected(self) -> Any:
        settings = self._settings
        client = IMAPClient(
            settings.host,
            settings.port,
            ssl=settings.security == "tls",
            ssl_context=tls_context() if settings.security == "tls" else None,
            timeout=settings.timeout_s,
        )
        try:
            client.normalise_times = False  # aware datetimes
            if settings.security == "starttls":
                client.starttls(ssl_context=tls_context())
            if settings.auth == "xoauth2":
                client.oauth2_login(settings.username, settings.secret(self._folder))
            elif settings.auth == "password":
                client.login(settings.username, settings.secret(self._folder))
            self._prefix, self._delimiter = _namespace(client)
        except BaseException:
            _hang_up(client)
            raise
        return client


def move(client: Any, uids: Sequence[int], target: str) -> None:
    """Move messages from the open folder to `target` (`spelt`), as well as the server can."""
    if client.has_capability("MOVE"):
        client.move(uids, target)
        return
    client.copy(uids, target)
    client.add_flags(uids, [DELETED], silent=True)
    if client.has_capability("UIDPLUS"):
        client.uid_expunge(uids)


def _namespace(client: Any) -> tuple[str, str]:
    """Return prefix and delimiter of the user's own folders (RFC 2342, else LIST)."""
    if client.has_capability("NAMESPACE"):
        personal = client.namespace().personal
        if personal:
            return personal[0][0], personal[0][1] or "/"
    listed = client.list_folders("", "")
    return "", (listed[0][1] or b"/").decode("ascii") if listed else "/"


def _refused(operation: str, error: IMAPClientError, *, for_now: bool = False) -> BackendError:
    text = str(error)
    if for_now or any(code in text.upper() for code in _FOR_NOW):
        return UnavailableError(BACKEND, operation, spoken(text))
    return RejectedError(BACKEND, operation, spoken(text))


def _hang_up(client: Any) -> None:
    try:
        client.shutdown()
    except OSError:
        return
