"""A series as a Google event: what is written into it, and what about it has to change."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rmflow.adapters.google.event_times import (
    Recurrence,
    event_span,
    instant,
    recurrence_lines,
    wall,
    zone_called,
)
from rmflow.domain.people import Address
from rmflow.domain.series import Attendee, SeriesSpec, Uid
from rmflow.formats.calendar.rrule import canonical_rule

Event = Mapping[str, Any]

PAIRING = "rmflow"  # its value is the pairing: our mark
UID, SEQUENCE, STATE = "rmflowUid", "rmflowSequence", "rmflowState"
ORGANISER, ORGANISER_NAME = "rmflowOrganiser", "rmflowOrganiserName"
# How far the writing of a series has come. BEGUN: it is not there yet. CHANGING: its new times
# are, and the guests know; single meetings may be missing.
BEGUN, CHANGING, FINISHED = "begun", "changing", "finished"

_BASE32HEX = "0123456789abcdefghijklmnopqrstuv"
_TEXTS = ("summary", "description", "location")


def event_id(uid: Uid) -> str:
    """Return the id of a series' event: 32 characters of base32hex, the same on every run.

    The pattern is `[a-v0-9]{5,1024}`; an id stays taken when its event is deleted.
    """
    number = int.from_bytes(hashlib.sha256(uid.encode()).digest()[:20], "big")
    return "".join(_BASE32HEX[number >> (5 * at) & 31] for at in reversed(range(32)))


def instance_id(id: str, original: datetime, zone: str) -> str:
    """Return the id of one meeting of a series, by its original start in wall time."""
    at = original.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return f"{id}_{at:%Y%m%dT%H%M%SZ}"


def mark_of(event: Event) -> Mapping[str, str]:
    """Return what rmflow wrote into an event for itself; empty for an event of somebody else."""
    mark: Mapping[str, str] = event.get("extendedProperties", {}).get("private", {})
    return mark if mark.get(PAIRING) and mark.get(UID) else {}


def is_ours(event: Event) -> bool:
    """Return whether an event is a series of ours. A copy of one has the mark and another id."""
    mark = mark_of(event)
    return bool(mark) and event["id"] == event_id(Uid(mark[UID]))


def new_event(spec: SeriesSpec, state: str, *, guests_can_modify: bool) -> dict[str, Any]:
    """Return the body that makes a series' event.

    Whoever shares the mailbox's calendar sees that the time is taken. The mailbox itself needs no
    reminders; guests have their own.
    """
    return {
        "id": event_id(spec.uid),
        **event_span(spec, spec.start),
        "recurrence": recurrence_lines(spec, spec.excluded),
        "summary": spec.summary,
        "description": spec.description,
        "location": spec.location,
        "attendees": [_entry(attendee) for attendee in spec.attendees],
        "extendedProperties": {"private": _mark(spec, state)},
        "visibility": "private",
        "guestsCanInviteOthers": False,
        "guestsCanModify": guests_can_modify,
        "reminders": {"useDefault": False, "overrides": []},
    }


def mark_change(event: Event, spec: SeriesSpec, state: str) -> dict[str, Any]:
    """Return the patch that brings our mark up to date, empty if it is."""
    wanted, has = _mark(spec, state), mark_of(event)
    change = {name: value for name, value in wanted.items() if has.get(name) != value}
    return {"extendedProperties": {"private": change}} if change else {}


def series_change(event: Event, spec: SeriesSpec, excluded: Collection[datetime]) -> dict[str, Any]:
    """Return the patch that makes an event this series, without its mark; empty if it is.

    `excluded` are the meetings to be taken out by its own lines; others are cancelled one by one.
    """
    times = time_change(event, spec)
    change = {**times, **_content_change(event, _content(spec, spec.location, spec.attendees))}
    others: Sequence[str] = ()
    if not times:
        held = recurrence_of(event)
        if held.excluded == excluded:
            return change
        others = held.others
    return change | {"recurrence": recurrence_lines(spec, excluded, others)}


def time_change(event: Event, spec: SeriesSpec) -> dict[str, Any]:
    """Return `start` and `end` if the event's times, zone or rule are not those of the series."""
    zone = ZoneInfo(spec.zone)
    span = event_span(spec, spec.start)
    same = (
        event["start"].get("timeZone") == spec.zone
        and not _span_change(event, span)
        and recurrence_of(event).rrule == canonical_rule(spec.rrule, spec.start, zone)
    )
    return {} if same else span


