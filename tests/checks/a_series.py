"""A series as tests need it: everything has a value, a test names only what it is about."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from rmflow.domain.pairing import PairingId
from rmflow.domain.people import Address
from rmflow.domain.series import Attendee, SeriesSpec, Uid

MENTOR = Attendee(Address("jonas.weber@contoso.example"), "Jonas Weber")
MENTEE = Attendee(Address("helena.fuchs@contoso.example"), "Dr. Helena Fuchs")
ASSISTANT = Attendee(Address("office.fuchs@contoso.example"), "Office Fuchs", optional=True)

_USUAL = SeriesSpec(
    uid=Uid("4f0c2a77d1e94b0a8c6f3b5e2d719a10"),
    pairing=PairingId("weber-fuchs"),
    zone="Europe/Berlin",
    start=datetime(2026, 3, 3, 9),
    duration=timedelta(minutes=45),
    rrule="FREQ=WEEKLY;INTERVAL=3;COUNT=12;BYDAY=TU;WKST=MO",
    summary="Reverse mentoring: Jonas and Helena",
    description="A talk between two people. What is said stays here.",
    location="Building 4, room 2.17",
    organiser=Address("mentoring@contoso.example"),
    organiser_name="Reverse Mentoring",
    attendees=(MENTOR, MENTEE),
)


def a_series(**changes: Any) -> SeriesSpec:
    """Return a series of every third Tuesday, 09:00 in Berlin, with these changes."""
    return replace(_USUAL, **changes)
