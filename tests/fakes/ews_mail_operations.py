"""The operations of Exchange Web Services that send and move items, and on folders."""

from typing import Any

from ews_mail import send
from ews_operations import Desk, Messages, each, folder_id, found, item_id, part
from ews_schema import M, T, element, local
from ews_store import EwsError, Folder, Mailbox
from lxml import etree


def send_item(desk: Desk, body: etree._Element) -> Messages:
    target = body.find(f"{{{M}}}SavedItemFolderId")
    if body.get("SaveItemToFolder") != "true":
        raise EwsError("ErrorInvalidSendItemSaveSettings", "this fake wants a copy", fault=True)
    if target is not None and desk.folder(target[0])[1].name != "sentitems":
        raise EwsError("ErrorInvalidRequest", "another folder is not faked", fault=True)

    def one(id: etree._Element) -> list[Any]:
        what = found(desk, id)
        if id.get("ChangeKey") != what.item.change_key:
            raise EwsError("ErrorStaleObject", "The change key is not the latest.")
        send(desk.server, desk.user, what.mailbox, what.folder, what.item)
        return []

    yield from each(part(body, "ItemIds"), one)


def move_item(desk: Desk, body: etree._Element) -> Messages:
    mailbox, folder = desk.folder(part(body, "ToFolderId")[0])

    def one(id: etree._Element) -> list[Any]:
        what = found(desk, id)
        if what.mailbox is not mailbox:
            raise EwsError("ErrorCrossMailboxMoveCopy", "It is another mailbox.")
        moved = desk.server.move(mailbox, what.folder, what.item, folder.name)
        return [element("m:Items", element(f"t:{moved.kind}", item_id(moved, moved)))]

    yield from each(part(body, "ItemIds"), one)


def find_folder(desk: Desk, body: etree._Element) -> Messages:
    """Folders that the mailbox's owner sees in the first row, by their names."""
    names = {value.get("Value", "").lower() for value in body.iter(f"{{{T}}}Constant")}
    asked = {path.get("FieldURI") for path in body.iter(f"{{{T}}}FieldURI")}
    if body.get("Traversal") != "Shallow" or asked != {"folder:DisplayName"}:
        raise EwsError("ErrorInvalidRequest", "this search is not faked", fault=True)

    def one(id: etree._Element) -> list[Any]:
        mailbox = _top(desk, id)
        shown = [f for f in mailbox.folders.values() if not names or f.name.lower() in names]
        folders = element("t:Folders", *(_shown(mailbox, folder) for folder in shown))
        count = {"TotalItemsInView": len(shown), "IncludesLastItemInRange": "true"}
        return [element("m:RootFolder", folders, IndexedPagingOffset=len(shown), **count)]

    yield from each(part(body, "ParentFolderIds"), one)


def create_folder(desk: Desk, body: etree._Element) -> Messages:
    mailbox = _top(desk, part(body, "ParentFolderId")[0])

    def one(wanted: etree._Element) -> list[Any]:
        name = wanted.findtext(f"{{{T}}}DisplayName") or ""
        if not name or local(wanted) != "Folder":
            raise EwsError("ErrorInvalidRequest", "A mail folder needs a name.")
        if name.lower() in {there.lower() for there in mailbox.folders}:
            raise EwsError("ErrorFolderExists", "A folder with this name exists.")
        container = wanted.findtext(f"{{{T}}}FolderClass") or "IPF.Note"
        mailbox.folders[name] = Folder(name, container)
        made = element("t:Folder", folder_id(mailbox, mailbox.folders[name]))
        return [element("m:Folders", made)]

    yield from each(part(body, "Folders"), one)


def _top(desk: Desk, id: etree._Element) -> Mailbox:
    if id.get("Id") != "msgfolderroot":
        raise EwsError("ErrorInvalidRequest", "this parent is not faked", fault=True)
    return desk.mailbox(id.findtext(".//{*}EmailAddress") or desk.acting_as)


def _shown(mailbox: Mailbox, folder: Folder) -> etree._Element:
    return element("t:Folder", folder_id(mailbox, folder), element("t:DisplayName", folder.name))
