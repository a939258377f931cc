"""The operations of Exchange Web Services that read and write items."""

import base64
import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ews_calendar import (
    READ_ONLY,
    attendees,
    bin_meeting,
    change_occurrence,
    check,
    computed,
    delete_occurrence,
    forget_exceptions,
    occurrence,
    original_of,
    standing,
    tell,
    tell_cancelled,
)
from ews_mail import in_order, mail_values, store_draft
from ews_schema import M, T, element, local, order_of
from ews_store import EwsError, Folder, Item, Mailbox, Server, owner_of, type_of_path
from lxml import etree

# What stands in each ResponseMessage, or what went wrong.
Messages = Iterator[EwsError | list[Any]]

_NOT_IN_LISTS = {
    "Body",
    "DeletedOccurrences",
    "InternetMessageHeaders",
    "MimeContent",
    "ModifiedOccurrences",
    "OptionalAttendees",
    "Recurrence",
    "RequiredAttendees",
    "Resources",
    "TextBody",
    "UniqueBody",
}
_NOT_SEARCHABLE = _NOT_IN_LISTS | {"UID", "StartTimeZone", "EndTimeZone", "AllowNewTimeProposal"}
_SHORT = 255  # a list shows so much of a text


@dataclass
class Desk:
    """Who asks: the login, and the mailbox it acts as ("" for its own)."""

    server: Server
    acting_as: str
    user: str

    def mailbox(self, address: str) -> Mailbox:
        """Return a mailbox that may be opened. Raises EwsError."""
        mailbox = self.server.mailboxes.get(address.lower())
        if mailbox is None:
            raise EwsError("ErrorNonExistentMailbox", "No such mailbox.")
        mine = address.lower() == self.acting_as
        if not mine and mailbox.address not in self.server.delegates.get(self.user, ()):
            raise EwsError(
                "ErrorAccessDenied", "Access is denied. Check credentials and try again."
            )
        return mailbox

    def folder(self, id: etree._Element) -> tuple[Mailbox, Folder]:
        """Return the folder that a FolderId or DistinguishedFolderId names."""
        if local(id) == "FolderId":
            mailbox = self.mailbox(owner_of(id.get("Id", "")))
            name = base64.b64decode(id.get("Id", "")).decode().partition(" ")[2]
        else:
            mailbox = self.mailbox(id.findtext(".//{*}EmailAddress") or self.acting_as)
            name = id.get("Id", "")
        if name not in mailbox.folders:
            raise EwsError("ErrorFolderNotFound", "The specified folder could not be found.")
        return mailbox, mailbox.folders[name]


@dataclass
class Found:
    """What an id stands for: an item, or one meeting (`original`) of the series `item`."""

    mailbox: Mailbox
    folder: Folder
    item: Item
    original: datetime | None

    @property
    def seen(self) -> Item:
        return self.item if self.original is None else occurrence(self.item, self.original)


def each(ids: Iterable[etree._Element], step: Callable[[Any], list[Any]]) -> Messages:
    for id in ids:
        try:
            yield step(id)
        except EwsError as error:
            if error.fault:
                raise
            yield error


def part(body: etree._Element, name: str) -> etree._Element:
    part = body.find(f"{{{M}}}{name}")
    assert part is not None, name
    return part


def found(desk: Desk, id: etree._Element) -> Found:
    """Return what ItemId, OccurrenceItemId or RecurringMasterItemId names. Raises EwsError."""
    text = id.get("Id") or id.get("RecurringMasterId") or id.get("OccurrenceId") or ""
    master, _, wall = text.partition("@")
    mailbox = desk.mailbox(owner_of(master))
    folder, item = mailbox.find(master)
    original: datetime | None = None
    if local(id) == "OccurrenceItemId":
        original = original_of(item, int(id.get("InstanceIndex", "0")))
    elif wall and local(id) == "ItemId":
        original = standing(item, datetime.fromisoformat(wall))
    return Found(mailbox, folder, item, original)


def folder_id(mailbox: Mailbox, folder: Folder) -> etree._Element:
    id = base64.b64encode(f"{mailbox.address} {folder.name}".encode()).decode()
    return element("t:FolderId", Id=id, ChangeKey="AQAAAA==")


def item_id(seen: Item, item: Item) -> etree._Element:
    return element("t:ItemId", Id=seen.id, ChangeKey=item.change_key)


