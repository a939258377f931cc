"""What Exchange does with a series, and what people do to it in Outlook."""

import copy
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from a_series import ASSISTANT, MENTEE, MENTOR, a_series
from graph_world import World, a_world
from outage_contract import SUCCESSOR
from web_server import Fault, Request

from rmflow.adapters.graph.calendar import GraphCalendar
from rmflow.app.doubts import stands
from rmflow.domain.busy import BusyTime
from rmflow.domain.people import Address
from rmflow.domain.recurrence import sessions
from rmflow.domain.series import (
    Attendee,
    ParticipationStatus,
    Place,
    SeriesSpec,
    Uid,
)
from rmflow.errors import (
    ChangedError,
    DeniedError,
    RejectedError,
    UnavailableError,
    UncertainError,
)

BERLIN = ZoneInfo("Europe/Berlin")
UID = a_series().uid
AT = [datetime(2026, 3, 3, 9) + timedelta(weeks=3 * n) for n in range(6)]
HOUR = timedelta(hours=1)
ROOM = Attendee(Address("room-2.17@contoso.example"), "Room 2.17", room=True)
GARDEN = Place("Garden room", Address("room-garden@contoso.example"))


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        yield world


@pytest.fixture
def calendar(world: World) -> GraphCalendar:
    return world.open()


def seen(calendar: GraphCalendar) -> SeriesSpec:
    return calendar.look([UID])[UID].spec


def last(world: World, count: int) -> list[str]:
    return [request.method for request in world.service.writes[-count:]]


def test_a_calendar_without_any_series_of_ours_deletes_nothing(world: World) -> None:
    """It is the wrong mailbox, sooner than that everybody's meetings were deleted in one night."""
    found = world.open().changes("", [UID, Uid("5" * 32)])
    assert (found.series, found.vanished, found.complete) == ((), frozenset(), False)


