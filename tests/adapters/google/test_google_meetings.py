"""Google Calendar's own habits: what is written, what people do to it, what guests are told."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from a_series import ASSISTANT, MENTEE, MENTOR, a_series
from google_calendar import GoogleCalendarService, People
from google_opened import OUTSIDER, opened
from web_server import Fault

from rmflow.adapters.google.calendar import GoogleCalendar
from rmflow.adapters.google.event import FINISHED, STATE, event_id
from rmflow.domain.people import Address
from rmflow.domain.series import Attendee, ObservedSeries, ParticipationStatus, Place, SeriesSpec
from rmflow.errors import ChangedError, RejectedError, UnavailableError, UncertainError

AT = [datetime(2026, 3, 3, 9) + timedelta(weeks=3 * n) for n in range(6)]
HOUR = timedelta(hours=1)
SERIES = a_series()
ID = event_id(SERIES.uid)
SECOND = f"{ID}_20260324T080000Z"  # AT[1], before summer time
ROOM = Attendee(Address("room-217@contoso.example"), "Room 2.17", room=True)


@pytest.fixture
def google() -> Iterator[GoogleCalendarService]:
    with GoogleCalendarService() as service:
        yield service


@pytest.fixture
def people(google: GoogleCalendarService) -> People:
    return People(google)


@pytest.fixture
def calendar(google: GoogleCalendarService, tmp_path: Path) -> Iterator[GoogleCalendar]:
    calendar = opened(google, tmp_path)
    yield calendar
    calendar.close()


def seen(calendar: GoogleCalendar, spec: SeriesSpec = SERIES) -> ObservedSeries:
    return calendar.look([spec.uid])[spec.uid]


def told(google: GoogleCalendarService) -> list[str]:
    """Return who was told what, without the times and places."""
    return [" ".join(notice.split()[:2]) for notice in google.notices]


# What is written.


def test_an_id_is_one_of_googles_and_the_same_on_every_run() -> None:
    """developers.google.com/workspace/calendar/api/v3/reference/events, `id`."""
    assert event_id(SERIES.uid) == ID == "80f9piaq3o3vd3g6k8babg3j3o3dp1ui"
    assert re.fullmatch("[a-v0-9]{5,1024}", event_id(a_series(uid="a@contoso.example").uid))


def test_a_plain_series_takes_one_write(
    calendar: GoogleCalendar, google: GoogleCalendarService
) -> None:
    """Finished and told in one go; what is left out goes with it."""
    calendar.create(replace(SERIES, excluded=frozenset({AT[1]})))
    (write,) = google.writes
    body = write.json()
    assert write.query["sendUpdates"] == ["all"]
    assert body["extendedProperties"]["private"][STATE] == FINISHED
    assert body["recurrence"][1:] == ["EXDATE;TZID=Europe/Berlin:20260324T090000"]
    assert (body["visibility"], body["guestsCanInviteOthers"]) == ("private", False)
    assert (body["guestsCanModify"], body["reminders"]["useDefault"]) == (True, False)
    assert "conferenceData" not in body


def test_an_operator_chooses_links_and_who_may_move_meetings(
    google: GoogleCalendarService, tmp_path: Path
) -> None:
    """R26 is a policy; a link is made by Google, for this series alone."""
    calendar = opened(google, tmp_path, online_meeting=True, guests_can_modify=False)
    calendar.create(SERIES)
    calendar.close()
    event = google.events.shown(ID)
    assert event["hangoutLink"].startswith("https://meet.")
    assert event["guestsCanModify"] is False


def test_a_moved_meeting_is_told_to_guests_outside_only(
    calendar: GoogleCalendar, google: GoogleCalendarService
) -> None:
    """At Google it is right in everybody's calendar once the series is there."""
    spec = replace(SERIES, attendees=(MENTOR, OUTSIDER), moved=((AT[1], AT[1] + HOUR),))
    calendar.create(spec)
    assert told(google) == [
        f"{MENTOR.address}: invited",
        f"{OUTSIDER.address}: invited",
        f"{OUTSIDER.address}: updated",
    ]


def test_a_series_that_was_only_begun_is_not_there(
    calendar: GoogleCalendar, google: GoogleCalendarService
) -> None:
    """The next run goes on with it, and nobody is invited twice."""
    spec = replace(SERIES, moved=((AT[1], AT[1] + HOUR),))
    google.fail(Fault.HANGS_UP_BEFORE, on=lambda request: request.method == "PATCH")
    with pytest.raises(UncertainError):
        calendar.create(spec)
    assert calendar.look([spec.uid]) == {}
    assert calendar.changes("", []).series == ()
    calendar.create(replace(spec, location="Building 9"))
    assert seen(calendar).spec == replace(spec, location="Building 9")
    assert told(google).count(f"{MENTOR.address}: invited") == 1


