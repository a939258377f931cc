"""Our invitations in the eyes of programs that share no code with us."""

from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from a_series import ASSISTANT, MENTEE, MENTOR, a_series
from ical_checks import (
    HORIZON_DAYS,
    check_libical,
    check_ours,
    expand_ical_js,
    expand_python,
    instants,
)

from rmflow.domain.programme import BUILT_IN_CADENCES, Cadence, Frequency
from rmflow.domain.recurrence import rule_of, sessions
from rmflow.domain.series import SeriesSpec
from rmflow.formats.calendar.ics import Method, invitation, stored

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
_ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Sydney",
    "Asia/Kolkata",
    "Africa/Casablanca",
    "UTC",
    "America/Sao_Paulo",
    "Asia/Jerusalem",
    "Pacific/Auckland",
    "Europe/Dublin",
    "Australia/Lord_Howe",
]
_WEEKLY = Cadence("weekly", timedelta(minutes=30), Frequency.WEEKLY)
_STARTS = (
    datetime(2026, 1, 30, 9),  # a fifth Friday: monthly becomes the last
    datetime(2026, 10, 26, 16, 30),  # a fourth Monday, the day after Europe's change
    datetime(2027, 2, 25, 23, 30),  # ends after midnight
)


def _series(zone: str, cadence: Cadence, start: datetime) -> SeriesSpec:
    """Return a series with its second meeting excluded and its third moved, by days and hours."""
    until = (start + timedelta(days=500)).replace(tzinfo=ZoneInfo(zone))
    plain = a_series(zone=zone, start=start, rrule=rule_of(cadence, start, until))
    after = (start - timedelta(days=2)).replace(tzinfo=UTC)
    second, third = [
        session.start.replace(tzinfo=None)
        for session in sessions(plain, after, after + timedelta(days=300))[1:3]
    ]
    return a_series(
        zone=zone,
        start=start,
        rrule=plain.rrule,
        duration=cadence.duration,
        attendees=(MENTOR, MENTEE, ASSISTANT),
        excluded=frozenset({second}),
        moved=((third, third + timedelta(days=1, hours=1)),),
    )


EXAMPLES = [
    _series(zone, cadence, start)
    for zone, cadence, start in product(_ZONES, (*BUILT_IN_CADENCES.values(), _WEEKLY), _STARTS)
]


def _expected(spec: SeriesSpec) -> list[str]:
    after = (spec.start - timedelta(days=60)).replace(tzinfo=UTC)
    found = sessions(spec, after, after + timedelta(days=HORIZON_DAYS))
    return instants([session.start for session in found])


@pytest.mark.server
@pytest.mark.parametrize("method", [Method.REQUEST, Method.CANCEL])
def test_libical_finds_nothing_to_restrict(method: Method) -> None:
    """RFC 5546: which properties a REQUEST and a CANCEL have, per component."""
    for spec in EXAMPLES:
        assert check_libical(invitation(spec, method=method, now=NOW)) == []


@pytest.mark.parametrize("method", [Method.REQUEST, Method.CANCEL])
def test_what_libical_does_not_look_at_is_right_too(method: Method) -> None:
    """Line ends and lengths, zones, UNTIL, attendees, ends."""
    named = a_series(summary="ü" * 200, organiser_name='Ж"' * 60, description="a,b;c\n" * 40)
    for spec in (*EXAMPLES, named):
        assert check_ours(invitation(spec, method=method, now=NOW)) == []
        assert check_ours(stored(spec, now=NOW)) == []


@pytest.mark.parametrize(
    ("was", "becomes", "complaint"),
    [
        ("\r\n", "\n", "line ends"),
        ("SUMMARY:", "SUMMARY:" + "x" * 80, "a line of"),
        ("BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin", "BEGIN:VTIMEZONE\r\nTZID:Berlin", "no VTIMEZONE"),
        ("DTSTART;TZID=Europe/Berlin", "DTSTART", "floating"),
        ("COUNT=12", "UNTIL=20270101T000000", "UNTIL"),
        ("NEEDS-ACTION", "MAYBE", "PARTSTAT"),
        ("mailto:jonas", "jonas", "without mailto"),
        ("20260303T094500", "20260303T084500", "ends"),
    ],
)
def test_the_seven_checks_can_fail(was: str, becomes: str, complaint: str) -> None:
    """A check that never complains proves nothing."""
    text = invitation(a_series(), method=Method.REQUEST, now=NOW).decode().replace("\r\n ", "")
    assert was in text
    assert any(complaint in found for found in check_ours(text.replace(was, becomes).encode()))


@pytest.mark.server
def test_libical_can_complain() -> None:
    """A REQUEST without an organiser is none."""
    content = invitation(a_series(), method=Method.REQUEST, now=NOW)
    assert check_libical(content.replace(b"ORGANIZER", b"X-ORGANIZER"))


def test_python_expands_to_our_sessions() -> None:
    """icalendar and recurring-ical-events: R8, R9, R11 and the rest, at the same instants."""
    for spec in EXAMPLES:
        assert expand_python(stored(spec, now=NOW)) == _expected(spec), (spec.zone, spec.rrule)


@pytest.mark.server
def test_javascript_expands_to_our_sessions_by_our_zone_definitions() -> None:
    """ical.js knows no zone but what our VTIMEZONE says (R32)."""
    found = expand_ical_js([stored(spec, now=NOW) for spec in EXAMPLES])
    for spec, starts in zip(EXAMPLES, found, strict=True):
        assert starts == _expected(spec), (spec.zone, spec.rrule)
