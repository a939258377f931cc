"""Free and busy times, by GetUserAvailability."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any

from exchangelib import UTC as EWS_UTC
from exchangelib import EWSDateTime
from exchangelib.errors import ResponseMessageError
from exchangelib.properties import (
    DaylightTime,
    FreeBusyView,
    FreeBusyViewOptions,
    MailboxData,
    StandardTime,
    TimeWindow,
    TimeZone,
)
from exchangelib.services import GetUserAvailability

from rmflow.adapters.exchange.account import MailboxAccount
from rmflow.adapters.exchange.zones import in_utc
from rmflow.domain.busy import BusyTime
from rmflow.domain.people import Address

_PEOPLE_IN_ONE_QUESTION = 100
_DAYS_IN_ONE_QUESTION = timedelta(days=62)
_AWAY = "OOF"
_BUSY = {"Busy", "Tentative", _AWAY}
# Exchange wants both halves of a year, also of a zone that has none.
_UTC_ALL_YEAR = TimeZone(
    bias=0,
    standard_time=StandardTime(bias=0, time=time(2), occurrence=5, iso_month=10, weekday=7),
    daylight_time=DaylightTime(bias=0, time=time(2), occurrence=5, iso_month=3, weekday=7),
)


def busy_times(
    account: MailboxAccount, people: Collection[Address], start: datetime, end: datetime
) -> Mapping[Address, tuple[BusyTime, ...]]:
    """Return when people are busy; who cannot be read in part of the time is left out."""
    asked = sorted(set(people))
    found: dict[Address, set[BusyTime]] = {address: set() for address in asked}
    for first in range(0, len(asked), _PEOPLE_IN_ONE_QUESTION):
        some = asked[first : first + _PEOPLE_IN_ONE_QUESTION]
        for begin, stop in _windows(start, end):
            views = account.read("busy", partial(_asked, account, some, begin, stop))
            for address, view in zip(some, views, strict=True):
                if not _is_shown(view):
                    found.pop(address, None)
                elif address in found:
                    found[address].update(_times(view))
    by_start = {who: sorted(times, key=lambda t: (t.start, t.end)) for who, times in found.items()}
    return {who: tuple(times) for who, times in by_start.items()}


def _windows(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    while start < end:
        stop = min(start + _DAYS_IN_ONE_QUESTION, end)
        yield start, stop
        start = stop


def _asked(
    account: MailboxAccount, people: Collection[Address], start: datetime, end: datetime
) -> list[Any]:
    """Return a view, or an error, for each of the people."""
    window = TimeWindow(start=_ews_time(start), end=_ews_time(end))
    views = _Availability(protocol=account.protocol).call(
        tzinfo=EWS_UTC,
        mailbox_data=[MailboxData(email=who, attendee_type="Required") for who in people],
        timezone=_UTC_ALL_YEAR,
        free_busy_view_options=FreeBusyViewOptions(
            time_window=window, merged_free_busy_interval=30, requested_view="FreeBusy"
        ),
    )
    return list(views)


def _is_shown(view: Any) -> bool:
    return isinstance(view, FreeBusyView) and view.view_type not in ("None", "MergedOnly")


def _times(view: Any) -> Iterator[BusyTime]:
    for event in view.calendar_events or ():
        if event.busy_type in _BUSY:
            yield BusyTime(in_utc(event.start), in_utc(event.end), event.busy_type == _AWAY)


def _ews_time(at: datetime) -> Any:
    return EWSDateTime.from_datetime(at.astimezone(UTC).replace(tzinfo=EWS_UTC))


class _Availability(GetUserAvailability):  # type: ignore[misc]  # exchangelib has no types
    """One person who cannot be read must not hide the others."""

    ERRORS_TO_CATCH_IN_RESPONSE = ResponseMessageError