def get_folder(desk: Desk, body: etree._Element) -> Messages:
    def one(id: etree._Element) -> list[Any]:
        mailbox, folder = desk.folder(id)
        kind = "t:CalendarFolder" if folder.container == "IPF.Appointment" else "t:Folder"
        told = element(
            kind,
            folder_id(mailbox, folder),
            element("t:FolderClass", folder.container),
            element("t:DisplayName", folder.name),
            element("t:TotalCount", str(len(folder.items))),
            element("t:ChildFolderCount", "0"),
        )
        return [element("m:Folders", told)]

    yield from each(part(body, "FolderIds"), one)


def get_item(desk: Desk, body: etree._Element) -> Messages:
    wanted = _shape(body)
    most = int(body.findtext(f".//{{{T}}}MaximumBodySize") or "0")

    def one(id: etree._Element) -> list[Any]:
        return [element("m:Items", _rendered(desk, found(desk, id), wanted, most=most))]

    yield from each(part(body, "ItemIds"), one)


def find_item(desk: Desk, body: etree._Element) -> Messages:
    wanted = _shape(body)
    restriction = body.find(f"{{{M}}}Restriction")
    view = body.find(f"{{{M}}}IndexedPageItemView")
    if view is None:
        raise EwsError("ErrorInvalidRequest", "this view is not faked", fault=True)

    def one(id: etree._Element) -> list[Any]:
        mailbox, folder = desk.folder(id)
        _refuse_in_lists(wanted)
        matching = [
            item
            for item in folder.items.values()
            if restriction is None or _matches(item, restriction[0])
        ]
        in_order(matching, body.find(f"{{{M}}}SortOrder"))
        first = int(view.get("Offset", "0"))
        last = first + int(view.get("MaxEntriesReturned", "1000"))
        page = [
            _rendered(desk, Found(mailbox, folder, item, None), wanted, short=True)
            for item in matching[first:last]
        ]
        root = element(
            "m:RootFolder",
            element("t:Items", *page),
            IndexedPagingOffset=min(last, len(matching)),
            TotalItemsInView=len(matching),
            IncludesLastItemInRange=str(last >= len(matching)).lower(),
        )
        return [root]

    yield from each(part(body, "ParentFolderIds"), one)


def create_item(desk: Desk, body: etree._Element) -> Messages:
    target = body.find(f"{{{M}}}SavedItemFolderId")

    def one(content: etree._Element) -> list[Any]:
        if local(content) not in ("CalendarItem", "Message"):
            raise EwsError("ErrorInvalidRequest", f"{local(content)} is not faked", fault=True)
        whom = body.get("SendMeetingInvitations")
        if whom is None:
            raise EwsError("ErrorSendMeetingInvitationsRequired")
        assert target is not None
        mailbox, folder = desk.folder(target[0])
        draft = Item("", local(content), 0, 0)
        for value in content:
            _assign(draft, value)
        if draft.kind == "Message":
            item = store_draft(desk.server, mailbox, folder, draft, body)
            return [element("m:Items", element("t:Message", item_id(item, item)))]
        check(draft)
        item = desk.server.add(mailbox, folder.name, draft.kind)
        item.values, item.extended = draft.values, draft.extended
        if not item.text("UID"):
            item.set_text("UID", f"04000000{item.change:08}")
        tell(desk.server, item, whom, ())
        return [element("m:Items", element("t:CalendarItem", item_id(item, item)))]

    yield from each(part(body, "Items"), one)


def update_item(desk: Desk, body: etree._Element) -> Messages:
    whom = body.get("SendMeetingInvitationsOrCancellations")

    def one(change: etree._Element) -> list[Any]:
        target = found(desk, change[0])
        if target.item.kind == "CalendarItem" and whom is None:
            raise EwsError("ErrorSendMeetingInvitationsOrCancellationsRequired")
        _refuse_stale(change[0], target.item, body.get("ConflictResolution", ""))
        before = attendees(target.seen)
        if target.original is None:
            told = _update_master(target.item, change[1])
        else:
            told = _update_occurrence(target.item, target.original, change[1])
        desk.server.touch(target.folder, target.item)
        tell(desk.server, told, whom or "SendToNone", before, target.original)
        answer = element(f"t:{target.item.kind}", item_id(target.seen, target.item))
        count = element("m:ConflictResults", element("t:Count", "0"))
        return [element("m:Items", answer), count]

    yield from each(part(body, "ItemChanges"), one)