def test_what_a_person_deleted_does_not_come_back(
    calendar: GoogleCalendar, google: GoogleCalendarService, people: People
) -> None:
    """The id stays taken (googleapis/google-api-python-client#210): 409, and we leave it there."""
    calendar.create(SERIES)
    people.delete(ID)
    with pytest.raises(ChangedError):
        calendar.create(SERIES)
    assert seen(calendar).cancelled


def test_a_taken_id_that_cannot_be_seen_yet_is_left_to_the_next_run(
    calendar: GoogleCalendar, google: GoogleCalendarService
) -> None:
    """Collisions are found late, and reads may lag behind."""
    google.meanwhile = lambda: google.events.insert(
        {"id": ID, "start": google_time(AT[0]), "end": google_time(AT[0] + HOUR)}
    )
    with pytest.raises(UnavailableError):
        calendar.create(SERIES)


def google_time(at: datetime) -> dict[str, str]:
    return {"dateTime": at.isoformat(), "timeZone": "Europe/Berlin"}


def test_the_mark_alone_is_nothing_to_tell(
    calendar: GoogleCalendar, google: GoogleCalendarService
) -> None:
    """A new number without a new meeting must not reach three hundred inboxes."""
    etag = calendar.create(SERIES)
    google.notices.clear()
    calendar.revise(replace(SERIES, sequence=1), etag)
    assert google.writes[-1].query["sendUpdates"] == ["none"]
    assert (google.notices, seen(calendar).spec.sequence) == ([], 1)


def test_a_meeting_that_is_taken_out_is_told_as_cancelled_and_can_be_put_back(
    calendar: GoogleCalendar, google: GoogleCalendarService
) -> None:
    """Not as another version of the whole series."""
    etag = calendar.create(SERIES)
    google.notices.clear()
    out = replace(SERIES, excluded=frozenset({AT[1]}), sequence=1)
    etag = calendar.revise(out, etag)
    assert google.notices == [
        f"{guest.address}: cancelled {SECOND} 2026-03-24T09:00:00+01:00 {SERIES.location}"
        for guest in (MENTEE, MENTOR)
    ]
    calendar.revise(replace(SERIES, sequence=2), etag)
    assert seen(calendar).spec == replace(SERIES, sequence=2)


def test_an_edit_between_reading_and_writing_is_not_overwritten(
    calendar: GoogleCalendar, google: GoogleCalendarService, people: People
) -> None:
    """If-Match on every write: 412."""
    etag = calendar.create(SERIES)
    google.meanwhile = lambda: people.change(ID, location="Canteen")
    with pytest.raises(ChangedError):
        calendar.revise(replace(SERIES, location="Building 9", sequence=1), etag)
    assert seen(calendar).spec.location == "Canteen"
    google.meanwhile = lambda: people.drag(SECOND, datetime(2026, 3, 25, 8, tzinfo=UTC))
    moved = replace(SERIES, location="Canteen", moved=((AT[1], AT[1] + HOUR),), sequence=1)
    with pytest.raises(ChangedError):
        calendar.revise(moved, seen(calendar).etag)
    google.meanwhile = lambda: people.change(ID, location="Garden")
    with pytest.raises(ChangedError):
        calendar.cancel(replace(SERIES, sequence=1), seen(calendar).etag)
    assert not seen(calendar).cancelled


def test_a_new_time_leaves_no_meeting_of_the_old_one(
    calendar: GoogleCalendar, google: GoogleCalendarService
) -> None:
    """Google may keep an exception whose rule is gone; people would see a meeting too many."""
    etag = calendar.create(replace(SERIES, moved=((AT[1], AT[1] + HOUR),)))
    calendar.revise(replace(SERIES, start=AT[0] + HOUR, sequence=1), etag)
    exceptions = [event for _, event in google.events.listed() if "recurringEventId" in event]
    assert [event["status"] for event in exceptions] == ["cancelled"]


def test_what_is_as_it_is_wanted_is_not_written(
    calendar: GoogleCalendar, google: GoogleCalendarService
) -> None:
    """A second attempt after an answer was lost."""
    moved = replace(SERIES, moved=((AT[1], AT[1] + HOUR),))
    etag = calendar.create(moved)
    before = len(google.writes)
    assert calendar.revise(moved, etag) == etag
    assert len(google.writes) == before


