"""The calendar of a mailbox in Exchange Online, as Graph shows it.

From learn.microsoft.com/graph/api (event-update, event-cancel, event-delete, calendar-getschedule,
singlevaluelegacyextendedproperty-get). Where Microsoft documents nothing the fake is the less
friendly one: a new time for a series forgets its exceptions and answers, any change of a series
mails every guest and does so again for each exception, text comes back with other white space.
Exceptions live in their master and share its version (MS-OXOCAL 2.2.10).
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import graph_query
import graph_recurrence
from graph import MAILBOX, Call, GraphError, Route, bad
from graph_schema import assert_valid, refuse_unless
from tzlocal.windows_tz import win_tz
from web_server import Response

Json = dict[str, Any]

NEVER = "0001-01-01T00:00:00Z"
_READ_ONLY = {
    "bodyPreview", "calendar", "cancelledOccurrences", "changeKey", "createdDateTime",
    "exceptionOccurrences", "hasAttachments", "iCalUId", "id", "instances", "isCancelled",
    "isDraft", "isOrganizer", "lastModifiedDateTime", "onlineMeeting", "onlineMeetingUrl",
    "organizer", "originalStart", "responseStatus", "seriesMasterId", "type", "webLink",
}  # fmt: skip
_MASTER_ONLY = {"recurrence", "transactionId", "singleValueExtendedProperties", "sensitivity"}
_BEGINNING = datetime(2026, 2, 2, 12, tzinfo=UTC)
_BLOB = "<div>________ Microsoft Teams https://teams.example/l/meetup-join/1</div>"


@dataclass
class Deviation:
    """One occurrence that differs from its series; `own` are the properties it does not inherit."""

    own: Json
    start: datetime
    end: datetime
    attendees: list[Json]


@dataclass
class Event:
    """An event or series. Instants are in UTC; `zone` is the one it repeats in."""

    id: str
    created: int
    version: int
    properties: Json
    extended: dict[str, str]
    zone: ZoneInfo
    start: datetime
    end: datetime
    attendees: list[Json] = field(default_factory=list)
    transaction: str = ""
    exceptions: dict[date, Deviation] = field(default_factory=dict)
    cancelled: set[date] = field(default_factory=set)

    @property
    def recurrence(self) -> Json | None:
        found: Json | None = self.properties.get("recurrence")
        return found

    @property
    def etag(self) -> str:
        return f'W/"CQ{self.id[-4:]}{self.version:06d}"'

    def original(self, day: date) -> datetime:
        """Return when the occurrence of a day was first meant to start."""
        wall = self.start.astimezone(self.zone).time()
        return datetime.combine(day, wall, self.zone).astimezone(UTC)

    def occurrences(self) -> Iterator[tuple[date, datetime, datetime]]:
        """Yield day, start and end of every meeting that takes place."""
        assert self.recurrence is not None
        for day in graph_recurrence.days(self.recurrence):
            if day in self.cancelled:
                continue
            there = self.exceptions.get(day)
            start = there.start if there else self.original(day)
            yield day, start, there.end if there else start + (self.end - self.start)


@dataclass
class Mailbox:
    """What Exchange remembers. `notices` are the mails that guests got, one line each."""

    events: dict[str, Event] = field(default_factory=dict)
    deleted: dict[str, Event] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    schedules: dict[str, list[tuple[datetime, datetime, str]]] = field(default_factory=dict)
    ticks: int = 0

    def tick(self) -> int:
        self.ticks += 1
        return self.ticks

    def tell(self, what: str, guests: Sequence[Json], about: str) -> None:
        self.notices += [f"{what} {address_of(guest)} {about}" for guest in guests]


class CalendarPart:
    """The routes. `propagates`: guests of a series are taken along to its exceptions.

    `repeated` is the answer to a POST with a known transactionId: undocumented, so it can be
    either.
    """

    name = "calendar"

    def __init__(self, *, propagates: bool = True, repeated: int = 201) -> None:
        self.propagates = propagates
        self.repeated = repeated

    def new_state(self) -> Mailbox:
        return Mailbox(schedules={MAILBOX: []})

    def routes(self) -> Sequence[Route]:
        may_read, may_write = ["Calendars.Read", "Calendars.ReadWrite"], ["Calendars.ReadWrite"]
        listing = ("$filter", "$select", "$expand", "$top", "$skip")
        window = ("startDateTime", "endDateTime", "$select", "$top", "$skip")
        every = "/(?:calendar/|calendars/calendar/)?events"
        one = rf"{every}/(?P<id>[^/]+)"
        return [
            Route("GET", "/calendar", self._calendar, may_read),
            Route("GET", every, self._list, may_read, listing),
            Route("POST", every, self._post, may_write),
            Route("GET", one, self._get, may_read, ("$select", "$expand")),
            Route("PATCH", one, self._patch, may_write),
            Route("DELETE", one, self._delete, may_write),
            Route("GET", f"{one}/instances", self._instances, may_read, window),
            Route("POST", f"{one}/cancel", self._cancel, may_write),
            Route("POST", "/calendar/getSchedule", self._schedule, may_read, reads=True),
        ]

    # Reading.

    def _calendar(self, call: Call, mailbox: Mailbox) -> Response:
        owner = {"name": "Reverse Mentoring", "address": MAILBOX}
        return Response.of_json(
            200, {"id": "calendar", "name": "Calendar", "owner": owner}, Date=_http_date()
        )

    def _list(self, call: Call, mailbox: Mailbox) -> Response:
        fits, shape = graph_query.matching(call), graph_query.shape(call, single=False)
        found = [event for event in mailbox.events.values() if fits(event.extended)]
        told = [shape.of(told_of(event, call), event.extended) for event in found]
        for one in told:
            assert_valid("Event", one)
        return Response.of_json(200, graph_query.page(call, told))

    def _get(self, call: Call, mailbox: Mailbox) -> Response:
        event, day = _found(mailbox, call)
        told = told_of(event, call) if day is None else told_of_occurrence(event, day, call)
        return _answer(200, graph_query.shape(call, single=True).of(told, event.extended))

    def _instances(self, call: Call, mailbox: Mailbox) -> Response:
        event, _ = _found(mailbox, call)
        if event.recurrence is None:
            raise bad("The event is not a series master.", "ErrorInvalidRequest")
        since, until = (_instant(call.option(name)) for name in ("startDateTime", "endDateTime"))
        if not since < until <= since + timedelta(days=1825):
            raise bad("The requested time duration is too long.", "ErrorCalendarViewRangeTooBig")
        shape = graph_query.shape(call, single=False)
        told = [
            shape.of(told_of_occurrence(event, day, call), {})
            for day, start, end in event.occurrences()
            if start < until and end > since
        ]
        for one in told:
            assert_valid("Event", one)
        return Response.of_json(200, graph_query.page(call, told))

    def _schedule(self, call: Call, mailbox: Mailbox) -> Response:
        body = call.json()
        known = {"schedules", "startTime", "endTime", "availabilityViewInterval"}
        since, until = (_moment(body[name])[0] for name in ("startTime", "endTime"))
        if body.keys() - known or not 5 <= body.get("availabilityViewInterval", 30) <= 1440:
            raise bad("The parameters are not valid.", "BadRequest")
        if len(body["schedules"]) > 20 or not since < until <= since + timedelta(days=62):
            raise bad("Too many schedules, or too long a time.", "ErrorInvalidTimeInterval")
        told = [_schedule_of(mailbox, person, since, until) for person in body["schedules"]]
        for one in told:
            assert_valid("ScheduleInformation", one)
        return Response.of_json(200, {"value": told})

    # Writing.

    def _post(self, call: Call, mailbox: Mailbox) -> Response:
        body = _checked(call.json())
        if not {"start", "end"} <= body.keys():
            raise bad("start and end are required", "ErrorInvalidRequest")
        known = [e for e in mailbox.events.values() if e.transaction == body.get("transactionId")]
        if known and body.get("transactionId"):
            if self.repeated == 409:
                raise GraphError(409, "ErrorDuplicateTransactionId", "The id was used before.")
            return _answer(201, told_of(known[0], call))
        start, zone = _moment(body.pop("start"))
        end, _ = _moment(body.pop("end"))
        _refuse_times(start, end, zone, body.get("recurrence"))
        made = mailbox.tick()
        event = Event(
            id=f"AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A{made:04d}",
            created=made,
            version=made,
            extended=dict(graph_query.extended(body.pop("singleValueExtendedProperties", []))),
            attendees=[guest_of(attendee) for attendee in body.pop("attendees", None) or []],
            transaction=body.get("transactionId") or "",
            properties=body,
            zone=zone,
            start=start,
            end=end,
        )
        mailbox.events[event.id] = event
        mailbox.tell("invitation", event.attendees, "series")
        return _answer(201, told_of(event, call))

    def _patch(self, call: Call, mailbox: Mailbox) -> Response:
        event, day = _found(mailbox, call)
        wanted = call.request.headers.get("if-match")
        if wanted not in (None, "*", event.etag):
            raise GraphError(
                412, "ErrorIrresolvableConflict", "The change key does not match the current one."
            )
        body = _checked(call.json())
        if day is not None:
            self._patch_occurrence(mailbox, event, day, body)
            told = told_of_occurrence(event, day, call)
        else:
            self._patch_series(mailbox, event, body)
            told = told_of(event, call)
        return _answer(200, told)

    def _patch_series(self, mailbox: Mailbox, event: Event, body: Json) -> None:
        if body.get("transactionId", event.transaction) != event.transaction:
            raise bad("transactionId cannot be changed", "ErrorInvalidPropertyUpdateSentMessage")
        only_guests = body.keys() == {"attendees"}
        before = event.attendees
        event.extended |= graph_query.extended(body.pop("singleValueExtendedProperties", []))
        if "attendees" in body:
            event.attendees = _merged(before, body.pop("attendees") or [])
        self._retime(event, body)
        event.properties |= body
        event.version = mailbox.tick()
        self._tell_of_series(mailbox, event, before, only_guests=only_guests)

    def _retime(self, event: Event, body: Json) -> None:
        was = (event.start, event.end, event.recurrence)
        if "start" in body:
            event.start, event.zone = _moment(body.pop("start"))
        if "end" in body:
            event.end, _ = _moment(body.pop("end"))
        recurrence = body.get("recurrence", event.recurrence)
        if (event.start, event.end, recurrence) == was:
            return
        _refuse_times(event.start, event.end, event.zone, recurrence)
        event.exceptions.clear()
        event.cancelled.clear()
        event.attendees = [guest_of(attendee) for attendee in event.attendees]

    def _tell_of_series(
        self, mailbox: Mailbox, event: Event, before: list[Json], *, only_guests: bool
    ) -> None:
        """Mail the guests, and take them along to the exceptions."""
        came, left, stayed = _turnover(before, event.attendees)
        _tell_of(mailbox, "series", came, left, () if only_guests else stayed)
        for day in sorted(event.exceptions):
            there, was = event.exceptions[day], event.exceptions[day].attendees
            if self.propagates:
                stay = [guest for guest in was if address_of(guest) not in _addresses(left)]
                new = [guest for guest in came if address_of(guest) not in _addresses(stay)]
                there.attendees = [*stay, *(guest_of(guest) for guest in new)]
            entered, gone, stay = _turnover(was, there.attendees)
            _tell_of(mailbox, day.isoformat(), entered, gone, () if only_guests else stay)

    def _patch_occurrence(self, mailbox: Mailbox, event: Event, day: date, body: Json) -> None:
        if body.keys() & _MASTER_ONLY:
            raise bad(f"not of an occurrence: {sorted(body.keys() & _MASTER_ONLY)}")
        original = event.original(day)
        length = event.end - event.start
        there = event.exceptions.get(day) or Deviation(
            {}, original, original + length, [dict(guest) for guest in event.attendees]
        )
        start = _moment(body.pop("start"))[0] if "start" in body else there.start
        end = _moment(body.pop("end"))[0] if "end" in body else there.end
        if end < start:
            raise bad("The end is before the start.", "ErrorPropertyValidationFailure")
        _refuse_crossing(event, day, start)
        before = there.attendees
        if "attendees" in body:
            there.attendees = _merged(before, body.pop("attendees") or [])
        there.start, there.end, there.own = start, end, {**there.own, **body}
        event.exceptions[day] = there
        event.version = mailbox.tick()
        _tell_of(mailbox, day.isoformat(), *_turnover(before, there.attendees))

    def _delete(self, call: Call, mailbox: Mailbox) -> Response:
        event, day = _found(mailbox, call)
        if day is None:
            _remove(mailbox, event)
        else:
            there = event.exceptions.pop(day, None)
            event.cancelled.add(day)
            event.version = mailbox.tick()
            guests = there.attendees if there else event.attendees
            mailbox.tell("cancellation", guests, day.isoformat())
        return Response(204)

    def _cancel(self, call: Call, mailbox: Mailbox) -> Response:
        event, day = _found(mailbox, call)
        if call.json().keys() - {"comment", "Comment"}:
            raise bad("The parameters are not valid.", "BadRequest")
        if not event.attendees:
            text = "You need to be an organizer to cancel a meeting."
            raise bad(f"Your request can't be completed. {text}")
        if day is not None:
            return self._delete(call, mailbox)
        _remove(mailbox, event)
        return Response(202, headers={"Content-Length": "0", "Retry-After": "1"})


# What is told.


def told_of(event: Event, call: Call) -> Json:
    """Return an event as Graph tells it."""
    told = {
        **_common(event, event.properties, event.attendees, call),
        "id": event.id,
        "type": "singleInstance" if event.recurrence is None else "seriesMaster",
        "start": _utc(event.start),
        "end": _utc(event.end),
        "recurrence": graph_recurrence.told(event.recurrence) if event.recurrence else None,
    }
    if event.recurrence is not None:
        told["cancelledOccurrences"] = [
            f"OID.{event.id}.{day.isoformat()}" for day in sorted(event.cancelled)
        ]
        told["exceptionOccurrences"] = [
            told_of_occurrence(event, day, call) for day in sorted(event.exceptions)
        ]
    return told


def told_of_occurrence(event: Event, day: date, call: Call) -> Json:
    """Return one occurrence as Graph tells it; it has its master's version."""
    there = event.exceptions.get(day)
    original = event.original(day)
    properties = {**event.properties, **(there.own if there else {})}
    return {
        **_common(event, properties, there.attendees if there else event.attendees, call),
        "id": f"{event.id}-{day.isoformat()}",
        "seriesMasterId": event.id,
        "type": "exception" if there else "occurrence",
        "originalStart": f"{original:%Y-%m-%dT%H:%M:%SZ}",
        "start": _utc(there.start if there else original),
        "end": _utc(there.end if there else original + (event.end - event.start)),
        "recurrence": None,
    }


