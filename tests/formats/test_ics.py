"""A series written as iCalendar and read back, also after other programs had it."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from a_series import ASSISTANT, MENTEE, MENTOR, a_series
from hypothesis import given, settings
from hypothesis import strategies as st
from ical_checks import expand_python, instants

from rmflow.domain.people import Address
from rmflow.domain.programme import Cadence, Frequency
from rmflow.domain.recurrence import rule_of, sessions
from rmflow.domain.series import Attendee, ParticipationStatus, SeriesSpec
from rmflow.formats.calendar.ics import Method, invitation, read_stored, stored

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
ACCEPTED = ParticipationStatus.ACCEPTED
_EVERY_TUESDAY = "FREQ=WEEKLY;BYDAY=TU;WKST=MO"


def written(spec: SeriesSpec) -> str:
    return stored(spec, now=NOW).decode()


def reread(text: str) -> SeriesSpec:
    return read_stored(text.encode()).spec


def invited(spec: SeriesSpec, method: Method = Method.REQUEST) -> str:
    return invitation(spec, method=method, now=NOW).decode()


def event_lines(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


# Written and read back.

_zones = st.sampled_from(
    [
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Africa/Casablanca",
        "UTC",
        "America/Argentina/Salta",
        "Etc/GMT+5",
        "Europe/Dublin",
        "Asia/Tehran",
        "Pacific/Apia",
    ]
)
_texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from(',;:"\\^\n\t'))
_names = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from(',;:"^\n'))
_cadences = st.builds(
    Cadence,
    st.just("custom"),
    st.timedeltas(timedelta(minutes=15), timedelta(hours=3)).map(
        lambda d: d - d % timedelta(minutes=5)
    ),
    st.sampled_from(Frequency),
    st.integers(1, 8),
    st.none() | st.integers(1, 60),
)


@st.composite
def _series(draw: st.DrawFn) -> SeriesSpec:
    """Draw any series that rmflow can make: every slot of the day, clock changes included."""
    zone, cadence = draw(_zones), draw(_cadences)
    start = draw(st.datetimes(datetime(2024, 1, 1), datetime(2034, 1, 1)))
    start = start.replace(minute=start.minute // 5 * 5, second=0, microsecond=0)
    until = start.replace(tzinfo=ZoneInfo(zone)) + timedelta(days=900)
    plain = a_series(
        uid=draw(st.uuids()).hex,
        zone=zone,
        start=start,
        duration=cadence.duration,
        rrule=rule_of(cadence, start, draw(st.sampled_from([until, None]))),
    )
    after = start.replace(tzinfo=UTC) - timedelta(days=2)
    originals = [
        datetime.strptime(s.id, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        for s in sessions(plain, after, after + timedelta(days=400))
    ]
    walls = [at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in originals]
    chosen = draw(st.lists(st.sampled_from(walls), unique=True, max_size=6)) if walls else []
    split = draw(st.integers(0, len(chosen)))
    shifts = st.integers(-6 * 96, 6 * 96).filter(bool).map(lambda n: timedelta(minutes=15 * n))
    return replace(
        plain,
        summary=draw(_texts),
        description=draw(_texts),
        location=draw(_texts),
        organiser_name=draw(_names),
        attendees=(
            Attendee(MENTOR.address, draw(_names)),
            Attendee(MENTEE.address, draw(_names), optional=draw(st.booleans())),
        ),
        excluded=frozenset(chosen[:split]),
        moved=tuple(sorted((was, was + draw(shifts)) for was in chosen[split:])),
        sequence=draw(st.integers(0, 40)),
    )


@settings(deadline=None)
@given(_series())
def test_what_is_stored_is_read_back_whole(spec: SeriesSpec) -> None:
    """The folder is the truth of the embedded default: nothing may get lost in it."""
    assert read_stored(stored(spec, now=NOW)).spec == spec


@settings(deadline=None)
@given(_series())
def test_a_cancelled_series_is_read_back_whole_and_cancelled(spec: SeriesSpec) -> None:
    """Overrides are cancelled with their master; that excludes no meeting."""
    item = read_stored(stored(spec, now=NOW, cancelled=True))
    assert (item.spec, item.cancelled) == (spec, True)


def test_answers_are_stored_and_read_back() -> None:
    """NEEDS-ACTION is no answer."""
    spec = a_series(moved=((datetime(2026, 3, 24, 9), datetime(2026, 3, 25, 9)),))
    item = read_stored(stored(spec, now=NOW, statuses={MENTEE.address: ACCEPTED}))
    told = [(r.attendee, r.session, r.status, r.stamped_at) for r in item.responses]
    assert told == [(MENTEE.address, None, ACCEPTED, NOW)]


def test_a_control_character_cannot_begin_a_line_of_its_own() -> None:
    """A bare CR ends a line for some readers, and what follows would be a property."""
    text = written(a_series(summary="Talk\rATTENDEE:mailto:x@fabrikam.example\x00\x0b"))
    assert "\r" not in text.replace("\r\n", "")
    assert reread(text).summary == "Talk\nATTENDEE:mailto:x@fabrikam.example"


# The invitation.


def test_a_request_has_what_calendars_need() -> None:
    """RFC 5546 section 3.2.2; a mentee's assistant is optional."""
    lines = event_lines(invited(a_series(attendees=(MENTOR, MENTEE, ASSISTANT), sequence=3)))
    for expected in (
        "METHOD:REQUEST",
        "DTSTAMP:20260202T120000Z",
        "SEQUENCE:3",
        "DTSTART;TZID=Europe/Berlin:20260303T090000",
        "DTEND;TZID=Europe/Berlin:20260303T094500",
        'ORGANIZER;CN="Reverse Mentoring":mailto:mentoring@contoso.example',
        (
            'ATTENDEE;CN="Office Fuchs";CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;'
            "ROLE=OPT-PARTICIPANT;RSVP=TRUE:mailto:office.fuchs@contoso.example"
        ),
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "CLASS:PRIVATE",
        "X-RMFLOW-PAIRING:weber-fuchs",
    ):
        assert expected in lines
    assert "BEGIN:VALARM" not in lines


