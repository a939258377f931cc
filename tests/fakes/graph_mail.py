"""The mail of one mailbox in Exchange Online, as Graph shows it.

Like the real one it knows drafts, which a MIME body makes and `send` turns into the copy under
Sent Items, with the same immutable id. `late_copies` lets that copy take its time: it is nowhere
until `settle`. `delivered` is what left, recipient by recipient. Real Exchange makes MIME anew
from what it stores; here the bytes stay, so that a test can compare them.
"""

import base64
import binascii
import email
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import getaddresses
from typing import Any

from graph import MAILBOX, Call, GraphError, GraphService, Json, Route, bad
from graph_schema import assert_valid, properties, refuse_unless
from web_server import Response

WELL_KNOWN = ("inbox", "drafts", "sentitems", "deleteditems", "outbox")
_READS = ("Mail.Read", "Mail.ReadWrite")
_WRITES = ("Mail.ReadWrite",)
_SENDS = ("Mail.Send",)
_MOST_MIME_BYTES = 4 * 1024 * 1024
_WHILE_A_DRAFT = {"body", "internetMessageId", "replyTo", "subject"}
_UPDATABLE = _WHILE_A_DRAFT | {"toRecipients", "categories", "isRead"}
_BY_ID = re.compile(r"internetMessageId eq '((?:[^']|'')*)'")
_BY_NAME = re.compile(r"displayName eq '((?:[^']|'')*)'")


@dataclass(frozen=True)
class Stored:
    """One message. `folder` is the id of where it lies."""

    id: str
    folder: str
    raw: bytes = field(repr=False)
    message_id: str
    sender: str
    to: tuple[str, ...]
    draft: bool
    at: datetime
    read: bool = False

    def resource(self) -> Json:
        return {
            "id": self.id,
            "internetMessageId": self.message_id,
            "isDraft": self.draft,
            "isRead": self.read,
            "parentFolderId": self.folder,
            "receivedDateTime": self.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "toRecipients": [{"emailAddress": {"address": to}} for to in self.to],
        }


@dataclass
class State:
    """What the mailbox holds; a well-known folder has its name as its id."""

    mails: dict[str, Stored] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=lambda: {name: name for name in WELL_KNOWN})
    delivered: list[tuple[str, bytes]] = field(default_factory=list)
    under_way: list[Stored] = field(default_factory=list)
    late_copies: bool = False
    keeps_message_ids: bool = True
    most_a_page: int = 1000  # a page may be shorter than was asked for
    number: int = 0
    at: datetime = datetime(2026, 11, 3, 6, 0, tzinfo=UTC)

    def stored(self, raw: bytes, folder: str, *, draft: bool) -> Stored:
        self.number += 1
        self.at += timedelta(seconds=61)
        head = email.message_from_bytes(raw.partition(b"\r\n\r\n")[0])
        told = head["Message-ID"] if self.keeps_message_ids or not draft else None
        mail = Stored(
            id=f"AAkALgAAAAAAHYQDEapm-{self.number:04}_=",
            folder=folder,
            raw=raw,
            message_id=told or f"<exchange{self.number}@contoso.example>",
            sender=_addresses(head, "From")[0] if head["From"] else MAILBOX,
            to=_addresses(head, "To", "Cc", "Bcc"),
            draft=draft,
            at=self.at,
        )
        self.mails[mail.id] = mail
        return mail

    def deliver(self, raw: bytes) -> str:
        """Let a message arrive; return its id."""
        return self.stored(raw, "inbox", draft=False).id

    def settle(self) -> None:
        """Let the copies of what was sent appear."""
        self.mails.update({mail.id: mail for mail in self.under_way})
        self.under_way.clear()

    def lying_in(self, name: str) -> list[Stored]:
        """Return the messages of the folder with this display name, oldest first."""
        return [mail for mail in self.mails.values() if self.folders[mail.folder] == name]


class MailService(GraphService):
    """Graph with this mailbox, whose late copies appear when everything settles."""

    @property
    def mail(self) -> State:
        state: State = self.state["mail"]
        return state

    def settle(self) -> None:
        super().settle()
        self.mail.settle()