def _common(event: Event, properties: Json, attendees: list[Json], call: Call) -> Json:
    if call.prefer.get("outlook.timezone", "UTC") != "UTC":
        raise bad("the fake answers in UTC only", "ErrorInvalidTimeZone")
    when = _BEGINNING + timedelta(seconds=event.created)
    usual = {"subject": "", "sensitivity": "normal", "showAs": "busy", "location": {}}
    told = {
        **usual,
        **{name: value for name, value in properties.items() if name != "recurrence"},
        "@odata.etag": event.etag,
        "changeKey": event.etag[3:-1],
        "createdDateTime": f"{when:%Y-%m-%dT%H:%M:%S}.0000000Z",
        "isCancelled": False,
        "isOrganizer": True,
        "organizer": {"emailAddress": {"name": "Mentoring Mailbox", "address": MAILBOX}},
        "attendees": attendees,
        "body": _body(properties, text=call.prefer.get("outlook.body-content-type") == "text"),
    }
    location = properties.get("location") or {}
    told["location"] = {"displayName": "", "locationType": "default", **location}
    return told


def _body(properties: Json, *, text: bool) -> Json:
    """Return the body after it went through HTML, which is how Exchange keeps it."""
    body = properties.get("body") or {"contentType": "text", "content": ""}
    content: str = body["content"]
    if body["contentType"] == "text":
        content = "<br>".join(html.escape(line) for line in content.split("\n"))
    if properties.get("isOnlineMeeting"):
        content += _BLOB
    if not text:
        return {"contentType": "html", "content": f"<html><body>{content}</body></html>"}
    plain = re.sub("<[^>]+>", "", re.sub("<(br|div)>", "\r\n", content))
    return {"contentType": "text", "content": re.sub("[\t ]+", " ", html.unescape(plain)) + "\r\n"}


