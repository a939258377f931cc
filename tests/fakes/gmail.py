"""Gmail on loopback: mailboxes of one organisation, and what arrives outside of it.

    with GmailService() as gmail:
        gmail.deliver(raw)            # a mail arrives in the programme's mailbox
        gmail.received(recipient)     # what somebody got
        gmail.box().with_label(name)  # messages that carry a label

Requests and answers are judged by Google's discovery document; what does not fit is refused, and
reported when the service ends. Assumed, since no document says so: what batchModify does about
ids of messages that are gone (`strict_batches` tries both), and the words of refusals.
"""

import email
import email.policy
import re
import traceback
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

from google_discovery import DiscoveryCheck, Method
from google_login import GoogleLogin
from web_server import FakeService, Request, Response

MAILBOX = "mentoring@contoso.example"
GMAIL = "https://www.googleapis.com/auth/gmail."
MAIL_SCOPES = frozenset(GMAIL + name for name in ("send", "metadata", "modify"))
_CHECK = DiscoveryCheck("gmail", "v1")
_SYSTEM = ("INBOX", "SENT", "DRAFT", "SPAM", "TRASH", "UNREAD", "STARRED", "IMPORTANT")
_NEVER_BY_HAND = frozenset({"SENT", "DRAFT"})
_OPENED = datetime(2026, 11, 3, 9, tzinfo=UTC)
_LARGEST = 36_700_160  # maxSize of messages.send in the discovery document
_BODIES = {"full", "raw"}
Resource = dict[str, Any]


