"""Where the crash tests take place: files, mail servers, a database server, vendors' services.

A place is outside of the process that is killed. It remembers what people were told, can be put
back to how it was, and lets mail arrive. What happened is counted there, never in our database.
"""

import copy
import re
import shutil
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import psycopg
import requests
from courier import Service
from dav import PASSWORD, USER, start_radicale
from dovecot import start_dovecot
from graph_schema import properties
from played_on import configure
from postgresql_server import postgresql_server
from services import Exchange, Google, Microsoft365
from smtp_sink import SmtpSink
from web_server import FakeService

from office import LEADERS, NAMES, address

_KEY = re.compile(rb"^X-Rmflow-Key: (\S+)\r?$", re.MULTILINE)
_SERVICE_PATIENCE = timedelta(minutes=15)  # longer than any `settling`, as cron's rhythm is
_MAIL_SERVERS = """
[mail_out]
kind = "smtp"
host = "localhost"
port = {smtp}
security = "none"
auth = "none"
copy_to = "mentoring+copies@contoso.example"
[mail_in]
kind = "imap"
host = "localhost"
port = {imap}
security = "none"
username = "{user}"
password = "file:mail.password"
"""


class Place(Protocol):
    """One world outside. `patience` is how long after a kill cron calls again, where a backend
    needs time before it can be asked; `rounds`: so many runs after one that sent something have
    something to put away.
    """

    calendar: str
    patience: timedelta
    rounds: int

    def configure(self, config: Path) -> None:
        """Write the place's sections into a configuration for files."""
        ...

    def keep(self) -> Any:
        """Return all that the place remembers beside the office's folder."""
        ...

    def put_back(self, kept: Any, folder: Path) -> None:
        """Let the place be as it was then, for an office in this folder."""
        ...

    def deliver(self, folder: Path, raw: bytes, at: datetime) -> bool:
        """Let a mail arrive. False: it belongs into the folder's own Maildir."""
        ...

    def letters(self) -> Sequence[tuple[str, bytes]] | None:
        """Return recipients and mails that left so far; None: they lie in the folder."""
        ...

    def rest(self, folder: Path) -> None:
        """Wait until what a dead process has begun is over; look what has happened."""
        ...

    def let_be(self) -> None:
        """Wait for nobody who is connected now: that is this process."""
        ...

    def told(self) -> Counter[str]:
        """Return what people were told since it was last put back, one line for each telling."""
        ...

    def changes(self) -> int:
        """Return a number that rises with every request to change something."""
        ...


class Files:
    """Everything in the office's folder: .ics files, Maildirs.

    A mail is a telling for each time that it is laid down: a second time is another file, whatever
    its name.
    """

    patience = timedelta()
    rounds = 0

    def __init__(self, calendar: str = "imip") -> None:
        self.calendar = calendar
        self._before: set[tuple[str, int]] = set()
        self._seen: set[tuple[str, int]] = set()

    def configure(self, config: Path) -> None:
        pass

    def keep(self) -> Any:
        return None

    def put_back(self, kept: Any, folder: Path) -> None:
        self._before, self._seen = self._lying_in(folder), set()

    def deliver(self, folder: Path, raw: bytes, at: datetime) -> bool:
        return False

    def letters(self) -> Sequence[tuple[str, bytes]] | None:
        return None

    def rest(self, folder: Path) -> None:
        self._seen |= self._lying_in(folder) - self._before

    def let_be(self) -> None:
        pass

    def told(self) -> Counter[str]:
        return Counter(name for name, _ in self._seen)

    def changes(self) -> int:
        return len(self._seen)

    @staticmethod
    def _lying_in(folder: Path) -> set[tuple[str, int]]:
        return {
            (_named(path.parents[1].name, path.read_bytes()), path.stat().st_ino)
            for path in folder.glob("out/*/new/*")
        }


class OnCalDav(Files):
    """Meetings on a Radicale; invitations and all other mail in files."""

    patience = _SERVICE_PATIENCE

    def __init__(self, stack: ExitStack) -> None:
        super().__init__()
        server = stack.enter_context(start_radicale())
        self._url, self._folder = server.new_calendar(), server.folder

    def configure(self, config: Path) -> None:
        (config.parent / "caldav.password").write_text(PASSWORD)
        section = (
            f'[calendar]\nkind = "caldav"\nurl = "{self._url}"\nusername = "{USER}"\n'
            'password = "file:caldav.password"\nscheduling = "mail"\n'
        )
        _replace(config, r"\[calendar\].*?(?=\[mail_out\])", section)

    def keep(self) -> Any:
        return _tree(self._folder)

    def put_back(self, kept: Any, folder: Path) -> None:
        super().put_back(kept, folder)
        _plant(self._folder, kept)

    def rest(self, folder: Path) -> None:
        super().rest(folder)
        requests.request("OPTIONS", self._url, auth=(USER, PASSWORD), timeout=10)


