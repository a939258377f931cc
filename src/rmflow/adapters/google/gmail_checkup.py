"""What `rmflow doctor` asks of Gmail; nobody gets a mail of it, and nothing of it stays."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

from rmflow.adapters.clock_skew import apart
from rmflow.adapters.google.checkup import excess, tried
from rmflow.adapters.google.client import Connection
from rmflow.adapters.google.gmail_messages import listed
from rmflow.adapters.google.gmail_settings import GmailMailboxSettings, GmailMailerSettings
from rmflow.errors import RejectedError
from rmflow.ports.checkup import Finding, Verdict

_ALL_OF_GMAIL = "https://mail.google.com/"
_MODIFY = "https://www.googleapis.com/auth/gmail.modify"
# Gmail answers 400 "Recipient address required", once it knows that we may send.
_TO_NOBODY = b"Subject: rmflow probe\r\n\r\nNobody gets this.\r\n"


def mailer_findings(
    connection: Connection, settings: GmailMailerSettings, folder: Path
) -> Iterator[Finding]:
    """Yield what is found about sending, and looking back."""
    api = connection.api
    sending = tried("send", lambda: _send_to_nobody(api), "may send: only a recipient was missing")
    yield sending
    if sending.verdict is Verdict.FAILED:
        return
    yield apart(connection.clock_difference())
    if settings.look_back:
        text = "can see which mails have left"
        yield tried("look back", lambda: next(_sent(api), None), text)
        yield _account(api)
    else:
        text = "a lost answer is a question to a person; look_back = true would spare it"
        yield Finding("look back", Verdict.SKIPPED, text)
    yield excess(connection, settings, folder, (_ALL_OF_GMAIL, _MODIFY))


def mailbox_findings(
    connection: Connection, settings: GmailMailboxSettings, folder: Path
) -> Iterator[Finding]:
    """Yield what is found about reading and filing."""
    api = connection.api
    reading = tried("read", lambda: next(_inbox(api), None), "the inbox can be read")
    yield reading
    if reading.verdict is Verdict.FAILED:
        return
    yield apart(connection.clock_difference())
    yield _account(api)
    yield tried("file", lambda: _probe_label(api), "a label was made and removed again")
    yield excess(connection, settings, folder, (_ALL_OF_GMAIL,))


def _send_to_nobody(api: Any) -> None:
    raw = urlsafe_b64encode(_TO_NOBODY).decode("ascii")
    try:
        api.users().messages().send(userId="me", body={"raw": raw}).execute()
    except RejectedError:
        return


def _sent(api: Any) -> Iterator[str]:
    return listed(api.users().messages(), labelIds=["SENT"], includeSpamTrash=True)


def _inbox(api: Any) -> Iterator[str]:
    return listed(api.users().messages(), labelIds=["INBOX"])


def _account(api: Any) -> Finding:
    found: list[str] = []

    def ask() -> None:
        found.append(api.users().getProfile(userId="me").execute()["emailAddress"])

    finding = tried("account", ask, "")
    text = f"acts as {found[0]}" if found else finding.text
    return Finding("account", finding.verdict, text, finding.advice)


def _probe_label(api: Any) -> None:
    """Make a label that no list shows, and remove it."""
    labels = api.users().labels()
    body = {
        "name": f"rmflow probe {token_hex(4)}",
        "labelListVisibility": "labelHide",
        "messageListVisibility": "hide",
    }
    made = labels.create(userId="me", body=body).execute()
    labels.delete(userId="me", id=made["id"]).execute()
