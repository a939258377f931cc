"""What `rmflow doctor` finds out about mail servers and PostgreSQL, and that nobody gets a mail."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import trustme
from dovecot import Dovecot, start_dovecot
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError
from loopback import free_port
from postgresql_server import empty_schema, postgresql_server
from smtp_sink import DROP, SmtpSink

from findings import the, troubles, verdicts
from rmflow.adapters.clock import StoppedClock, SystemClock
from rmflow.adapters.standards import imap, smtp
from rmflow.adapters.standards.server import encryption, tls_context
from rmflow.adapters.store import settings as store_settings
from rmflow.adapters.store.checkup import SqlCheckup
from rmflow.adapters.store.sql import open_store
from rmflow.config.secret import SecretRef
from rmflow.domain.people import Address
from rmflow.ports.checkup import Finding, Verdict

MAILBOX = Address("mentoring@contoso.example")
LOGIN = {"username": str(MAILBOX), "password": SecretRef.parse("file:password")}


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with start_dovecot() as server:
        yield server


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    with postgresql_server() as url:
        yield url


def mail_out(sink: SmtpSink, folder: Path, **settings: Any) -> list[Finding]:
    (folder / "password").write_text("five wooden spoons")
    options = {"host": sink.host, "port": sink.port, "security": "none", "auth": "none"}
    options |= {"timeout_s": 5}
    checked = smtp.Settings.model_validate(options | settings)
    return list(smtp.SmtpMailer(checked, folder, SystemClock(), None, MAILBOX).checkup())


class TestSmtp:
    @pytest.fixture
    def sink(self) -> Iterator[SmtpSink]:
        with SmtpSink(logins={str(MAILBOX): "five wooden spoons"}) as sink:
            yield sink

    def test_a_sender_is_named_and_no_mail_begins(self, sink: SmtpSink, tmp_path: Path) -> None:
        found = mail_out(sink, tmp_path, auth="password", **LOGIN)
        assert verdicts(found) == [
            ("connect", "fine"), ("encryption", "fine"), ("login", "fine"), ("sender", "fine")
        ]  # fmt: skip
        assert the("sender", found).text == "may send as mentoring@contoso.example"
        assert (sink.connections, sink.mails) == (1, [])

    def test_a_wrong_password_is_not_tried_on_a_second_connection(
        self, sink: SmtpSink, tmp_path: Path
    ) -> None:
        """Many attempts with one password are how accounts get locked."""
        found = mail_out(sink, tmp_path, auth="password", **LOGIN | {"username": "somebody"})
        finding = the("login", found)
        assert finding.verdict is Verdict.FAILED
        assert finding.text.startswith("535 5.7.8")
        assert sink.connections == 1
        assert "sender" not in dict(verdicts(found))

    @pytest.mark.parametrize("phase", ["mail", "rcpt"])
    @pytest.mark.parametrize(
        ("answer", "verdict"),
        [
            ("550 5.7.60 this client may not send as this sender", Verdict.FAILED),
            ("451 4.7.1 greylisted", Verdict.WARNING),
            (DROP, Verdict.FAILED),
        ],
    )
    def test_a_sender_that_is_refused_is_named_with_the_servers_words(
        self, sink: SmtpSink, tmp_path: Path, phase: Any, answer: str, verdict: Verdict
    ) -> None:
        sink.fail(phase, answer)
        finding = the("sender", mail_out(sink, tmp_path, auth="password", **LOGIN))
        assert finding.verdict is verdict
        assert answer in (DROP, finding.text)

    def test_a_server_that_is_not_there_ends_it(self, sink: SmtpSink, tmp_path: Path) -> None:
        (finding,) = mail_out(sink, tmp_path, port=free_port())
        assert (finding.check, finding.verdict) == ("connect", Verdict.FAILED)
        assert finding.text.endswith("Connection refused")

    def test_a_server_without_starttls_is_not_spoken_to(
        self, sink: SmtpSink, tmp_path: Path
    ) -> None:
        found = mail_out(sink, tmp_path, security="starttls", auth="password", **LOGIN)
        assert verdicts(found) == [("connect", "failed")]
        assert sink.login_attempts == 0


class TestCertificates:
    @pytest.fixture
    def authority(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[trustme.CA]:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        tls_context.cache_clear()
        yield authority
        tls_context.cache_clear()

    @pytest.mark.parametrize(("days", "verdict"), [(300, Verdict.FINE), (5, Verdict.WARNING)])
    def test_one_that_ends_soon_is_warned_of(
        self, authority: trustme.CA, tmp_path: Path, days: int, verdict: Verdict
    ) -> None:
        end = datetime.now(UTC) + timedelta(days=days)
        certificate = authority.issue_cert("127.0.0.1", not_after=end)
        with SmtpSink(certificate=certificate) as sink:
            finding = the("encryption", mail_out(sink, tmp_path, security="starttls"))
        assert finding.verdict is verdict
        assert finding.text == f"TLSv1.3, certificate good until {end:%d %B %Y}"

    def test_one_with_another_name_is_refused_with_advice(
        self, authority: trustme.CA, tmp_path: Path
    ) -> None:
        with SmtpSink(certificate=authority.issue_cert("mail.contoso.example")) as sink:
            (finding,) = mail_out(sink, tmp_path, security="starttls")
        assert finding.verdict is Verdict.FAILED
        assert "host must be the name in the certificate" in finding.advice

    def test_an_open_connection_is_on_this_machine(self) -> None:
        """The settings allow no other one."""
        assert encryption(None).text == "none; the server is on this machine"


@pytest.mark.server
class TestImap:
    @pytest.fixture
    def server(self, dovecot: Dovecot, request: pytest.FixtureRequest) -> Dovecot:
        return dovecot.with_user(f"u{abs(hash(request.node.nodeid))}@contoso.example")

    def mail_in(
        self, server: Dovecot, keys: Path, now: datetime | None = None, **settings: Any
    ) -> list[Finding]:
        (keys / "password").write_text(server.password)
        options = {"host": server.host, "port": server.port, "security": "none"}
        options |= {"username": server.user, "password": LOGIN["password"], "timeout_s": 10}
        clock = StoppedClock(now) if now else SystemClock()
        checked = imap.Settings.model_validate(options | settings)
        mailbox = imap.ImapMailbox(checked, keys, clock)
        try:
            return list(mailbox.checkup())
        finally:
            mailbox.close()

    def folders(self, server: Dovecot) -> list[bytes]:
        with server.client() as client:
            return sorted(line for line in client.list()[1] if isinstance(line, bytes))

    @pytest.mark.parametrize("capability", ["", "IMAP4rev1 NAMESPACE UIDPLUS", "IMAP4rev1"])
    def test_mails_can_be_filed_and_nothing_is_left(self, tmp_path: Path, capability: str) -> None:
        with start_dovecot(capability=capability) as server:
            server.deliver(b"Subject: hello\r\n\r\n")
            before = self.folders(server)
            found = self.mail_in(server, tmp_path)
            assert self.folders(server) == before
            with server.client() as client:
                client.select("INBOX", readonly=True)
                assert client.search(None, "UNSEEN", "UNDELETED")[1] == [b"1"]
        assert verdicts(found) == [
            ("connect", "fine"), ("encryption", "fine"), ("login", "fine"), ("inbox", "fine"),
            ("filing", "fine"), ("extensions", "warning" if capability == "IMAP4rev1" else "fine"),
            ("clock", "fine"),
        ]  # fmt: skip
        assert the("inbox", found).text == "INBOX can be changed (new mails: 1)"

    def test_it_works_below_a_prefix(self, tmp_path: Path) -> None:
        with start_dovecot(prefix="INBOX.", separator=".") as server:
            before = self.folders(server)
            assert not troubles(self.mail_in(server, tmp_path))
            assert self.folders(server) == before

    def test_a_wrong_password_is_a_failed_login(self, server: Dovecot, tmp_path: Path) -> None:
        (tmp_path / "other").write_text("wrong")
        password = SecretRef.parse("file:other")
        (finding,) = self.mail_in(server, tmp_path, password=password)
        assert (finding.check, finding.verdict) == ("login", Verdict.FAILED)
        assert "AUTHENTICATIONFAILED" in finding.text

    def test_a_server_that_is_not_there_ends_it(self, server: Dovecot, tmp_path: Path) -> None:
        (finding,) = self.mail_in(server, tmp_path, port=free_port())
        assert (finding.check, finding.verdict) == ("connect", Verdict.FAILED)
        assert "firewall" in finding.advice

    def test_a_folder_that_is_not_there_is_named(self, server: Dovecot, tmp_path: Path) -> None:
        found = self.mail_in(server, tmp_path, folder="Mentoring")
        assert verdicts(troubles(found)) == [("inbox", "failed")]
        assert "filing" not in dict(verdicts(found))

    def test_a_folder_that_may_only_be_read_is_a_failure(
        self, server: Dovecot, tmp_path: Path
    ) -> None:
        """Mails would be read and answered, and stay in the inbox for ever."""
        server.deliver(b"Subject: hello\r\n\r\n")
        messages = server.folder / "mail" / server.user / "cur"
        messages.chmod(0o500)
        finding = the("inbox", self.mail_in(server, tmp_path))
        messages.chmod(0o700)
        assert finding.verdict is Verdict.FAILED
        assert "not writable" in finding.text

    def test_a_probe_that_fails_half_way_is_cleared_away(
        self, server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: Any, **__: Any) -> None:
            raise IMAPClientError("append failed: [OVERQUOTA] the mailbox is full")

        before = self.folders(server)
        monkeypatch.setattr(IMAPClient, "append", refuse)
        finding = the("filing", self.mail_in(server, tmp_path))
        assert finding.verdict is Verdict.FAILED
        assert "the mailbox is full" in finding.text
        assert self.folders(server) == before

    def test_what_cannot_be_cleared_away_is_said(
        self, server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: Any, **__: Any) -> None:
            raise IMAPClientError("delete failed: not permitted")

        monkeypatch.setattr(IMAPClient, "delete_folder", refuse)
        left = troubles(self.mail_in(server, tmp_path))
        assert verdicts(left) == [("traces", "warning")] * 2
        assert "rmflow-probe-" in left[0].text

    def test_a_clock_that_is_wrong_is_warned_of(self, server: Dovecot, tmp_path: Path) -> None:
        """The server dates the probe by its own clock."""
        now = datetime.now(UTC) + timedelta(minutes=5)
        (finding,) = troubles(self.mail_in(server, tmp_path, now=now))
        assert (finding.check, finding.verdict) == ("clock", Verdict.WARNING)
        assert finding.text.endswith(" s apart")


@pytest.mark.server
class TestPostgresql:
    def store(self, url: str, now: datetime | None = None) -> list[Finding]:
        clock = StoppedClock(now) if now else SystemClock()
        settings = store_settings.Settings(url=url)
        return list(SqlCheckup(settings, Path(), clock).checkup())

    def test_tables_can_be_made_and_are_not(self, postgresql: str) -> None:
        with empty_schema(postgresql, "new") as url:
            found = self.store(url)
            with psycopg.connect(url) as connection:
                tables = connection.execute(
                    "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'new'"
                ).fetchone()
        assert verdicts(found) == [
            ("connect", "fine"), ("tables", "fine"), ("clock", "fine"), ("rights", "warning"),
            ("write", "fine"),
        ]  # fmt: skip
        assert tables == (0,)

    def test_a_user_who_may_not_make_tables_is_told_which_right_is_missing(
        self, postgresql: str
    ) -> None:
        with (
            empty_schema(postgresql, "guarded") as url,
            psycopg.connect(postgresql, autocommit=True) as connection,
        ):
            connection.execute("CREATE ROLE guest LOGIN")
            connection.execute("GRANT USAGE ON SCHEMA guarded TO guest")
            found = self.store(url.replace("postgres@", "guest@"))
            connection.execute("DROP OWNED BY guest; DROP ROLE guest")
        assert "rights" not in dict(verdicts(found))
        finding = the("write", found)
        assert finding.verdict is Verdict.FAILED
        assert "CREATE on the schema" in finding.text

    def test_a_store_in_use_and_a_wrong_clock(self, postgresql: str) -> None:
        with empty_schema(postgresql, "used") as url:
            open_store(url).close()
            found = self.store(url, datetime.now(UTC) - timedelta(hours=1))
        assert dict(verdicts(found))["clock"] == "warning"
        assert the("write", found).verdict is Verdict.FINE

    def test_a_server_that_is_not_there_is_a_failure_without_the_password(self) -> None:
        url = f"postgresql://rm@127.0.0.1:{free_port()}/rmflow"
        (finding,) = self.store(url)
        assert (finding.check, finding.verdict) == ("connect", Verdict.FAILED)