def test_a_meeting_that_does_not_exist_cannot_be_moved(calendar: GoogleCalendar) -> None:
    """A mistake of ours; refused, not dropped."""
    wednesday = AT[1] + timedelta(days=1)
    with pytest.raises(RejectedError):
        calendar.create(replace(SERIES, moved=((wednesday, AT[1]),)))


# What people do.


def test_answers_are_noted_and_are_no_edit(
    calendar: GoogleCalendar, google: GoogleCalendarService, people: People
) -> None:
    """Of the series, and of one meeting under the id that a reply by mail would name."""
    etag = calendar.create(SERIES)
    token = calendar.changes("", [SERIES.uid]).token
    people.answer(ID, MENTOR.address, "accepted")
    people.answer(ID, MENTEE.address, "tentative")
    people.answer(SECOND, MENTEE.address, "declined", "In Paris that day")
    found = calendar.changes(token, [SERIES.uid])
    (series,) = found.series
    assert series.etag == etag
    assert found.token != token
    assert {(r.attendee, r.session, r.status, r.comment) for r in series.responses} == {
        (MENTOR.address, None, ParticipationStatus.ACCEPTED, ""),
        (MENTEE.address, None, ParticipationStatus.TENTATIVE, ""),
        (
            MENTEE.address,
            "20260324T080000Z",
            ParticipationStatus.DECLINED,
            "In Paris that day",
        ),
    }
    (declined,) = (r for r in series.responses if r.session)
    shown = google.events.shown(SECOND)["updated"]
    assert declined.stamped_at == datetime.fromisoformat(shown)


def test_an_answer_survives_a_new_guest(calendar: GoogleCalendar, people: People) -> None:
    """R21: to replace the guests would ask everybody again."""
    etag = calendar.create(SERIES)
    people.answer(ID, MENTOR.address, "accepted")
    wanted = replace(SERIES, attendees=(MENTOR, MENTEE, ASSISTANT), sequence=1)
    calendar.revise(wanted, etag)
    series = seen(calendar)
    assert series.spec == wanted
    assert [(r.attendee, r.status) for r in series.responses] == [
        (MENTOR.address, ParticipationStatus.ACCEPTED)
    ]


def test_what_people_do_in_their_calendars_is_seen(
    calendar: GoogleCalendar, people: People
) -> None:
    """R26, R27: they drag, delete, rename, invite."""
    calendar.create(SERIES)
    third = f"{ID}_20260414T070000Z"
    people.drag(SECOND, datetime(2026, 3, 25, 13, 30, tzinfo=UTC))
    people.delete(third)
    people.change(ID, location="Canteen")
    people.bring(ID, "max.stein@contoso.example")
    spec = seen(calendar).spec
    assert spec.moves == {AT[1]: datetime(2026, 3, 25, 14, 30)}
    assert spec.excluded == {AT[2]}
    assert spec.location == "Canteen"
    assert [a.address for a in spec.attendees][2:] == ["max.stein@contoso.example"]
    people.change(
        ID,
        start=google_time(AT[0] + timedelta(days=1)),
        end=google_time(AT[0] + timedelta(days=1) + HOUR),
        recurrence=["RRULE:FREQ=WEEKLY;INTERVAL=3;COUNT=12;BYDAY=WE"],
    )
    spec = seen(calendar).spec
    assert (spec.start, spec.duration) == (AT[0] + timedelta(days=1), HOUR)
    assert spec.rrule == "FREQ=WEEKLY;INTERVAL=3;COUNT=12;BYDAY=WE;WKST=MO"
    assert (spec.moved, spec.excluded) == ((), frozenset())


def test_a_meeting_that_a_person_deleted_is_put_back_if_it_is_wanted(
    calendar: GoogleCalendar, people: People
) -> None:
    """The coordinator's word; nothing else brings it back."""
    calendar.create(SERIES)
    people.delete(SECOND)
    wanted = replace(SERIES, moved=((AT[1], AT[1] + HOUR),), sequence=1)
    calendar.revise(wanted, seen(calendar).etag)
    assert seen(calendar).spec == wanted


