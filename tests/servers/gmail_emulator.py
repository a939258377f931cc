"""A Gmail that is not ours: the npm package `emulate`, on loopback.

    with start_gmail_emulator() as emulator:
        account = emulator.newcomer(folder)  # a mailbox that nobody has used

It is another reading of Gmail's documents than our own fake. Its gaps in version 0.11.2: mail that
is sent arrives nowhere (only the copy under SENT is there), unknown tokens are accepted, it knows
no service accounts, no profile, no header fields but its own, and `rfc822msgid:` finds nothing.
"""

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from loopback import free_port

_HERE = Path(__file__).resolve().parents[1] / "checks"
_PROGRAM = _HERE / "node_modules" / "emulate" / "dist" / "index.js"
_REDIRECT = "http://localhost:1/"
_USERS = 60
_CLIENT = {"client_id": "rmflow-client", "client_secret": "not-so-secret"}


@dataclass
class GmailAccount:
    """One mailbox, seen by its user. `settings` are options of our adapters."""

    url: str
    session: requests.Session
    settings: dict[str, str]

    def deliver(self, raw: bytes) -> None:
        """Let a mail arrive in the inbox."""
        body = {"raw": base64.urlsafe_b64encode(raw).decode(), "labelIds": ["INBOX", "UNREAD"]}
        self._answer(self.session.post(f"{self.url}/messages/import", json=body))

    def delete(self, id: str) -> None:
        """Delete a message for good."""
        self.session.delete(f"{self.url}/messages/{id}").raise_for_status()

    def labelled(self, label: str) -> list[dict[str, Any]]:
        """Return the messages with a label, oldest first."""
        page = self._answer(
            self.session.get(f"{self.url}/messages?labelIds={label}&maxResults=500")
        )
        ids = [message["id"] for message in reversed(page.get("messages", []))]
        return [
            self._answer(self.session.get(f"{self.url}/messages/{id}", params={"format": "raw"}))
            for id in ids
        ]

    def sent_to(self, recipient: str) -> list[bytes]:
        """Return what was sent to somebody, oldest first."""
        raws = [base64.urlsafe_b64decode(m["raw"] + "==") for m in self.labelled("SENT")]
        return [raw for raw in raws if _recipient(raw) == recipient]

    def _answer(self, response: requests.Response) -> Any:
        response.raise_for_status()
        return response.json()


class GmailEmulator:
    """The running program."""

    def __init__(self, url: str, sessions: list[requests.Session]) -> None:
        self.url = url
        self._sessions = sessions
        self._users = (f"user{number}@contoso.example" for number in range(_USERS))

    def newcomer(self, folder: Path) -> GmailAccount:
        """Return a fresh account; what our adapters need to log in lies in `folder`."""
        user = next(self._users)
        granted = self._granted(user)
        uris = {"auth_uri": f"{self.url}/o/oauth2/v2/auth", "token_uri": f"{self.url}/oauth2/token"}
        (folder / "client.json").write_text(json.dumps({"installed": _CLIENT | uris}))
        token = {"refresh_token": granted["refresh_token"]}
        (folder / "token.json").write_text(json.dumps(token))
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {granted['access_token']}"
        self._sessions.append(session)
        settings = {"credentials": "user", "client": "file:client.json", "token": "token.json"}
        return GmailAccount(f"{self.url}/gmail/v1/users/me", session, settings | {"url": self.url})

    def consented(self, url: str, user: str) -> str:
        """Choose a user on the page of a consent; return where the browser goes then."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        answer = requests.post(
            f"{self.url}/o/oauth2/v2/auth/callback",
            data={**asked, "email": user},
            allow_redirects=False,
            timeout=30,
        )
        return answer.headers["Location"]

    def _granted(self, user: str) -> Any:
        asked = f"?client_id={_CLIENT['client_id']}&redirect_uri={_REDIRECT}&scope=gmail&state=1"
        back = self.consented(self.url + asked, user)
        code = parse_qs(urlsplit(back).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": _REDIRECT}
        answer = requests.post(f"{self.url}/oauth2/token", data=form | _CLIENT, timeout=30)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def start_gmail_emulator(folder: Path) -> Iterator[GmailEmulator]:
    """Give the program, running; skip the test where it is not installed."""
    node = shutil.which("node")
    if node is None or not _PROGRAM.exists():
        pytest.skip("needs emulate: npm ci --prefix tests/checks --ignore-scripts")
    seed, port = folder / "seed.json", free_port()
    users = [{"email": f"user{n}@contoso.example", "name": f"User {n}"} for n in range(_USERS)]
    seed.write_text(json.dumps({"google": {"users": users}}))
    command = [node, str(_PROGRAM), "start", "--service", "google", "--port", str(port)]
    with subprocess.Popen(
        [*command, "--seed", str(seed)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        sessions: list[requests.Session] = []
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url)
            yield GmailEmulator(url, sessions)
        finally:
            for session in sessions:
                session.close()
            process.terminate()


def _wait_for(url: str) -> None:
    for _ in range(200):
        try:
            requests.get(url, timeout=30).close()
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("emulate did not start")


def _recipient(raw: bytes) -> str:
    return parseaddr(str(BytesHeaderParser().parsebytes(raw)["To"]))[1]
