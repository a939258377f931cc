"""Events as Google keeps them: what it refuses, how a series becomes meetings, what it shows.

No requests here; `google_calendar.py` speaks HTTP.
"""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrulestr

Resource = dict[str, Any]

_BORN = datetime(2026, 2, 2, 12, tzinfo=UTC)
_ID = re.compile(r"[a-v0-9]{5,1024}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LINE = re.compile(r"(RRULE|EXDATE|RDATE)((?:;[A-Z-]+=[^:;]+)*):(.+)")
_UNTIL = re.compile(r"\d{8}(T\d{6}Z)?")
# Google writes the parts of a rule in an order of its own.
_RULE_ORDER = ("FREQ", "WKST", "UNTIL", "COUNT", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYSETPOS")
_ANSWERS = {"needsAction", "declined", "tentative", "accepted"}
_NOT_INHERITED = {"recurrence", "etag", "updated", "sequence", "start", "end", "changed"}
_TIMES = {"start", "end", "recurrence"}


class Refusal(Exception):  # noqa: N818 - the word for it
    """What Google answers instead: status, reason, message."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status, self.reason, self.message = status, reason, message


def invalid(message: str, reason: str = "invalid") -> Refusal:
    return Refusal(400, reason, message)


@dataclass
class Events:
    """The events of one calendar. `masters` and single events by id; `exceptions` by instance id.

    An exception holds what was said of it. `inherits`: what was not said follows the series, also
    later; otherwise it is as it was on the day the exception was made. Which of the two Google
    does is written nowhere, so both are tried.
    """

    mailbox: str
    inherits: bool = True
    masters: dict[str, Resource] = field(default_factory=dict)
    exceptions: dict[str, Resource] = field(default_factory=dict)
    clock: int = 0  # rises with every change; etags, times and sync tokens are made of it

    def insert(self, body: Resource) -> Resource:
        """Return a new event as it is shown. Raises Refusal."""
        id = body.get("id") or f"{'g' * 20}{self.clock:06d}"
        if not _ID.fullmatch(id):
            raise invalid("Invalid resource id value.")
        if "id" in body and "iCalUID" in body:
            raise invalid("id and iCalUID cannot both be given.")
        if id in self.masters:
            message = "The requested identifier already exists."
            raise Refusal(409, "duplicate", message)
        event = _checked({**copy.deepcopy(body), "id": id}, previous=None)
        event.setdefault("iCalUID", f"{id}@google.com")
        event |= {"created": self._stamp(), "sequence": 0}
        self.masters[id] = event
        self._touch(event)
        return self.shown(id)

    def patch(self, id: str, change: Resource) -> Resource:
        """Return an event or one of its instances after a change. Raises Refusal."""
        self.shown(id)
        if id in self.masters:
            event = _checked(_merged(self.masters[id], change), previous=self.masters[id])
            if _TIMES & change.keys():
                event["sequence"] += 1
            self.masters[id] = event
            self._touch(event)
            return self.shown(id)
        exception = self.exceptions.get(id) or self._new_exception(id)
        whole = _checked(_merged(self._occurrence(id, exception), change), previous=None)
        said = exception.keys() | change.keys()
        self.exceptions[id] = {name: value for name, value in whole.items() if name in said}
        self._touch(self.exceptions[id])
        # Whether this changes the etag of the series is written nowhere; here it does.
        self._touch(self.masters[_split(id)[0]])
        return self.shown(id)

    def delete(self, id: str) -> None:
        """Cancel an event or one of its instances. Raises Refusal."""
        if self.shown(id)["status"] == "cancelled":
            raise Refusal(410, "deleted", "Resource has been deleted")
        if id in self.masters:
            self.masters[id]["status"] = "cancelled"
            self._touch(self.masters[id])
        else:
            self.patch(id, {"status": "cancelled"})

    def shown(self, id: str) -> Resource:
        """Return an event as Google shows it. Raises Refusal."""
        if id in self.masters:
            return self._dressed(self.masters[id])
        master, original = _split(id)
        if master not in self.masters or original is None:
            raise Refusal(404, "notFound", "Not Found")
        exception = self.exceptions.get(id)
        if exception is None and original not in set(self.originals(master)):
            raise Refusal(404, "notFound", "Not Found")
        return self._dressed(self._occurrence(id, exception or {}))

    def listed(self) -> Iterator[tuple[int, Resource]]:
        """Yield every event and exception with the time of its last change."""
        for id, event in self.masters.items():
            yield event["changed"], self.shown(id)
        for id, exception in self.exceptions.items():
            shown = self.shown(id)
            if shown["status"] == "cancelled":
                # "Only guaranteed to have values for" these, says the reference.
                kept = ("kind", "etag", "id", "status", "recurringEventId", "originalStartTime")
                shown = {name: shown[name] for name in kept}
            yield exception["changed"], shown

    def originals(self, id: str) -> Iterator[datetime]:
        """Yield the instants at which a series meets by its rule."""
        event = self.masters[id]
        start, zone = _instant(event["start"]), ZoneInfo(event["start"].get("timeZone", "UTC"))
        lines = [_LINE.fullmatch(line) for line in event.get("recurrence", [])]
        rules = [m[3] for m in lines if m and m[1] == "RRULE"]
        excluded = {at for m in lines if m and m[1] == "EXDATE" for at in _dates(m, zone)}
        extra = {at for m in lines if m and m[1] == "RDATE" for at in _dates(m, zone)}
        wall = start.astimezone(zone).replace(tzinfo=None)
        met = [at.replace(tzinfo=zone) for at in _expanded(rules[0], wall, zone)] if rules else []
        yield from sorted(({at.astimezone(UTC) for at in met or [start]} | extra) - excluded)

    def meetings(self, id: str) -> Iterator[Resource]:
        """Yield what takes place of a series."""
        for original in self.originals(id):
            shown = self.shown(f"{id}_{original:%Y%m%dT%H%M%SZ}")
            if shown["status"] != "cancelled":
                yield shown

    def _new_exception(self, id: str) -> Resource:
        return {} if self.inherits else self._occurrence(id, {})

    def _occurrence(self, id: str, exception: Resource) -> Resource:
        """Return one meeting: what the series says of it, and what was said of it alone."""
        master_id, original = _split(id)
        assert original is not None
        master = self.masters[master_id]
        zone = master["start"].get("timeZone", "UTC")
        length = _instant(master["end"]) - _instant(master["start"])
        inherited = {k: v for k, v in master.items() if k not in _NOT_INHERITED}
        return {
            **copy.deepcopy(inherited),
            "etag": master["etag"],
            "updated": master["updated"],
            "sequence": master["sequence"],
            "start": _time(original, zone),
            "end": _time(original + length, zone),
            **copy.deepcopy(exception),
            "id": id,
            "recurringEventId": master_id,
            "originalStartTime": _time(original, zone),
        }

    def _dressed(self, event: Resource) -> Resource:
        shown = {k: copy.deepcopy(v) for k, v in event.items() if k != "changed"}
        self_ = {"email": self.mailbox, "self": True}
        usual = {"kind": "calendar#event", "status": "confirmed", "eventType": "default"}
        return {**usual, **shown, "creator": self_, "organizer": self_}

    def _touch(self, event: Resource) -> None:
        self.clock += 1
        event |= {"etag": f'"{self.clock:016d}"', "updated": self._stamp(), "changed": self.clock}

    def _stamp(self) -> str:
        return f"{_BORN + timedelta(seconds=self.clock):%Y-%m-%dT%H:%M:%S.000Z}"


def _checked(event: Resource, previous: Resource | None) -> Resource:
    """Return an event in Google's spelling. Raises Refusal for what Google refuses."""
    start, end = event["start"], event["end"]
    recurrence = event.get("recurrence")
    for name, time in (("start", start), ("end", end)):
        _check_time(name, time, needs_zone=bool(recurrence))
    if _instant(end) < _instant(start):
        raise invalid("The specified time range is empty.", "timeRangeEmpty")
    event = _normal_times(event)
    if recurrence is not None:
        event["recurrence"] = [_normal_line(line) for line in recurrence]
    if recurrence and not (previous and previous.get("recurrence") == event["recurrence"]):
        _check_rule(event)
    for attendee in event.get("attendees", []):
        _check_attendee(attendee)
    _check_properties(event.get("extendedProperties", {}))
    if event.get("status", "confirmed") not in {"confirmed", "tentative", "cancelled"}:
        raise invalid("Invalid value for: status")
    return event


def _check_time(name: str, time: Resource, *, needs_zone: bool) -> None:
    zone = time.get("timeZone")
    if zone is not None:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise invalid(f"Invalid time zone definition for {name} time.") from None
    if needs_zone and zone is None:
        raise invalid(f"Missing time zone definition for {name} time.", "required")
    if ("dateTime" in time) == ("date" in time):
        raise invalid(f"Start and end times must either both be date or both be dateTime ({name}).")
    try:
        at = datetime.fromisoformat(time.get("dateTime") or time["date"])
    except ValueError:
        raise invalid(f"Invalid value for: {name}") from None
    if "dateTime" in time and at.tzinfo is None and zone is None:
        raise invalid(f"Missing time zone definition for {name} time.", "required")


def _check_attendee(attendee: Resource) -> None:
    if not _MAIL.fullmatch(attendee.get("email", "")):
        raise invalid("Invalid attendee email.")
    attendee.setdefault("responseStatus", "needsAction")
    if attendee["responseStatus"] not in _ANSWERS:
        raise invalid("Invalid value for: responseStatus")


def _check_properties(properties: Mapping[str, Mapping[str, str]]) -> None:
    """developers.google.com/workspace/calendar/api/guides/extended-properties, "Limits"."""
    for kept in properties.values():
        for name, value in kept.items():
            if len(name) > 44 or len(value) > 1024:
                raise invalid("Extended property is too long.")


def _check_rule(event: Resource) -> None:
    lines = [_LINE.fullmatch(line) for line in event["recurrence"]]
    rules = [line[3] for line in lines if line and line[1] == "RRULE"]
    if not rules:
        return
    zone = ZoneInfo(event["start"]["timeZone"])
    wall = _instant(event["start"]).astimezone(zone).replace(tzinfo=None)
    for line in lines:
        if line and line[1] == "EXDATE" and "VALUE=DATE" not in line[2]:
            list(_dates(line, zone))
    try:
        first = next(iter(_expanded(rules[0], wall, zone)), None)
    except (ValueError, KeyError, IndexError):
        raise invalid("Invalid recurrence rule.") from None
    if first != wall:
        raise invalid("The start is not on the rule.")


def _normal_line(line: str) -> str:
    matched = _LINE.fullmatch(line)
    if matched is None:
        raise invalid("Invalid recurrence rule.")
    if matched[1] != "RRULE":
        return line
    pairs = [part.partition("=")[::2] for part in matched[3].split(";")]
    parts = dict(pairs)
    if len(parts) != len(pairs) or not parts.keys() <= set(_RULE_ORDER) or "FREQ" not in parts:
        raise invalid("Invalid recurrence rule.")
    if "UNTIL" in parts and ("COUNT" in parts or not _UNTIL.fullmatch(parts["UNTIL"])):
        raise invalid("Invalid recurrence rule.")
    if parts.get("WKST") == "MO":  # the default of RFC 5545 goes without saying
        del parts["WKST"]
    return "RRULE:" + ";".join(f"{name}={parts[name]}" for name in _RULE_ORDER if name in parts)


def _normal_times(event: Resource) -> Resource:
    """Return an event whose times have an offset, as Google shows them."""
    for name in ("start", "end"):
        time = event.get(name)
        if time and "dateTime" in time:
            zone = time.get("timeZone")
            event[name] = _time(_instant(time), zone) if zone else time
    return event


def _merged(event: Resource, change: Resource) -> Resource:
    """Return an event after a patch: objects are merged, arrays replaced, null takes away.

    A new time says all there is to say of it: no date beside a dateTime.
    """
    merged = copy.deepcopy(event)
    for name, value in change.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict) and name not in ("start", "end"):
            merged[name] = _merged(merged.get(name, {}), value)
        else:
            merged[name] = copy.deepcopy(value)
    return merged


def _instant(time: Resource) -> datetime:
    zone = ZoneInfo(time.get("timeZone", "UTC"))
    at = datetime.fromisoformat(time.get("dateTime") or time["date"])
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _time(at: datetime, zone: str) -> Resource:
    return {"dateTime": at.astimezone(ZoneInfo(zone)).isoformat(), "timeZone": zone}


def _split(id: str) -> tuple[str, datetime | None]:
    """Return the id of a series and the original start, from the id of an instance."""
    master, _, stamp = id.rpartition("_")
    try:
        return master, datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return master, None


def _dates(line: re.Match[str], zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the instants of an EXDATE or RDATE line; one of dates only excludes nothing here."""
    parameters = dict(part.split("=", 1) for part in line[2].split(";") if part)
    if "TZID" in parameters:
        try:
            zone = ZoneInfo(parameters["TZID"])
        except (ZoneInfoNotFoundError, ValueError):
            raise invalid("Invalid recurrence rule.") from None
    for text in line[3].split(","):
        if len(text) == 8:
            continue
        try:
            at = datetime.fromisoformat(text.removesuffix("Z"))
        except ValueError:
            raise invalid("Invalid recurrence rule.") from None
        yield at.replace(tzinfo=UTC if text.endswith("Z") else zone).astimezone(UTC)


def _expanded(rule: str, start: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return the wall times of a rule, of a long one the first 600."""
    until = re.search(r"UNTIL=(\d{8}T\d{6})Z", rule)
    if until:
        at = datetime.strptime(until[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        rule = rule.replace(until[0], f"UNTIL={at.astimezone(zone):%Y%m%dT%H%M%S}")
    return [at for at, _ in zip(rrulestr(rule, dtstart=start), range(600), strict=False)]
