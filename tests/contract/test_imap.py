"""IMAP against a real Dovecot, in the ways operators set one up."""

import base64
import socketserver
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from dovecot import Dovecot, start_dovecot
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError
from mailbox_contract import MailboxContract, arrived, letter, numbers
from pydantic import ValidationError

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.standards import imap
from rmflow.adapters.standards.imap import ImapMailbox, Settings
from rmflow.adapters.standards.server import tls_context
from rmflow.config.secret import SecretRef
from rmflow.errors import BackendError, RejectedError, UnavailableError, UncertainError
from rmflow.ports.mail import Folder, Unfiled

pytestmark = pytest.mark.server


WALL = StoppedClock(datetime(2026, 11, 3, 8, 30, tzinfo=UTC))


_LOGIN_ANSWERS = {
    "welcome": "OK welcome",
    "refused": "NO [AUTHENTICATIONFAILED] the token is not valid",
    "busy": "NO [UNAVAILABLE] come back later",
}


class _Script(socketserver.StreamRequestHandler):
    """Knows XOAUTH2 and an empty INBOX."""

    def say(self, line: str) -> None:
        self.wfile.write(line.encode("ascii") + b"\r\n")

    def handle(self) -> None:
        self.say("* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] ready")
        while line := self.rfile.readline().decode("ascii"):
            tag, command = line.split()[:2]
            if command == "AUTHENTICATE":
                if not self.log_in(tag):
                    return
            else:
                for untagged in self.untagged(command):
                    self.say(f"* {untagged}")
                self.say(f"{tag} OK done")

    def log_in(self, tag: str) -> bool:
        self.say("+ ")
        shown = base64.b64decode(self.rfile.readline()).decode("ascii")
        user, proof = shown.split("\x01", 1)
        assert proof == "auth=Bearer ya29.token\x01\x01"
        answer = _LOGIN_ANSWERS.get(user.removeprefix("user="))
        if answer:
            self.say(f"{tag} {answer}")
        return answer is not None

    def untagged(self, command: str) -> list[str]:
        return {
            "CAPABILITY": ["CAPABILITY IMAP4rev1 AUTH=XOAUTH2"],
            "LIST": ['LIST (\\Noselect) "/" ""'],
            "EXAMINE": ["FLAGS ()", "0 EXISTS", "0 RECENT", "OK [UIDVALIDITY 7] ok"],
            "UID": ["SEARCH"],
            "LOGOUT": ["BYE"],
        }.get(command, [])


@contextmanager
def scripted_server() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Script) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


class ImapPost:
    """A Dovecot seen as a Post."""

    def __init__(self, server: Dovecot, folder: Path, **settings: Any) -> None:
        (folder / "password").write_text(server.password + "\n")
        self.server = server
        self.folder = folder
        options = {
            "host": server.host,
            "port": server.port,
            "security": "none",
            "username": server.user,
            "password": SecretRef.parse("file:password"),
            "timeout_s": 10,
        }
        self.options = options | settings

    def open(self) -> ImapMailbox:
        return ImapMailbox(Settings.model_validate(self.options), self.folder, WALL)

    def with_options(self, **settings: Any) -> "ImapPost":
        post = ImapPost(self.server, self.folder)
        post.options = self.options | settings
        return post

    def deliver(self, raw: bytes) -> None:
        self.server.deliver(raw)

    def delete(self, number: int) -> None:
        with self.server.client() as client:
            client.select("INBOX")
            client.store(str(number + 1), "+FLAGS", "\\Deleted")
            client.expunge()

    def folders(self) -> dict[str, int]:
        """Return every folder of the account with the number of its messages."""
        counts = {}
        with self.server.client() as client:
            for line in client.list()[1]:
                assert isinstance(line, bytes)
                flags, _, name = line.decode().partition(") ")
                name = name.split(" ", 1)[1].strip('"')
                if "Noselect" not in flags:
                    counts[name] = int(client.select(f'"{name}"', readonly=True)[1][0] or b"0")
        return counts

    def seen(self) -> int:
        with self.server.client() as client:
            client.select("INBOX", readonly=True)
            return len(client.search(None, "SEEN")[1][0].split())


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """A mailbox of its own for every test."""
    return f"u{abs(hash(request.node.nodeid))}@contoso.example"


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with start_dovecot() as server:
        yield server