class Refusal(Exception):  # noqa: N818 - it is what Google answers
    """An answer that is no success."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        errors = [{"domain": "global", "reason": reason, "message": message}]
        error = {"code": status, "message": message, "errors": errors}
        self.response = Response.of_json(status, {"error": error})


@dataclass
class Stored:
    """A message in a mailbox."""

    id: str
    raw: bytes
    at: datetime
    labels: set[str]

    @property
    def message(self) -> EmailMessage:
        head = self.raw.partition(b"\r\n\r\n")[0]
        return email.message_from_bytes(head, policy=email.policy.default.clone(utf8=True))


@dataclass
class Box:
    """One mailbox. `labels` maps the ids of all labels to their names."""

    messages: dict[str, Stored] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=lambda: {id: id for id in _SYSTEM})

    def newest_first(self) -> list[Stored]:
        return sorted(self.messages.values(), key=lambda m: (m.at, m.id), reverse=True)

    def with_label(self, name: str) -> list[Stored]:
        """Return the messages with a label, oldest first."""
        ids = {id for id, known in self.labels.items() if known == name}
        return [m for m in reversed(self.newest_first()) if m.labels & ids]


@dataclass
class State:
    """Everything that can be lost or late. `outside`: who got what beyond the organisation.

    `now` is Gmail's clock; without one a second goes by for each message.
    """

    boxes: dict[str, Box]
    outside: dict[str, list[bytes]] = field(default_factory=dict)
    serial: int = 0
    now: Callable[[], datetime] | None = None

    def store(self, user: str, raw: bytes, labels: Iterable[str]) -> Stored:
        self.serial += 1
        at = self.now() if self.now else _OPENED + timedelta(seconds=self.serial)
        stored = Stored(f"{0x19B00000 + self.serial:016x}", raw, at, set(labels))
        self.boxes[user].messages[stored.id] = stored
        return stored


class GmailService(FakeService):
    """`page_size` is the most that Gmail puts on a page here, whatever is asked for.

    `refusal` is what every request but a login gets instead of an answer; `own_message_ids`:
    Gmail replaces those of what is sent. `malformed` are addresses that Gmail takes for none.
    """

    def __init__(self, *, page_size: int = 500, own_message_ids: bool = False) -> None:
        super().__init__(State({MAILBOX: Box()}))
        self.login = GoogleLogin(frozenset({MAILBOX}), set(MAIL_SCOPES))
        self.page_size = page_size
        self.own_message_ids = own_message_ids
        self.malformed: set[str] = set()
        self.strict_batches = False
        self.refusal: Refusal | None = None
        self.wrong: list[str] = []  # what a client, or this fake, must never say

    # For tests.

    def box(self, user: str = MAILBOX) -> Box:
        box: Box = self.state.boxes[user]
        return box

    def deliver(self, raw: bytes, user: str = MAILBOX) -> Stored:
        """Let a mail arrive."""
        stored: Stored = self.state.store(user, raw, {"INBOX", "UNREAD"})
        return stored

    def received(self, recipient: str) -> list[bytes]:
        """Return what somebody outside the organisation got, oldest first."""
        received: list[bytes] = self.state.outside.get(recipient, [])
        return received

    def __exit__(self, *details: object) -> None:
        super().__exit__(*details)
        assert not self.wrong, "\n".join(self.wrong)

    # The service.

    def is_write(self, request: Request) -> bool:
        return request.method != "GET" and request.path != "/token"

    def handle(self, request: Request, state: State) -> Response:
        if request.path == "/token":
            return self.login.answer(request)
        try:
            response = self._answer(request, state)
        except Refusal as refusal:
            response = refusal.response
        except Exception:  # noqa: BLE001 - told at the end, where a test sees it
            self.wrong.append(traceback.format_exc())
            return Response(500)
        self.wrong += [f"the fake: {each}" for each in _CHECK.answer(request, response)]
        return response

    def _answer(self, request: Request, state: State) -> Response:
        scopes = self.login.scopes(request)
        if scopes is None:
            raise Refusal(401, "authError", "Invalid Credentials")
        if self.refusal is not None:
            raise self.refusal
        problems = _CHECK.request(request)
        if problems:
            self.wrong += problems
            raise _invalid("; ".join(problems))
        method = _CHECK.method(request)
        assert method is not None
        _check_scopes(method, request, scopes)
        arguments = method.arguments(request.path)
        user = self.login.user(request)
        if arguments["userId"] not in ("me", user):
            raise Refusal(403, "forbidden", f"Delegation denied for {user}")
        call = _Call(self, request, state, user, arguments.get("id", ""))
        return call.answered(method)


def _check_scopes(method: Method, request: Request, scopes: frozenset[str]) -> None:
    if not scopes & method.scopes:
        message = "Request had insufficient authentication scopes."
        raise Refusal(403, "insufficientPermissions", message)
    if GMAIL + "metadata" in scopes:  # it takes away what other scopes give
        if "q" in request.query:
            raise Refusal(403, "forbidden", "Metadata scope does not support 'q' parameter")
        form = request.query.get("format", ["full"])[0]
        if method.id == "gmail.users.messages.get" and form in _BODIES:
            raise Refusal(403, "forbidden", f"Metadata scope doesn't allow format {form.upper()}")


@dataclass
class _Call:
    """One call of a method."""

    service: GmailService
    request: Request
    state: State
    user: str
    id: str

    def answered(self, method: Method) -> Response:
        methods: Mapping[str, Callable[[], Resource | None]] = {
            "gmail.users.getProfile": self._profile,
            "gmail.users.labels.list": self._labels,
            "gmail.users.labels.create": self._create_label,
            "gmail.users.labels.delete": self._delete_label,
            "gmail.users.messages.list": self._list,
            "gmail.users.messages.get": lambda: self._shown(self._message(self.id)),
            "gmail.users.messages.send": self._send,
            "gmail.users.messages.modify": self._modify,
            "gmail.users.messages.batchModify": self._modify_batch,
        }
        body = methods[method.id]()
        return Response(204) if body is None else Response.of_json(200, body)

    @property
    def _box(self) -> Box:
        return self.state.boxes[self.user]

    def _profile(self) -> Resource:
        count = len(self._box.messages)
        return {
            "emailAddress": self.user,
            "messagesTotal": count,
            "threadsTotal": count,
            "historyId": str(self.state.serial + 1),
        }

    def _labels(self) -> Resource:
        return {"labels": [self._label(id) for id in self._box.labels]}

    def _label(self, id: str) -> Resource:
        kind = "system" if id in _SYSTEM else "user"
        return {"id": id, "name": self._box.labels[id], "type": kind}

    def _create_label(self) -> Resource:
        name = self.request.json()["name"].strip()
        taken = {known.casefold() for known in self._box.labels.values()}
        if not name or name.casefold() in {system.casefold() for system in _SYSTEM}:
            raise _invalid("Invalid label name")
        if name.casefold() in taken:
            raise Refusal(409, "aborted", "Label name exists or conflicts")
        id = f"Label_{len(self._box.labels)}"
        self._box.labels[id] = name
        return self._label(id)

    def _delete_label(self) -> None:
        if self.id not in self._box.labels:
            raise Refusal(404, "notFound", "Requested entity was not found.")
        if self.id in _SYSTEM:
            raise _invalid("Invalid delete request")
        del self._box.labels[self.id]
        for message in self._box.messages.values():
            message.labels.discard(self.id)

    def _list(self) -> Resource:
        query = self.request.query
        wanted = set(query.get("labelIds", ()))
        self._known(wanted)
        found = [m for m in self._box.newest_first() if wanted <= m.labels]
        if query.get("includeSpamTrash") != ["true"]:
            found = [m for m in found if not m.labels & {"SPAM", "TRASH"}]
        if "q" in query:
            found = [m for m in found if _matches(m, query["q"][0])]
        most = int(query.get("maxResults", ["100"])[0])
        if not 0 < most <= 500:
            raise _invalid("Invalid maxResults")
        start = int(query.get("pageToken", ["0"])[0])
        end = start + min(most, self.service.page_size)
        page: Resource = {"resultSizeEstimate": len(found)}
        if found[start:end]:
            page["messages"] = [{"id": m.id, "threadId": m.id} for m in found[start:end]]
        return page | ({"nextPageToken": str(end)} if len(found) > end else {})

    def _shown(self, message: Stored) -> Resource:
        query = self.request.query
        form = query.get("format", ["full"])[0]
        shown = _minimal(message)
        if form == "raw":
            shown["raw"] = urlsafe_b64encode(message.raw).decode("ascii")
        if form == "metadata":
            wanted = {name.casefold() for name in query.get("metadataHeaders", ())}
            fields = [
                {"name": name, "value": str(value)}
                for name, value in message.message.items()
                if not wanted or name.casefold() in wanted
            ]
            shown["payload"] = {"mimeType": message.message.get_content_type(), "headers": fields}
        assert form != "full", "this fake does not take messages apart"
        return shown

    def _send(self) -> Resource:
        raw = _decoded(self.request.json()["raw"])
        if len(raw) > _LARGEST:
            raise Refusal(413, "uploadTooLarge", "Message too large")
        message = email.message_from_bytes(raw, policy=email.policy.default)
        fields = [str(v) for name in ("To", "Cc", "Bcc") for v in message.get_all(name, [])]
        recipients = [address for _, address in getaddresses(fields)]
        if not recipients:
            raise _invalid("Recipient address required")
        for address in recipients:
            if address in self.service.malformed:
                raise _invalid("Invalid To header")
        raw = self._rewritten(raw, str(message["From"]))
        for address in recipients:
            if address in self.state.boxes:
                self.state.store(address, raw, {"INBOX", "UNREAD"})
            else:
                self.state.outside.setdefault(address, []).append(raw)
        stored = self.state.store(self.user, raw, {"SENT"})
        return {"id": stored.id, "threadId": stored.id, "labelIds": ["SENT"]}

    def _rewritten(self, raw: bytes, sender: str) -> bytes:
        """Return what leaves: From and Message-ID may not be what they were."""
        if getaddresses([sender])[0][1] != self.user:
            raw = re.sub(rb"(?m)^From:[^\r]*", b"From: " + self.user.encode(), raw, count=1)
        if self.service.own_message_ids:
            own = b"Message-ID: <CA+%d@mail.gmail.example>" % self.state.serial
            raw = re.sub(rb"(?m)^Message-ID:[^\r]*", own, raw, count=1)
        return raw

    def _modify(self) -> Resource:
        message = self._message(self.id)
        self._change(message, self.request.json())
        return _minimal(message)

    def _modify_batch(self) -> None:
        body = self.request.json()
        if not 0 < len(body["ids"]) <= 1000:
            raise _invalid("Invalid ids")
        self._change(None, body)
        if self.service.strict_batches:
            for id in body["ids"]:
                self._message(id)
        for id in body["ids"]:
            if id in self._box.messages:
                self._change(self._box.messages[id], body)

    def _change(self, message: Stored | None, body: Resource) -> None:
        added, removed = set(body.get("addLabelIds", ())), set(body.get("removeLabelIds", ()))
        self._known(added | removed)
        if (added | removed) & _NEVER_BY_HAND or added & removed or not added | removed:
            raise _invalid("Invalid label")
        if message is not None:
            message.labels = (message.labels - removed) | added

    def _known(self, labels: Iterable[str]) -> None:
        for id in labels:
            if id not in self._box.labels:
                raise _invalid(f"Invalid label: {id}")

    def _message(self, id: str) -> Stored:
        if id not in self._box.messages:
            raise Refusal(404, "notFound", "Requested entity was not found.")
        return self._box.messages[id]


def _minimal(message: Stored) -> Resource:
    milliseconds = (message.at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    return {
        "id": message.id,
        "threadId": message.id,
        "labelIds": sorted(message.labels),
        "internalDate": str(milliseconds),
        "sizeEstimate": len(message.raw),
        "historyId": "1",
    }


def _matches(message: Stored, query: str) -> bool:
    """Return whether a search finds a message. It knows one operator, and forgives case."""
    operator, _, value = query.partition(":")
    assert operator == "rfc822msgid", f"this fake cannot search for {query}"
    own = str(message.message.get("Message-ID", "")).strip().strip("<>")
    return own.casefold() == value.strip("<>").casefold()


def _decoded(text: str) -> bytes:
    if not re.fullmatch(r"[A-Za-z0-9_-]*=*", text):
        raise _invalid("Invalid value for ByteString")
    return urlsafe_b64decode(text + "==")


def _invalid(message: str) -> Refusal:
    return Refusal(400, "invalidArgument", message)
