"""Requests to Google Calendar: events of one calendar, read whole, changed one at a time."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Literal

from googleapiclient.errors import HttpError

from rmflow.adapters.google.client import Connection
from rmflow.adapters.google.event import Event
from rmflow.adapters.google.event_reading import Held
from rmflow.errors import ChangedError, DeniedError, RejectedError, UnavailableError

BACKEND = "calendar"
Told = Literal["all", "externalOnly", "none"]

_PAGE = 2500  # the most that Google gives


class CalendarEvents:
    """The events of one calendar. `connect` is called when it is first needed."""

    def __init__(self, connect: Callable[[], Connection], calendar: str) -> None:
        self._connect = connect
        self._calendar = calendar

    @cached_property
    def connection(self) -> Connection:
        """Google's API."""
        return self._connect()

    @cached_property
    def _resource(self) -> Any:
        """The methods of events; making them takes longer than a request."""
        return self.connection.api.events()

    def get(self, id: str) -> Event | None:
        """Return an event or an instance, None if there is none of that id."""
        request = self._resource.get(calendarId=self._calendar, eventId=id)
        try:
            event: Event = request.execute()
        except HttpError as error:
            if error.resp.status in (404, 410):
                return None
            raise _unexpected(error, "get") from error
        return event

    def held(self, id: str) -> Held | None:
        """Return a series with its exceptions, None if there is none of that id.

        All of them have the same iCalUID, whatever it is.
        """
        event = self.get(id)
        if event is None:
            return None
        if not event.get("recurrence") or "iCalUID" not in event:
            return Held(event)
        items, _ = self._listed(iCalUID=event["iCalUID"], showDeleted=True)
        exceptions = {i["id"]: i for i in items if i.get("recurringEventId") == id}
        return Held(next((i for i in items if i["id"] == id), event), exceptions)

    def everything(self) -> tuple[list[Event], str]:
        """Return all events, deleted ones and exceptions too, and the token for what follows.

        A listing that is narrowed down to ours would not give a token.
        """
        return self._listed(showDeleted=True)

    def since(self, token: str) -> tuple[list[Event], str] | None:
        """Return what changed since a token, and the next; None if the token is good no more."""
        try:
            return self._listed(syncToken=token, showDeleted=True)
        except HttpError as error:
            if error.resp.status == 410:
                return None
            raise _unexpected(error, "list") from error
        except RejectedError:  # 400, for one that belongs to another calendar
            return None

    def role(self) -> str:
        """Return what the mailbox is to the calendar: such as "owner" or "reader"."""
        request = self._resource.list(calendarId=self._calendar, maxResults=1)
        try:
            role: str = request.execute().get("accessRole", "none")
        except HttpError as error:
            raise _unexpected(error, "list") from error
        return role

    def insert(self, body: Mapping[str, Any], told: Told, *, meet: bool = False) -> Event | None:
        """Make an event; None if its id is taken, also by a deleted one. `meet`: with a link."""
        conference = {"requestId": body["id"], "conferenceSolutionKey": {"type": "hangoutsMeet"}}
        extra = {"conferenceData": {"createRequest": conference}} if meet else {}
        request = self._resource.insert(
            calendarId=self._calendar,
            body={**body, **extra},
            sendUpdates=told,
            conferenceDataVersion=int(meet),
        )
        try:
            event: Event = request.execute()
        except HttpError as error:
            if error.resp.status == 409:
                return None
            raise _unexpected(error, "insert") from error
        return event

    def patch(self, event: Event, change: Mapping[str, Any], told: Told) -> Event:
        """Change an event or an instance if it is still as it was read; return it as it is now."""
        request = self._resource.patch(
            calendarId=self._calendar, eventId=event["id"], body=change, sendUpdates=told
        )
        request.headers["If-Match"] = event["etag"]
        try:
            changed: Event = request.execute()
        except HttpError as error:
            raise _changed(error, "patch") from error
        return changed

    def delete(self, event: Event, told: Told) -> None:
        """Delete an event if it is still as it was read. One that is gone is left in peace."""
        request = self._resource.delete(
            calendarId=self._calendar, eventId=event["id"], sendUpdates=told
        )
        request.headers["If-Match"] = event["etag"]
        try:
            request.execute()
        except HttpError as error:
            if error.resp.status not in (404, 410):
                raise _changed(error, "delete") from error

    def close(self) -> None:
        """End connections. Quiet when there are none."""
        if "connection" in self.__dict__:
            self.connection.close()

    def _listed(self, **asked: Any) -> tuple[list[Event], str]:
        """Return the items of all pages, and the sync token of the last one ("" without)."""
        items: list[Event] = []
        page: dict[str, str] = {}
        while True:
            request = self._resource.list(
                calendarId=self._calendar, maxResults=_PAGE, **asked, **page
            )
            try:
                answer = request.execute()
            except HttpError as error:
                if error.resp.status == 410 and "syncToken" in asked:
                    raise
                raise _unexpected(error, "list") from error
            items += answer.get("items", ())
            if "nextPageToken" not in answer:
                return items, answer.get("nextSyncToken", "")
            page = {"pageToken": answer["nextPageToken"]}


def grouped(items: Iterable[Event]) -> Iterator[Held]:
    """Yield the series of ours in a full listing, each with its exceptions."""
    exceptions: dict[str, dict[str, Event]] = {}
    masters = []
    for item in items:
        if "recurringEventId" in item:
            exceptions.setdefault(item["recurringEventId"], {})[item["id"]] = item
        else:
            masters.append(item)
    for master in masters:
        held = Held(master, exceptions.get(master["id"], {}))
        if held.ours:
            yield held


def _changed(error: HttpError, operation: str) -> ChangedError | DeniedError | UnavailableError:
    """Return our error for a write to something that is not as it was read, or gone."""
    if error.resp.status in (404, 409, 410, 412):
        return ChangedError(BACKEND, operation, f"{error.resp.status}: somebody was there first")
    return _unexpected(error, operation)


def _unexpected(error: HttpError, operation: str) -> DeniedError | UnavailableError:
    status = error.resp.status
    if status == 404:
        advice = "look at `calendar`, and share that calendar with the mailbox"
        return DeniedError(BACKEND, operation, f"there is no such calendar for us; {advice}")
    return UnavailableError(BACKEND, operation, f"it answered {status}")
