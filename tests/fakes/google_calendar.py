"""Google Calendar on loopback: one mailbox with one calendar, and what its guests are told.

    with GoogleCalendarService() as google:
        google.events ...   # what it holds
        google.notices ...  # "jonas.weber@contoso.example: invited Reverse mentoring …"
        google.people ...   # the hands of everybody else

Requests and answers are judged by Google's discovery document; what does not fit is refused, and
reported when the service ends. Not known from documents, and assumed: whether an exception follows
its series in what was not said of it (`inherits`), whether it changes the series' etag, and that
Google shows a rule in an order of its own.
"""

import itertools
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from google_discovery import DiscoveryCheck, Method
from google_events import Events, Refusal, Resource, invalid
from google_login import GoogleLogin
from web_server import FakeService, Request, Response

MAILBOX = "mentoring@contoso.example"
OUR_DOMAIN = "contoso.example"
SCOPES = frozenset(
    f"https://www.googleapis.com/auth/calendar.{name}" for name in ("events", "events.freebusy")
)
_CHECK = DiscoveryCheck("calendar", "v3")
_NOT_WITH_A_TOKEN = {
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
}
_LONGEST_SPAN = timedelta(days=62)
Span = tuple[datetime, datetime]


@dataclass
class State:
    """Everything that can be lost or late. `oldest`: the first sync token that is still good."""

    events: Events
    notices: list[str] = field(default_factory=list)
    busy: dict[str, list[Span]] = field(default_factory=dict)
    oldest: int = 0


class GoogleCalendarService(FakeService):
    """`page_size` is the most that Google puts on a page here, whatever is asked for.

    `refusal` is what every request but a login gets instead of an answer; `meanwhile` happens once,
    right before the next write is looked at.
    """

    def __init__(self, *, inherits: bool = True, page_size: int = 2500) -> None:
        super().__init__(State(Events(MAILBOX, inherits)))
        self.login = GoogleLogin(frozenset({MAILBOX}), set(SCOPES))
        self.scopes = set(SCOPES)  # what the user consents to
        self.role = "owner"
        self.page_size = page_size
        self.refusal: Refusal | None = None
        self.meanwhile: Callable[[], object] | None = None
        self.wrong: list[str] = []  # what a client, or this fake, must never say
        self.serial = itertools.count(1)

    @property
    def events(self) -> Events:
        events: Events = self.state.events
        return events

    @property
    def notices(self) -> list[str]:
        notices: list[str] = self.state.notices
        return notices

    def __exit__(self, *details: object) -> None:
        super().__exit__(*details)
        assert not self.wrong, "\n".join(self.wrong)

    def is_write(self, request: Request) -> bool:
        reads = request.method == "GET" or request.path.endswith(("/token", "/freeBusy"))
        return not reads

    def handle(self, request: Request, state: State) -> Response:
        if request.path == "/token":
            return self.login.answer(request)
        if self.meanwhile and self.is_write(request):
            happening, self.meanwhile = self.meanwhile, None
            happening()
        try:
            response = self._answer(request, state)
        except Refusal as refusal:
            response = _refused(refusal)
        except Exception:  # noqa: BLE001 - told at the end, where a test sees it
            self.wrong.append(traceback.format_exc())
            return Response(500)
        self.wrong += [f"the fake: {each}" for each in _CHECK.answer(request, response)]
        return response

    def _answer(self, request: Request, state: State) -> Response:
        scopes = self.login.scopes(request)
        if scopes is None:
            raise Refusal(401, "authError", "Invalid Credentials")
        if self.refusal is not None:
            raise self.refusal
        problems = _CHECK.request(request)
        if problems:
            self.wrong += problems
            raise invalid("; ".join(problems))
        method = _CHECK.method(request)
        assert method is not None
        if not scopes & method.scopes:
            message = "Request had insufficient authentication scopes."
            raise Refusal(403, "insufficientPermissions", message)
        arguments = method.arguments(request.path)
        if arguments.get("calendarId", "primary") not in ("primary", MAILBOX):
            raise Refusal(404, "notFound", "Not Found")
        return self._called(method, arguments, request, state)

    def _called(
        self, method: Method, arguments: Mapping[str, str], request: Request, state: State
    ) -> Response:
        if self.is_write(request) and self.role not in ("owner", "writer"):
            message = "You need to have writer access to this calendar."
            raise Refusal(403, "requiredAccessLevel", message)
        id, calls = arguments.get("eventId", ""), _Calls(state)
        if method.id == "calendar.events.delete":
            calls.delete(id, request)
            return Response(204)
        methods: Mapping[str, Callable[[], Resource]] = {
            "calendar.events.list": lambda: self._list(request.query, state),
            "calendar.events.get": lambda: state.events.shown(id),
            "calendar.events.insert": lambda: calls.insert(request),
            "calendar.events.patch": lambda: calls.patch(id, request),
            "calendar.freebusy.query": lambda: _free_busy(request.json(), state),
        }
        return Response.of_json(200, methods[method.id]())

    def _list(self, query: Mapping[str, list[str]], state: State) -> Resource:
        asked = {name: values[0] for name, values in query.items()}
        since = self._since(asked, state)
        found = [event for at, event in sorted(state.events.listed(), key=_when) if at > since]
        found = [event for event in found if _wanted(event, asked)]
        size = min(int(asked.get("maxResults", 250)), self.page_size)
        offset = int(asked.get("pageToken", "0"))
        page, more = found[offset : offset + size], offset + size < len(found)
        answer: Resource = {
            "kind": "calendar#events",
            "accessRole": self.role,
            "summary": MAILBOX,
            "timeZone": "Europe/Berlin",
            "items": page,
        }
        if more:
            answer["nextPageToken"] = str(offset + size)
        elif not asked.keys() & _NOT_WITH_A_TOKEN:
            # Another one each time, also when nothing has changed.
            answer["nextSyncToken"] = f"sync-{state.events.clock}-{next(self.serial)}"
        return answer

    @staticmethod
    def _since(asked: Mapping[str, str], state: State) -> int:
        token = asked.get("syncToken")
        if token is None:
            return 0
        if asked.keys() & _NOT_WITH_A_TOKEN or asked.get("showDeleted") == "false":
            raise invalid("Sync token cannot be used with other query restrictions.")
        kind, _, rest = token.partition("-")
        if kind != "sync":
            raise invalid("Invalid sync token value.")
        since, serial = map(int, rest.split("-"))
        if serial < state.oldest:
            message = "Sync token is no longer valid, a full sync is required."
            raise Refusal(410, "fullSyncRequired", message)
        return since