def delete_item(desk: Desk, body: etree._Element) -> Messages:
    whom = body.get("SendMeetingCancellations")

    def one(id: etree._Element) -> list[Any]:
        target = found(desk, id)
        if target.item.kind == "CalendarItem" and whom is None:
            raise EwsError("ErrorSendMeetingCancellationsRequired")
        seen = target.seen
        if target.original is None:
            how = body.get("DeleteType", "")
            bin_meeting(desk.server, target.mailbox, target.folder, target.item, how)
        else:
            delete_occurrence(target.item, target.original)
            desk.server.touch(target.folder, target.item)
        tell_cancelled(desk.server, seen, whom or "SendToNone", target.original)
        return []

    yield from each(part(body, "ItemIds"), one)


def sync_folder_items(desk: Desk, body: etree._Element) -> Messages:
    wanted = _shape(body)
    state = body.findtext(f"{{{M}}}SyncState") or ""
    most = int(body.findtext(f"{{{M}}}MaxChangesReturned") or "512")

    def one(id: etree._Element) -> list[Any]:
        mailbox, folder = desk.folder(id)
        _refuse_in_lists(wanted)
        since = _sync_number(state, mailbox, folder)
        latest: dict[str, int] = {}
        for number, item in folder.log:
            if number > since:
                latest.pop(item, None)
                latest[item] = number
        changes, reached = element("m:Changes"), since
        for item, number in list(latest.items())[:most]:
            reached = number
            if item in folder.items:
                kind = "Create" if folder.items[item].created > since else "Update"
                content = Found(mailbox, folder, folder.items[item], None)
                changes.append(element(f"t:{kind}", _rendered(desk, content, wanted, short=True)))
            elif any(number <= since and old == item for number, old in folder.log):
                changes.append(element("t:Delete", element("t:ItemId", Id=item)))
        # A state is another text each time, also when nothing has changed.
        code = f"{mailbox.address} {folder.name} {reached} {desk.server.next()}"
        return [
            element("m:SyncState", base64.b64encode(code.encode()).decode()),
            element("m:IncludesLastItemInRange", str(len(latest) <= most).lower()),
            changes,
        ]

    yield from each(part(body, "SyncFolderId"), one)


def _sync_number(state: str, mailbox: Mailbox, folder: Folder) -> int:
    if not state:
        return 0
    try:
        address, name, number, _ = base64.b64decode(state, validate=True).decode().split(" ")
    except ValueError as error:
        raise EwsError("ErrorInvalidSyncStateData", "Synchronization state is damaged.") from error
    if (address, name) != (mailbox.address, folder.name):
        raise EwsError("ErrorInvalidSyncStateData", "It is another folder's state.")
    return int(number)


def _refuse_stale(id: etree._Element, item: Item, resolution: str) -> None:
    key = id.get("ChangeKey")
    if key is None and local(id) == "ItemId":
        raise EwsError("ErrorChangeKeyRequiredForWriteOperations", "A change key is required.")
    if key is not None and key != item.change_key and resolution != "AlwaysOverwrite":
        raise EwsError(
            "ErrorIrresolvableConflict", "The send or update operation was not performed."
        )


def _update_master(item: Item, updates: etree._Element) -> Item:
    draft = copy.deepcopy(item)
    for update in updates:
        if local(update) == "DeleteItemField":
            _forget(draft, update[0])
        else:
            (value,) = update[1]
            if value.tag == f"{{{T}}}UID":
                raise EwsError("ErrorInvalidPropertySet", "UID")
            _assign(draft, value)
    if draft.kind == "CalendarItem":
        check(draft)
        times = ("Start", "End", "Recurrence", "StartTimeZone")
        named = {local(value) for update in updates for value in update[-1]}
        anew = "Recurrence" in named or any(_differ(item, draft, name) for name in times)
        if anew:
            forget_exceptions(draft)
    vars(item).update(vars(draft))
    return item


def _differ(one: Item, other: Item, name: str) -> bool:
    texts = [
        etree.tostring(item.values[name], method="c14n", exclusive=True)
        if name in item.values
        else b""
        for item in (one, other)
    ]
    return texts[0] != texts[1]


def _update_occurrence(master: Item, original: datetime, updates: etree._Element) -> Item:
    values: dict[str, etree._Element | None] = {}
    for update in updates:
        if local(update) == "DeleteItemField":
            values[update[0].get("FieldURI", "").partition(":")[2]] = None
        else:
            (value,) = update[1]
            values[local(value)] = copy.deepcopy(value)
    return change_occurrence(master, original, values)