class TestCreating:
    def test_nobody_is_told_before_everything_is_in_place(self, world: World) -> None:
        """The last request invites; a series that is cut before it is absent."""
        spec = a_series(
            moved=((AT[1], AT[1] + HOUR),), excluded=frozenset({AT[2]}), attendees=(MENTOR, MENTEE)
        )
        world.service.fail(Fault.HANGS_UP_BEFORE, on=_ends)
        calendar = world.open()
        with pytest.raises(UncertainError):
            calendar.create(spec)
        assert last(world, 4) == ["POST", "PATCH", "DELETE", "PATCH"]
        assert world.told() == []
        assert calendar.look([UID]) == {}
        assert calendar.changes("", [UID]).vanished == {UID}

    def test_a_series_that_was_begun_is_continued(self, world: World) -> None:
        """Also when the plan has changed since: one event, as it is wanted now."""
        world.service.fail(Fault.HANGS_UP_AFTER)
        with pytest.raises(UncertainError):
            world.open().create(a_series())
        wanted = a_series(start=datetime(2026, 3, 4, 14), rrule="FREQ=WEEKLY;BYDAY=WE;WKST=MO")
        calendar = world.open()
        calendar.create(wanted)
        assert seen(calendar) == wanted
        assert len(world.people.mailbox.events) == 1

    def test_nobody_is_told_while_one_that_was_begun_is_moved(self, world: World) -> None:
        """The plan has changed since, and has exceptions now."""
        world.service.fail(Fault.HANGS_UP_AFTER)
        with pytest.raises(UncertainError):
            world.open().create(a_series())
        later = [at + HOUR for at in AT]
        world.service.fail(Fault.HANGS_UP_BEFORE, on=_ends)
        with pytest.raises(UncertainError):
            world.open().create(a_series(start=later[0], excluded=frozenset({later[1]})))
        assert last(world, 3) == ["PATCH", "DELETE", "PATCH"]
        assert world.told() == []

    def test_of_two_that_were_begun_the_first_one_stays(self, world: World) -> None:
        """A race, or a transactionId that the service has forgotten."""
        world.service.fail(Fault.HANGS_UP_AFTER)
        with pytest.raises(UncertainError):
            world.open().create(a_series())
        (first,) = world.people.mailbox.events.values()
        second = replace(copy.deepcopy(first), id=first.id + "2", created=9)
        world.people.mailbox.events[second.id] = second
        world.open().create(a_series())
        assert list(world.people.mailbox.events) == [first.id]

    def test_a_repeated_post_that_the_service_refuses_is_no_second_series(self) -> None:
        """A filter that lags: only the transactionId knows that there is one already."""
        with a_world(repeated=409) as world:
            world.service.fail(Fault.HANGS_UP_AFTER)
            with pytest.raises(UncertainError):
                world.open().create(a_series())
            (hidden,) = world.people.mailbox.events.values()
            extended, hidden.extended = hidden.extended, {}
            with pytest.raises(ChangedError):
                world.open().create(a_series())
            hidden.extended = extended
            calendar = world.open()
            calendar.create(a_series())
            assert seen(calendar) == a_series()

    def test_rooms_are_booked_for_the_meetings_that_are_held_there(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """A meeting elsewhere leaves the room of the series free."""
        spec = a_series(attendees=(MENTOR, MENTEE, ASSISTANT, ROOM), elsewhere=((AT[1], GARDEN),))
        calendar.create(spec)
        assert seen(calendar) == spec
        about_rooms = [line for line in world.told() if "room-" in line]
        assert about_rooms == [
            "invitation room-2.17@contoso.example series",
            "invitation room-garden@contoso.example 2026-03-24",
            "cancellation room-2.17@contoso.example 2026-03-24",
            "update room-2.17@contoso.example series",
            "update room-garden@contoso.example 2026-03-24",
        ]

    def test_what_exchange_cannot_repeat_is_refused_before_anything_is_written(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """R6, R7, R10, R11: never seven weekdays for a last day, never a month left out."""
        first = datetime(2026, 5, 29, 9)
        for rule, start in (
            ("FREQ=MONTHLY;BYMONTHDAY=-1;WKST=MO", datetime(2026, 3, 31, 9)),
            ("FREQ=MONTHLY;BYMONTHDAY=31;WKST=MO", datetime(2026, 3, 31, 9)),
            ("FREQ=MONTHLY;BYDAY=5FR;WKST=MO", first),
            ("FREQ=MONTHLY;BYDAY=1MO,1TU;WKST=MO", first),
            ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;WKST=MO", first),
        ):
            with pytest.raises(RejectedError, match="Exchange knows"):
                calendar.create(a_series(rrule=rule, start=start))
        assert world.service.writes == []

    @pytest.mark.parametrize(
        ("rule", "start"),
        [
            ("FREQ=WEEKLY;BYDAY=TU;WKST=MO", datetime(2026, 3, 3, 9)),
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", datetime(2026, 3, 3, 9)),
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO", datetime(2026, 3, 3, 9)),
            ("FREQ=MONTHLY;BYDAY=4MO;WKST=MO", datetime(2026, 3, 23, 9)),
            ("FREQ=MONTHLY;BYDAY=-1MO;WKST=MO", datetime(2026, 3, 30, 9)),
            ("FREQ=MONTHLY;INTERVAL=2;COUNT=5;BYMONTHDAY=17;WKST=MO", datetime(2026, 3, 17, 9)),
            ("FREQ=WEEKLY;UNTIL=20261117T080000Z;BYDAY=TU;WKST=MO", datetime(2026, 3, 3, 9)),
            ("FREQ=WEEKLY;UNTIL=20261117T075959Z;BYDAY=TU;WKST=MO", datetime(2026, 3, 3, 9)),
        ],
    )
    def test_exchange_meets_when_we_do(
        self, world: World, calendar: GraphCalendar, rule: str, start: datetime
    ) -> None:
        """R5, R8, R9, R12: two expansions that know nothing of each other."""
        spec = a_series(rrule=rule, start=start)
        calendar.create(spec)
        assert seen(calendar) == spec
        until = datetime(2027, 3, 1, tzinfo=UTC)
        theirs = [begin for _, begin, _ in world.people.event(UID).occurrences() if begin < until]
        assert theirs == [s.start for s in sessions(spec, datetime(2026, 1, 1, tzinfo=UTC), until)]

    def test_a_zone_that_windows_does_not_name_goes_by_one_with_the_same_clocks(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """R4: our own name is kept beside it."""
        spec = a_series(zone="Europe/Vienna")
        calendar.create(spec)
        sent = world.service.writes[0].json()
        assert sent["start"]["timeZone"] == "W. Europe Standard Time"
        assert seen(calendar) == spec

    def test_a_zone_with_clocks_of_its_own_is_refused(self, calendar: GraphCalendar) -> None:
        """R4: Troll changes its clocks by two hours."""
        with pytest.raises(RejectedError, match="Antarctica/Troll"):
            calendar.create(a_series(zone="Antarctica/Troll"))

    def test_what_calendars_show_of_it_is_private_and_reminds_explicitly(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """A title tells colleagues enough to guess what the talk is about."""
        calendar.create(a_series())
        shown = world.people.event(UID).properties
        assert (shown["sensitivity"], shown["isReminderOn"]) == ("private", True)
        assert shown["reminderMinutesBeforeStart"] == 15
        assert shown["allowNewTimeProposals"] is True

    def test_an_online_meeting_keeps_its_address(self, world: World) -> None:
        """event-update: a new text without the address would disable it."""
        calendar = world.open(online_meetings=True, reminder_minutes=0)
        etag = calendar.create(a_series())
        assert seen(calendar) == a_series()
        calendar.revise(a_series(summary="New", description="New", sequence=1), etag)
        assert "body" not in world.service.writes[-1].json()
        assert world.people.event(UID).properties["isReminderOn"] is False


class TestRevising:
    def test_a_change_of_one_meeting_mails_nobody_about_the_others(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """event-update: a change of the series would mail everybody, for each exception again."""
        etag = calendar.create(a_series(moved=((AT[3], AT[3] + HOUR),)))
        before = len(world.told())
        moved = ((AT[1], AT[1] + HOUR), (AT[3], AT[3] + HOUR))
        calendar.revise(a_series(moved=moved, sequence=1), etag)
        assert world.told()[before:] == [
            "update jonas.weber@contoso.example 2026-03-24",
            "update helena.fuchs@contoso.example 2026-03-24",
        ]

    def test_who_stays_hears_nothing_of_who_comes(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """event-update: a request with guests alone mails those that have changed."""
        etag = calendar.create(a_series())
        before = len(world.told())
        calendar.revise(a_series(attendees=(MENTOR, SUCCESSOR), sequence=1), etag)
        assert world.told()[before:] == [
            "invitation ruth.kaya@contoso.example series",
            "cancellation helena.fuchs@contoso.example series",
        ]

    def test_guests_come_along_to_moved_meetings_whatever_exchange_does(self) -> None:
        """R20; that Exchange does it by itself is documented only in passing."""
        with a_world(propagates=False) as world:
            calendar = world.open()
            spec = a_series(moved=((AT[1], AT[1] + HOUR),))
            calendar.create(spec)
            assert seen(calendar) == spec
            assert "invitation helena.fuchs@contoso.example 2026-03-24" in world.told()
            successor = replace(spec, attendees=(MENTOR, SUCCESSOR), sequence=1)
            calendar.revise(successor, calendar.look([UID])[UID].etag)
            assert "invitation ruth.kaya@contoso.example 2026-03-24" in world.told()
            assert "cancellation helena.fuchs@contoso.example 2026-03-24" in world.told()

    def test_a_new_time_that_is_cut_short_does_not_stand(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """The exceptions come after it: until they are there, it has the old sequence."""
        etag = calendar.create(a_series())
        later = [at + 2 * HOUR for at in AT]
        wanted = a_series(start=later[0], excluded=frozenset({later[1]}), sequence=1)
        world.service.fail(Fault.HANGS_UP_AFTER)
        with pytest.raises(UncertainError):
            calendar.revise(wanted, etag)
        half = calendar.look([UID])[UID]
        assert not stands(half, wanted, cancelled=False)
        calendar.revise(wanted, half.etag)
        assert stands(calendar.look([UID])[UID], wanted, cancelled=False)

    def test_whom_somebody_invited_to_one_meeting_stays_invited(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """A guest of one day is none of the series' business."""
        calendar.create(a_series())
        guest = {"emailAddress": {"address": "guest@contoso.example", "name": "Guest"}}
        world.people.invite(UID, guest, day=AT[1].date())
        etag = calendar.look([UID])[UID].etag
        wanted = a_series(attendees=(MENTOR, SUCCESSOR), elsewhere=((AT[1], GARDEN),), sequence=1)
        calendar.revise(wanted, etag)
        (there,) = world.people.event(UID).exceptions.values()
        assert {guest["emailAddress"]["address"] for guest in there.attendees} == {
            "guest@contoso.example",
            MENTOR.address,
            SUCCESSOR.address,
            GARDEN.room,
        }

    def test_a_rhythm_of_a_person_that_we_would_not_choose_can_be_kept(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """Only a rule that we write has to be one of ours."""
        start = datetime(2026, 3, 31, 9, tzinfo=BERLIN)
        calendar.create(a_series(rrule="FREQ=WEEKLY;BYDAY=TU;WKST=MO"))
        world.people.drag(UID, start)
        world.people.repeat(UID, {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31})
        there = calendar.look([UID])[UID]
        assert there.spec.rrule == "FREQ=MONTHLY;BYMONTHDAY=31;WKST=MO"
        calendar.revise(replace(there.spec, location="Building 9", sequence=1), there.etag)
        assert seen(calendar).location == "Building 9"

    def test_names_that_exchange_knows_better_are_no_change(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """It shows people as the directory does."""
        calendar.create(a_series())
        for guest in world.people.event(UID).attendees:
            guest["emailAddress"]["name"] = "Somebody"
        before = len(world.service.writes)
        calendar.revise(a_series(sequence=1), calendar.look([UID])[UID].etag)
        assert len(world.service.writes) == before

    def test_a_new_time_keeps_the_exceptions_that_are_wanted(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """Exchange forgets them with the old time."""
        etag = calendar.create(a_series(excluded=frozenset({AT[1]})))
        later = [at + 2 * HOUR for at in AT]
        wanted = a_series(
            start=later[0],
            excluded=frozenset({later[1]}),
            moved=((later[2], later[2] + HOUR),),
            sequence=1,
        )
        calendar.revise(wanted, etag)
        assert replace(seen(calendar), sequence=1) == wanted

    def test_a_meeting_that_was_taken_out_cannot_come_back(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """Exchange has no request for it; a person makes a single meeting."""
        etag = calendar.create(a_series(excluded=frozenset({AT[1]})))
        before = len(world.service.writes)
        with pytest.raises(RejectedError, match="cannot be put back"):
            calendar.revise(a_series(sequence=1), etag)
        assert len(world.service.writes) == before

    def test_a_meeting_cannot_pass_its_neighbour(self, calendar: GraphCalendar) -> None:
        """ErrorOccurrenceCrossingBoundary, for good."""
        etag = calendar.create(a_series())
        with pytest.raises(RejectedError, match="ErrorOccurrenceCrossingBoundary"):
            calendar.revise(a_series(moved=((AT[1], AT[2] + HOUR),), sequence=1), etag)

    def test_the_nearest_meetings_are_taken_out_last(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """A run that is cut has told people about what is far away."""
        etag = calendar.create(a_series())
        calendar.revise(a_series(excluded=frozenset({AT[1], AT[4]}), sequence=1), etag)
        days = [request.path[-10:] for request in world.service.writes[-2:]]
        assert days == ["2026-05-26", "2026-03-24"]

    def test_an_edit_in_the_last_second_is_not_overwritten(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """If-Match: 412 on the wire."""
        etag = calendar.create(a_series())

        def meanwhile(request: Request) -> bool:
            if request.method == "PATCH":
                world.people.mailbox.events[_master(world)].version += 1
            return False

        world.service.fail(Fault.HANGS_UP_BEFORE, on=meanwhile)
        with pytest.raises(ChangedError, match="412"):
            calendar.revise(a_series(location="Building 9", sequence=1), etag)

    def test_a_look_of_exchange_itself_is_no_edit(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """Its assistants touch an event after a while; the series is told again, unchanged."""
        etag = calendar.create(a_series())
        token = calendar.changes("", [UID]).token
        world.people.mailbox.events[_master(world)].version += 1
        found = calendar.changes(token, [UID])
        assert ([s.etag for s in found.series], found.token != token) == ([etag], True)

    def test_a_refusal_after_the_first_request_is_not_a_no(self, world: World) -> None:
        """What has begun may be half done: only before that it certainly did not happen."""
        world.service.fail(Fault.BUSY_BEFORE)
        with pytest.raises(UnavailableError):
            world.open().create(a_series())
        world.service.fail(Fault.BUSY_BEFORE, on=lambda request: request.method == "PATCH")
        with pytest.raises(UncertainError):
            world.open().create(a_series())


class TestCancelling:
    def test_guests_are_told_and_a_mark_remains(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """Deleted Items may be emptied; the mark takes nobody's time."""
        etag = calendar.create(a_series())
        before = len(world.told())
        calendar.cancel(a_series(sequence=1), etag)
        assert world.told()[before:] == [
            "cancellation jonas.weber@contoso.example series",
            "cancellation helena.fuchs@contoso.example series",
        ]
        (mark,) = world.people.mailbox.events.values()
        assert (mark.attendees, mark.properties["showAs"]) == ([], "free")
        found = calendar.look([UID])[UID]
        assert (found.cancelled, found.spec.rrule) == (True, a_series().rrule)

    def test_a_series_without_guests_can_be_cancelled_too(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """Somebody has removed everybody; Graph cancels meetings only."""
        calendar.create(a_series())
        event = world.people.event(UID)
        event.attendees.clear()
        calendar.cancel(a_series(sequence=1), calendar.look([UID])[UID].etag)
        assert calendar.look([UID])[UID].cancelled


class TestPeople:
    def test_answers_are_read_with_their_times(self, world: World, calendar: GraphCalendar) -> None:
        """For all meetings, for one, and another time that somebody proposes."""
        calendar.create(a_series())
        when = datetime(2026, 2, 3, 8, tzinfo=UTC)
        proposed = datetime(2026, 3, 24, 13, tzinfo=UTC)
        world.people.answer(UID, MENTOR.address, "accepted", at=when)
        world.people.answer(UID, MENTEE.address, "tentativelyAccepted", at=when)
        world.people.answer(
            UID,
            MENTEE.address,
            "declined",
            at=when + HOUR,
            day=date(2026, 3, 24),
            proposing=proposed,
        )
        found = calendar.look([UID])[UID].responses
        said = [(r.session, r.attendee, r.status, r.stamped_at, r.proposed_start) for r in found]
        one = "20260324T080000Z"
        assert said == [
            (None, MENTOR.address, ParticipationStatus.ACCEPTED, when, None),
            (None, MENTEE.address, ParticipationStatus.TENTATIVE, when, None),
            (one, MENTEE.address, ParticipationStatus.DECLINED, when + HOUR, proposed),
        ]

    def test_an_answer_is_told_and_changes_the_etag(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """Or one that arrives between our look and our write would never be read."""
        etag = calendar.create(a_series())
        token = calendar.changes("", [UID]).token
        world.people.answer(UID, MENTOR.address, "accepted", at=datetime(2026, 2, 3, tzinfo=UTC))
        (found,) = calendar.changes(token, [UID]).series
        assert (len(found.responses), found.etag != etag) == (1, True)

    def test_edits_of_single_meetings_are_read(self, world: World, calendar: GraphCalendar) -> None:
        """Dragged, held elsewhere, deleted: each in its own way."""
        calendar.create(a_series())
        world.people.drag(UID, datetime(2026, 3, 25, 15, tzinfo=BERLIN), day=AT[1].date())
        world.people.place(UID, "Canteen", day=AT[2].date())
        world.people.take_out(UID, AT[4].date())
        found = seen(calendar)
        assert found.moved == ((AT[1], datetime(2026, 3, 25, 15)),)
        assert found.elsewhere == ((AT[2], Place("Canteen")),)
        assert found.excluded == {AT[4]}

    def test_a_rhythm_chosen_in_outlook_is_read(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """Outlook's weeks begin on Sunday unless it says otherwise."""
        calendar.create(a_series(rrule="FREQ=WEEKLY;BYDAY=TU;WKST=MO"))
        pattern = {"type": "relativeMonthly", "interval": 2, "daysOfWeek": ["tuesday"]}
        world.people.repeat(UID, pattern)
        assert seen(calendar).rrule == "FREQ=MONTHLY;INTERVAL=2;BYDAY=1TU;WKST=MO"

    def test_a_rhythm_that_we_do_not_follow_leaves_the_others_readable(
        self, world: World, calendar: GraphCalendar, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Nothing is concluded from what could not be read, and it is tried again."""
        calendar.create(a_series())
        other = a_series(uid=Uid("5" * 32))
        calendar.create(other)
        world.people.repeat(UID, {"type": "daily", "interval": 1})
        with caplog.at_level(logging.WARNING):
            found = calendar.changes("", [UID, other.uid])
        assert ([s.spec for s in found.series], found.complete) == ([other], False)
        assert "rule is one that rmflow does not follow" in caplog.text
        assert calendar.changes(found.token, [UID, other.uid]).complete is False
        with pytest.raises(RejectedError):
            calendar.look([UID])

    def test_an_event_that_lost_its_details_is_named(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """Some other app has cleaned up."""
        calendar.create(a_series())
        extended = world.people.event(UID).extended
        extended.update({id: "{}" for id in extended if id.endswith("details")})
        with pytest.raises(RejectedError, match="has lost"):
            calendar.look([UID])


class TestBusyTimes:
    def test_meetings_and_absences_count_and_maybes_do_not(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """Only what really takes somebody's time."""
        day = datetime(2026, 3, 3, tzinfo=UTC)
        spans = [(day + n * HOUR, day + (n + 1) * HOUR) for n in range(5)]
        kinds = ["oof", "busy", "tentative", "free", "workingElsewhere"]
        world.people.mailbox.schedules[MENTOR.address] = [
            (start, end, kind) for (start, end), kind in zip(spans, kinds, strict=True)
        ]
        found = calendar.busy([MENTOR.address, MENTEE.address], day, day + timedelta(days=1))
        assert found == {
            MENTOR.address: (BusyTime(*spans[0], away=True), BusyTime(*spans[1])),
        }
        assert calendar.busy([], day, day) == {}

    def test_many_people_and_months_are_asked_for_in_parts(
        self, world: World, calendar: GraphCalendar
    ) -> None:
        """Twenty people and 62 days at a time, and none of it is a write."""
        people = [Address(f"p{n}@contoso.example") for n in range(45)]
        start = datetime(2026, 3, 1, tzinfo=UTC)
        late = start + timedelta(days=90)
        for person in people:
            world.people.mailbox.schedules[person] = [(late, late + HOUR, "busy")]
        found = calendar.busy(people, start, start + timedelta(days=100))
        assert found == {person: (BusyTime(late, late + HOUR),) for person in people}
        asked = [r for r in world.service.requests if r.path.endswith("getSchedule")]
        assert (len(asked), world.service.writes) == (6, [])


def test_a_mailbox_out_of_reach_is_said_with_what_to_grant(world: World) -> None:
    """RBAC for Applications, not consent for the whole tenant."""
    world.service.permissions.clear()
    with pytest.raises(DeniedError, match=r"grant .* Calendars.ReadWrite with RBAC"):
        world.open().changes("", [])


def _master(world: World) -> str:
    return world.people.event(UID).id


def _ends(request: Request) -> bool:
    return request.method == "PATCH" and b"rmflow finished" in request.body