def recurrence_of(event: Event) -> Recurrence:
    """Return the recurrence of an event. Raises ValueError when it is none of ours."""
    zone = zone_called(event["start"].get("timeZone", ""))
    return Recurrence.read(event.get("recurrence", ()), wall(event["start"], zone), zone)


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting of a series as it is wanted; `original` is its start by the rule, wall time."""

    spec: SeriesSpec
    original: datetime

    @property
    def id(self) -> str:
        """The id of its instance."""
        return instance_id(event_id(self.spec.uid), self.original, self.spec.zone)

    def change(self, event: Event) -> dict[str, Any]:
        """Return the patch that makes an instance this meeting, empty if it is."""
        if self.original in self.spec.excluded:
            return {} if event.get("status") == "cancelled" else {"status": "cancelled"}
        spec, place = self.spec, self.spec.places.get(self.original)
        location = place.name if place else spec.location
        attendees = spec.attendees_at(place) if place else spec.attendees
        span = event_span(spec, spec.moves.get(self.original, self.original))
        wanted = _content(spec, location, attendees)
        if event.get("status") == "cancelled":
            return {"status": "confirmed", **span, **_content_change(event, wanted)}
        return {**_span_change(event, span), **_content_change(event, wanted)}


def meetings_of_their_own(spec: SeriesSpec) -> Iterator[Meeting]:
    """Yield the meetings that differ from their series in time or place, in order."""
    for original in sorted((spec.moves.keys() | spec.places.keys()) - spec.excluded):
        plain = spec.moves.get(original, original) == original and original not in spec.places
        if not plain:
            yield Meeting(spec, original)


def people_in(event: Event) -> Iterator[Mapping[str, Any]]:
    """Yield the guests and rooms of an event that have an address; its organiser is none."""
    for entry in event.get("attendees", ()):
        if entry.get("email") and not entry.get("organizer"):
            yield entry


def address_in(entry: Mapping[str, Any]) -> Address:
    """Return the address of a guest or room."""
    return Address(entry["email"].lower())


def _mark(spec: SeriesSpec, state: str) -> dict[str, str]:
    return {
        PAIRING: spec.pairing,
        UID: spec.uid,
        SEQUENCE: str(spec.sequence),
        STATE: state,
        ORGANISER: spec.organiser,
        ORGANISER_NAME: spec.organiser_name,
    }


@dataclass(frozen=True, slots=True)
class _Content:
    """What is said of a meeting besides its time."""

    texts: Mapping[str, str]
    attendees: tuple[Attendee, ...]


def _content(spec: SeriesSpec, location: str, attendees: tuple[Attendee, ...]) -> _Content:
    texts = dict(zip(_TEXTS, (spec.summary, spec.description, location), strict=True))
    return _Content(texts, attendees)


def _content_change(event: Event, wanted: _Content) -> dict[str, Any]:
    change: dict[str, Any] = {
        name: text for name, text in wanted.texts.items() if event.get(name, "") != text
    }
    has = {address_in(entry): entry for entry in people_in(event)}
    if {_role(entry) for entry in has.values()} != {_role(_entry(a)) for a in wanted.attendees}:
        # An entry that is left out is disinvited, one without its answer is asked again.
        kept = [entry for entry in event.get("attendees", ()) if entry.get("organizer")]
        entries = [{**has.get(a.address, {}), **_entry(a)} for a in wanted.attendees]
        change["attendees"] = [*kept, *entries]
    return change


def _span_change(event: Event, span: Mapping[str, Any]) -> dict[str, Any]:
    try:
        same = all(instant(event.get(name)) == instant(span[name]) for name in ("start", "end"))
    except ValueError:
        same = False
    return {} if same else dict(span)


def _entry(attendee: Attendee) -> dict[str, Any]:
    entry: dict[str, Any] = {"email": attendee.address}
    if attendee.name:
        entry["displayName"] = attendee.name
    if attendee.optional:
        entry["optional"] = True
    if attendee.room:
        entry["resource"] = True
    return entry


def _role(entry: Mapping[str, Any]) -> tuple[str, bool, bool]:
    """Return who somebody is to an event; names are Google's business."""
    return address_in(entry), bool(entry.get("optional")), bool(entry.get("resource"))
