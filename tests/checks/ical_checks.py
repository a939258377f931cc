"""Independent opinions about iCalendar bytes: libical, seven rules it misses, two expanders.

Nothing here uses rmflow: what it says about our invitations is somebody else's judgement.
"""

import ctypes
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import icalendar
import pytest
import recurring_ical_events

HORIZON_DAYS = 800  # how far an endless series is expanded, by both expanders
_HERE = Path(__file__).parent


# libical knows RFC 5546: which property each METHOD must and must not have.


@cache
def _libical() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL("libical.so.3")
    except OSError:
        pytest.skip("needs libical 3: apt-get install libical3")
    pointer = ctypes.c_void_p
    for name, result, arguments in (
        ("icalparser_parse_string", pointer, [ctypes.c_char_p]),
        ("icalrestriction_check", ctypes.c_int, [pointer]),
        ("icalcomponent_count_errors", ctypes.c_int, [pointer]),
        ("icalcomponent_as_ical_string", ctypes.c_char_p, [pointer]),
        ("icalcomponent_free", None, [pointer]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def check_libical(content: bytes) -> list[str]:
    """Return what libical's restriction tables say against the content, [] if nothing."""
    library = _libical()
    component = library.icalparser_parse_string(content)
    if not component:
        return ["cannot be parsed"]
    valid = library.icalrestriction_check(component)  # writes X-LIC-ERROR into the component
    count = library.icalcomponent_count_errors(component)
    text = library.icalcomponent_as_ical_string(component).decode("utf-8", "replace")
    library.icalcomponent_free(component)
    errors = re.findall(r"^X-LIC-ERROR.*$", text.replace("\r\n ", ""), re.MULTILINE)
    if errors or (valid and not count):
        return [error.strip() for error in errors]
    return [f"breaks a restriction ({count} errors)"]


# The seven things libical lets pass, each seen to matter in a real calendar.


def check_ours(content: bytes) -> list[str]:
    """Return what is wrong among the things that libical does not look at, [] if nothing."""
    lines = _unfolded(content)
    return [
        *_line_ends(content),
        *_long_lines(content),
        *_unsaid_zones(lines),
        *_local_untils(lines),
        *_odd_attendees(lines),
        *_backward_events(lines),
    ]


def _unfolded(content: bytes) -> list[str]:
    return content.decode().replace("\r\n ", "").replace("\r\n\t", "").split("\r\n")


def _line_ends(content: bytes) -> Iterator[str]:
    if re.search(rb"(?<!\r)\n|\r(?!\n)", content) or not content.endswith(b"\r\n"):
        yield "line ends other than CRLF"


def _long_lines(content: bytes) -> Iterator[str]:
    for line in content.split(b"\r\n"):
        if len(line) > 75:
            yield f"a line of {len(line)} octets: {line[:40]!r}"


def _unsaid_zones(lines: Sequence[str]) -> Iterator[str]:
    defined = {line[5:] for line in lines if line.startswith("TZID:")}
    used = {name for line in lines for name in re.findall(r";TZID=\"?([^\":;]+)", line)}
    for name in sorted(used - defined):
        yield f"no VTIMEZONE for {name}"
    component = ""
    for line in lines:
        component = line[6:] if line.startswith("BEGIN:") else component
        if component == "VEVENT" and re.match(r"[A-Z-]+:\d{8}T\d{6}$", line):
            yield f"floating time: {line}"


def _local_untils(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if re.search(r"UNTIL=\d{8}(T\d{6})?(;|$)", line):
            yield f"UNTIL is no instant in UTC: {line}"


def _odd_attendees(lines: Sequence[str]) -> Iterator[str]:
    known = {"NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"}
    for line in lines:
        if re.match(r"(ATTENDEE|ORGANIZER)[;:]", line):
            if not re.search(r":mailto:[^@\s]+@[^@\s]+$", line):
                yield f"a calendar user without mailto: {line}"
            for status in re.findall(r";PARTSTAT=([^;:]+)", line):
                if status not in known:
                    yield f"unknown PARTSTAT {status}"


def _backward_events(lines: Sequence[str]) -> Iterator[str]:
    start = ""
    for line in lines:
        name, _, value = line.partition(":")
        if name.startswith("DTSTART"):
            start = value
        elif name.startswith("DTEND") and value <= start:
            yield f"ends {value}, starts {start}"


# Expanders: the same meetings at the same instants, or one of us is wrong.


def expand_python(content: bytes) -> list[str]:
    """Return the starts that icalendar and recurring-ical-events find, as UTC, in order."""
    calendar = icalendar.Calendar.from_ical(content)
    master = next(event for event in calendar.walk("VEVENT") if "RECURRENCE-ID" not in event)
    first: datetime = master.decoded("DTSTART")
    events = recurring_ical_events.of(calendar).between(
        first - timedelta(days=60), first + timedelta(days=HORIZON_DAYS)
    )
    return sorted(f"{event.start.astimezone(UTC):%Y%m%dT%H%M%SZ}" for event in events)


def expand_ical_js(contents: Sequence[bytes]) -> list[list[str]]:
    """Return for each content the starts that ical.js finds, by our VTIMEZONE alone, as UTC."""
    done = subprocess.run(
        [_node_with_ical_js(), str(_HERE / "expand.mjs")],
        input=json.dumps({"days": HORIZON_DAYS, "contents": [c.decode() for c in contents]}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    expanded: list[list[str]] = json.loads(done.stdout)
    return expanded


def _node_with_ical_js() -> str:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node.js: apt-get install nodejs npm")
    if not (_HERE / "node_modules" / "ical.js").exists():
        pytest.skip("needs ical.js: npm ci --prefix tests/checks")
    return node


def instants(starts: Sequence[datetime]) -> list[str]:
    """Return aware datetimes in the spelling of the expanders."""
    return sorted(f"{start.astimezone(UTC):%Y%m%dT%H%M%SZ}" for start in starts)
