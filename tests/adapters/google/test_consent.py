"""A user's consent: asked for in a browser, kept for the runs to come."""

import json
import stat
import threading
import urllib.error
import urllib.request
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from gmail import GMAIL, MAILBOX, GmailService
from mailer_contract import MARIA, outgoing

from rmflow.adapters.clock import SystemClock
from rmflow.adapters.google.consent import Consent, needed, obtain
from rmflow.adapters.google.gmail_out import GmailMailer
from rmflow.adapters.google.gmail_settings import GmailMailboxSettings, GmailMailerSettings
from rmflow.adapters.google.settings import GoogleSettings
from rmflow.adapters.registry import BACKENDS, settings_of
from rmflow.adapters.standards.imap import Settings as ImapSettings
from rmflow.errors import DeniedError, UnavailableError

USER = {"credentials": "user", "client": "file:client.json"}


class Browser:
    """Somebody who opens an address and answers."""

    def __init__(self, gmail: GmailService, ticked: Collection[str] | None = None) -> None:
        self.gmail = gmail
        self.ticked = ticked
        self.seen = ""
        self._answering: threading.Thread | None = None

    def open(self, url: str) -> None:
        back = self.gmail.login.browse(url, self.ticked)
        self._answering = threading.Thread(target=self._go, args=(back,))
        self._answering.start()

    def _go(self, url: str) -> None:
        with urllib.request.urlopen(url, timeout=5) as page:
            self.seen = page.read().decode()

    def close(self) -> None:
        if self._answering is not None:
            self._answering.join()


@pytest.fixture
def gmail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GmailService]:
    """The fake has no certificate; oauthlib wants to be told that this is meant so."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    with GmailService() as service:
        service.login.write_client(tmp_path / "client.json", service.url)
        yield service


def consent_for(gmail: GmailService) -> Consent:
    options: dict[str, Any] = {**USER, "token": "token.json", "url": gmail.url}
    settings = GmailMailerSettings.model_validate(options)
    return Consent(("mail_out",), settings, settings.scopes)


def answered(gmail: GmailService, folder: Path, ticked: Collection[str] | None = None) -> Browser:
    browser = Browser(gmail, ticked)
    try:
        obtain(consent_for(gmail), folder, MAILBOX, 0, browser.open)
    finally:
        browser.close()
    return browser


def test_a_consent_is_kept_for_runs_to_come_and_for_nobody_else(
    gmail: GmailService, tmp_path: Path
) -> None:
    browser = answered(gmail, tmp_path)
    assert "close this window" in browser.seen
    token = tmp_path / "token.json"
    assert json.loads(token.read_text()) == {"refresh_token": "consent-1"}
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    settings = consent_for(gmail).settings
    assert isinstance(settings, GmailMailerSettings)
    mailer = GmailMailer(settings, tmp_path, SystemClock())
    mailer.send(outgoing(1))
    mailer.close()
    assert len(gmail.received(MARIA)) == 1


def test_a_refusal_keeps_nothing(gmail: GmailService, tmp_path: Path) -> None:
    with pytest.raises(DeniedError, match="refused"):
        answered(gmail, tmp_path, ticked=())
    assert not (tmp_path / "token.json").exists()


def test_half_a_consent_is_none(gmail: GmailService, tmp_path: Path) -> None:
    """Google lets people untick single scopes; the first crash would find out."""
    with pytest.raises(DeniedError, match="everything that is asked for is needed"):
        answered(gmail, tmp_path, ticked=(GMAIL + "send",))
    assert not (tmp_path / "token.json").exists()


def test_another_ones_answer_is_not_taken(gmail: GmailService, tmp_path: Path) -> None:
    """Any page in the browser can send it to a port of this machine (RFC 8252, section 8.9)."""

    def forge(url: str) -> None:
        back = gmail.login.browse(url).replace("state=", "state=x")
        threading.Thread(target=urllib.request.urlopen, args=(back,)).start()

    with pytest.raises(DeniedError, match="try once more"):
        obtain(consent_for(gmail), tmp_path, MAILBOX, 0, forge)
    assert not (tmp_path / "token.json").exists()


def test_a_port_in_use_is_named(gmail: GmailService, tmp_path: Path) -> None:
    port = int(gmail.url.rpartition(":")[2])
    with pytest.raises(UnavailableError, match="--port"):
        obtain(consent_for(gmail), tmp_path, MAILBOX, port, print)


def test_each_file_is_one_consent_to_what_its_backends_need() -> None:
    """With gmail.metadata in it, a token reads no bodies (google-api-python-client#582)."""
    out = GmailMailerSettings.model_validate({**USER, "token": "token.json"})
    in_ = GmailMailboxSettings.model_validate({**USER, "token": "token.json"})
    (both,) = needed({"mail_out": out, "mail_in": in_})
    assert both.ports == ("mail_out", "mail_in")
    assert both.scopes == (GMAIL + "modify", GMAIL + "send")
    apart = in_.model_copy(update={"token": Path("reader.json")})
    first, second = needed({"mail_out": out, "mail_in": apart})
    assert first.scopes == (GMAIL + "metadata", GMAIL + "send")
    assert second.scopes == (GMAIL + "modify",)


def test_every_google_backend_says_what_it_needs() -> None:
    """`rmflow login` asks for it, whichever of them a user fills."""
    for port, kinds_of_port in BACKENDS.items():
        for kind in kinds_of_port:
            settings = settings_of(port, kind)
            if settings is not None and issubclass(settings, GoogleSettings):
                options = {**USER, "token": Path("token.json"), "spreadsheet": "x" * 20}
                fields = {k: v for k, v in options.items() if k in settings.model_fields}
                assert settings.model_validate(fields).scopes, (port, kind)


def test_other_backends_need_no_consent() -> None:
    key = {"key": "file:key.json", "subject": MAILBOX}
    imap = ImapSettings.model_validate({"host": "mail.contoso.example", "auth": "none"})
    assert list(needed({"mail_out": GmailMailerSettings.model_validate(key), "x": imap})) == []