def _schedule_of(mailbox: Mailbox, person: str, since: datetime, until: datetime) -> Json:
    if person not in mailbox.schedules:
        error = {"message": "Unable to resolve it.", "responseCode": "ErrorMailRecipientNotFound"}
        return {"scheduleId": person, "availabilityView": "", "error": error}
    items = [
        {"status": status, "start": _utc(start), "end": _utc(end), "isPrivate": True}
        for start, end, status in mailbox.schedules[person]
        if start < until and end > since
    ]
    return {"scheduleId": person, "availabilityView": "0", "scheduleItems": items}


def _answer(status: int, told: Json) -> Response:
    bare = {n: v for n, v in told.items() if n not in graph_query.ON_DEMAND or status == 200}
    assert_valid("Event", bare)
    return Response.of_json(status, bare)


# What is checked.


def _checked(body: Json) -> Json:
    refuse_unless("Event", body)
    if read_only := body.keys() & _READ_ONLY:
        raise bad(f"read-only: {sorted(read_only)}", "ErrorInvalidPropertySet")
    for attendee in body.get("attendees") or []:
        if not (attendee.get("emailAddress") or {}).get("address"):
            raise bad("an attendee without an address", "ErrorInvalidRecipients")
    return body


def _refuse_times(start: datetime, end: datetime, zone: ZoneInfo, recurrence: Json | None) -> None:
    if end < start:
        raise bad("The end is before the start.", "ErrorPropertyValidationFailure")
    if recurrence is None:
        return
    named = recurrence.get("range", {}).get("recurrenceTimeZone")
    if named and named not in win_tz:
        raise bad(f"unknown time zone {named}", "TimeZoneNotSupportedException")
    graph_recurrence.refuse(recurrence, start.astimezone(zone).date())


