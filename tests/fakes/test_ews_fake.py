"""The fake Exchange refuses what Exchange refuses; else the tests on it prove nothing."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ews import FakeExchange
from exchange_world import ExchangeFixtures, settings
from exchangelib import CalendarItem, EWSDateTime, EWSTimeZone, Q
from exchangelib.errors import (
    ErrorCalendarEndDateIsEarlierThanStartDate,
    ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange,
    ErrorChangeKeyRequiredForWriteOperations,
    ErrorInvalidPropertyRequest,
    ErrorInvalidPropertySet,
    ErrorItemNotFound,
    ErrorNonExistentMailbox,
    ErrorSchemaValidation,
    ErrorUnsupportedPathForQuery,
)
from exchangelib.properties import ItemId, OccurrenceItemId
from exchangelib.recurrence import Recurrence, WeeklyPattern
from exchangelib.services import CreateItem, DeleteItem, FindItem, UpdateItem

from rmflow.adapters.exchange.account import MailboxAccount
from rmflow.adapters.exchange.reading import without_errors

_ZONE = EWSTimeZone("Europe/Berlin")


def at(day: int, hour: int) -> Any:
    return EWSDateTime(2026, 3, day, hour, tzinfo=_ZONE)


class TestFake(ExchangeFixtures):
    @pytest.fixture
    def account(self, exchange: FakeExchange) -> MailboxAccount:
        return MailboxAccount(settings(exchange), Path())

    def test_a_typo_breaks_the_schema(
        self, account: MailboxAccount, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Requests are judged by Microsoft's schema, not by the fake's author."""
        monkeypatch.setattr(CalendarItem.get_field_by_fieldname("location"), "field_uri", "x:Place")
        with pytest.raises(ErrorSchemaValidation, match="x:Place"):
            updated(account, created(account), location="Garden")

    def test_its_own_answers_are_judged_too(
        self, exchange: FakeExchange, account: MailboxAccount, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ews_calendar._type_of", lambda _: "Recurring")
        created(account)
        list(account.calendar.all().only("type"))
        assert exchange.nonsense
        exchange.nonsense.clear()

    def test_it_ends_after_it_begins(self, account: MailboxAccount) -> None:
        item = created(account)
        with pytest.raises(ErrorCalendarEndDateIsEarlierThanStartDate):
            updated(account, item, end=at(2, 9))

    def test_a_write_needs_a_change_key(self, account: MailboxAccount) -> None:
        item = created(account)
        with pytest.raises(ErrorChangeKeyRequiredForWriteOperations):
            updated(account, ItemId(id=item.id), location="Garden")

    def test_a_uid_stays(self, account: MailboxAccount) -> None:
        item = created(account)
        with pytest.raises(ErrorInvalidPropertySet):
            updated(account, item, uid="another")

    def test_a_meeting_that_the_rule_does_not_have(self, account: MailboxAccount) -> None:
        item = created(account, recurrence=weekly(4))
        with pytest.raises(ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange):
            updated(account, OccurrenceItemId(id=item.id, instance_index=5), location="Garden")

    def test_lists_hold_no_long_properties(self, account: MailboxAccount) -> None:
        created(account)
        with pytest.raises(ErrorInvalidPropertyRequest):
            found(account, Q(rmflow_uid__exists=True), "recurrence")

    def test_a_uid_cannot_be_searched_for(self, exchange: FakeExchange) -> None:
        """exchangelib would not even ask."""
        from ews_operations import _value
        from ews_schema import element
        from ews_store import EwsError, Item

        with pytest.raises(EwsError, match=ErrorUnsupportedPathForQuery.__name__):
            _value(Item("", "", 0, 0), element("t:FieldURI", FieldURI="calendar:UID"))

    def test_what_was_deleted_is_not_found(self, account: MailboxAccount) -> None:
        item = created(account)
        assert deleted(account, item) == [True]
        assert isinstance(deleted(account, item)[0], ErrorItemNotFound)

    def test_nobody_acts_as_a_mailbox_that_is_not_there(self, exchange: FakeExchange) -> None:
        stranger = MailboxAccount(settings(exchange), Path(), "nobody@contoso.example")
        with pytest.raises(ErrorNonExistentMailbox):
            created(stranger)


def weekly(number: int) -> Recurrence:
    pattern = WeeklyPattern(interval=1, weekdays=["Tuesday"])
    return Recurrence(pattern=pattern, start=date(2026, 3, 3), number=number)


def created(account: MailboxAccount, **fields: Any) -> Any:
    item = CalendarItem(
        account=account.ews,
        folder=account.calendar,
        **{"subject": "Talk", "start": at(3, 9), "end": at(3, 10), **fields},
    )
    (made,) = without_errors(
        CreateItem(account=account.ews).call(
            items=[item],
            folder=account.calendar,
            message_disposition="SaveOnly",
            send_meeting_invitations="SendToNone",
        )
    )
    return made


def updated(account: MailboxAccount, item: Any, **fields: Any) -> None:
    id = item if isinstance(item, ItemId | OccurrenceItemId) else item._id
    target = CalendarItem(account=account.ews, folder=account.calendar, _id=id, **fields)
    without_errors(
        UpdateItem(account=account.ews).call(
            items=[(target, list(fields))],
            conflict_resolution="NeverOverwrite",
            message_disposition="SaveOnly",
            send_meeting_invitations_or_cancellations="SendToNone",
            suppress_read_receipts=True,
        )
    )


def deleted(account: MailboxAccount, item: Any) -> list[Any]:
    results = DeleteItem(account=account.ews).call(
        items=[ItemId(id=item.id, changekey=item.changekey)],
        delete_type="HardDelete",
        send_meeting_cancellations="SendToNone",
        affected_task_occurrences="AllOccurrences",
        suppress_read_receipts=True,
    )
    return list(results)


def found(account: MailboxAccount, condition: Q, field: str) -> list[Any]:
    from exchangelib.fields import FieldPath
    from exchangelib.restriction import Restriction

    return without_errors(
        FindItem(account=account.ews).call(
            folders=[account.calendar],
            additional_fields=[FieldPath(field=CalendarItem.get_field_by_fieldname(field))],
            restriction=Restriction(condition, [account.calendar], Restriction.ITEMS),
            order_fields=None,
            shape="IdOnly",
            query_string=None,
            depth="Shallow",
            calendar_view=None,
            max_items=None,
            offset=0,
        )
    )
