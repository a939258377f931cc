"""The VCALENDAR in somebody else's bytes: found, cleaned, parsed, and its times made plain.

`icalendar` parses. Its own reading of TZIDs is switched off here: it turns an unknown zone into
a time without any, remembers the VTIMEZONE of one stranger for the next one, and expands it with
whatever rule it carries. Times stay wall times with a TZID until `Zones` resolves them.
"""

import quopri
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import Component
from icalendar.cal.component_factory import ComponentFactory
from icalendar.parser import Parameters
from icalendar.parser.ical.component import ComponentIcalParser
from icalendar.prop import TypesFactory, vBroken, vDDDTypes, vText, vUnknown
from icalendar.timezone import tzp
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from rmflow.domain.people import Address, parse_address
from rmflow.domain.series import ParticipationStatus
from rmflow.formats.calendar.content_line import lines_of

# A hundred moved meetings take 80 kB; what is larger was not written for two people who meet.
MOST_BYTES = 256 * 1024
_BEGIN = re.compile(r"^BEGIN:VCALENDAR\s*$", re.IGNORECASE | re.MULTILINE)
_END = re.compile(r"^END:VCALENDAR\b", re.IGNORECASE | re.MULTILINE)
_QUOTED_LINE_END = re.compile(rb"=0D=0A|=\r?\n", re.IGNORECASE)
# A zone of one's own (Outlook's "Customized Time Zone") has yearly rules and nothing finer.
_CALM_RULE = re.compile(
    r"FREQ=YEARLY(;INTERVAL=1|;(BYMONTH|BYMONTHDAY|BYDAY|UNTIL|COUNT|WKST)=[-+,\w]{1,60})*"
)
_MOST_OBSERVANCES = 20
# Arithmetic with zones fails at the ends of what datetime can hold.
_SENSIBLE_YEARS = range(1900, 2200)


class _Parser(ComponentIcalParser):
    """Tolerant of broken lines, deaf to time zones, and never expanding a rule."""

    datetime_names = ()

    def handle_begin_component(self, vals: str) -> None:
        super().handle_begin_component(vals)
        vars(self._stack[-1])["ignore_exceptions"] = True

    def handle_end_component(self, vals: str) -> None:
        super().handle_end_component("")  # at its name, a VTIMEZONE would be cached for good

    def get_factory_for_property(self, name: str, params: Parameters) -> Any:
        if name in {"RRULE", "EXRULE"}:
            return vUnknown
        if name == "X-MS-OLK-ORIGINALSTART":
            return vDDDTypes
        if name.startswith("X-") and not params.value:
            return vText  # RFC 5545 section 3.8.8.2
        return super().get_factory_for_property(name, params)


def calendar_in(content: bytes) -> Component:
    """Return the first VCALENDAR in the content, whatever stands around it.

    A byte order mark, LF line ends, quoted-printable that nobody decoded, a gateway's footer and
    lines that cannot be parsed are no obstacle. Raises ValueError when there is no VCALENDAR.
    """
    if len(content) > MOST_BYTES:
        raise ValueError(f"is larger than {MOST_BYTES // 1024} kB")
    if b"BEGIN:VCALENDAR=" in content.upper():
        content = quopri.decodestring(_QUOTED_LINE_END.sub(_decoded_line_end, content))
    text = _text(content)
    begin = _BEGIN.search(text)
    end = begin and _END.search(text, begin.end())
    if not begin or not end:
        raise ValueError("holds no calendar")
    try:
        calendar, *_ = _Parser(
            lines_of(text[begin.start() : end.end()]), ComponentFactory(), TypesFactory()
        ).parse()
    except (ValueError, IndexError) as error:
        raise ValueError("is no readable calendar") from error
    return calendar


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _decoded_line_end(found: re.Match[bytes]) -> bytes:
    return b"\r\n" if found.group().upper() == b"=0D=0A" else found.group()


def events_in(calendar: Component) -> list[Component]:
    """Return the VEVENTs in the order of the text."""
    return [part for part in calendar.subcomponents if part.name == "VEVENT"]


def values(component: Component, name: str) -> list[object]:
    """Return the values of a property that may be absent, single or repeated."""
    found = component.get(name, [])
    return list(found) if isinstance(found, list) else [found]


def text_of(component: Component, name: str) -> str:
    """Return the (first) value as text, "" if there is none."""
    found = values(component, name)
    return str(found[0]) if found else ""


def number_of(component: Component, name: str) -> int:
    """Return the value as a number, 0 if there is none that is one."""
    text = text_of(component, name).strip()
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def parameter_of(value: object, name: str) -> str:
    """Return a parameter of a property value as text, "" if there is none."""
    found = getattr(value, "params", {}).get(name, "")
    return ",".join(found) if isinstance(found, list) else str(found)