def _assign(item: Item, value: etree._Element) -> None:
    name = local(value)
    if name in READ_ONLY:
        raise EwsError("ErrorInvalidPropertySet", f"{name} is read-only")
    if name == "ExtendedProperty":
        item.extended[_path(value[0])] = value[1].text or ""
    else:
        item.values[name] = copy.deepcopy(value)


def _forget(item: Item, path: etree._Element) -> None:
    if local(path) == "ExtendedFieldURI":
        item.extended.pop(_path(path), None)
    else:
        item.values.pop(path.get("FieldURI", "").partition(":")[2], None)


def _path(path: etree._Element) -> type_of_path:
    property_set = path.get("DistinguishedPropertySetId") or path.get("PropertySetId") or ""
    name = path.get("PropertyName") or path.get("PropertyTag") or path.get("PropertyId") or ""
    return property_set, name, path.get("PropertyType", "")


def _shape(body: etree._Element) -> list[etree._Element]:
    """Return the paths of the properties that are asked for."""
    shape = body.find(f"{{{M}}}ItemShape")
    assert shape is not None
    base = shape.findtext(f"{{{T}}}BaseShape")
    if base != "IdOnly":
        raise EwsError("ErrorInvalidRequest", f"the shape {base} is not faked", fault=True)
    more = shape.find(f"{{{T}}}AdditionalProperties")
    return [] if more is None else list(more)


def _refuse_in_lists(wanted: Iterable[etree._Element]) -> None:
    for path in wanted:
        if path.get("FieldURI", "").partition(":")[2] in _NOT_IN_LISTS:
            raise EwsError("ErrorInvalidPropertyRequest", path.get("FieldURI", ""))


def _rendered(
    desk: Desk, what: Found, wanted: Iterable[etree._Element], *, short: bool = False, most: int = 0
) -> etree._Element:
    """Return an item with these properties, in the order of the schema. `most` characters of a
    body are shown, 0 for all.
    """
    seen = what.seen
    if seen.raw:
        asked = {path.get("FieldURI", "").partition(":")[2] for path in wanted}
        values = {**seen.values, **mail_values(desk.server, seen, asked, most)}
    else:
        values = {**seen.values, **computed(desk.server, what.mailbox, seen)}
    values["ParentFolderId"] = folder_id(what.mailbox, what.folder)
    values["ParentFolderId"].tag = f"{{{T}}}ParentFolderId"
    names, extended = {"ItemId"}, []
    for path in wanted:
        if local(path) == "ExtendedFieldURI":
            text = what.item.extended.get(_path(path))
            if text is not None:
                value = element("t:Value", text[:_SHORT] if short else text)
                extended.append(element("t:ExtendedProperty", copy.deepcopy(path), value))
        else:
            names.add(path.get("FieldURI", "").partition(":")[2])
    rendered = element(f"t:{seen.kind}")
    for name in order_of(seen.kind):
        if name == "ItemId":
            rendered.append(item_id(seen, what.item))
        elif name == "ExtendedProperty":
            rendered.extend(extended)
        elif name in names and name in values and not _is_empty(values[name]):
            rendered.append(copy.deepcopy(values[name]))
    return rendered


def _is_empty(value: etree._Element) -> bool:
    """An empty list is not shown at all."""
    return local(value) in ("RequiredAttendees", "OptionalAttendees", "Resources") and not len(
        value
    )


def _matches(item: Item, condition: etree._Element) -> bool:
    match local(condition):
        case "And":
            return all(_matches(item, part) for part in condition)
        case "Or":
            return any(_matches(item, part) for part in condition)
        case "Not":
            return not _matches(item, condition[0])
        case "Exists":
            return _value(item, condition[0]) is not None
        case "IsEqualTo":
            constant = condition[1][0].get("Value", "")
            return _value(item, condition[0]) == constant
        case other:
            raise EwsError("ErrorInvalidRequest", f"{other} is not faked", fault=True)


def _value(item: Item, path: etree._Element) -> str | None:
    if local(path) == "ExtendedFieldURI":
        return item.extended.get(_path(path))
    name = path.get("FieldURI", "").partition(":")[2]
    if name in _NOT_SEARCHABLE:
        raise EwsError("ErrorUnsupportedPathForQuery", path.get("FieldURI", ""))
    return item.text(name) if name in item.values else None
