"""The single requests that write mail on Exchange: each leaves once."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from exchangelib import Message
from exchangelib.errors import ErrorItemNotFound
from exchangelib.folders import Folder
from exchangelib.items import ALL_OCCURRENCES, HARD_DELETE, NEVER_OVERWRITE, SAVE_ONLY, SEND_TO_NONE
from exchangelib.properties import ItemId
from exchangelib.services import CreateItem, DeleteItem, MoveItem, SendItem, UpdateItem

from rmflow.adapters.exchange.account import MailboxAccount, OneVersion
from rmflow.adapters.exchange.mail_reading import Listed
from rmflow.adapters.exchange.reading import without_errors

_IN_ONE_MOVE = 50


class MailWriter:
    """Sends writes. All raise what `MailboxAccount.write` does."""

    def __init__(self, account: MailboxAccount) -> None:
        self._account = account

    def draft(self, mime: bytes, key: str) -> ItemId:
        """Store a mail as a draft, marked as the letter with this key; return its id."""
        account = self._account
        item = Message(
            account=account.ews, folder=account.drafts, mime_content=mime, rmflow_mail=key
        )
        service = _Create(account=account.ews)
        (made,) = self._send(
            "write a draft",
            lambda: service.call(
                items=[item],
                folder=account.drafts,
                message_disposition=SAVE_ONLY,
                send_meeting_invitations=SEND_TO_NONE,
            ),
        )
        return ItemId(id=made.id, changekey=made.changekey)

    def dispatch(self, draft: ItemId) -> None:
        """Send a draft, as it was when it got this change key. It becomes the copy in Sent Items.

        Raises ChangedError when it is not as it was, or has gone.
        """
        service = _Send(account=self._account.ews)
        target = self._account.sent_items
        self._send("send", lambda: service.call(items=[draft], saved_item_folder=target))

    def disarm(self, draft: Listed) -> None:
        """Take a draft its recipients. Raises ChangedError when it is not as it was, so when it is
        being sent.
        """
        target = Message(
            account=self._account.ews, _id=ItemId(id=draft.id, changekey=draft.change_key)
        )
        target.to_recipients = None
        service = _Update(account=self._account.ews)
        self._send(
            "write a draft",
            lambda: service.call(
                items=[(target, ["to_recipients"])],
                conflict_resolution=NEVER_OVERWRITE,
                message_disposition=SAVE_ONLY,
                send_meeting_invitations_or_cancellations=SEND_TO_NONE,
                suppress_read_receipts=True,
            ),
        )

    def delete(self, id: str) -> None:
        """Delete an item for good."""
        service = _Delete(account=self._account.ews)
        self._send(
            "delete",
            lambda: service.call(
                items=[(id, None)],
                delete_type=HARD_DELETE,
                send_meeting_cancellations=SEND_TO_NONE,
                affected_task_occurrences=ALL_OCCURRENCES,
                suppress_read_receipts=True,
            ),
        )

    def move(self, ids: Collection[str], target: Folder) -> None:
        """Move items; each gets another id by that. Those that have gone are ignored."""
        wanted = sorted(ids)
        for start in range(0, len(wanted), _IN_ONE_MOVE):
            self._move(wanted[start : start + _IN_ONE_MOVE], target)

    def _move(self, ids: Sequence[str], target: Folder) -> None:
        service = _Move(account=self._account.ews)

        def step() -> list[Any]:
            results = service.call(items=[(id, None) for id in ids], to_folder=target)
            return without_errors(r for r in results if not isinstance(r, ErrorItemNotFound))

        self._account.write("file", step)

    def _send(self, operation: str, call: Callable[[], Any]) -> list[Any]:
        return self._account.write(operation, lambda: without_errors(call()))


class _Create(OneVersion, CreateItem):  # type: ignore[misc]  # exchangelib has no types
    """CreateItem, once."""


class _Send(OneVersion, SendItem):  # type: ignore[misc]  # exchangelib has no types
    """SendItem, once."""


class _Update(OneVersion, UpdateItem):  # type: ignore[misc]  # exchangelib has no types
    """UpdateItem, once."""


class _Delete(OneVersion, DeleteItem):  # type: ignore[misc]  # exchangelib has no types
    """DeleteItem, once."""


class _Move(OneVersion, MoveItem):  # type: ignore[misc]  # exchangelib has no types
    """MoveItem, once."""
