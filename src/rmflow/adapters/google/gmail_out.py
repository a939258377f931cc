"""Mail out through Gmail."""

from base64 import urlsafe_b64encode
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from googleapiclient.errors import HttpError

from rmflow.adapters.google.client import Connection, connected
from rmflow.adapters.google.gmail_messages import Head, head, listed
from rmflow.adapters.google.gmail_settings import GmailMailerSettings
from rmflow.domain.keys import Key
from rmflow.errors import DeniedError, UncertainError
from rmflow.ports.checkup import Finding
from rmflow.ports.clock import Clock
from rmflow.ports.mail import Departure, OutgoingMail

_BACKEND = "gmail"
_KEY_FIELD = "X-Rmflow-Key"
# How far Google's clock may be behind ours. A mail is dated before it leaves.
_CLOCKS_DIFFER = timedelta(hours=1)


class GmailMailer:
    """Port Mailer, by `users.messages.send`.

    Peculiarities (developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages,
    read 2026-11). Nothing stops a second copy of a request, so each leaves once. Gmail may put a
    Message-ID of its own in place of ours (gauteh/lieer#198), so what left is recognised by our
    header field `X-Rmflow-Key`. Gmail cannot search such fields: `departures` goes through the
    sent mail, newest first, back to the date of the oldest mail in doubt, and reads two header
    fields of each that Gmail did not name when it left. For that the scope gmail.metadata is
    enough, which opens no body; in the trash a sent mail still counts. A From that is neither the
    account's address nor one of its verified "send mail as" addresses is replaced by the
    account's. Tokens that also carry gmail.metadata cannot read bodies any more, whatever else
    they may (google-api-python-client#582): keep the consent for sending in a file of its own.

    Assumed, not documented: sent mail is listed by `internalDate`, as the inbox is.
    """

    settling = timedelta(minutes=2)  # a mail that was taken is listed a moment later
    found_again = "a header of ours among the sent mail; without `look_back` a person decides"

    def __init__(self, settings: GmailMailerSettings, folder: Path, clock: Clock) -> None:
        self._settings = settings
        self._folder = folder
        self._opened: Connection | None = None

    def send(self, mail: OutgoingMail) -> str:
        """Send one mail, in one request; return Gmail's id of it."""
        raw = urlsafe_b64encode(mail.content).decode("ascii")
        try:
            answer = self._messages.send(userId="me", body={"raw": raw}).execute()
        except HttpError as error:  # Gmail says none of these of a mail
            reason = f"it answered {error.resp.status}; look at `url`"
            raise DeniedError(_BACKEND, "send", reason) from error
        if not answer.get("id"):
            raise UncertainError(_BACKEND, "send", "it names no message that was sent")
        return str(answer["id"])

    def departures(
        self, mails: Collection[OutgoingMail], others: Collection[str] = ()
    ) -> Mapping[Key, Departure]:
        """Go through the sent mail; without `look_back` nobody can know."""
        if not self._settings.look_back:
            return {mail.key: Departure.UNKNOWN for mail in mails}
        left = self._left(mails, others) if mails else frozenset()
        return {
            mail.key: Departure.LEFT if mail.key in left else Departure.NOT_LEFT for mail in mails
        }

    def checkup(self) -> Iterator[Finding]:
        """Send to nobody, which is refused for that reason only, and look back."""
        from rmflow.adapters.google.gmail_checkup import mailer_findings

        yield from mailer_findings(self._connection, self._settings, self._folder)

    def close(self) -> None:
        """End connections."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def _left(self, mails: Collection[OutgoingMail], others: Collection[str]) -> frozenset[Key]:
        since = min(map(_dated, mails)) - _CLOCKS_DIFFER
        missing = {mail.key: mail.message_id for mail in mails}
        for sent in self._sent(others):
            if sent.at < since or not missing:
                break
            for key, message_id in list(missing.items()):
                if sent.fields.get(_KEY_FIELD.lower()) == key or message_id == sent.message_id:
                    del missing[key]
        return frozenset(mail.key for mail in mails if mail.key not in missing)

    def _sent(self, others: Collection[str]) -> Iterator[Head]:
        """Yield the heads of sent mails but these, newest first."""
        for id in listed(self._messages, labelIds=["SENT"], includeSpamTrash=True):
            if id in others:
                continue
            found = head(self._messages, id, ("Message-ID", _KEY_FIELD))
            if found is not None:
                yield found

    @property
    def _messages(self) -> Any:
        return self._connection.api.users().messages()

    @property
    def _connection(self) -> Connection:
        if self._opened is None:
            self._opened = connected(
                self._settings, self._folder, "gmail", "v1", self._settings.scopes
            )
        return self._opened


def _dated(mail: OutgoingMail) -> datetime:
    return parsedate_to_datetime(BytesHeaderParser().parsebytes(mail.content)["Date"])
