"""What an Exchange server remembers: mailboxes, folders, items, and who may do what.

Everything can be deep-copied. Items keep their properties as elements of the schema, by name.
"""

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ews_schema import element
from lxml import etree

# Folders that every mailbox has: distinguished name to the class of what is in it.
FOLDERS = {
    "calendar": "IPF.Appointment",
    "deleteditems": "IPF.Note",
    "drafts": "IPF.Note",
    "inbox": "IPF.Note",
    "outbox": "IPF.Note",
    "sentitems": "IPF.Note",
}
_BEGINNING = datetime(2026, 2, 2, 12, tzinfo=UTC)

type_of_path = tuple[str, str, str]  # property set, name, type


class EwsError(Exception):
    """A response code. As a `fault` it ends the whole request, else one thing in it."""

    def __init__(self, code: str, text: str = "", *, fault: bool = False, **values: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text or code
        self.fault = fault
        self.values = values


@dataclass
class Item:
    """`values` are elements by name; `extended` are named properties. `change` is the number of
    its last change. Of a meeting: `invited` are those who have been mailed; `exceptions` are
    occurrences that differ, by the wall time of their original start; `deleted` those taken out.
    Of a mail: `raw` is what was written or came in, `sent` that it has left its sender.
    """

    id: str
    kind: str
    change: int
    created: int
    values: dict[str, etree._Element] = field(default_factory=dict)
    extended: dict[type_of_path, str] = field(default_factory=dict)
    sent: bool = False
    sequence: int = 0
    invited: set[str] = field(default_factory=set)
    exceptions: dict[datetime, "Item"] = field(default_factory=dict)
    deleted: set[datetime] = field(default_factory=set)
    raw: bytes = field(default=b"", repr=False)

    def text(self, name: str) -> str:
        """Return the text of a property, "" if it has none."""
        value = self.values.get(name)
        return "" if value is None else value.text or ""

    def set_text(self, name: str, text: str) -> None:
        self.values[name] = element(f"t:{name}", text)

    @property
    def change_key(self) -> str:
        return base64.b64encode(f"key {self.change}".encode()).decode()


@dataclass
class Folder:
    """`log` are changes, oldest first: the change's number and the item's id."""

    name: str
    container: str
    items: dict[str, Item] = field(default_factory=dict)
    log: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Mailbox:
    """One person's, room's or team's mailbox."""

    address: str
    name: str
    folders: dict[str, Folder] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, container in FOLDERS.items():
            self.folders.setdefault(name, Folder(name, container))

    def find(self, id: str) -> tuple[Folder, Item]:
        for folder in self.folders.values():
            if id in folder.items:
                return folder, folder.items[id]
        raise EwsError("ErrorItemNotFound", "The specified object was not found in the store.")


@dataclass(frozen=True)
class Notice:
    """A mail that the server sent about a meeting. `kind` is invited, updated or cancelled."""

    kind: str
    to: str
    uid: str
    occurrence: datetime | None = None

    def __str__(self) -> str:
        of = f" of {self.occurrence:%Y-%m-%d}" if self.occurrence else ""
        return f"{self.kind} {self.to}{of}"


@dataclass
class Server:
    """All of it. `impersonators` and `delegates` say which mailboxes a login may act as, or open.

    `busy` are other meetings of people: start, end, and how the calendar shows them.
    `shy` are those whose free and busy times nobody may read. `rooms` answer by themselves.
    `post` is the mail that left, recipient by recipient; see `ews_mail` for what may hinder it.
    """

    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)
    impersonators: dict[str, set[str]] = field(default_factory=dict)
    delegates: dict[str, set[str]] = field(default_factory=dict)
    busy: dict[str, list[tuple[datetime, datetime, str]]] = field(default_factory=dict)
    shy: set[str] = field(default_factory=set)
    rooms: dict[str, str] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    post: list[tuple[str, bytes]] = field(default_factory=list)
    senders: dict[str, set[str]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    keeps_message_ids: bool = True
    slow_transport: bool = False
    number: int = 0

    def add_mailbox(self, address: str, name: str) -> Mailbox:
        self.mailboxes[address] = Mailbox(address, name)
        return self.mailboxes[address]

    def mailbox(self, address: str) -> Mailbox:
        if address not in self.mailboxes:
            raise EwsError("ErrorNonExistentMailbox", "No such mailbox.", fault=True)
        return self.mailboxes[address]

    def next(self) -> int:
        self.number += 1
        return self.number

    def at(self, number: int) -> str:
        """Return when the change of this number was made."""
        return f"{_BEGINNING + timedelta(seconds=number):%Y-%m-%dT%H:%M:%SZ}"

    def add(self, mailbox: Mailbox, folder: str, kind: str) -> Item:
        """Store a new, empty item."""
        number = self.next()
        id = base64.b64encode(f"{mailbox.address} {number:08}".encode()).decode()
        item = Item(id, kind, number, number)
        self.put(mailbox, folder, item)
        return item

    def put(self, mailbox: Mailbox, folder: str, item: Item) -> None:
        mailbox.folders[folder].items[item.id] = item
        mailbox.folders[folder].log.append((item.change, item.id))

    def touch(self, folder: Folder, item: Item) -> None:
        """Give an item a new change key, and say so to whoever synchronises."""
        item.change = self.next()
        folder.log.append((item.change, item.id))

    def remove(self, folder: Folder, item: Item) -> None:
        del folder.items[item.id]
        folder.log.append((self.next(), item.id))

    def move(self, mailbox: Mailbox, folder: Folder, item: Item, target: str) -> Item:
        """Move an item; it gets another id, as in Exchange."""
        self.remove(folder, item)
        moved = self.add(mailbox, target, item.kind)
        moved.values, moved.extended = item.values, item.extended
        moved.sent, moved.sequence, moved.invited = item.sent, item.sequence, item.invited
        moved.exceptions, moved.deleted = item.exceptions, item.deleted
        moved.raw = item.raw
        return moved


def owner_of(id: str) -> str:
    """Return the address of the mailbox that an item's or folder's id belongs to."""
    try:
        address, _, _ = base64.b64decode(id, validate=True).decode().partition(" ")
    except ValueError as error:
        raise EwsError("ErrorInvalidIdMalformed", "Id is malformed.") from error
    return address