@dataclass
class _Calls:
    """The methods that change something, and tell the guests."""

    state: State

    def insert(self, request: Request) -> Resource:
        body = request.json()
        conference = body.pop("conferenceData", None)
        event = self.state.events.insert(body)
        if conference and request.query.get("conferenceDataVersion") == ["1"]:
            assert conference["createRequest"]["requestId"]
            link = f"https://meet.example/{event['id'][:10]}"
            event = self.state.events.patch(event["id"], {"hangoutLink": link})
        self._tell(_guests(event), "invited", event, request)
        return event

    def patch(self, id: str, request: Request) -> Resource:
        before = self.state.events.shown(id)
        _check_match(before, request)
        event = self.state.events.patch(id, request.json())
        if event["status"] == "cancelled":
            self._tell(_guests(before), "cancelled", before, request)
            return event
        old, new = _guests(before), _guests(event)
        self._tell(old - new, "cancelled", before, request)
        self._tell(new - old, "invited", event, request)
        self._tell(old & new, "updated", event, request)
        return event

    def delete(self, id: str, request: Request) -> None:
        before = self.state.events.shown(id)
        if before["status"] != "cancelled":
            _check_match(before, request)
        self.state.events.delete(id)
        self._tell(_guests(before), "cancelled", before, request)

    def _tell(self, guests: Iterable[str], what: str, event: Resource, request: Request) -> None:
        """Mail the guests that `sendUpdates` is about; without it, nobody."""
        audience = request.query.get("sendUpdates", ["none"])[0]
        for guest in sorted(guests):
            outside = not guest.endswith(f"@{OUR_DOMAIN}")
            if audience == "all" or (audience == "externalOnly" and outside):
                at, place = event["start"]["dateTime"], event.get("location", "")
                self.state.notices.append(f"{guest}: {what} {event['id']} {at} {place}")


def _check_match(event: Resource, request: Request) -> None:
    wanted = request.headers.get("if-match")
    if wanted is not None and wanted != event["etag"]:
        raise Refusal(412, "conditionNotMet", "Precondition Failed")


def _guests(event: Resource) -> set[str]:
    return {a["email"] for a in event.get("attendees", []) if not a.get("resource")}


def _refused(refusal: Refusal) -> Response:
    error = {"domain": "calendar", "reason": refusal.reason, "message": refusal.message}
    body = {"code": refusal.status, "message": refusal.message, "errors": [error]}
    return Response.of_json(refusal.status, {"error": body})


def _when(changed: tuple[int, Resource]) -> int:
    return changed[0]


def _wanted(event: Resource, asked: Mapping[str, str]) -> bool:
    """Return whether `events.list` shows an event."""
    known = {"alt", "syncToken", "pageToken", "showDeleted", "maxResults", "iCalUID"}
    if not asked.keys() <= known:
        raise NotImplementedError(str(asked))
    if "iCalUID" in asked and not _has_uid(event, asked["iCalUID"]):
        return False
    gone = event["status"] == "cancelled" and "recurringEventId" not in event
    return not gone or "syncToken" in asked or asked.get("showDeleted") == "true"


def _has_uid(event: Resource, uid: str) -> bool:
    """Return whether an event has this UID; a cancelled exception does not show its own."""
    shown = event.get("iCalUID") or f"{event['recurringEventId']}@google.com"
    return bool(shown == uid)


