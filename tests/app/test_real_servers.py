"""Everything for real: the command line as a process of its own, SMTP and IMAP servers with TLS.

Only the people are played. What the SMTP server accepts is delivered to them, and the copies that
rmflow sends to its own mailbox are delivered there, as a mail system would.
"""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import trustme
from dovecot import Dovecot, start_dovecot
from postgresql_server import empty_schema, postgresql_server
from smtp_sink import SmtpSink

from builders import at
from correspondence import stranger
from office import Office, address
from terminal import stop_clock

pytestmark = pytest.mark.server

COPIES = "mentoring+copies@contoso.example"
_MAIL = """\
[mail_out]
kind = "smtp"
host = "localhost"
port = {smtp}
username = "mentoring@contoso.example"
password = "file:mail.password"
copy_to = "{copies}"
[mail_in]
kind = "imap"
host = "localhost"
port = {imap}
username = "mentoring@contoso.example"
password = "file:mail.password"
"""


class OfficeOnServers(Office):
    """An office whose mail goes through servers; `out` is where people keep what they got."""

    def __init__(
        self, folder: Path, sink: SmtpSink, dovecot: Dovecot, authority: trustme.CA, store: str
    ) -> None:
        super().__init__(folder, pairs=2, start=at("2026-10-05 09:00"))
        self.sink, self.dovecot = sink, dovecot
        self.delivered = 0
        (folder / "mail.password").write_text(dovecot.password)
        (folder / "mail.password").chmod(0o600)
        authority.cert_pem.write_to_path(folder / "authority.pem")
        mail = _MAIL.format(smtp=sink.port, imap=dovecot.tls_port, copies=COPIES)
        text = self.config_path.read_text()
        text = re.sub(r"\[mail_out\].*(?=\[tracking\])", mail, text, flags=re.DOTALL)
        self.config_path.write_text(text.replace("sqlite:///state.db", store))

    def deliver(self, raw: bytes) -> bytes:
        self.dovecot.deliver(raw)
        return raw

    def rmflow(self, verb: str) -> "subprocess.CompletedProcess[str]":
        """Run the program, then let the mail system deliver what it has sent."""
        stop_clock(self.config_path, self.now)
        done = subprocess.run(
            [sys.executable, "-m", "rmflow", verb, "--config", str(self.config_path)],
            env=os.environ | {"SSL_CERT_FILE": str(self.folder / "authority.pem")},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        for mail in self.sink.mails[self.delivered :]:
            assert mail.recipients[1:] == (COPIES,)
            self.dovecot.deliver(mail.content)
            inbox = self.folder / "out" / mail.recipients[0] / "new"
            inbox.mkdir(parents=True, exist_ok=True)
            (inbox / f"{self.delivered}.rmflow").write_bytes(mail.content)
            self.delivered += 1
        return done

    def at(self, now: datetime) -> "OfficeOnServers":
        super().at(now)
        return self

    def mails_in(self, folder: str) -> int:
        with self.dovecot.client() as client:
            status, (count,) = client.select(f'"{folder}"', readonly=True)
            return int(count or 0) if status == "OK" else 0


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def store(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "SQLite":
        yield "sqlite:///state.db"
        return
    with postgresql_server() as server, empty_schema(server, "mentoring") as url:
        yield url


@pytest.fixture
def office(tmp_path: Path, store: str) -> Iterator[OfficeOnServers]:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    with (
        start_dovecot(certificate=certificate) as dovecot,
        SmtpSink(certificate=certificate, logins={dovecot.user: dovecot.password}) as sink,
    ):
        yield OfficeOnServers(tmp_path / "office", sink, dovecot, authority, store)


def test_two_pairs_meet_and_their_leaders_answer(office: OfficeOnServers) -> None:
    """Invitations, an acceptance, a summary with its receipt, a stranger; then nothing twice."""
    first = office.rmflow("run")
    assert (first.returncode, first.stderr) == (0, "")
    assert [kind for kind, _ in office.outbox()] == ["invitation"] * 4

    office.respond("Jens Adler", "ACCEPTED")
    second = office.at(at("2026-10-05 16:00")).rmflow("run")
    assert (second.returncode, second.stderr) == (0, "")
    assert len(office.outbox()) == 4
    assert office.mails_in("INBOX") == 0
    assert office.mails_in("rmflow/Done") == 5  # the acceptance and our own four copies

    office.at(at("2026-10-13 14:00")).rmflow("run")
    asked = [who for kind, who in office.outbox() if kind == "summary-request"]
    assert asked == [address("Jens Adler"), address("Ruth Kaya")]

    office.answer("Jens Adler", "summary-request", "Key takeaways: listen first\nRating: 5")
    stranger(office)
    third = office.at(at("2026-10-13 16:00")).rmflow("run")
    assert (third.returncode, third.stderr) == (0, "")
    receipt = office.last_mail("Jens Adler", "receipt").get_body(("plain",))
    assert receipt is not None
    assert "listen first" in receipt.get_content()
    assert office.mails_in("rmflow/Needs you") == 1

    fourth = office.rmflow("run")
    assert fourth.stdout.startswith("1 action done.")  # the copy of the receipt is put away
    assert office.rmflow("run").stdout == "Nothing to do.\n"
    assert Counter(office.outbox()).most_common(1)[0][1] == 1
    assert len(office.outbox()) == 7
    assert office.mails_in("INBOX") == 0


def test_servers_that_are_gone_end_the_run_with_5(office: OfficeOnServers) -> None:
    text = office.config_path.read_text()
    office.config_path.write_text(text.replace(f"port = {office.dovecot.tls_port}", "port = 1"))

    done = office.rmflow("run")

    assert done.returncode == 5
    assert done.stderr.startswith("rmflow: imap: ")
    assert office.sink.mails == []