class Mail:
    """The part of GraphService."""

    name = "mail"

    def new_state(self) -> State:
        return State()

    def routes(self) -> Sequence[Route]:
        one = r"/messages/(?P<id>[^/]+)"
        listed = ("$select", "$filter", "$orderby", "$top", "$skip")
        return [
            Route("GET", "/messages", _list, _READS, listed),
            Route("GET", r"/mailFolders/(?P<folder>[^/]+)/messages", _list, _READS, listed),
            Route("POST", "/messages", _draft, _WRITES),
            Route("GET", one, _get, _READS, ("$select",)),
            Route("GET", one + r"/\$value", _value, _READS),
            Route("PATCH", one, _update, _WRITES),
            Route("DELETE", one, _delete, _WRITES),
            Route("POST", one + "/move", _move, _WRITES),
            Route("POST", one + "/send", _send, _SENDS),
            Route("POST", "/sendMail", _send_mail, _SENDS),
            Route("GET", "/mailFolders", _folders, _READS, ("$select", "$filter")),
            Route("POST", "/mailFolders", _make_folder, _WRITES),
        ]


# Messages.


def _draft(call: Call, state: State) -> Response:
    """Create a draft from MIME (learn.microsoft.com/graph/api/user-post-messages)."""
    mail = state.stored(_mime(call), "drafts", draft=True)
    return Response.of_json(201, _shown(mail))


def _mime(call: Call) -> bytes:
    if call.request.headers.get("content-type", "").partition(";")[0] != "text/plain":
        raise bad("this fake wants MIME, as text/plain", "UnsupportedMediaType")
    try:
        raw = base64.b64decode(call.request.body, validate=True)
    except binascii.Error as error:
        text = "Invalid base64 string for MIME content."
        raise bad(text, "ErrorMimeContentInvalidBase64String") from error
    if len(raw) > _MOST_MIME_BYTES:
        raise GraphError(413, "RequestEntityTooLarge", "The request is too large.")
    if b"\r\n\r\n" not in raw:
        raise bad("The MIME content is invalid.", "ErrorMimeContentInvalid")
    return raw


def _list(call: Call, state: State) -> Response:
    mails = list(state.mails.values())
    folder = call.groups.get("folder")
    if folder is not None:
        if folder not in state.folders:
            raise GraphError(404, "ErrorItemNotFound", "The specified object was not found.")
        mails = [mail for mail in mails if mail.folder == folder]
    wanted = call.option("$filter")
    if wanted:
        mails = [mail for mail in mails if mail.message_id == _quoted(_BY_ID, wanted)]
    order = call.option("$orderby", "receivedDateTime desc")
    if order not in ("receivedDateTime desc", "receivedDateTime asc", "receivedDateTime"):
        raise bad(f"cannot sort by {order}")
    mails.sort(key=lambda mail: mail.at, reverse=order.endswith("desc"))
    return _page(call, [_selected(call, mail) for mail in mails], state.most_a_page)


def _page(call: Call, members: list[Json], most: int) -> Response:
    top, skip = int(call.option("$top", "10")), int(call.option("$skip", "0"))
    if not 1 <= top <= 1000:
        raise bad("The value of $top has to be from 1 to 1000.")
    top = min(top, most)
    body: Json = {"value": members[skip : skip + top]}
    if skip + top < len(members):
        options = {name: values[0] for name, values in call.request.query.items()}
        body["@odata.nextLink"] = _link(call, {**options, "$skip": str(skip + top)})
    return Response.of_json(200, body)


def _link(call: Call, options: dict[str, str]) -> str:
    from urllib.parse import quote, urlencode

    return f"{call.url}{quote(call.request.path)}?{urlencode(options)}"


def _get(call: Call, state: State) -> Response:
    return Response.of_json(200, _selected(call, _found(call, state)))


def _value(call: Call, state: State) -> Response:
    return Response(200, _found(call, state).raw, {"Content-Type": "text/plain"})


def _update(call: Call, state: State) -> Response:
    """Change what may be changed (learn.microsoft.com/graph/api/message-update)."""
    mail, body = _found(call, state), call.json()
    refuse_unless("Message", body)
    if not body.keys() <= _UPDATABLE or (not mail.draft and body.keys() & _WHILE_A_DRAFT):
        raise bad("Set action is invalid for property.", "ErrorInvalidPropertySet")
    if "toRecipients" in body:
        addresses = tuple(to["emailAddress"]["address"] for to in body["toRecipients"])
        mail = replace(mail, to=addresses)
    mail = replace(mail, message_id=body.get("internetMessageId", mail.message_id))
    state.mails[mail.id] = mail
    return Response.of_json(200, _shown(mail))


