"""A new operator: `rmflow init`, the configuration that a page shows, a doctor without complaints.

Each page of docs/backends/ is tried against the servers or fakes of its backend, so that what it
shows is what works. A page is added as a function below that starts its world.
"""

import imaplib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import cyrus
import pytest
import trustme
from caldav_fixtures import Hands
from dns_server import IN_ORDER, DnsServer, Zone
from dovecot import start_dovecot
from ews import FakeExchange
from gmail import GMAIL, GmailService
from google_calendar import GoogleCalendarService
from google_login import ACCOUNT
from google_sheets import ID, AccountLogin, GoogleSheets
from graph import CLIENT, MAILBOX, SECRET, GraphService
from graph_calendar import CalendarPart
from graph_files import PATH, SELECTED, SITE, ContentHost, Files
from graph_mail import Mail
from graph_people import People
from openpyxl import load_workbook
from sheets_document import Document, Tab
from sheets_hands import name_of, type_in
from smtp_sink import SmtpSink

from doc_pages import PAGES, marks, shown_config, shown_doctor, shown_scopes, with_sections
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


@contextmanager
def google(authority: trustme.CA) -> Iterator[World]:
    """Everything at Google: one service account that sends, one for the rest."""
    sending, rest = shown_scopes("google.md")
    with ExitStack() as stack:
        sender, reader = (stack.enter_context(GmailService()) for _ in range(2))
        calendar = stack.enter_context(GoogleCalendarService())
        sheets = stack.enter_context(GoogleSheets())
        sender.login.delegated = sending
        login = AccountLogin(frozenset({MAILBOX}), rest)
        reader.login = calendar.login = sheets.login = login
        _share(sheets)

        def untouched() -> None:
            for gmail in (sender, reader):
                assert (gmail.box().messages, gmail.state.outside) == ({}, {})
            _untouched_calendar(calendar)
            _untouched_tracking(sheets)

        yield World(
            {
                "[roster]": f'[roster]\nurl = "{sheets.url}"',
                "[calendar]": f'[calendar]\nurl = "{calendar.url}"',
                "[mail_out]": f'[mail_out]\nurl = "{sender.url}"',
                "[mail_in]": f'[mail_in]\nurl = "{reader.url}"',
                "[tracking]": f'[tracking]\nurl = "{sheets.url}"',
            },
            {
                "google-sender.json": sender.login.key(f"{sender.url}/token"),
                "google-key.json": login.key(f"{reader.url}/token"),
            },
            untouched,
            {**IN_ORDER, ("contoso.example", "TXT"): [_SPF_OF_GOOGLE]},
        )


@contextmanager
def gmail_with_consent(authority: trustme.CA) -> Iterator[World]:
    with GmailService() as gmail:
        for name, scopes in (("sender", ("send", "metadata")), ("reader", ("modify",))):
            gmail.login.consent(name, {GMAIL + scope for scope in scopes})

        def untouched() -> None:
            assert (gmail.box().messages, gmail.state.outside) == ({}, {})

        yield World(
            {'kind = "gmail"': f'kind = "gmail"\nurl = "{gmail.url}"'},
            {
                "google-client.json": gmail.login.client(gmail.url),
                "google-sender-token.json": '{"refresh_token": "sender"}',
                "google-reader-token.json": '{"refresh_token": "reader"}',
            },
            untouched,
            {**IN_ORDER, ("contoso.example", "TXT"): [_SPF_OF_GOOGLE]},
        )


@contextmanager
def google_calendar(authority: trustme.CA) -> Iterator[World]:
    with GoogleCalendarService() as calendar:
        yield World(
            {"[calendar]": f'[calendar]\nurl = "{calendar.url}"'},
            {"google-key.json": calendar.login.key(f"{calendar.url}/token")},
            lambda: _untouched_calendar(calendar),
        )


@contextmanager
def google_sheets(authority: trustme.CA) -> Iterator[World]:
    with GoogleSheets() as sheets:
        _share(sheets)
        yield World(
            {
                "[roster]": f'[roster]\nurl = "{sheets.url}"',
                "[tracking]": f'[tracking]\nurl = "{sheets.url}"',
            },
            {"google-key.json": sheets.login.key(f"{sheets.url}/token")},
            lambda: _untouched_tracking(sheets),
        )


def _share(sheets: GoogleSheets) -> None:
    """Lay down the two spreadsheets of the pages: the roster of `rmflow init`, and an empty one."""
    roster, tracking = Document("Roster", []), Document("Tracking")
    for number, sheet in enumerate(load_workbook(BytesIO(empty_roster()))):
        roster.tabs.append(Tab(number, sheet.title))
        for column, title in enumerate(next(sheet.values)):
            type_in(roster.tabs[-1], name_of(0, column), str(title))
    sheets.state.documents = {ID: roster, _TRACKING: tracking}
    roster.roles[ACCOUNT], tracking.roles[ACCOUNT] = "reader", "writer"


def _untouched_calendar(calendar: GoogleCalendarService) -> None:
    live = [event for _, event in calendar.events.listed() if event["status"] != "cancelled"]
    assert (calendar.notices, live) == ([], [])


def _untouched_tracking(sheets: GoogleSheets) -> None:
    tabs = sheets.state.documents[_TRACKING].tabs
    assert [(tab.title, tab.cells) for tab in tabs] == [("Sheet1", {})]


_TRACKING = "1bT5c8Wd0NqJ4sYz7RkXvA2mGhPeLuFo"
_SPF_OF_GOOGLE = '"v=spf1 include:_spf.google.com -all"'
_SPF_OF_EXCHANGE = '"v=spf1 include:spf.protection.outlook.com -all"'

# Nobody is in the roster, and no mail has ever come.
_OF_A_BLANK_FOLDER = r"  warning  (content: understood|inbox: there is no folder)"

WORLDS: Mapping[str, Callable[[trustme.CA], AbstractContextManager[World]]] = {
    "imip.md": mail_servers,
    "caldav.md": calendar_server,
    "graph.md": microsoft_365,
    "exchange.md": exchange_server,
    "google.md": google,
    "google.md#Log in with a user's consent": gmail_with_consent,
    "google-calendar.md": google_calendar,
    "google-sheets.md": google_sheets,
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


def test_every_page_is_followed() -> None:
    """A page that nobody follows goes wrong without anybody noticing."""
    pages = {page.name for page in PAGES.glob("*.md")} - {"index.md"}
    assert {page.partition("#")[0] for page in WORLDS} == pages


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