def users_of(event: Component) -> Iterator[tuple[object, Address]]:
    """Yield each ATTENDEE that has a mail address, once."""
    seen: set[Address] = set()
    for user in values(event, "ATTENDEE"):
        address = address_of(user)
        if address is not None and address not in seen:
            seen.add(address)
            yield user, address


def status_of(user: object) -> ParticipationStatus:
    """Return the PARTSTAT of an attendee; RFC 5545 section 3.2.12 says what unknown ones mean."""
    try:
        return ParticipationStatus(parameter_of(user, "PARTSTAT").upper())
    except ValueError:
        return ParticipationStatus.NEEDS_ACTION


def address_of(user: object) -> Address | None:
    """Return the address of a calendar user; None if it has none that is a mail address.

    Apple writes a path and puts the address into the parameter EMAIL (RFC 7986 section 6.2).
    """
    for text in (str(user), parameter_of(user, "EMAIL")):
        scheme, colon, rest = text.strip().partition(":")
        try:
            return parse_address(rest if colon and scheme.lower() == "mailto" else text)
        except ValueError:
            continue
    return None


class Zones:
    """The time zones that a calendar speaks of."""

    def __init__(self, calendar: Component) -> None:
        parts = [part for part in calendar.subcomponents if part.name == "VTIMEZONE"]
        self._definitions = {text_of(part, "TZID"): part for part in parts}
        self._found: dict[str, tzinfo | None] = {}

    def named(self, tzid: str) -> tzinfo | None:
        """Return the zone: an IANA name where there is one, else what its VTIMEZONE says.

        Understood are IANA names with or without a vendor's prefix ("/mozilla.org/…/Europe/Rome"),
        Windows names, and X-LIC-LOCATION. None when nothing tells the zone.
        """
        if tzid not in self._found:
            self._found[tzid] = self._search(tzid)
        return self._found[tzid]

    def _search(self, tzid: str) -> tzinfo | None:
        own = self._definitions.get(tzid)
        located = "" if own is None else text_of(own, "X-LIC-LOCATION")
        for name in (*_iana_names(tzid), located):
            if zone := iana_zone(name):
                return zone
        return None if own is None else _zone_from(own)

    def moments(self, component: Component, name: str) -> Iterator[datetime | date]:
        """Yield the values of a date property, EXDATE lists taken apart.

        Each is an aware datetime, a naive one where no zone is known, or a date. What is broken
        is left out.
        """
        for value in values(component, name):
            if isinstance(value, vBroken):
                continue
            tzid = parameter_of(value, "TZID")
            for single in getattr(value, "dts", [value]):
                moment = getattr(single, "dt", None)
                if not isinstance(moment, date) or moment.year not in _SENSIBLE_YEARS:
                    continue
                if isinstance(moment, datetime) and moment.tzinfo is None and tzid:
                    moment = moment.replace(tzinfo=self.named(tzid))
                yield moment

    def moment(self, component: Component, name: str) -> datetime | date | None:
        """Return the first value of a date property, None if there is none to be read."""
        return next(self.moments(component, name), None)


def in_zone(moment: datetime | date, zone: tzinfo, at: time = time()) -> datetime:
    """Return an aware datetime in `zone`; without a zone it is wall time there, a date is at `at`."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, at)
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def length_of(component: Component, start: datetime, zones: Zones) -> timedelta | None:
    """Return how long an event that begins at `start` (aware) takes, by DTEND or DURATION."""
    assert start.tzinfo is not None
    end = zones.moment(component, "DTEND")
    if end is not None:
        # Not `end - start`: between two times of one zone, Python counts wall time.
        return timedelta(seconds=in_zone(end, start.tzinfo).timestamp() - start.timestamp())
    written = next(iter(values(component, "DURATION")), None)
    span = None if isinstance(written, vBroken) else getattr(written, "td", None)
    return span if isinstance(span, timedelta) else None


def iana_zone(name: str) -> ZoneInfo | None:
    """Return the zone of that name in the IANA database, None if there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: "Europe" is a directory
        return None


def _iana_names(tzid: str) -> Iterator[str]:
    """Yield what a TZID may mean, the likeliest first."""
    yield tzid
    yield WINDOWS_TO_OLSON.get(tzid, "")
    parts = tzid.strip("/").split("/")
    for keep in (3, 2):  # America/Argentina/Salta, Europe/Berlin
        yield "/".join(parts[-keep:]) if len(parts) > keep else ""


def _zone_from(definition: Component) -> tzinfo | None:
    """Return the zone that a VTIMEZONE describes, None if it is broken or asks for too much."""
    observances = definition.subcomponents
    rules = [str(rule) for part in observances for rule in values(part, "RRULE")]
    if len(observances) > _MOST_OBSERVANCES or not all(map(_CALM_RULE.fullmatch, rules)):
        return None
    try:
        return tzp.create_timezone(definition)
    except Exception:  # noqa: BLE001 - dateutil raises what it likes on text it does not like
        return None