def _delete(call: Call, state: State) -> Response:
    mail = _found(call, state)
    if mail.folder == "deleteditems":
        del state.mails[mail.id]
    else:
        state.mails[mail.id] = replace(mail, folder="deleteditems")
    return Response(204)


def _move(call: Call, state: State) -> Response:
    mail, body = _found(call, state), call.json()
    target = body.get("destinationId")
    if body.keys() != {"destinationId"} or target not in state.folders:
        raise bad("The destination is no folder.", "ErrorFolderNotFound")
    state.mails[mail.id] = replace(mail, folder=str(target))
    return Response.of_json(201, _shown(state.mails[mail.id]))


def _send(call: Call, state: State) -> Response:
    """Send a draft; its copy under Sent Items appears at once, or late."""
    mail = _found(call, state)
    if call.request.body:
        raise bad("send takes no body")
    if not mail.draft:
        raise bad("The message has been sent.", "ErrorInvalidRequest")
    _deliver(mail, call.groups["user"], state)
    sent = replace(mail, folder="sentitems", draft=False)
    if state.late_copies:
        del state.mails[mail.id]
        state.under_way.append(sent)
    else:
        state.mails[mail.id] = sent
    # Seen in the field (msgraph-sdk-java#1487): a success that seems to ask for another try.
    return Response(202, headers={"Retry-After": "10"})


def _send_mail(call: Call, state: State) -> Response:
    raw = _mime(call)
    before = dict(state.mails)
    mail = state.stored(raw, "sentitems", draft=True)
    try:
        _deliver(mail, call.groups["user"], state)
    except GraphError:
        state.mails = before
        raise
    state.mails[mail.id] = replace(mail, draft=False)
    return Response(202)


def _deliver(mail: Stored, user: str, state: State) -> None:
    if mail.sender != user:
        text = "The user account does not have the right to send mail on behalf of this account."
        raise GraphError(403, "ErrorSendAsDenied", text)
    if not mail.to:
        raise bad("At least one recipient isn't valid.", "ErrorInvalidRecipients")
    state.delivered += [(address, mail.raw) for address in mail.to]


def _found(call: Call, state: State) -> Stored:
    mail = state.mails.get(call.groups["id"])
    if mail is None:
        text = "The specified object was not found in the store."
        raise GraphError(404, "ErrorItemNotFound", text)
    return mail


def _selected(call: Call, mail: Stored) -> Json:
    wanted = set(filter(None, call.option("$select").split(",")))
    unknown = wanted - properties("Message")
    if unknown:
        text = (
            f"Could not find a property named '{min(unknown)}' on type 'microsoft.graph.message'."
        )
        raise bad(text, "BadRequest")
    shown = _shown(mail)
    return {k: v for k, v in shown.items() if not wanted or k in wanted or k == "id"}


def _shown(mail: Stored) -> Json:
    body = mail.resource()
    assert_valid("Message", body)
    return body


# Folders.


def _folders(call: Call, state: State) -> Response:
    wanted = call.option("$filter")
    name = _quoted(_BY_NAME, wanted) if wanted else None
    found = [
        {"id": id, "displayName": shown}
        for id, shown in state.folders.items()
        if name is None or shown == name
    ]
    return Response.of_json(200, {"value": found})


def _make_folder(call: Call, state: State) -> Response:
    body = call.json()
    name = body.get("displayName")
    if body.keys() - {"displayName", "isHidden"} or not isinstance(name, str) or not name:
        raise bad("The folder needs a display name, and nothing else.", "RequestBodyRead")
    if name in state.folders.values():
        text = "A folder with the specified name already exists."
        raise GraphError(409, "ErrorFolderExists", text)
    state.number += 1
    id = f"AQMkADYAAAIBXQAAAA-{state.number:04}=="
    state.folders[id] = name
    return Response.of_json(201, {"id": id, "displayName": name})


def _quoted(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.fullmatch(text)
    if match is None:
        raise bad(f"Invalid filter clause: {text}", "BadRequest")
    return match[1].replace("''", "'")


def _addresses(head: Any, *names: str) -> tuple[str, ...]:
    return tuple(
        address for _, address in getaddresses([v for n in names for v in head.get_all(n, [])])
    )
