"""Finding and reading mail on Exchange."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from exchangelib import ExtendedProperty, Message, Q
from exchangelib.errors import (
    ErrorContentConversionFailed,
    ErrorCorruptData,
    ErrorItemCorrupt,
    ErrorMimeContentConversionFailed,
    ErrorUnsupportedMimeConversion,
)
from exchangelib.fields import FieldOrder, FieldPath
from exchangelib.folders import Folder
from exchangelib.items import ID_ONLY, SHALLOW
from exchangelib.restriction import Restriction
from exchangelib.services import FindItem, GetItem
from exchangelib.util import create_element

from rmflow.adapters.exchange.account import MailboxAccount
from rmflow.adapters.exchange.reading import without_errors
from rmflow.adapters.exchange.zones import in_utc
from rmflow.adapters.standards.oversized import KEPT_BYTES
from rmflow.domain.keys import Key

_IN_ONE_SEARCH = 50
_PAGE = 500
_LISTED = ("is_draft", "is_submitted", "message_id", "rmflow_mail")
_OUTLINE = ("headers", "subject", "author", "message_id", "text_body")
_UNREADABLE = (
    ErrorContentConversionFailed,
    ErrorCorruptData,
    ErrorItemCorrupt,
    ErrorMimeContentConversionFailed,
    ErrorUnsupportedMimeConversion,
)


class _MailKey(ExtendedProperty):  # type: ignore[misc]  # exchangelib has no types
    """Whose letter a draft or a sent mail is, to find it by. It does not travel with the mail."""

    distinguished_property_set_id = "PublicStrings"
    property_name = "rmflow-mail"
    property_type = "String"


Message.register("rmflow_mail", _MailKey)


@dataclass(frozen=True)
class Listed:
    """An item of a mail folder. `has_left`: it is no draft, or is being sent. `key` is "" unless
    we wrote it, `size` in octets as Exchange stores it.
    """

    id: str
    change_key: str
    key: str
    message_id: str
    has_left: bool
    received_at: datetime | None
    size: int


class MailReader:
    """Reads without a trace: nothing is marked as read."""

    def __init__(self, account: MailboxAccount) -> None:
        self._account = account

    def in_folder(self, folder: Folder) -> list[Listed]:
        """Return every item of a folder, of whatever kind, oldest first."""
        received = FieldOrder(field_path=_path("datetime_received"))
        fields = ("datetime_received", "size")
        return self._listed("list the inbox", [folder], fields, order=[received])

    def letters(self, keys: Collection[Key]) -> list[Listed]:
        """Return what lies in the mailbox of these letters, as drafts, on its way, sent, or
        deleted afterwards.
        """
        account = self._account
        folders = [account.drafts, account.outbox, account.sent_items, account.deleted_items]
        return self._matching(folders, "rmflow_mail", keys)

    def with_message_ids(
        self, message_ids: Collection[str], folders: Sequence[Folder]
    ) -> list[Listed]:
        """Return the items of these folders that have one of these Message-IDs."""
        return self._matching(folders, "message_id", message_ids)

    def mime(self, id: str) -> bytes | None:
        """Return an item as MIME, None for what Exchange cannot show so.

        Raises ChangedError when it has gone.
        """
        item = self._item(_Get(account=self._account.ews), id, ["mime_content"])
        return None if item is None else item.mime_content

    def outline(self, id: str) -> bytes:
        """Return header and text of an item as MIME, without attachments, of a text not much more
        than KEPT_BYTES. Raises ChangedError when it has gone.
        """
        item = self._item(_GetBeginning(account=self._account.ews), id, _OUTLINE)
        return _as_mime([], "") if item is None else _as_mime(_head(item), item.text_body or "")

    def _matching(
        self, folders: Sequence[Folder], field: str, values: Collection[str]
    ) -> list[Listed]:
        found: list[Listed] = []
        wanted = sorted(values)
        for start in range(0, len(wanted), _IN_ONE_SEARCH):
            some = [Q(**{field: value}) for value in wanted[start : start + _IN_ONE_SEARCH]]
            found += self._listed("look for a mail", folders, _LISTED, condition=reduce(or_, some))
        return found

    def _listed(
        self,
        operation: str,
        folders: Sequence[Folder],
        fields: Iterable[str],
        *,
        condition: Q | None = None,
        order: list[FieldOrder] | None = None,
    ) -> list[Listed]:
        restriction = condition and Restriction(condition, folders, Restriction.ITEMS)

        def find() -> list[Any]:
            service = _Find(account=self._account.ews, page_size=_PAGE)
            return without_errors(
                service.call(
                    folders=folders,
                    additional_fields=[_path(name) for name in fields],
                    restriction=restriction,
                    order_fields=order,
                    shape=ID_ONLY,
                    query_string=None,
                    depth=SHALLOW,
                    calendar_view=None,
                    max_items=None,
                    offset=0,
                )
            )

        return [_understood(item) for item in self._account.read(operation, find)]

    def _item(self, service: GetItem, id: str, fields: Iterable[str]) -> Any | None:
        """Return an item with these fields, None if Exchange cannot make them."""
        paths = [_path(name) for name in fields]

        def get() -> Any | None:
            found = list(service.call(items=[(id, None)], additional_fields=paths, shape=ID_ONLY))
            if isinstance(found[0], _UNREADABLE):
                return None
            return without_errors(found)[0]

        return self._account.read("fetch a mail", get)


class _AnyKind:
    """Mixed into a service: a mailbox holds meeting answers, reports, posts, cards; what they have
    in common is read, and no kind is a surprise.
    """

    account: Any

    def _elem_to_obj(self, elem: Any) -> Any:
        return Message.from_xml(elem=elem, account=self.account)


class _Find(_AnyKind, FindItem):  # type: ignore[misc]  # exchangelib has no types
    """FindItem."""


class _Get(_AnyKind, GetItem):  # type: ignore[misc]  # exchangelib has no types
    """GetItem, which returns what it cannot read as an error beside the others."""

    ERRORS_TO_CATCH_IN_RESPONSE = (*GetItem.ERRORS_TO_CATCH_IN_RESPONSE, *_UNREADABLE)


class _GetBeginning(_Get):
    """GetItem with a short body. exchangelib does not know how to ask for it."""

    def get_payload(self, *args: Any, **options: Any) -> Any:
        payload = super().get_payload(*args, **options)
        most = create_element("t:MaximumBodySize")
        most.text = str(KEPT_BYTES)
        payload[0].insert(1, most)  # after BaseShape
        return payload


def _path(name: str) -> FieldPath:
    return FieldPath(field=Message.get_field_by_fieldname(name))


def _understood(item: Any) -> Listed:
    return Listed(
        id=item.id,
        change_key=item.changekey,
        key=item.rmflow_mail or "",
        message_id=item.message_id or "",
        has_left=not item.is_draft or bool(item.is_submitted),
        received_at=item.datetime_received and in_utc(item.datetime_received),
        size=item.size or 0,
    )


def _head(item: Any) -> list[tuple[str, str]]:
    """Return the header fields of an item, without those that speak of its parts."""
    if item.headers:
        named = [(field.name, field.value or "") for field in item.headers]
        return [one for one in named if not one[0].lower().startswith(("content-", "mime-"))]
    sender = item.author.email_address if item.author else ""
    made = {"From": sender, "Subject": item.subject, "Message-ID": item.message_id}
    return [(name, value) for name, value in made.items() if value]


def _as_mime(head: Iterable[tuple[str, str]], text: str) -> bytes:
    plain = [
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "8bit"),
    ]
    lines = [f"{name}: {' '.join(value.split())}" for name, value in [*head, *plain]]
    body = "\r\n".join(text.splitlines())
    return ("\r\n".join(lines) + f"\r\n\r\n{body}\r\n").encode()
