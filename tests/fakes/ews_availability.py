"""GetUserAvailability: what everybody may know of everybody's time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from ews_calendar import occurrence
from ews_recurrence import instant, starts_of
from ews_schema import element
from ews_store import Item, Server
from lxml import etree

MOST_PEOPLE = 100
LONGEST = timedelta(days=62)

_Event = tuple[datetime, datetime, str]


def get_user_availability(server: Server, body: etree._Element) -> etree._Element:
    """Return the whole answer; each mailbox is answered or refused by itself."""
    addresses = [str(found.text).lower() for found in body.iterfind(".//{*}Email/{*}Address")]
    start = instant(body.findtext(".//{*}StartTime") or "")
    end = instant(body.findtext(".//{*}EndTime") or "")
    answers = element("m:FreeBusyResponseArray")
    for address in addresses:
        code = _refusal(server, address, len(addresses), end - start)
        answers.append(_refused(code) if code else _told(server, address, start, end))
    return element("m:GetUserAvailabilityResponse", answers)


def _refusal(server: Server, address: str, people: int, span: timedelta) -> str:
    if people > MOST_PEOPLE:
        return "ErrorMailboxDataArrayTooBig"
    if span > LONGEST:
        return "ErrorTimeIntervalTooBig"
    if span <= timedelta():
        return "ErrorInvalidTimeInterval"
    if address not in server.mailboxes:
        return "ErrorMailRecipientNotFound"
    return "ErrorNoFreeBusyAccess" if address in server.shy else ""


def _refused(code: str) -> etree._Element:
    message = element(
        "m:ResponseMessage",
        element("m:MessageText", code),
        element("m:ResponseCode", code),
        element("m:DescriptiveLinkKey", "0"),
        ResponseClass="Error",
    )
    view = element("m:FreeBusyView", element("t:FreeBusyViewType", "None"))
    return element("m:FreeBusyResponse", message, view)


def _told(server: Server, address: str, start: datetime, end: datetime) -> etree._Element:
    events = element("t:CalendarEventArray")
    for begins, ends, kind in sorted(_events(server, address)):
        if ends > start and begins < end:
            events.append(
                element(
                    "t:CalendarEvent",
                    element("t:StartTime", f"{begins.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"),
                    element("t:EndTime", f"{ends.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"),
                    element("t:BusyType", kind),
                )
            )
    message = element(
        "m:ResponseMessage", element("m:ResponseCode", "NoError"), ResponseClass="Success"
    )
    view = element("m:FreeBusyView", element("t:FreeBusyViewType", "FreeBusy"), events)
    return element("m:FreeBusyResponse", message, view)


def _events(server: Server, address: str) -> Iterator[_Event]:
    yield from server.busy.get(address, ())
    for item in server.mailboxes[address].folders["calendar"].items.values():
        if "Recurrence" not in item.values:
            yield _event(item)
            continue
        for original in starts_of(item):
            if original not in item.deleted:
                yield _event(occurrence(item, original))


def _event(item: Item) -> _Event:
    kind = item.text("LegacyFreeBusyStatus") or "Busy"
    return instant(item.text("Start")), instant(item.text("End")), kind
