"""An event of Graph as a series: what is read, and what of it is still in our words.

Times are asked for in UTC and become wall time in the zone that we keep with the event. Of a
changed series only what changed is read from the event; what stayed is in our own spelling, since
Exchange keeps neither UNTIL's time of day nor the white space of a description.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rmflow.adapters.graph.properties import Details, State, values
from rmflow.adapters.graph.recurrence import pattern_of, rule_of, same_recurrence
from rmflow.domain.documents import to_json
from rmflow.domain.people import Address, parse_address
from rmflow.domain.recurrence import sessions
from rmflow.domain.series import (
    Attendee,
    ObservedSeries,
    ParticipationStatus,
    Place,
    Response,
    SeriesSpec,
    SessionId,
    Uid,
)
from rmflow.domain.session import session_id

Json = Mapping[str, Any]

PREFER = ('outlook.timezone="UTC"', 'outlook.body-content-type="text"')
SELECT = (
    "id,changeKey,type,subject,body,start,end,recurrence,location,attendees,isCancelled,"
    "isOnlineMeeting,cancelledOccurrences,exceptionOccurrences"
)

_STATUSES = {
    "accepted": ParticipationStatus.ACCEPTED,
    "declined": ParticipationStatus.DECLINED,
    "tentativelyAccepted": ParticipationStatus.TENTATIVE,
}
_FRACTION = re.compile(r"\.\d+")
_UTC = ("UTC", "Etc/UTC", "tzone://Microsoft/Utc")
_NEVER = "0001-01-01T00:00:00Z"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Occurrence:
    """A meeting of a series that differs from its rule, or has answers of its own."""

    id: str
    start: datetime
    place: Place
    attendees: tuple[Attendee, ...]


@dataclass(frozen=True)
class Held:
    """A series as Exchange holds it. `occurrences` are by original wall start.

    `version` is what If-Match wants; `seen` is what the port speaks of; `place` is with its room.
    """

    id: str
    version: str
    state: State
    online: bool
    place: Place
    seen: ObservedSeries
    occurrences: Mapping[datetime, Occurrence]

    @property
    def spec(self) -> SeriesSpec:
        """The series as it is."""
        return self.seen.spec


def held(event: Json) -> Held | None:
    """Return the series in an event, None if it is not ours.

    Raises ValueError with a sentence when it is ours and cannot be understood.
    """
    uid, state, text = values(event)
    if state is None:
        return None
    details = Details.parse(text)
    try:
        ZoneInfo(details.zone)
    except ZoneInfoNotFoundError as error:
        raise ValueError(f"is in a time zone that is not known here ({details.zone})") from error
    spec = _spec(uid, state, details, event)
    master = place(event)
    occurrences = dict(_occurrences(spec, event))
    spec = replace(
        spec,
        excluded=frozenset(_excluded(spec, event.get("cancelledOccurrences") or ())),
        moved=tuple(sorted((at, o.start) for at, o in occurrences.items() if o.start != at)),
        elsewhere=tuple(
            sorted((at, o.place) for at, o in occurrences.items() if o.place != master)
        ),
    )
    cancelled = state is State.CANCELLED or bool(event.get("isCancelled"))
    seen = ObservedSeries(spec, "", cancelled, tuple(_responses(spec, event)))
    return Held(
        id=event["id"],
        version=event["@odata.etag"],
        state=state,
        online=bool(event.get("isOnlineMeeting")),
        place=master,
        seen=replace(seen, etag=_etag(seen)),
        occurrences=occurrences,
    )


def instant(moment: Json) -> datetime:
    """Return a dateTimeTimeZone that was asked for in UTC."""
    if moment["timeZone"] not in _UTC:
        raise ValueError("has times in another zone than we asked for")
    return timestamp(moment["dateTime"])


def timestamp(text: str) -> datetime:
    """Return a moment of ISO 8601 in UTC, to the second; Graph writes seven digits of fractions."""
    return datetime.fromisoformat(_FRACTION.sub("", text).removesuffix("Z")).replace(tzinfo=UTC)


def place(event: Json) -> Place:
    """Return where an event is held."""
    found = event.get("location") or {}
    room = found.get("locationEmailAddress")
    return Place(found.get("displayName") or "", _address(room) if room else None)


def _spec(uid: Uid, state: State, details: Details, event: Json) -> SeriesSpec:
    zone = ZoneInfo(details.zone)
    begin, end = instant(event["start"]), instant(event["end"])
    start = begin.astimezone(zone).replace(tzinfo=None)
    return SeriesSpec(
        uid=uid,
        pairing=details.pairing,
        zone=details.zone,
        start=start,
        duration=end - begin,
        rrule=details.rrule
        if state is State.CANCELLED
        else _rule(details, event.get("recurrence"), start),
        summary=event.get("subject") or "",
        description=_description(details, event),
        location=place(event).name,
        organiser=details.organiser,
        organiser_name=details.organiser_name,
        attendees=_attendees(event),
        sequence=details.sequence,
    )


def _rule(details: Details, recurrence: Json | None, start: datetime) -> str:
    """Return our own rule if it is still the one that Exchange follows."""
    try:
        ours = pattern_of(details.rrule, start, details.zone, "")
    except ValueError:  # a person has chosen what we would not
        ours = None
    if ours and recurrence and same_recurrence(ours, recurrence):
        return details.rrule
    return rule_of(recurrence, start, details.zone)


def _description(details: Details, event: Json) -> str:
    """Return our own words if they are still there; an online meeting adds its address to them."""
    text = (event.get("body") or {}).get("content") or ""
    return details.description if _plain(details.description) in _plain(text) else text


def _plain(text: str) -> str:
    return " ".join(text.split())


def _attendees(event: Json) -> tuple[Attendee, ...]:
    return tuple(
        Attendee(
            _address(attendee["emailAddress"]["address"]),
            attendee["emailAddress"].get("name") or "",
            optional=attendee.get("type") == "optional",
            room=attendee.get("type") == "resource",
        )
        for attendee in event.get("attendees") or ()
    )


def _address(text: str) -> Address:
    """Return an address in our spelling; one that is none stays as it is, and matches nobody."""
    try:
        return parse_address(text)
    except ValueError:
        return Address(text)


def _occurrences(spec: SeriesSpec, event: Json) -> Iterable[tuple[datetime, Occurrence]]:
    zone = ZoneInfo(spec.zone)
    for exception in event.get("exceptionOccurrences") or ():
        original = timestamp(exception["originalStart"]).astimezone(zone).replace(tzinfo=None)
        start = instant(exception["start"]).astimezone(zone).replace(tzinfo=None)
        yield (
            original,
            Occurrence(exception["id"], start, place(exception), _attendees(exception)),
        )


def _excluded(spec: SeriesSpec, cancelled: Iterable[str]) -> Iterable[datetime]:
    """Return the original starts of meetings that were taken out: each is named by its date."""
    for id in cancelled:
        day = date.fromisoformat(id.rpartition(".")[2][:10])
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        near = sessions(spec, noon - 2 * _DAY, noon + 2 * _DAY)
        of_day = [s.start.replace(tzinfo=None) for s in near if s.start.date() == day]
        yield from of_day[:1]


def _responses(spec: SeriesSpec, event: Json) -> Iterable[Response]:
    """Yield every answer; one to a single meeting only where it differs from that to the series."""
    whole = list(_answers(spec, None, event))
    yield from whole
    known = {(r.attendee, r.status, r.stamped_at, r.proposed_start) for r in whole}
    for exception in event.get("exceptionOccurrences") or ():
        session = session_id(timestamp(exception["originalStart"]))
        for answer in _answers(spec, session, exception):
            told = (answer.attendee, answer.status, answer.stamped_at, answer.proposed_start)
            if told not in known:
                yield answer


def _answers(spec: SeriesSpec, session: SessionId | None, event: Json) -> Iterable[Response]:
    for attendee in event.get("attendees") or ():
        said = attendee.get("status") or {}
        status = _STATUSES.get(said.get("response", ""))
        if status is None:
            continue
        proposed = attendee.get("proposedNewTime")
        yield Response(
            uid=spec.uid,
            session=session,
            attendee=_address(attendee["emailAddress"]["address"]),
            status=status,
            sequence=spec.sequence,
            stamped_at=timestamp(said.get("time") or _NEVER),
            proposed_start=instant(proposed["start"]) if proposed else None,
        )


def _etag(seen: ObservedSeries) -> str:
    """Return a text that changes with times, places, words, people and their answers.

    Exchange's own versions change also when one of its assistants has looked at an event.
    """
    return hashlib.sha256(to_json(seen).encode()).hexdigest()[:32]
