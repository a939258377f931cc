"""What can be known of an IMAP mailbox, with a probe that stays out of its inbox.

Two folders are made, a message is put into the first and moved to the second, and both are
deleted. The message has no recipient; its arrival time is the server's clock.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import uuid4

from imapclient.exceptions import IMAPClientError
from imapclient.imapclient import SEEN

from rmflow.adapters.clock_skew import compared
from rmflow.adapters.standards.imap_session import ImapSession, move
from rmflow.adapters.standards.server import ServerSettings, encryption
from rmflow.errors import BackendError
from rmflow.ports.checkup import Finding, Verdict
from rmflow.ports.clock import Clock

_PROBE = (
    b"From: rmflow@localhost\r\nSubject: rmflow doctor was here; delete this\r\n"
    b"X-Rmflow-Probe: yes\r\n\r\n"
)


class ImapCheckup:
    """One examination of one mailbox. `inbox` is the folder of the settings."""

    def __init__(
        self, session: ImapSession, settings: ServerSettings, inbox: str, clock: Clock
    ) -> None:
        self._session, self._settings, self._inbox = session, settings, inbox
        self._clock = clock
        self._left: list[str] = []

    def findings(self) -> Iterator[Finding]:
        """Yield what was found; see `Checkup`."""
        try:
            yield from self._reached()
        except BackendError as error:
            yield _unreached(error)
            return
        try:
            yield self._session.reading("open", self._opened)
        except BackendError as error:
            advice = "check folder in [mail_in], and that this login may move mails out of it"
            yield Finding("inbox", Verdict.FAILED, error.reason, advice)
            return
        yield from self._filing()

    def _reached(self) -> Iterator[Finding]:
        sock = self._session.reading("connect", lambda client: client.socket())
        place = f"{self._settings.host}:{self._settings.port}"
        yield Finding("connect", Verdict.FINE, f"{place} answers")
        yield encryption(sock)
        yield Finding("login", Verdict.FINE, f"as {self._settings.username or 'nobody'}")

    def _opened(self, client: Any) -> Finding:
        """Open the inbox as filing does: a folder that is only for reading is an error."""
        name = self._session.spelt(self._inbox)
        self._session.opened(client, name, to_write=True)
        waiting = len(client.search("UNDELETED"))
        return Finding("inbox", Verdict.FINE, f"{name} can be changed (new mails: {waiting})")

    def _filing(self) -> Iterator[Finding]:
        try:
            arrived = self._session.writing("file", self._probed)
        except BackendError as error:
            advice = "let this login make folders, and add mails to them"
            yield Finding("filing", Verdict.FAILED, error.reason, advice)
        else:
            yield Finding("filing", Verdict.FINE, "folders can be made, and mails moved to them")
            yield self._session.reading("look", _extensions)
            yield compared(arrived, self._clock)
        for name in self._left:
            advice = "delete it in a mail program"
            yield Finding("traces", Verdict.WARNING, f"the folder {name} is still there", advice)

    def _probed(self, client: Any) -> datetime:
        """Return when the server thinks that the probe arrived."""
        number = uuid4().hex[:8]
        first, second = (self._session.spelt(f"rmflow-probe-{number}-{n}") for n in (1, 2))
        try:
            for name in (first, second):
                client.create_folder(name)
                self._left.append(name)
            client.append(first, _PROBE, [SEEN])
            self._session.opened(client, first, to_write=True)
            uids = client.search()
            arrived: datetime = client.fetch(uids, ["INTERNALDATE"])[uids[0]][b"INTERNALDATE"]
            move(client, uids, second)
            return arrived
        finally:
            self._cleared(client)

    def _cleared(self, client: Any) -> None:
        """Delete the probe's folders. What cannot be deleted stays in `_left`."""
        with suppress(IMAPClientError, OSError):
            self._session.opened(client, self._session.spelt(self._inbox))
            for name in tuple(self._left):
                client.delete_folder(name)
                self._left.remove(name)


def _unreached(error: BackendError) -> Finding:
    if error.operation == "log in":
        advice = "check username and password (or token) in [mail_in], and that IMAP is allowed"
        return Finding("login", Verdict.FAILED, error.reason, advice)
    advice = "check host, port and security in [mail_in], and the firewall in between"
    return Finding("connect", Verdict.FAILED, error.reason, advice)


def _extensions(client: Any) -> Finding:
    if client.has_capability("MOVE") or client.has_capability("UIDPLUS"):
        return Finding("extensions", Verdict.FINE, "mails can be moved without a trace")
    text = "the server knows neither MOVE nor UIDPLUS"
    advice = "filed mails stay in the inbox, marked as deleted, until a person expunges them"
    return Finding("extensions", Verdict.WARNING, text, advice)
