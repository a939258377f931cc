"""A new operator: `rmflow init`, the configuration that a page shows, a doctor without complaints.

Each page of docs/backends/ is tried against the servers or fakes of its backend, so that what it
shows is what works. A page is added as a function below that starts its world.
"""

import imaplib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import cyrus
import pytest
import trustme
from caldav_fixtures import Hands
from dns_server import IN_ORDER, DnsServer, Zone
from dovecot import start_dovecot
from ews import FakeExchange
from graph import CLIENT, MAILBOX, SECRET, GraphService
from graph_calendar import CalendarPart
from graph_files import PATH, SELECTED, SITE, ContentHost, Files
from graph_mail import Mail
from graph_people import People
from smtp_sink import SmtpSink

from doc_pages import marks, shown_config, shown_doctor, with_sections
from rmflow.adapters.standards.server import tls_context
from rmflow.adapters.starter import empty_roster
from terminal import rmflow


@dataclass(frozen=True)
class World:
    """What a page needs to come true.

    `instead` maps texts of its configuration to what is true here, `files` are the secrets, and
    `untouched()` fails when somebody was written to or something was left behind. `zone` is what
    the sender's domain publishes.
    """

    instead: Mapping[str, str]
    files: Mapping[str, str] = field(default_factory=dict)
    untouched: Callable[[], None] = lambda: None
    zone: Zone = field(default_factory=lambda: IN_ORDER)


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


@contextmanager
def microsoft_365(authority: trustme.CA) -> Iterator[World]:
    rights = ("Calendars.ReadWrite", "Mail.ReadWrite", "Mail.Send", SELECTED[0])
    with (
        GraphService(CalendarPart(), Mail(), Files(), permissions=rights) as service,
        ContentHost() as contents,
    ):
        calendar, mail, file = (
            People(service).mailbox,
            service.state["mail"],
            service.state["files"],
        )
        contents.state["/guest/secret"] = empty_roster()
        file.host = f"{contents.url}/guest/secret"

        def untouched() -> None:
            assert (calendar.notices, calendar.events) == ([], {})
            assert (mail.delivered, mail.mails) == ([], {})

        urls = f'url = "{service.graph_url}"\nauthority = "{service.url}"'
        yield World(
            {
                'kind = "graph"': f'kind = "graph"\n{urls}',
                'kind = "onedrive"': f'kind = "onedrive"\n{urls}',
                '"contoso.sharepoint.com:/sites/mentoring"': f'"{SITE}"',
                '"Programme/roster.xlsx"': f'"{PATH}"',
                "00000000-0000-0000-0000-000000000000": CLIENT,
            },
            {"graph.secret": SECRET},
            untouched,
            {**IN_ORDER, ("contoso.example", "TXT"): [_SPF_OF_EXCHANGE]},
        )


@contextmanager
def calendar_server(authority: trustme.CA) -> Iterator[World]:
    with cyrus.start_cyrus() as server:
        hands = Hands(server.calendar_url("mentoring"), (MAILBOX, cyrus.PASSWORD))
        assert hands.ask("GET", "").ok  # a calendar is made at the first request

        def untouched() -> None:
            assert hands.ask("PROPFIND", "", headers={"Depth": "1"}).text.count(".ics") == 0

        yield World(
            {
                '"https://dav.contoso.example/"': f'"{server.calendar_url("mentoring")}"',
                'calendar = "programme"\n': "",
            },
            {"caldav.password": cyrus.PASSWORD},
            untouched,
        )


@contextmanager
def exchange_server(authority: trustme.CA) -> Iterator[World]:
    people = {MAILBOX: "Mentoring team", "board@contoso.example": "Board"}
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    with FakeExchange(people, certificate) as service:
        user, password = FakeExchange.SERVICE

        def untouched() -> None:
            server = service.state
            assert (server.post, server.notices) == ([], [])
            assert not any(folder.items for folder in server.mailboxes[MAILBOX].folders.values())

        yield World(
            {
                '"https://mail.contoso.example/EWS/Exchange.asmx"': f'"{service.endpoint}"',
                f"username = '{user}'": f"username = '{user}'\nauth = \"basic\"",
            },
            {"exchange.password": password},
            untouched,
        )


_SPF_OF_EXCHANGE = '"v=spf1 include:spf.protection.outlook.com -all"'

# Nobody is in the roster, and no mail has ever come.
_OF_A_BLANK_FOLDER = r"  warning  (content: understood|inbox: there is no folder)"

WORLDS: Mapping[str, Callable[[trustme.CA], AbstractContextManager[World]]] = {
    "imip.md": mail_servers,
    "caldav.md": calendar_server,
    "graph.md": microsoft_365,
    "exchange.md": exchange_server,
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
        world = stack.enter_context(WORLDS[page](authority))
        stack.enter_context(DnsServer(world.zone)).instead_of_the_worlds(monkeypatch)
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
        assert "  warning  " not in re.sub(_OF_A_BLANK_FOLDER, "", said.out)
        for subject, lines in shown_doctor(page).items():
            assert _told(said.out, subject) == lines
        world.untouched()


def test_what_a_page_shows_of_the_doctor_is_found() -> None:
    """Without it the comparison above could compare nothing."""
    assert "ok filing" in shown_doctor("imip.md")["mail_in (imap)"]


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