class OnPostgreSQL(Files):
    """The memory on a database server, everything else in files."""

    def __init__(self, stack: ExitStack) -> None:
        super().__init__()
        self._server = stack.enter_context(postgresql_server())
        self._kept = 0
        self._make("work", "template0")

    def configure(self, config: Path) -> None:
        url = self._server.rsplit("/", 1)[0] + "/work"
        _replace(config, re.escape("sqlite:///state.db"), url)

    def keep(self) -> Any:
        self._alone()
        self._kept += 1
        self._make(f"kept{self._kept}", "work")
        return f"kept{self._kept}"

    def put_back(self, kept: Any, folder: Path) -> None:
        super().put_back(kept, folder)
        self._alone()
        self._do("DROP DATABASE work")
        self._make("work", kept)

    def rest(self, folder: Path) -> None:
        super().rest(folder)
        self._alone()
        self._let_the_tenure_pass()

    def _let_the_tenure_pass(self) -> None:
        """A run that was cut off could, for all the server knows, go on for a quarter of an hour."""
        with psycopg.connect(self._server.rsplit("/", 1)[0] + "/work", autocommit=True) as work:
            found = work.execute("SELECT to_regclass('lease')").fetchone()
            if found and found[0]:
                work.execute("UPDATE lease SET until = NULL")

    def _alone(self) -> None:
        """Wait until the server has noticed that its client is dead."""
        sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'work'"
        deadline = time.monotonic() + 10
        while self._do(sessions) != 0:
            assert time.monotonic() < deadline, "a session outlives its process"
            time.sleep(0.01)

    def _make(self, name: str, template: str) -> None:
        self._do(f"CREATE DATABASE {name} TEMPLATE {template}")

    def _do(self, statement: str) -> int:
        with psycopg.connect(self._server, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            row = cursor.fetchone() if cursor.description else None
            return int(row[0]) if row else 0


class OnMailServers:
    """Mail through an SMTP server and a Dovecot; the calendar in files.

    The copies that rmflow sends to its own mailbox are delivered there, as a mail system would.
    """

    calendar = "imip"
    patience = _SERVICE_PATIENCE
    rounds = 1

    def __init__(self, stack: ExitStack) -> None:
        self._dovecot = stack.enter_context(start_dovecot())
        self.sink = stack.enter_context(SmtpSink())
        self._told_before = self._delivered = 0

    def configure(self, config: Path) -> None:
        (config.parent / "mail.password").write_text(self._dovecot.password)
        (config.parent / "mail.password").chmod(0o600)
        sections = _MAIL_SERVERS.format(
            smtp=self.sink.port, imap=self._dovecot.port, user=self._dovecot.user
        )
        _replace(config, r"\[mail_out\].*(?=\[tracking\])", sections)

    def keep(self) -> Any:
        return _tree(self._mail), list(self.sink.mails)

    def put_back(self, kept: Any, folder: Path) -> None:
        tree, mails = kept
        _plant(self._mail, tree)
        self.sink.mails[:] = mails
        self._told_before = self._delivered = len(mails)

    def deliver(self, folder: Path, raw: bytes, at: datetime) -> bool:
        self._dovecot.deliver(raw)
        return True

    def letters(self) -> Sequence[tuple[str, bytes]] | None:
        return [(mail.recipients[0], mail.content) for mail in self.sink.mails]

    def rest(self, folder: Path) -> None:
        time.sleep(0.05)
        for mail in self.sink.mails[self._delivered :]:
            self._dovecot.deliver(mail.content)
        self._delivered = len(self.sink.mails)

    def let_be(self) -> None:
        pass

    def told(self) -> Counter[str]:
        mails = self.sink.mails[self._told_before :]
        return Counter(_named(mail.recipients[0], mail.content) for mail in mails)

    def changes(self) -> int:
        return len(self.sink.mails)

    @property
    def _mail(self) -> Path:
        return self._dovecot.folder / "mail"


class AtAService:
    """A vendor's service, played by fakes in threads of this process."""

    calendar = "imip"
    patience = _SERVICE_PATIENCE
    rounds = 0

    def __init__(
        self,
        service: Service,
        fakes: Sequence[FakeService],
        heard: Callable[[], list[str]],
        mails: Callable[[], list[tuple[str, bytes]]],
    ) -> None:
        self.service = service
        self._fakes, self._heard, self._mails = fakes, heard, mails
        self._before: Counter[str] = Counter()
        self._others: set[threading.Thread] = set()  # they serve this process

    def configure(self, config: Path) -> None:
        configure(config, self.service)

    def keep(self) -> Any:
        return [copy.deepcopy(fake.state) for fake in self._fakes]

    def put_back(self, kept: Any, folder: Path) -> None:
        for fake, state in zip(self._fakes, kept, strict=True):
            fake.state = copy.deepcopy(state)
            fake.requests.clear()
        self._before = self._everything()
        self.let_be()

    def deliver(self, folder: Path, raw: bytes, at: datetime) -> bool:
        self.service.deliver(raw, at)
        return True

    def letters(self) -> Sequence[tuple[str, bytes]] | None:
        return self._mails()

    def rest(self, folder: Path) -> None:
        """Wait until no thread works for a dead client: it was heard to the last byte it sent."""
        for fake in self._fakes:
            with socket.create_connection(
                ("127.0.0.1", fake._server.server_port), timeout=10
            ) as last:
                last.shutdown(socket.SHUT_WR)
                assert last.recv(1) == b""  # those who came before have been let in
        deadline = time.monotonic() + 60
        while _serving() - self._others:
            assert time.monotonic() < deadline, "somebody is still being served"
            time.sleep(0.001)

    def let_be(self) -> None:
        self._others = _serving()

    def told(self) -> Counter[str]:
        return self._everything() - self._before

    def changes(self) -> int:
        return sum(len(fake.writes) for fake in self._fakes)

    def _everything(self) -> Counter[str]:
        mails = (_named(recipient, raw) for recipient, raw in self._mails())
        return Counter([*self._heard(), *mails])


def _serving() -> set[threading.Thread]:
    return {t for t in threading.enumerate() if "process_request_thread" in t.name}


def _on_google(stack: ExitStack) -> Place:
    service = Google()
    stack.callback(service.close)
    calendar, gmail = service._calendar, service._gmail

    def mails() -> list[tuple[str, bytes]]:
        return [(to, raw) for to, raws in gmail.state.outside.items() for raw in raws]

    return AtAService(service, (calendar, gmail), lambda: list(calendar.notices), mails)


def _on_graph(stack: ExitStack) -> Place:
    properties("Event")  # skips, in this thread, where the schemas are missing
    service = Microsoft365()
    stack.callback(service.close)
    graph = service._service

    def heard() -> list[str]:
        notices: list[str] = graph.state["calendar"].notices
        return list(notices)

    return AtAService(service, (graph,), heard, lambda: list(graph.state["mail"].delivered))


def _on_exchange(stack: ExitStack) -> Place:
    service = Exchange({address(name): name for name in (*NAMES, *LEADERS)})
    stack.callback(service.close)
    exchange = service._service

    def heard() -> list[str]:
        return [f"{notice} {notice.uid}" for notice in exchange.state.notices]

    return AtAService(service, (exchange,), heard, lambda: list(exchange.state.post))


PLACES: dict[str, Callable[[ExitStack], Place]] = {
    "vdir, maildir": lambda _: Files("vdir"),
    "imip, maildir": lambda _: Files("imip"),
    "imip, smtp, imap": OnMailServers,
    "caldav, maildir": OnCalDav,
    "google, gmail": _on_google,
    "graph": _on_graph,
    "exchange": _on_exchange,
    "imip, maildir, PostgreSQL": OnPostgreSQL,
}


@contextmanager
def opened(name: str) -> Iterator[Place]:
    """Give a place, and close it."""
    with ExitStack() as stack:
        yield PLACES[name](stack)


def _named(recipient: str, raw: bytes) -> str:
    """Return what a mail is known by: who got it, and which of our letters it is."""
    key = _KEY.search(raw)
    return f"mail {key[1].decode() if key else '?'} {recipient}"


def _replace(config: Path, pattern: str, text: str) -> None:
    old = config.read_text()
    new, number = re.subn(pattern, lambda _: text, old, flags=re.DOTALL)
    assert number == 1, pattern
    config.write_text(new)


def _tree(folder: Path) -> Path:
    """Return a copy of a folder with its owners."""
    copied = folder.with_name(f"{folder.name}.kept{len(list(folder.parent.iterdir()))}")
    _copy(folder, copied)
    return copied


def _plant(folder: Path, kept: Path) -> None:
    shutil.rmtree(folder)
    _copy(kept, folder)


def _copy(source: Path, target: Path) -> None:
    def with_owner(old: str, new: str) -> str:
        shutil.copy2(old, new)
        shutil.chown(new, source.stat().st_uid, source.stat().st_gid)
        return new

    shutil.copytree(source, target, copy_function=with_owner)
    for path in (target, *target.rglob("*")):
        if path.is_dir():
            shutil.chown(path, source.stat().st_uid, source.stat().st_gid)
