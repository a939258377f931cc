"""What has changed in the calendar since a token, by SyncFolderItems."""

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from exchangelib.errors import ErrorInvalidSyncStateData
from exchangelib.fields import FieldPath
from exchangelib.items import ID_ONLY, CalendarItem
from exchangelib.services import SyncFolderItems
from exchangelib.services.common import EWSAccountService

from rmflow.adapters.exchange.account import MailboxAccount
from rmflow.adapters.exchange.reading import Found, without_errors
from rmflow.domain.series import Uid
from rmflow.errors import RejectedError

_MOST = 512  # changes in one answer: the largest that Exchange gives


@dataclass
class Changes:
    """`found` are items of ours that are new or changed; `deleted`: some item has gone, nobody
    knows whose. `whole`: all items were listed, not only those that changed.
    """

    token: str
    whole: bool
    found: list[Found] = field(default_factory=list)
    deleted: bool = False


def changes_since(account: MailboxAccount, token: str) -> Changes:
    """Return changes of the calendar; the token stays the same when there are none.

    Exchange may give another state for each question, so it is not compared. A state that it
    refuses (the mailbox has moved to another server) makes it list everything.
    """
    try:
        return _changes(account, token)
    except RejectedError as error:
        if not (token and isinstance(error.__cause__, ErrorInvalidSyncStateData)):
            raise
        return _changes(account, "")


def _changes(account: MailboxAccount, token: str) -> Changes:
    changes, state, more = Changes(token, whole=not token), token, True
    any_change = False
    while more:
        service, page = account.read("changes", partial(_page, account, state))
        state, more = service.sync_state, not service.includes_last_item_in_range
        any_change = any_change or bool(page)
        for kind, item in page:
            if kind == service.DELETE:
                changes.deleted = True
            elif getattr(item, "rmflow_uid", None):
                changes.found.append(Found(item, Uid(item.rmflow_uid), binned=False))
    if any_change or not token:
        changes.token = state
    return changes


def _page(account: MailboxAccount, state: str) -> tuple[Any, list[Any]]:
    """Return the service, which holds the next state, and its changes."""
    service = _Sync(account=account.ews)
    uid_field = FieldPath(field=CalendarItem.get_field_by_fieldname("rmflow_uid"))
    page = service.call(
        folder=account.calendar,
        shape=ID_ONLY,
        additional_fields=[uid_field],
        sync_state=state,
        ignore=None,
        max_changes_returned=_MOST,
        sync_scope=None,
    )
    return service, without_errors(page)


class _Sync(SyncFolderItems):  # type: ignore[misc]  # exchangelib has no types
    """exchangelib trips over an error that comes without a state."""

    def _get_element_container(self, message: Any, name: str | None = None) -> Any:
        if message.get("ResponseClass") == "Error":
            return EWSAccountService._get_element_container(self, message, name)  # noqa: SLF001 - past SyncFolder's own
        return super()._get_element_container(message, name)