def test_a_cancellation_names_the_series_alone() -> None:
    """RFC 5546 section 3.2.5: no RECURRENCE-ID when all of it is cancelled."""
    moved = ((datetime(2026, 3, 24, 9), datetime(2026, 3, 25, 9)),)
    lines = event_lines(invited(a_series(moved=moved, sequence=4), Method.CANCEL))
    assert lines.count("BEGIN:VEVENT") == 1
    assert {"METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:4"} <= set(lines)


def test_an_organiser_sends_no_reply() -> None:
    """Nothing is accepted and dropped."""
    with pytest.raises(ValueError, match="REPLY"):
        invited(a_series(), Method.REPLY)


def test_the_same_series_gives_the_same_bytes() -> None:
    """A second attempt must look like a repeat to every calendar (PROVIDERS 1.6)."""
    assert invited(a_series()) == invited(a_series())


def test_an_excluded_meeting_has_the_form_of_the_start() -> None:
    """R17: an EXDATE of another kind excludes nothing."""
    text = written(a_series(excluded=frozenset({datetime(2026, 3, 24, 9)})))
    assert "EXDATE;TZID=Europe/Berlin:20260324T090000" in event_lines(text)
    assert "20260324T080000Z" not in expand_python(text.encode())


def test_a_new_attendee_is_on_the_moved_meetings_too() -> None:
    """R20: nextcloud/calendar#8450 invited them to all meetings but the moved one."""
    moved = ((datetime(2026, 3, 24, 9), datetime(2026, 3, 25, 9)),)
    text = invited(a_series(moved=moved, attendees=(MENTOR, MENTEE, ASSISTANT)))
    assert text.replace("\r\n ", "").count(f"mailto:{ASSISTANT.address}") == 2


# Wall clock.


def test_nine_stays_nine_over_both_clock_changes() -> None:
    """R1: calcom#4400 expanded in UTC and drifted by an hour."""
    spec = a_series(rrule="FREQ=WEEKLY;COUNT=40;BYDAY=TU;WKST=MO")
    berlin = ZoneInfo("Europe/Berlin")
    found = expand_python(stored(spec, now=NOW))
    starts = [datetime.strptime(at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) for at in found]
    assert {start.astimezone(berlin).hour for start in starts} == {9}
    assert {start.hour for start in starts} == {7, 8}


_SHOW = """
from datetime import UTC, datetime
from a_series import a_series
from rmflow.domain.recurrence import sessions
from rmflow.formats.calendar.ics import read_stored, stored
content = stored(a_series(rrule="FREQ=WEEKLY;COUNT=40;BYDAY=TU;WKST=MO"), now=datetime(2026, 2, 2, tzinfo=UTC))
spec = read_stored(content).spec
print(content, sessions(spec, datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)))
"""


