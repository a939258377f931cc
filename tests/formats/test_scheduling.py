"""Who invites, busy times, and the probe."""

from datetime import UTC, datetime, timedelta

import pytest
from a_series import MENTEE, MENTOR, a_series
from ical_checks import check_libical

from rmflow.domain.busy import BusyTime
from rmflow.domain.people import Address
from rmflow.formats.calendar.ics import read_stored, stored
from rmflow.formats.calendar.mark import MARK
from rmflow.formats.calendar.scheduling import busy_answer, busy_question, left_to_us, probe

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
MOVED = a_series(moved=((datetime(2026, 3, 3, 9), datetime(2026, 3, 4, 9)),))
EIGHT = datetime(2026, 3, 3, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_every_attendee_of_every_event_is_left_to_us() -> None:
    """RFC 6638 section 7.1: one without the parameter is invited by the server."""
    ours = stored(MOVED, now=NOW, we_invite=True)
    assert left_to_us(ours)
    assert not left_to_us(stored(MOVED, now=NOW))
    unfolded = ours.replace(b"\r\n ", b"")
    assert not left_to_us(unfolded.replace(b";SCHEDULE-AGENT=CLIENT", b"", 1))
    assert read_stored(ours).spec == MOVED


def test_an_item_without_attendees_is_nobodys_business() -> None:
    assert left_to_us(stored(a_series(attendees=()), now=NOW))


def answer(*lines: str) -> bytes:
    body = "\r\n".join(("BEGIN:VCALENDAR", "BEGIN:VFREEBUSY", *lines, "END:VFREEBUSY"))
    return f"{body}\r\nEND:VCALENDAR\r\n".encode()


def test_busy_times_are_read_in_order_and_free_ones_left_out() -> None:
    content = answer(
        "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260303T120000Z/P1D",
        "FREEBUSY:20260303T080000Z/20260303T090000Z,20260303T100000Z/PT1H",
        "FREEBUSY;FBTYPE=FREE:20260303T090000Z/20260303T100000Z",
        "FREEBUSY;FBTYPE=X-HIKING:20260303T110000Z/PT1H",
    )
    assert busy_answer(content) == (
        BusyTime(EIGHT, EIGHT + HOUR),
        BusyTime(EIGHT + 2 * HOUR, EIGHT + 3 * HOUR),
        BusyTime(EIGHT + 3 * HOUR, EIGHT + 4 * HOUR),
        BusyTime(EIGHT + 4 * HOUR, EIGHT + 28 * HOUR, away=True),
    )


def test_somebody_without_busy_times_is_free() -> None:
    assert busy_answer(answer("DTSTAMP:20260202T120000Z")) == ()


@pytest.mark.parametrize(
    "content",
    [b"", stored(a_series(), now=NOW), answer("FREEBUSY:tomorrow/PT1H")],
    ids=["nothing", "a meeting", "a time that nobody can read"],
)
def test_what_cannot_be_read_is_not_free(content: bytes) -> None:
    with pytest.raises(ValueError, match="holds"):
        busy_answer(content)


@pytest.mark.server
def test_the_question_and_the_probe_are_icalendar() -> None:
    """In the eyes of libical, which Cyrus uses."""
    people = [MENTOR.address, MENTEE.address]
    organiser = Address("mentoring@contoso.example")
    question = busy_question(organiser, people, EIGHT, EIGHT + HOUR, uid="u1", now=NOW)
    assert check_libical(question) == []
    assert check_libical(probe("u1", NOW)) == check_libical(probe("u1", NOW, organiser)) == []


def test_the_probe_is_nobodys_meeting() -> None:
    content = probe("u1", NOW, Address("mentoring@contoso.example"))
    assert MARK.encode() not in content
    assert left_to_us(content)
