"""Mail out through Microsoft Graph: a draft first, then one request that decides."""

import base64
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from rmflow.adapters.graph.client import GraphClient, Json
from rmflow.adapters.graph.mail_checkup import check_mailer
from rmflow.adapters.graph.mail_settings import MailerSettings
from rmflow.adapters.web import unavailable
from rmflow.domain.keys import Key
from rmflow.errors import (
    ChangedError,
    DeniedError,
    RejectedError,
    UnavailableError,
    UncertainError,
)
from rmflow.ports.checkup import Finding
from rmflow.ports.clock import Clock
from rmflow.ports.mail import Departure, OutgoingMail

BACKEND = "graph mail"
_MIME = {"Content-Type": "text/plain"}


class GraphMailer:
    """Port Mailer, from the programme's mailbox.

    With `look_back` a mail is made a draft from its MIME bytes, and then sent. Until it is sent,
    nothing has happened. A draft can be sent only once, and afterwards it is the copy under Sent
    Items: the mailbox itself says whether a mail has left, by its Message-ID. A draft that an
    earlier attempt has left behind holds old words, so it is withdrawn before a new one is made:
    it loses its recipients and its Message-ID, which only a draft can lose. If it is one no more,
    it was on its way, and nobody is sent a second one. Without `look_back` the mail goes out in
    one request, and nobody can say later whether it did.

    Peculiarities, read in November 2026, not tried on a tenant where it says so:

    - 202 means accepted, also with Retry-After (microsoftgraph/msgraph-sdk-java#1487).
    - The copy under Sent Items "could take time" (learn.microsoft.com/graph/outlook-immutable-id),
      and the id of a draft may change when it is sent (.../graph/api/resources/mail-api-overview):
      so it is looked for by Message-ID, after `settling`.
    - Exchange stores properties and makes MIME anew from them ([MS-OXCMAIL]): Message-ID, From,
      Reply-To, References and List-Unsubscribe travel; Auto-Submitted does not
      (msgraph-sdk-dotnet#2209), and fields with X- may be missing while a mailbox is new
      (microsoft-graph-docs-contrib#424). A mailbox that replaces our Message-ID is noticed when
      the draft is made, and refused.
    - A text/calendar part becomes a meeting request of Exchange's own. Whether it arrives as we
      wrote it was not tried: with this mailer, let the calendar be of kind "graph" as well.
    - From must be the mailbox or one that it may send as (ErrorSendAsDenied).
    - A mailbox sends 30 messages a minute and reaches 10,000 recipients a day
      (.../exchange-online-limits); what is too much is told in 429, or later by a bounce.
    """

    settling = timedelta(minutes=10)
    found_again = "the Message-ID, in the mailbox; without `look_back` a person decides"

    def __init__(self, settings: MailerSettings, folder: Path, clock: Clock) -> None:
        needs = "Mail.ReadWrite and Mail.Send" if settings.look_back else "Mail.Send"
        self._graph = GraphClient(settings, folder, backend=BACKEND, needs=needs)
        self._settings = settings
        self._clock = clock
        self._seen: dict[str, list[Json]] = {}

    def send(self, mail: OutgoingMail) -> None:
        """Send one mail; one that an earlier attempt has sent is left alone.

        Drafts that `departures` has seen are not looked for again: withdrawing one shows for certain
        whether it left after all. Where there was none, a copy may have come to light since.
        """
        if not self._settings.look_back:
            self._graph.write("send", "POST", self._at("sendMail"), body=_mime(mail), headers=_MIME)
            return
        drafts = self._seen.pop(mail.message_id, None) or self._found(mail)
        if not all(draft["isDraft"] and self._withdrawn(draft["id"], mail) for draft in drafts):
            return
        self._dispatch(self._drafted(mail))

    def departures(
        self, mails: Collection[OutgoingMail], others: Collection[str] = ()
    ) -> Mapping[Key, Departure]:
        """Look for each Message-ID in the whole mailbox; only what is no draft has left."""
        if not self._settings.look_back:
            return {mail.key: Departure.UNKNOWN for mail in mails}
        return {mail.key: self._departure(mail) for mail in mails}

    def checkup(self) -> Iterator[Finding]:
        """See `mail_checkup`."""
        return check_mailer(self._graph, self._settings, self._clock)

    def close(self) -> None:
        """End connections."""
        self._graph.close()

    def _departure(self, mail: OutgoingMail) -> Departure:
        seen = self._seen[mail.message_id] = self._found(mail)
        left = any(not found["isDraft"] for found in seen)
        return Departure.LEFT if left else Departure.NOT_LEFT

    def _found(self, mail: OutgoingMail) -> list[Json]:
        query = {"$filter": by_message_id(mail.message_id), "$select": "id,isDraft"}
        return list(self._graph.pages("look for a mail", self._at("messages"), query=query))

    def _withdrawn(self, id: str, mail: OutgoingMail) -> bool:
        """Make a draft of an earlier attempt unsendable and delete it; False: it had left."""
        without = {
            "internetMessageId": mail.message_id.replace("<", "<withdrawn.", 1),
            "toRecipients": [],
        }
        try:
            seen = self._harmless("PATCH", self._at("messages", id), without)
        except (ChangedError, RejectedError) as error:
            reason = "an earlier attempt is just leaving"
            raise UncertainError(BACKEND, "send", reason) from error
        if not seen.get("isDraft"):
            return False
        self._harmless("DELETE", self._at("messages", id))
        return True

    def _drafted(self, mail: OutgoingMail) -> str:
        """Make the draft and return its id. Nothing leaves by that."""
        draft = self._harmless("POST", self._at("messages"), _mime(mail))
        id: str = draft["id"]
        if draft.get("internetMessageId") != mail.message_id:
            self._harmless("DELETE", self._at("messages", id))
            reason = (
                "the mailbox replaces our Message-ID, so nobody could tell later what has left; "
                "set look_back = false"
            )
            raise DeniedError(BACKEND, "send", reason)
        return id

    def _harmless(self, method: str, at: str, body: object = None) -> Json:
        """Change a draft. Whatever becomes of that, no mail leaves."""
        try:
            return self._graph.write(
                "write a draft", method, at, body=body, headers=_MIME if method == "POST" else None
            )
        except UncertainError as error:
            raise unavailable(error) from error

    def _dispatch(self, id: str) -> None:
        try:
            self._graph.write("send", "POST", self._at("messages", id, "send"))
        except ChangedError as error:
            reason = "somebody has removed the draft"
            raise UnavailableError(BACKEND, "send", reason) from error

    def _at(self, *names: str) -> str:
        return self._graph.mailbox(*names)


def by_message_id(message_id: str) -> str:
    """Return the filter for messages with this Message-ID."""
    quoted = message_id.replace("'", "''")
    return f"internetMessageId eq '{quoted}'"


def _mime(mail: OutgoingMail) -> bytes:
    return base64.b64encode(mail.content)