def test_the_zone_of_the_machine_plays_no_part() -> None:
    """R2: cal.diy#29777 let the server's TZ into the invitations."""
    checks = str(Path(__file__).parents[1] / "checks")
    seen = {
        subprocess.run(
            [sys.executable, "-c", _SHOW],
            env={**os.environ, "TZ": zone, "PYTHONPATH": checks},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for zone in ("Asia/Dubai", "America/New_York", "UTC")
    }
    assert len(seen) == 1
    assert "T090000" in seen.pop()


def test_only_the_mentees_clock_shifts_between_two_changes() -> None:
    """R3: in March 2026 New York changes on the 8th, Berlin on the 29th."""
    spec = a_series(start=datetime(2026, 3, 3, 15), rrule=_EVERY_TUESDAY)
    after = datetime(2026, 3, 1, tzinfo=UTC)
    months = sessions(reread(written(spec)), after, after + timedelta(days=40))
    assert [s.start.hour for s in months] == [15] * 6
    new_york = [s.start.astimezone(ZoneInfo("America/New_York")).hour for s in months]
    assert new_york == [9, 10, 10, 10, 9, 9]


def test_a_last_meeting_at_until_takes_place() -> None:
    """R5: UNTIL is an instant in UTC, and included."""
    cadence = Cadence("weekly", timedelta(hours=1), Frequency.WEEKLY)
    start = datetime(2026, 3, 3, 9)
    until = datetime(2026, 3, 31, 9, tzinfo=ZoneInfo("Europe/Berlin"))
    spec = a_series(rrule=rule_of(cadence, start, until))
    assert "UNTIL=20260331T070000Z" in written(spec)
    assert expand_python(stored(spec, now=NOW))[-1] == "20260331T070000Z"


def test_two_weeks_are_two_weeks_whatever_day_a_week_begins_on() -> None:
    """R12: without WKST, calendars disagree."""
    assert "WKST=MO" in written(a_series())


def test_an_end_that_the_clock_shows_twice_is_told_as_a_duration() -> None:
    """R15: 02:30 and 45 minutes end at the second 02:15 of that night; DTEND cannot say so."""
    rule = "FREQ=WEEKLY;COUNT=2;BYDAY=SU;WKST=MO"
    spec = a_series(start=datetime(2026, 10, 25, 2, 30), rrule=rule)
    lines = event_lines(written(spec))
    assert "DURATION:PT45M" in lines
    assert not any(line.startswith("DTEND") for line in lines)
    assert reread(written(spec)) == spec


def test_a_start_that_the_clock_skips_means_the_offset_before() -> None:
    """R15, RFC 5545 section 3.3.5: 02:30 on that morning is half past three."""
    spec = a_series(
        start=datetime(2026, 3, 29, 2, 30), rrule="FREQ=WEEKLY;COUNT=2;BYDAY=SU;WKST=MO"
    )
    assert reread(written(spec)) == spec
    assert expand_python(stored(spec, now=NOW)) == ["20260329T013000Z", "20260405T003000Z"]


# What people and their programs do to a stored series.


def test_line_ends_and_byte_order_marks_do_not_matter() -> None:
    """Editors on two platforms."""
    text = written(a_series())
    assert reread("\ufeff" + text.replace("\r\n", "\n")) == a_series()


def test_the_order_of_components_does_not_matter() -> None:
    """R33: vdirsyncer#1092 took a moved VTIMEZONE for a change."""
    spec = a_series(
        moved=(
            (datetime(2026, 3, 24, 9), datetime(2026, 3, 25, 9)),
            (datetime(2026, 4, 14, 9), datetime(2026, 4, 15, 9)),
        )
    )
    head, *events = written(spec).removesuffix("END:VCALENDAR\r\n").split("BEGIN:VEVENT")
    begin, zone = head.split("BEGIN:VTIMEZONE")
    turned = "".join(f"BEGIN:VEVENT{event}" for event in reversed(events))
    assert reread(f"{begin}{turned}BEGIN:VTIMEZONE{zone}END:VCALENDAR\r\n") == spec


@pytest.mark.parametrize(
    "recurrence_id",
    [
        "RECURRENCE-ID:20260324T080000Z",
        "RECURRENCE-ID;TZID=America/New_York:20260324T040000",
        "RECURRENCE-ID;TZID=W. Europe Standard Time:20260324T090000",
        "RECURRENCE-ID;TZID=/mozilla.org/20050126_1/Europe/Rome:20260324T090000",
        "RECURRENCE-ID:20260324T090000",
        "RECURRENCE-ID;VALUE=DATE:20260324",
    ],
)
def test_a_moved_meeting_is_known_by_its_instant(recurrence_id: str) -> None:
    """R18: clients name the same meeting in other zones."""
    spec = a_series(moved=((datetime(2026, 3, 24, 9), datetime(2026, 3, 25, 9)),))
    ours = "RECURRENCE-ID;TZID=Europe/Berlin:20260324T090000"
    assert reread(written(spec).replace(ours, recurrence_id)) == spec


@pytest.mark.parametrize(
    "exdates",
    [
        "EXDATE;TZID=Europe/Berlin:20260324T090000,20260414T090000",
        "EXDATE:20260324T080000Z\r\nEXDATE:20260414T070000Z",
        "EXDATE;VALUE=DATE:20260324,20260414",
        "EXDATE;TZID=Europe/London:20260324T080000\r\nEXDATE:20260414T090000",
    ],
)
def test_excluded_meetings_are_read_in_every_form(exdates: str) -> None:
    """One line or several, any zone."""
    spec = a_series(excluded=frozenset({datetime(2026, 3, 24, 9), datetime(2026, 4, 14, 9)}))
    lines = [line for line in event_lines(written(spec)) if not line.startswith("EXDATE")]
    lines.insert(lines.index("SEQUENCE:0"), exdates)
    assert reread("\r\n".join(lines)) == spec


def test_one_cancelled_meeting_is_an_excluded_one() -> None:
    """Apple and Google write an override with STATUS:CANCELLED instead of an EXDATE."""
    text = written(a_series(moved=((datetime(2026, 3, 24, 9), datetime(2026, 3, 25, 9)),)))
    master, override = text.rsplit("BEGIN:VEVENT", 1)
    cancelled = override.replace("CONFIRMED", "CANCELLED")
    read = read_stored(f"{master}BEGIN:VEVENT{cancelled}".encode())
    assert read.spec == a_series(excluded=frozenset({datetime(2026, 3, 24, 9)}))
    assert not read.cancelled


def test_a_meeting_that_was_only_annotated_has_not_moved() -> None:
    """An override at its own time: somebody typed a note into one meeting."""
    text = written(a_series(moved=((datetime(2026, 3, 24, 9), datetime(2026, 3, 25, 9)),)))
    assert reread(text.replace("20260325T09", "20260324T09")).moved == ()


def test_a_series_that_was_dragged_is_read_at_its_new_time_and_in_its_zone() -> None:
    """A person's edit wins: also when they chose another zone than the mentor's."""
    text = written(a_series()).replace(
        "TZID=Europe/Berlin:20260303T09", "TZID=Europe/Lisbon:20260303T11"
    )
    read = reread(text)
    assert (read.zone, read.start) == ("Europe/Lisbon", datetime(2026, 3, 3, 11))


def test_a_rule_in_another_spelling_is_the_same_rule() -> None:
    """Clients reorder the parts and leave out what is usual."""
    text = written(a_series(rrule="FREQ=WEEKLY;COUNT=12;BYDAY=TU;WKST=MO"))
    rule = "RRULE:FREQ=WEEKLY;COUNT=12;BYDAY=TU;WKST=MO"
    for other in ("RRULE:COUNT=012;INTERVAL=01;FREQ=WEEKLY", "RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=12"):
        assert reread(text.replace(rule, other)).rrule == "FREQ=WEEKLY;COUNT=12;BYDAY=TU;WKST=MO"


@pytest.mark.parametrize(
    ("until", "instant"),
    [("20260331", "20260331T215959Z"), ("20260331T090000", "20260331T070000Z")],
)
def test_a_local_until_is_read_in_the_zone_of_the_series(until: str, instant: str) -> None:
    """R5: Home Assistant core#167734 and others wrote it so."""
    text = written(a_series(rrule=f"FREQ=WEEKLY;UNTIL={instant};BYDAY=TU;WKST=MO"))
    assert reread(text.replace(f"UNTIL={instant}", f"UNTIL={until}")).rrule == (
        f"FREQ=WEEKLY;UNTIL={instant};BYDAY=TU;WKST=MO"
    )


def test_a_guest_that_somebody_added_is_seen() -> None:
    """R27: who is invited to a talk between two is worth a question."""
    guest = "ATTENDEE;CN=Somebody:MAILTO:Some.Body@Fabrikam.example"
    text = written(a_series()).replace("CLASS:PRIVATE", guest)
    address = Address("some.body@fabrikam.example")
    assert reread(text).attendees == (MENTOR, MENTEE, Attendee(address, "Somebody"))


def test_the_answer_to_one_meeting_is_told_from_the_answer_to_all() -> None:
    """A server that schedules notes it in an override."""
    text = written(a_series(moved=((datetime(2026, 3, 24, 9), datetime(2026, 3, 25, 9)),)))
    master, override = text.replace("\r\n ", "").rsplit("BEGIN:VEVENT", 1)
    master = master.replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=ACCEPTED")
    override = override.replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=DECLINED", 1)
    override = override.replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=ACCEPTED")
    responses = read_stored(f"{master}BEGIN:VEVENT{override}".encode()).responses
    assert [(r.session, r.attendee, r.status.value) for r in responses] == [
        (None, MENTOR.address, "ACCEPTED"),
        (None, MENTEE.address, "ACCEPTED"),
        ("20260324T080000Z", MENTOR.address, "DECLINED"),
    ]


@pytest.mark.parametrize(
    ("was", "becomes", "sentence"),
    [
        ("BEGIN:VCALENDAR", "BEGIN:VCARD", "holds no calendar"),
        ("X-RMFLOW-PAIRING:weber-fuchs\r\n", "", "has lost its mark"),
        ("RRULE", "X-RULE", "does not have exactly one rule"),
        ("STATUS", "RDATE;TZID=Europe/Berlin:20260304T090000\r\nSTATUS", "RDATE"),
        ("DTSTART;TZID=Europe/Berlin", "DTSTART", "without a time zone"),
        ("DTSTART;TZID=Europe/Berlin", "DTSTART;TZID=Mars/Base 1", "without a time zone"),
        ("DTSTART;TZID=Europe/Berlin", "DTSTART;TZID=Europe", "without a time zone"),
        (
            "DTSTART;TZID=Europe/Berlin:20260303T090000",
            "DTSTART;VALUE=DATE:20260303",
            "time of day",
        ),
        ("20260303T094500", "20260303T084500", "no end after its start"),
        ("mailto:mentoring@contoso.example", "urn:uuid:1", "no organiser"),
        ("Berlin:20260303T", "Berlin:20260304T", "first meeting"),
        ("UID:", "RECURRENCE-ID:20260303T080000Z\r\nUID:", "not exactly one recurring event"),
    ],
)
def test_what_cannot_be_said_as_a_series_is_refused(was: str, becomes: str, sentence: str) -> None:
    """In a sentence that a person can act on."""
    text = written(a_series()).replace("\r\n ", "")
    assert was in text
    with pytest.raises(ValueError, match=sentence):
        reread(text.replace(was, becomes))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=SECONDLY",
        "FREQ=DAILY;COUNT=3",
        "FREQ=WEEKLY;COUNT=1000000000",
        "FREQ=WEEKLY;COUNT=521",
        "FREQ=WEEKLY;COUNT=0",
        "FREQ=WEEKLY;COUNT=3;UNTIL=20270101T000000Z",
        "FREQ=WEEKLY;UNTIL=20261399T000000Z",
        "FREQ=MONTHLY;BYMONTHDAY=31;INTERVAL=12",
        "FREQ=WEEKLY;BYDAY=TU;BYHOUR=9,10",
        "FREQ=WEEKLY;BYMINUTE=" + ",".join(map(str, range(60))) + ";BYSECOND=" + ",".join("1" * 60),
        "FREQ=MONTHLY;BYMONTHDAY=" + ",".join(["3"] * 50_000),
        "FREQ=MONTHLY;BYSETPOS=999;BYDAY=TU",
        "FREQ=WEEKLY;BYDAY=1TU;BYDAY=TU",
        "FREQ=WEEKLY;FREQ=WEEKLY",
        "BYDAY=TU",
        "",
    ],
)
def test_a_dangerous_rule_is_refused_at_once(rule: str) -> None:
    """R34: dateutil#1094 and others ran away. The limit is ten times what it takes."""
    text = written(a_series(rrule=_EVERY_TUESDAY)).replace(
        f"RRULE:{_EVERY_TUESDAY}", f"RRULE:{rule}"
    )
    began = time.process_time()
    with pytest.raises(ValueError, match="rule"):
        reread(text)
    assert time.process_time() - began < 0.1


def test_sessions_of_the_written_series_are_those_of_the_domain() -> None:
    """What people see in their calendars is what we write mail about."""
    spec = a_series(
        excluded=frozenset({datetime(2026, 4, 14, 9)}),
        moved=((datetime(2026, 10, 20, 9), datetime(2026, 10, 27, 11)),),
    )
    after = datetime(2026, 1, 1, tzinfo=UTC)
    starts = [session.start for session in sessions(spec, after, after + timedelta(days=700))]
    assert expand_python(stored(spec, now=NOW)) == instants(starts)
