"""The mailboxes that mail is poured into: servers and fakes, each seen from outside."""

import imaplib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

import ews_mail
import graph
from dovecot import Dovecot, start_dovecot
from ews import FakeExchange
from gmail import MAILBOX, GmailService
from graph import GraphService
from graph_mail import Mail
from graph_mail import State as GraphState
from soak_steps import FILES, HTTP, IMAP, IMAP_WITHOUT_MOVE

INBOX, DONE, NEEDS_YOU = "inbox", "done", "needs you"
Held = Mapping[str, Counter[bytes]]


class Box(Protocol):
    """A mailbox, filled and looked at from outside.

    `wire`: the steps in which it is spoken to. `may_copy`: a move that is cut off leaves a copy.
    """

    @property
    def wire(self) -> Collection[str]: ...

    @property
    def may_copy(self) -> bool: ...

    def section(self, folder: Path) -> str:
        """Return the section [mail_in]; secrets are laid into the folder."""
        ...

    def deliver(self, raw: bytes) -> None:
        """Let a mail arrive."""
        ...

    def held(self) -> Held:
        """Return what lies where, and how often."""
        ...


class ImapBox:
    """A folder of a real Dovecot."""

    def __init__(self, server: Dovecot, *, has_move: bool) -> None:
        self._server = server
        self.wire = IMAP if has_move else IMAP_WITHOUT_MOVE
        self.may_copy = not has_move
        self._client = server.client()
        self._client.create("Mentoring")
        self._made = 1

    def section(self, folder: Path) -> str:
        (folder / "imap.password").write_text(self._server.password)
        return (
            f'[mail_in]\nkind = "imap"\nhost = "127.0.0.1"\nport = {self._server.port}\n'
            f'security = "none"\nusername = "{self._server.user}"\nfolder = "Mentoring"\n'
            'password = "file:imap.password"\n'
        )

    def deliver(self, raw: bytes) -> None:
        status, answer = self._client.append("Mentoring", "", "", raw)
        assert status == "OK", answer

    def held(self) -> Held:
        folders = {INBOX: "Mentoring", DONE: "rmflow/Done", NEEDS_YOU: "rmflow/Needs you"}
        return {name: Counter(self._contents(folder)) for name, folder in folders.items()}

    def renumber(self) -> None:
        """Make the folder anew, with all that is in it, under another UIDVALIDITY."""
        with self._server.client() as client:
            before = _validity(client)
            old = f"Old{self._made}"
            self._made += 1
            client.rename("Mentoring", old)
            client.create("Mentoring")
            client.select(old)
            uids = client.uid("SEARCH", "UNDELETED")[1][0]
            if uids:
                client.uid("COPY", uids.replace(b" ", b",").decode(), "Mentoring")
            client.unselect()
            client.delete(old)
            assert _validity(client) != before

    def _contents(self, folder: str) -> Iterator[bytes]:
        with self._server.client() as client:
            if client.select(f'"{folder}"', readonly=True)[0] != "OK":
                return
            uids = client.uid("SEARCH", "UNDELETED")[1][0].split()
            for uid in uids:
                ((_, raw), *_) = client.uid("FETCH", uid.decode(), "(BODY.PEEK[])")[1]
                yield raw

    def close(self) -> None:
        with suppress(imaplib.IMAP4.error, OSError):
            self._client.logout()


def _validity(client: imaplib.IMAP4) -> bytes:
    _, (answer,) = client.status("Mentoring", "(UIDVALIDITY)")
    found = re.search(rb"UIDVALIDITY (\d+)", answer)
    assert found is not None
    return found[1]


class MaildirBox:
    """A Maildir, as a mail server would fill it."""

    wire = FILES
    may_copy = False

    def __init__(self) -> None:
        self._inbox = Path()
        self._number = 0

    def section(self, folder: Path) -> str:
        self._inbox = folder / "in"
        (self._inbox / "new").mkdir(parents=True)
        return '[mail_in]\nkind = "maildir"\npath = "in"\n'

    def deliver(self, raw: bytes) -> None:
        self._number += 1
        (self._inbox / "new" / f"{self._number:09}.M1P1.mx").write_bytes(raw)

    def held(self) -> Held:
        folders = {INBOX: "", DONE: ".Done", NEEDS_YOU: ".Needs you"}
        return {
            name: Counter(p.read_bytes() for p in (self._inbox / folder).glob("[nc]??/*"))
            for name, folder in folders.items()
        }