def _refuse_crossing(event: Event, day: date, start: datetime) -> None:
    """An occurrence stays between the days of its neighbours (event-update)."""
    others = sorted(
        begin.astimezone(event.zone).date()
        for other, begin, _ in event.occurrences()
        if other != day
    )
    now = start.astimezone(event.zone).date()
    before = [other for other in others if other < day]
    after = [other for other in others if other > day]
    if (before and now <= before[-1]) or (after and now >= after[0]):
        text = "Modified occurrence is crossing or overlapping adjacent occurrence."
        raise bad(text, "ErrorOccurrenceCrossingBoundary")


def _moment(moment: Json) -> tuple[datetime, ZoneInfo]:
    """Return a dateTimeTimeZone as an instant and its zone."""
    name = moment.get("timeZone")
    if name != "UTC" and name not in win_tz:
        raise bad(
            f"A valid TimeZone value must be specified: {name}", "TimeZoneNotSupportedException"
        )
    zone = ZoneInfo("UTC" if name == "UTC" else win_tz[name])
    try:
        wall = datetime.fromisoformat(moment["dateTime"])
    except (KeyError, ValueError) as error:
        raise bad("The dateTime is not one.", "ErrorInvalidRequest") from error
    if wall.tzinfo is not None:
        raise bad("A dateTime has no offset of its own here.", "ErrorInvalidRequest")
    return wall.replace(tzinfo=zone).astimezone(UTC), zone


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise bad("This request requires a time window.", "ErrorInvalidParameter") from error