def _free_busy(body: Resource, state: State) -> Resource:
    start, end = (datetime.fromisoformat(body[name]) for name in ("timeMin", "timeMax"))
    if start.tzinfo is None or end.tzinfo is None or end <= start:
        raise invalid("The specified time range is empty.", "timeRangeEmpty")
    if end - start > _LONGEST_SPAN:
        raise invalid("The requested time range is too long.", "timeRangeTooLong")
    names = [item["id"] for item in body["items"]]
    ours = _our_spans(state)
    calendars = {}
    for number, name in enumerate(names):
        if number >= body.get("calendarExpansionMax", 50):
            error = "tooManyCalendarsRequested"
        elif name != "primary" and not name.endswith(f"@{OUR_DOMAIN}"):
            error = "notFound"
        else:
            known = [*state.busy.get(name, ()), *ours.get(name, ())]
            spans = _merged_spans(known, start, end)
            calendars[name] = {"busy": [_span(*span) for span in spans]}
            continue
        calendars[name] = {"errors": [{"domain": "global", "reason": error}], "busy": []}
    return {"kind": "calendar#freeBusy", **_times(start, end), "calendars": calendars}


def _our_spans(state: State) -> Mapping[str, list[Span]]:
    """Return when people are busy with our own meetings, whatever else they do."""
    spans: dict[str, list[Span]] = {}
    for id in state.events.masters:
        if state.events.shown(id)["status"] != "cancelled":
            for meeting in state.events.meetings(id):
                if "dateTime" in meeting["start"]:
                    times = (meeting["start"]["dateTime"], meeting["end"]["dateTime"])
                    span = datetime.fromisoformat(times[0]), datetime.fromisoformat(times[1])
                    for guest in _guests(meeting):
                        spans.setdefault(guest, []).append(span)
    return spans


def _merged_spans(spans: Iterable[Span], start: datetime, end: datetime) -> list[Span]:
    """Return the spans within a window, in order; those that touch are one."""
    found: list[Span] = []
    for begins, ends in sorted((max(a, start), min(b, end)) for a, b in spans):
        if begins >= ends:
            continue
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def _span(start: datetime, end: datetime) -> Resource:
    return {"start": _utc(start), "end": _utc(end)}


def _times(start: datetime, end: datetime) -> Resource:
    return {"timeMin": _utc(start), "timeMax": _utc(end)}


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


class People:
    """The hands of everybody else, in their own calendars. Nobody is told of what they do."""

    def __init__(self, service: GoogleCalendarService) -> None:
        self._service = service

    def change(self, id: str, **change: Any) -> None:
        """Change an event, or one meeting of a series by its instance id."""
        self._events().patch(id, change)

    def drag(self, id: str, start: datetime) -> None:
        """Move an event, or one meeting, to another aware start, as long as it was."""
        shown = self._events().shown(id)
        begins, ends = (datetime.fromisoformat(shown[n]["dateTime"]) for n in ("start", "end"))
        zone = shown["start"]["timeZone"]
        times = {"start": start, "end": start + (ends - begins)}
        self.change(
            id, **{n: {"dateTime": at.isoformat(), "timeZone": zone} for n, at in times.items()}
        )

    def answer(self, id: str, guest: str, status: str, comment: str = "") -> None:
        """Answer the invitation to a series, or to one meeting."""
        said = {"responseStatus": status} | ({"comment": comment} if comment else {})
        invited = self._events().shown(id)["attendees"]
        self.change(id, attendees=[a | said if a["email"] == guest else a for a in invited])

    def bring(self, id: str, guest: str) -> None:
        """Add a guest of one's own."""
        attendees = self._events().shown(id).get("attendees", [])
        self.change(id, attendees=[*attendees, {"email": guest}])

    def delete(self, id: str) -> None:
        """Delete a series, or one meeting."""
        self._events().delete(id)

    def split(self, id: str, last: datetime, start: datetime, change: Resource) -> str:
        """Change "this and following": the series ends, another one begins. Return its id."""
        master = self._events().shown(id)
        head, *rest = [part for part in master["recurrence"] if part.startswith("RRULE")]
        bare = ";".join(p for p in head.split(";") if not p.startswith(("COUNT", "UNTIL")))
        until = f"{bare};UNTIL={last.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        self.change(id, recurrence=[until, *rest])
        new = f"{id}r{start:%Y%m%dt%H%M%S}".replace("t", "0")
        body = {k: master[k] for k in ("summary", "attendees", "extendedProperties")}
        body |= {"id": new, "recurrence": [bare], **change}
        self._events().insert(body)
        return new

    def purge(self, id: str) -> None:
        """Empty the bin: nothing is left of an event."""
        del self._events().masters[id]

    def expire(self) -> None:
        """Let every sync token that was ever given be too old."""
        self._service.state.oldest = next(self._service.serial)

    def busy(self, guest: str, start: datetime, end: datetime) -> None:
        """Give somebody another meeting."""
        self._service.state.busy.setdefault(guest, []).append((start, end))

    def _events(self) -> Events:
        return self._service.events