def test_a_room_is_booked_and_may_decline_single_meetings(
    calendar: GoogleCalendar, google: GoogleCalendarService, people: People
) -> None:
    """R30: it is a guest that answers by itself; a meeting elsewhere has another, or none."""
    other = Place("Room 3.01", Address("room-301@contoso.example"))
    spec = replace(
        SERIES,
        location="Room 2.17",
        attendees=(MENTOR, MENTEE, ROOM),
        elsewhere=((AT[2], other), (AT[3], Place("Canteen"))),
    )
    calendar.create(spec)
    people.answer(ID, ROOM.address, "accepted")
    people.answer(SECOND, ROOM.address, "declined")
    series = seen(calendar)
    assert series.spec == spec
    assert (ROOM.address, "20260324T080000Z", ParticipationStatus.DECLINED) in {
        (r.attendee, r.session, r.status) for r in series.responses
    }
    shown = google.events.shown(f"{ID}_20260414T070000Z")
    rooms = [a["email"] for a in shown["attendees"] if a.get("resource")]
    assert rooms == ["room-301@contoso.example"]
    assert not any(ROOM.address in notice for notice in google.notices)


def test_dates_beside_the_rule_stay_and_are_not_seen(
    calendar: GoogleCalendar, google: GoogleCalendarService, people: People
) -> None:
    """R31: an imported RDATE list."""
    calendar.create(SERIES)
    extra = "RDATE;TZID=Europe/Berlin:20260310T090000,20260311T090000"
    recurrence = google.events.shown(ID)["recurrence"]
    people.change(ID, recurrence=[*recurrence, extra, "EXDATE:20260324T080000Z,20260414T070000Z"])
    series = seen(calendar)
    assert series.spec == replace(SERIES, excluded=frozenset({AT[1], AT[2]}))
    calendar.revise(replace(SERIES, location="Garden", sequence=1), series.etag)
    assert extra in google.events.shown(ID)["recurrence"]
    assert seen(calendar).spec.excluded == frozenset()


def test_this_and_following_leaves_a_shorter_series(
    calendar: GoogleCalendar, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    """R23: another event, with a copy of our mark, which is somebody's own now."""
    calendar.create(SERIES)
    token = calendar.changes("", [SERIES.uid]).token
    at = AT[3] + HOUR
    new = people.split(
        ID,
        datetime(2026, 4, 30, tzinfo=UTC),
        at,
        {"start": google_time(at), "end": google_time(at + HOUR)},
    )
    for since in (token, ""):
        found = calendar.changes(since, [SERIES.uid])
        (series,) = found.series
        assert series.spec.rrule.startswith("FREQ=WEEKLY;INTERVAL=3;UNTIL=20260430T000000Z")
        assert (found.vanished, found.complete) == (frozenset(), True)
        assert f"{new} was split off" in caplog.text
        caplog.clear()


@pytest.mark.parametrize(
    "change",
    [
        {"recurrence": ["RRULE:FREQ=DAILY;COUNT=5"]},
        {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=5", "RRULE:FREQ=MONTHLY;COUNT=5"]},
        {
            "start": {"date": "2026-03-03", "timeZone": "Europe/Berlin"},
            "end": {"date": "2026-03-04", "timeZone": "Europe/Berlin"},
        },
        {"end": google_time(AT[0])},
    ],
    ids=["daily", "two rules", "all day", "no length"],
)
def test_what_cannot_be_followed_is_reported_and_not_overwritten(
    calendar: GoogleCalendar,
    people: People,
    change: dict[str, object],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Somebody has to change it back; meanwhile nothing is concluded from what is missing."""
    etag = calendar.create(SERIES)
    people.change(ID, **change)
    found = calendar.changes("", [SERIES.uid])
    assert (found.series, found.vanished, found.complete) == ((), frozenset(), False)
    assert ID in caplog.text
    with pytest.raises(RejectedError):
        calendar.look([SERIES.uid])
    with pytest.raises(ChangedError):
        calendar.revise(replace(SERIES, sequence=1), etag)


def test_a_meeting_made_to_last_all_day_is_not_followed(
    calendar: GoogleCalendar, people: People
) -> None:
    """It has no time of day to tell anybody."""
    calendar.create(SERIES)
    people.change(SECOND, start={"date": "2026-03-24"}, end={"date": "2026-03-25"})
    assert not calendar.changes("", [SERIES.uid]).complete


def test_a_series_that_repeats_no_more_is_one_meeting(
    calendar: GoogleCalendar, people: People
) -> None:
    """Somebody chose "Does not repeat"."""
    calendar.create(SERIES)
    people.change(ID, recurrence=None)
    assert seen(calendar).spec == replace(SERIES, rrule="FREQ=WEEKLY;COUNT=1;BYDAY=TU;WKST=MO")