class GmailBox:
    """Labels of a Gmail mailbox."""

    wire = HTTP
    may_copy = False

    def __init__(self, service: GmailService) -> None:
        self._service = service

    def section(self, folder: Path) -> str:
        self._service.login.write_key(folder / "gmail.json", f"{self._service.url}/token")
        return (
            f'[mail_in]\nkind = "gmail"\nkey = "file:gmail.json"\nsubject = "{MAILBOX}"\n'
            f'url = "{self._service.url}"\n'
        )

    def deliver(self, raw: bytes) -> None:
        self._service.deliver(raw)

    def held(self) -> Held:
        labels = {INBOX: "INBOX", DONE: "rmflow/done", NEEDS_YOU: "rmflow/needs you"}
        box = self._service.box()
        return {
            name: Counter(stored.raw for stored in box.with_label(label))
            for name, label in labels.items()
        }


class GraphBox:
    """Folders of a mailbox in Microsoft 365."""

    wire = HTTP
    may_copy = False

    def __init__(self, service: GraphService) -> None:
        self._service = service

    @property
    def _mail(self) -> GraphState:
        state: GraphState = self._service.state["mail"]
        return state

    def section(self, folder: Path) -> str:
        (folder / "graph.secret").write_text(graph.SECRET)
        return (
            f'[mail_in]\nkind = "graph"\ntenant = "{graph.TENANT}"\nclient_id = "{graph.CLIENT}"\n'
            f'secret = "file:graph.secret"\nmailbox = "{MAILBOX}"\n'
            f'url = "{self._service.graph_url}"\nauthority = "{self._service.url}"\n'
        )

    def deliver(self, raw: bytes) -> None:
        self._mail.deliver(raw)

    def held(self) -> Held:
        folders = {INBOX: "inbox", DONE: "rmflow done", NEEDS_YOU: "rmflow needs you"}
        return {
            name: Counter(stored.raw for stored in self._mail.lying_in(folder))
            for name, folder in folders.items()
        }


class ExchangeBox:
    """Folders of a mailbox on an Exchange server."""

    wire = HTTP
    may_copy = False

    def __init__(self, service: FakeExchange) -> None:
        self._service = service

    def section(self, folder: Path) -> str:
        user, password = FakeExchange.SERVICE
        (folder / "exchange.password").write_text(password)
        return (
            f'[mail_in]\nkind = "exchange"\nendpoint = "{self._service.endpoint}"\n'
            f'mailbox = "{MAILBOX}"\nauth = "basic"\nusername = \'{user}\'\n'
            'password = "file:exchange.password"\n'
        )

    def deliver(self, raw: bytes) -> None:
        server = self._service.state
        ews_mail.deliver(server, server.mailbox(MAILBOX), raw)

    def held(self) -> Held:
        named = {INBOX: "inbox", DONE: "rmflow done", NEEDS_YOU: "rmflow needs you"}
        folders = self._service.state.mailbox(MAILBOX).folders
        return {
            name: Counter(item.raw for item in folders[folder].items.values())
            if folder in folders
            else Counter()
            for name, folder in named.items()
        }


@contextmanager
def _dovecot(*, has_move: bool) -> Iterator[Box]:
    capability = "" if has_move else "IMAP4rev1 NAMESPACE UIDPLUS"
    with start_dovecot(capability=capability) as server:
        box = ImapBox(server, has_move=has_move)
        try:
            yield box
        finally:
            box.close()


@contextmanager
def _maildir() -> Iterator[Box]:
    yield MaildirBox()


@contextmanager
def _gmail() -> Iterator[Box]:
    with GmailService() as service:
        yield GmailBox(service)


@contextmanager
def _graph() -> Iterator[Box]:
    with GraphService(Mail()) as service:
        yield GraphBox(service)


@contextmanager
def _exchange() -> Iterator[Box]:
    with FakeExchange({MAILBOX: "Mentoring team"}) as service:
        yield ExchangeBox(service)


BOXES: Mapping[str, Callable[[], AbstractContextManager[Box]]] = {
    "imap": lambda: _dovecot(has_move=True),
    "imap without MOVE": lambda: _dovecot(has_move=False),
    "maildir": _maildir,
    "gmail": _gmail,
    "graph": _graph,
    "exchange": _exchange,
}