@pytest.fixture(scope="module")
def dotted() -> Iterator[Dovecot]:
    with start_dovecot(prefix="INBOX.", separator=".") as server:
        yield server


@pytest.fixture(scope="module")
def still() -> Iterator[Dovecot]:
    with start_dovecot(capability="IMAP4rev1 NAMESPACE UIDPLUS") as server:
        yield server


@pytest.fixture(scope="module")
def old() -> Iterator[Dovecot]:
    with start_dovecot(capability="IMAP4rev1") as server:
        yield server


@pytest.fixture
def post(server: Dovecot, user: str, tmp_path: Path) -> ImapPost:
    return ImapPost(server.with_user(user), tmp_path)


class TestImap(MailboxContract):
    """As Dovecot comes: MOVE, UIDPLUS, no prefix."""

    @pytest.fixture
    def post(self, server: Dovecot, user: str, tmp_path: Path) -> ImapPost:
        return ImapPost(server.with_user(user), tmp_path)


class TestImapBelowInbox(MailboxContract):
    """A personal namespace "INBOX." with dots, as many hosting providers have it."""

    @pytest.fixture
    def post(self, dotted: Dovecot, user: str, tmp_path: Path) -> ImapPost:
        return ImapPost(dotted.with_user(user), tmp_path)

    def test_folders_are_spelt_as_the_server_wants_them(self, post: ImapPost) -> None:
        post.deliver(letter(1))
        mailbox = post.open()
        mailbox.file([delivery.ref for delivery in arrived(mailbox)], Folder.NEEDS_YOU)
        mailbox.close()
        assert post.folders()["INBOX.rmflow.Needs you"] == 1


class TestImapWithoutMove(MailboxContract):
    """COPY, mark, and expunge exactly ours (RFC 4315)."""

    @pytest.fixture
    def post(self, still: Dovecot, user: str, tmp_path: Path) -> ImapPost:
        return ImapPost(still.with_user(user), tmp_path)

    def test_what_other_people_marked_as_deleted_is_not_expunged(self, post: ImapPost) -> None:
        """A plain EXPUNGE would finish a deletion that a person may still take back."""
        post.deliver(letter(1))
        post.deliver(letter(2))
        with post.server.client() as client:
            client.select("INBOX")
            client.store("1", "+FLAGS", "\\Deleted")
        mailbox = post.open()
        deliveries = list(arrived(mailbox))
        assert numbers(deliveries) == [b"2"]
        mailbox.file([delivery.ref for delivery in deliveries], Folder.DONE)
        mailbox.close()
        assert post.folders() == {"INBOX": 1, "Sent": 0, "rmflow/Done": 1}


class TestImapOfTheLastCentury(MailboxContract):
    """Neither MOVE nor UIDPLUS nor NAMESPACE: only RFC 3501."""

    @pytest.fixture
    def post(self, old: Dovecot, user: str, tmp_path: Path) -> ImapPost:
        return ImapPost(old.with_user(user), tmp_path)

    def test_a_filed_message_stays_marked_because_expunge_would_take_others(
        self, post: ImapPost
    ) -> None:
        post.deliver(letter(1))
        mailbox = post.open()
        mailbox.file([delivery.ref for delivery in arrived(mailbox)], Folder.DONE)
        assert list(arrived(mailbox)) == []
        mailbox.close()
        assert post.folders() == {"INBOX": 1, "Sent": 0, "rmflow/Done": 1}


def test_folders_are_made_and_subscribed_so_that_people_see_them(post: ImapPost) -> None:
    post.deliver(letter(1))
    mailbox = post.open()
    mailbox.file([delivery.ref for delivery in arrived(mailbox)], Folder.DONE)
    mailbox.close()
    with post.server.client() as client:
        assert b'"/" rmflow/Done' in b"".join(client.lsub()[1])


