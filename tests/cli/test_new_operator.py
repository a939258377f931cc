"""A new operator: `rmflow init`, the configuration that a page shows, a doctor without complaints.

Each page of docs/backends/ is tried against the servers or fakes of its backend, so that what it
shows is what works. A page is added as a function below that starts its world.
"""

import imaplib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme
from dns_server import IN_ORDER, DnsServer
from dovecot import start_dovecot
from smtp_sink import SmtpSink

from doc_pages import marks, shown_config, shown_doctor, with_sections
from rmflow.adapters.standards.server import tls_context
from terminal import rmflow


@dataclass(frozen=True)
class World:
    """What a page needs to come true.

    `instead` maps texts of its configuration to what is true here, `files` are the secrets, and
    `untouched()` fails when somebody was written to or something was left behind.
    """

    instead: Mapping[str, str]
    files: Mapping[str, str] = field(default_factory=dict)
    untouched: Callable[[], None] = lambda: None


@contextmanager
def mail_servers(authority: trustme.CA) -> Iterator[World]:
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    with (
        start_dovecot(certificate=certificate) as dovecot,
        SmtpSink(certificate=certificate, logins={dovecot.user: dovecot.password}) as sink,
    ):
        before = _folders(dovecot.client())

        def untouched() -> None:
            assert sink.mails == []
            assert _folders(dovecot.client()) == before

        yield World(
            {
                '"smtp.contoso.example"': f'"localhost"\nport = {sink.port}',
                '"imap.contoso.example"': f'"localhost"\nport = {dovecot.tls_port}',
            },
            {"mail.password": dovecot.password},
            untouched,
        )


WORLDS: Mapping[str, Callable[[trustme.CA], AbstractContextManager[World]]] = {
    "imip.md": mail_servers,
}


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[trustme.CA]:
    """Trust an authority of our own, as an operator would say it: by SSL_CERT_FILE."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    tls_context.cache_clear()
    yield authority
    tls_context.cache_clear()


@pytest.mark.server
@pytest.mark.parametrize("page", WORLDS)
def test_from_an_empty_folder_to_a_doctor_without_complaints(
    page: str, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mentoring"
    with ExitStack() as stack:
        stack.enter_context(DnsServer(IN_ORDER)).instead_of_the_worlds(monkeypatch)
        world = stack.enter_context(WORLDS[page](authority))
        rmflow("init", folder)
        for name, text in world.files.items():
            (folder / name).write_text(text)
            (folder / name).chmod(0o600)
        config = folder / "programme.toml"
        shown = with_sections(config.read_text(), shown_config(page), world.instead)
        config.write_text(shown)

        assert rmflow("check", "--config", folder).code == 0
        said = rmflow("doctor", "--config", folder)

        assert (said.code, said.err) == (0, ""), said.out
        for subject, lines in shown_doctor(page).items():
            assert _told(said.out, subject) == lines
        world.untouched()


@pytest.mark.parametrize("page", WORLDS)
def test_a_page_shows_what_the_doctor_says(page: str) -> None:
    """Without it the comparison above would compare nothing."""
    assert shown_doctor(page)


def _told(out: str, subject: str) -> list[str]:
    block = out.partition(f"{subject}\n")[2]
    lines = []
    for line in block.splitlines():
        if not line.startswith(" "):
            break
        lines.append(line)
    return marks("\n".join(lines))


def _folders(client: imaplib.IMAP4) -> list[bytes]:
    with client:
        return sorted(line for line in client.list()[1] if isinstance(line, bytes))
