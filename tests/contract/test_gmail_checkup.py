"""What `rmflow doctor` finds at Gmail, and what it leaves behind: nothing."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from gmail import GMAIL, GmailService
from test_gmail import GmailOutlet, GmailPost
from web_server import Fault

from rmflow.adapters.google.gmail_in import GmailMailbox
from rmflow.adapters.google.gmail_out import GmailMailer
from rmflow.ports.checkup import Finding, Verdict


@pytest.fixture
def gmail() -> Iterator[GmailService]:
    with GmailService() as service:
        yield service


def findings(backend: GmailMailer | GmailMailbox) -> dict[str, Finding]:
    found = {finding.check: finding for finding in backend.checkup()}
    backend.close()
    return found


def verdicts(found: Iterable[Finding]) -> dict[str, Verdict]:
    return {finding.check: finding.verdict for finding in found}


def test_a_mailer_in_order_is_fine_and_nobody_gets_a_mail(
    gmail: GmailService, tmp_path: Path
) -> None:
    gmail.login.delegated = {GMAIL + "send", GMAIL + "metadata"}
    found = findings(GmailOutlet(gmail, tmp_path).open())
    assert list(found) == ["send", "clock", "look back", "account", "excess rights"]
    assert found["account"].text == "acts as mentoring@contoso.example"
    assert set(verdicts(found.values()).values()) == {Verdict.FINE}
    assert gmail.box().messages == {}
    assert gmail.state.outside == {}


def test_a_mailer_that_may_only_send_says_what_that_costs(
    gmail: GmailService, tmp_path: Path
) -> None:
    gmail.login.delegated = {GMAIL + "send"}
    found = findings(GmailOutlet(gmail, tmp_path, look_back=False).open())
    assert found["send"].verdict is Verdict.FINE
    assert found["look back"].verdict is Verdict.SKIPPED


def test_a_mailer_without_rights_names_the_scopes_and_the_place(
    gmail: GmailService, tmp_path: Path
) -> None:
    gmail.login.delegated = {GMAIL + "metadata"}
    found = findings(GmailOutlet(gmail, tmp_path).open())
    assert verdicts(found.values()) == {"send": Verdict.FAILED}
    assert "gmail.send" in found["send"].advice
    assert "admin.google.com" in found["send"].advice


def test_a_service_account_that_may_read_everything_is_too_mighty(
    gmail: GmailService, tmp_path: Path
) -> None:
    """A stolen key that only sends cannot read the mentors' mail."""
    gmail.login.delegated |= {"https://mail.google.com/"}
    for backend in (GmailOutlet(gmail, tmp_path).open(), GmailPost(gmail, tmp_path).open()):
        found = findings(backend)
        assert found["excess rights"].verdict is Verdict.WARNING
        assert "https://mail.google.com/" in found["excess rights"].text


def test_a_user_who_consented_to_more_is_told(gmail: GmailService, tmp_path: Path) -> None:
    gmail.login.write_client(tmp_path / "client.json", gmail.url)
    (tmp_path / "token.json").write_text('{"refresh_token": "consent"}')
    gmail.login.consent("consent", {GMAIL + name for name in ("send", "metadata", "modify")})
    consent = {"credentials": "user", "client": "file:client.json", "token": "token.json"}
    found = findings(GmailOutlet(gmail, tmp_path, **consent).open())
    assert found["excess rights"].verdict is Verdict.WARNING
    assert found["excess rights"].text.endswith("gmail.modify")


def test_a_mailbox_in_order_is_fine_and_keeps_no_label(gmail: GmailService, tmp_path: Path) -> None:
    gmail.login.delegated = {GMAIL + "modify"}
    labels = dict(gmail.box().labels)
    found = findings(GmailPost(gmail, tmp_path).open())
    assert list(found) == ["read", "clock", "account", "file", "excess rights"]
    assert set(verdicts(found.values()).values()) == {Verdict.FINE}
    assert gmail.box().labels == labels


def test_a_service_that_is_down_is_a_finding(gmail: GmailService, tmp_path: Path) -> None:
    mailbox = GmailPost(gmail, tmp_path).open()
    for _ in range(4):
        gmail.fail(Fault.HANGS_UP_BEFORE, on=lambda request: request.path != "/token")
    found = findings(mailbox)
    assert verdicts(found.values()) == {"read": Verdict.FAILED}
    assert found["read"].advice