def test_reading_leaves_new_mail_recent(post: ImapPost) -> None:
    """A person's program that rings for recent mail must still ring (RFC 3501 section 2.3.2)."""
    post.deliver(letter(1))
    mailbox = post.open()
    assert numbers(arrived(mailbox)) == [b"1"]
    mailbox.close()
    with post.server.client() as client:
        client.select("INBOX", readonly=True)
        assert client.response("RECENT")[1] == [b"1"]


def test_refs_of_a_replaced_folder_name_nothing(post: ImapPost) -> None:
    """UIDs begin again under a new UIDVALIDITY: the same UID is another mail (RFC 3501 2.3.1.1)."""
    with post.server.client() as client:
        client.create("Mentoring")
    post.server.deliver(letter(1), "Mentoring")
    mailbox = post.with_options(folder="Mentoring").open()
    refs = [delivery.ref for delivery in arrived(mailbox)]
    mailbox.close()
    with post.server.client() as client:
        client.delete("Mentoring")
        client.create("Mentoring")
    post.server.deliver(letter(2), "Mentoring")
    mailbox = post.with_options(folder="Mentoring").open()
    mailbox.file(refs, Folder.DONE)
    assert numbers(arrived(mailbox)) == [b"2"]
    mailbox.close()


def test_a_source_names_the_server_too(post: ImapPost) -> None:
    """UIDVALIDITY is 1 in every inbox of Gmail: the same UID may be another mail elsewhere."""
    post.deliver(letter(1))
    sources = set()
    for host in ("127.0.0.1", "localhost"):
        mailbox = post.with_options(host=host).open()
        sources |= {message.source for message in mailbox.unfiled()}
        mailbox.close()
    assert len(sources) == 2


def test_a_copy_in_the_sent_folder_is_held_too(post: ImapPost) -> None:
    """Some servers file what is sent through them; that is evidence as good as a copy to us."""
    post.server.deliver(letter(5), "Sent")
    mailbox = post.open()
    assert mailbox.holds(["<m5@contoso.example>"]) == {"<m5@contoso.example>"}
    mailbox.close()


def test_bodies_come_in_batches(post: ImapPost, monkeypatch: pytest.MonkeyPatch) -> None:
    """One FETCH a message is thirteen times slower (PERFORMANCE 6b); all at once fills memory."""
    with post.server.client() as client:
        for number in range(450):
            client.append("INBOX", "", "", letter(number))
    batches: list[int] = []
    fetch = IMAPClient.fetch

    def counting(self: IMAPClient, messages: Any, items: Any, modifiers: Any = None) -> Any:
        if "BODY.PEEK[]" in items:
            batches.append(len(messages))
        return fetch(self, messages, items, modifiers)

    monkeypatch.setattr(IMAPClient, "fetch", counting)
    mailbox = post.open()
    assert numbers(arrived(mailbox)) == [b"%d" % number for number in range(450)]
    mailbox.close()
    assert batches == [200, 200, 50]


def test_batches_hold_at_most_eight_megabytes_and_large_messages_come_alone() -> None:
    sizes = [1, 7 << 20, 2 << 20, 30 << 20, 1, 1]
    messages = [Unfiled(f"1:{uid}", "", size=size) for uid, size in enumerate(sizes)]
    assert [[m.size for m in batch] for batch in imap._batches(messages)] == [
        [1, 7 << 20],
        [2 << 20],
        [30 << 20],
        [1, 1],
    ]


