"""Gmail as others understand it: our adapters against the emulator."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from gmail_emulator import GmailAccount, GmailEmulator, start_gmail_emulator
from mailbox_contract import MailboxContract, Post, arrived
from mailer_contract import MailerContract

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.google.consent import Consent, obtain
from rmflow.adapters.google.gmail_in import GmailMailbox
from rmflow.adapters.google.gmail_out import GmailMailer
from rmflow.adapters.google.gmail_settings import GmailMailboxSettings, GmailMailerSettings
from rmflow.domain.people import Address

pytestmark = pytest.mark.server
CLOCK = StoppedClock(datetime(2026, 11, 3, 9, tzinfo=UTC))
CUTS_IDS = "emulate 0.11.2 takes rfc822msgid:ID for :ID, and finds nothing"


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GmailEmulator]:
    with start_gmail_emulator(tmp_path_factory.mktemp("emulate")) as running:
        yield running


class EmulatedOutlet:
    """An account seen as an Outlet; what its user sent stands for what arrived."""

    looks_back = True

    def __init__(self, account: GmailAccount, folder: Path) -> None:
        self.account = account
        self.folder = folder
        self.settings = GmailMailerSettings.model_validate(account.settings)

    def open(self) -> GmailMailer:
        return GmailMailer(self.settings, self.folder, CLOCK)

    def received(self, recipient: Address) -> list[bytes]:
        return self.account.sent_to(recipient)


class EmulatedPost:
    """An account seen as a Post."""

    def __init__(self, account: GmailAccount, folder: Path) -> None:
        self.account = account
        self.folder = folder
        self.settings = GmailMailboxSettings.model_validate(account.settings)
        self._opened: list[GmailMailbox] = []

    def open(self) -> GmailMailbox:
        self._opened.append(GmailMailbox(self.settings, self.folder, CLOCK))
        return self._opened[-1]

    def close(self) -> None:
        """Close what a test that failed, as it should, has left open."""
        for mailbox in self._opened:
            mailbox.close()

    def deliver(self, raw: bytes) -> None:
        self.account.deliver(raw)

    def delete(self, number: int) -> None:
        self.account.delete(self.account.labelled("INBOX")[number]["id"])

    def seen(self) -> int:
        return sum("UNREAD" not in m["labelIds"] for m in self.account.labelled("INBOX"))


class TestEmulatedMailer(MailerContract):
    @pytest.fixture
    def outlet(self, emulator: GmailEmulator, tmp_path: Path) -> EmulatedOutlet:
        return EmulatedOutlet(emulator.newcomer(tmp_path), tmp_path)


class TestEmulatedMailbox(MailboxContract):
    @pytest.fixture
    def emulated(self, emulator: GmailEmulator, tmp_path: Path) -> Iterator[EmulatedPost]:
        post = EmulatedPost(emulator.newcomer(tmp_path), tmp_path)
        yield post
        post.close()

    @pytest.fixture
    def post(self, emulated: EmulatedPost) -> EmulatedPost:
        return emulated

    @pytest.mark.xfail(reason=CUTS_IDS, strict=True)
    def test_filing_twice_or_what_is_gone_is_quiet(self, post: Post) -> None:
        super().test_filing_twice_or_what_is_gone_is_quiet(post)

    @pytest.mark.xfail(reason=CUTS_IDS, strict=True)
    def test_a_message_is_held_wherever_we_filed_it(self, post: Post) -> None:
        super().test_a_message_is_held_wherever_we_filed_it(post)


def test_a_consent_of_others_serves_for_a_run(
    emulator: GmailEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same steps as at our own fake, with a page, a code and a check that are not ours."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    account = emulator.newcomer(tmp_path)
    (tmp_path / "token.json").unlink()
    settings = GmailMailboxSettings.model_validate(account.settings)
    answering: list[threading.Thread] = []

    def browse(url: str) -> None:
        back = emulator.consented(url, "user59@contoso.example")
        thread = threading.Thread(target=lambda: requests.get(back, timeout=30).close())
        answering.append(thread)
        thread.start()

    consent = Consent(("mail_in",), settings, settings.scopes)
    obtain(consent, tmp_path, "user59@contoso.example", 0, browse)
    answering[0].join()
    mailbox = GmailMailbox(settings, tmp_path, CLOCK)
    assert list(arrived(mailbox)) == []
    mailbox.close()
