"""`rmflow login`, as an operator sees it."""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from gmail import GmailService

from rmflow.cli import cli

GMAIL_OUT = """
[mail_out]
kind = "gmail"
credentials = "user"
client = "file:client.json"
token = "google-token.json"
"""
MAILDIR_OUT = """
[mail_out]
kind = "maildir"
path = "outbox"
"""
THE_REST = """
[programme]
id = "reverse-mentoring"
name = "Reverse Mentoring"
secret = "file:secret.key"

[mailbox]
address = "mentoring@contoso.example"
name = "Reverse Mentoring"

[coordinator]
address = "hannah.weber@contoso.example"
name = "Hannah Weber"

[calendar]
kind = "imip"
path = "calendar"

[roster]
path = "roster.xlsx"

[mail_in]
kind = "maildir"
path = "inbox"
"""


def configured(folder: Path, mail_out: str) -> Path:
    (folder / "secret.key").write_text("five wooden spoons")
    (folder / "secret.key").chmod(0o600)
    path = folder / "programme.toml"
    path.write_text(THE_REST + mail_out)
    return path


@pytest.fixture
def gmail(tmp_path: Path) -> Iterator[GmailService]:
    with GmailService() as service:
        service.login.write_client(tmp_path / "client.json", service.url)
        yield service


def test_an_operator_is_led_through_the_consent(gmail: GmailService, tmp_path: Path) -> None:
    config = configured(tmp_path, GMAIL_OUT)
    with subprocess.Popen(
        [sys.executable, "-m", "rmflow", "login", "--config", config, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "OAUTHLIB_INSECURE_TRANSPORT": "1"},
        text=True,
    ) as process:
        assert process.stdout is not None
        told = []
        for line in process.stdout:
            told.append(line.strip())
            if line.startswith(gmail.url):
                urllib.request.urlopen(gmail.login.browse(line.strip()), timeout=10).close()
    assert process.returncode == 0, told
    assert told[0] == "For [mail_out] rmflow asks for:"
    assert "https://www.googleapis.com/auth/gmail.send" in told
    assert f"Kept in {tmp_path / 'google-token.json'}." in told
    assert (tmp_path / "google-token.json").exists()


def test_where_nobody_has_to_log_in_it_says_so(tmp_path: Path) -> None:
    config = configured(tmp_path, MAILDIR_OUT)
    result = CliRunner().invoke(cli, ["login", "--config", str(config)])
    assert result.exit_code == 2
    assert "nothing to allow" in result.output