def test_a_refused_login_needs_a_person(post: ImapPost, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("wrong")
    with closing(post.open()) as mailbox, pytest.raises(RejectedError, match="log in failed"):
        list(arrived(mailbox))


def test_a_server_that_is_not_there_may_be_there_next_time(post: ImapPost) -> None:
    mailbox = post.with_options(port=1).open()
    with pytest.raises(UnavailableError):
        list(arrived(mailbox))
    with pytest.raises(UnavailableError):
        mailbox.file(["1:1"], Folder.DONE)
    mailbox.close()


def test_a_folder_that_is_not_there_needs_a_person(post: ImapPost) -> None:
    mailbox = post.with_options(folder="No such folder").open()
    with closing(mailbox), pytest.raises(RejectedError, match="list failed"):
        list(arrived(mailbox))


def test_reading_survives_a_lost_connection(post: ImapPost) -> None:
    """Reading changes nothing, so a new connection may ask again."""
    for number in range(3):
        post.deliver(letter(number))
    mailbox = post.open()
    deliveries = arrived(mailbox)
    seen = [next(deliveries)]
    mailbox._session._client.shutdown()
    seen += deliveries
    assert numbers(seen) == [b"0", b"1", b"2"]
    assert mailbox.holds(["<m1@contoso.example>"])
    mailbox._session._client.shutdown()
    assert mailbox.holds(["<m1@contoso.example>"])
    mailbox.close()


def test_a_move_that_lost_its_answer_is_not_repeated(
    post: ImapPost, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.deliver(letter(1))
    mailbox = post.open()
    refs = [delivery.ref for delivery in arrived(mailbox)]
    moves = []

    def lost(self: IMAPClient, messages: Any, folder: str) -> None:
        moves.append(messages)
        raise IMAPClientAbortError("socket error: EOF")

    monkeypatch.setattr(IMAPClient, "move", lost)
    with pytest.raises(UncertainError):
        mailbox.file(refs, Folder.DONE)
    mailbox.close()
    assert len(moves) == 1


class TestLoggingIn:
    """What Dovecot cannot be made to say: a server that follows a script."""

    @pytest.fixture
    def port(self) -> Iterator[int]:
        with scripted_server() as port:
            yield port

    def mailbox(self, port: int, folder: Path, user: str) -> ImapMailbox:
        (folder / "token").write_text("ya29.token")
        settings = Settings.model_validate(
            {
                "host": "127.0.0.1",
                "port": port,
                "security": "none",
                "username": user,
                "auth": "xoauth2",
                "token": "file:token",
            }
        )
        return ImapMailbox(settings, folder, WALL)

    def test_an_access_token_is_shown_in_the_way_of_xoauth2(
        self, port: int, tmp_path: Path
    ) -> None:
        with closing(self.mailbox(port, tmp_path, "welcome")) as mailbox:
            assert list(arrived(mailbox)) == []

    @pytest.mark.parametrize(
        ("user", "error"),
        [
            ("refused", RejectedError),
            ("busy", UnavailableError),
            ("cut-off", UnavailableError),
        ],
    )
    def test_a_login_fails_for_good_or_for_now(
        self, port: int, tmp_path: Path, user: str, error: type[BackendError]
    ) -> None:
        """IMAPClient calls all of these a LoginError, also a connection lost on the way."""
        mailbox = self.mailbox(port, tmp_path, user)
        with closing(mailbox), pytest.raises(error):
            list(arrived(mailbox))


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def encrypted(authority: trustme.CA) -> Iterator[Dovecot]:
    with start_dovecot(certificate=authority.issue_cert("127.0.0.1")) as server:
        yield server


@pytest.fixture
def trusting(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Trust the authority as an operator would say it: by SSL_CERT_FILE."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    tls_context.cache_clear()
    yield
    tls_context.cache_clear()


@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_is_read_through_tls(
    encrypted: Dovecot, user: str, tmp_path: Path, security: str
) -> None:
    server = encrypted.with_user(user)
    server.deliver(letter(1))
    port = server.tls_port if security == "tls" else server.port
    mailbox = ImapPost(server, tmp_path, security=security, port=port).open()
    assert numbers(arrived(mailbox)) == [b"1"]
    mailbox.close()


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_nobody_vouches_for_needs_a_person(
    encrypted: Dovecot, tmp_path: Path, security: str
) -> None:
    tls_context.cache_clear()
    port = encrypted.tls_port if security == "tls" else encrypted.port
    mailbox = ImapPost(encrypted, tmp_path, security=security, port=port).open()
    with pytest.raises(RejectedError, match="certificate"):
        list(arrived(mailbox))


def test_a_password_never_travels_in_the_clear() -> None:
    with pytest.raises(ValidationError, match="this machine only"):
        Settings(host="imap.contoso.example", security="none", auth="none")
    with pytest.raises(ValidationError, match="needs username and password"):
        Settings(host="imap.contoso.example")
    with pytest.raises(ValidationError, match="needs username and token"):
        Settings(host="imap.contoso.example", auth="xoauth2", username="m")