def _found(mailbox: Mailbox, call: Call) -> tuple[Event, date | None]:
    """Return the event of an id, with the day if it is an occurrence's."""
    id = call.groups["id"]
    if id in mailbox.events:
        return mailbox.events[id], None
    master = mailbox.events.get(id[:-11])
    if master is not None and master.recurrence is not None:
        day = date.fromisoformat(id[-10:])
        if any(day == there for there, _, _ in master.occurrences()):
            return master, day
    raise GraphError(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def _turnover(before: list[Json], after: list[Json]) -> tuple[list[Json], list[Json], list[Json]]:
    """Return the guests who came, left and stayed."""
    old, new = _addresses(before), _addresses(after)
    return (
        [guest for guest in after if address_of(guest) not in old],
        [guest for guest in before if address_of(guest) not in new],
        [guest for guest in after if address_of(guest) in old],
    )


def _tell_of(
    mailbox: Mailbox, what: str, came: Sequence[Json], left: Sequence[Json], stayed: Sequence[Json]
) -> None:
    mailbox.tell("invitation", came, what)
    mailbox.tell("cancellation", left, what)
    mailbox.tell("update", stayed, what)


def _remove(mailbox: Mailbox, event: Event) -> None:
    mailbox.deleted[event.id] = mailbox.events.pop(event.id)
    mailbox.tell("cancellation", event.attendees, "series")


def guest_of(attendee: Json) -> Json:
    """Return an attendee who was just invited, with nothing answered yet."""
    email = attendee["emailAddress"]
    return {
        "type": attendee.get("type", "required"),
        "status": {"response": "none", "time": NEVER},
        "emailAddress": {
            "name": email.get("name") or email["address"],
            "address": email["address"],
        },
    }


def _merged(before: list[Json], wanted: list[Json]) -> list[Json]:
    """Return new guests; those who stay keep their answers."""
    known = {address_of(guest): guest["status"] for guest in before}
    return [
        {**guest_of(one), "status": known.get(address_of(one), guest_of(one)["status"])}
        for one in wanted
    ]


def address_of(guest: Json) -> str:
    address: str = guest["emailAddress"]["address"]
    return address


def _addresses(guests: list[Json]) -> set[str]:
    return {address_of(guest) for guest in guests}


def _utc(at: datetime) -> Json:
    return {"dateTime": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}


def _http_date() -> str:
    return datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
