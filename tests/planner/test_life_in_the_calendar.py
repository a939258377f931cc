"""What calendars know beyond the series: answers, other appointments, rooms, and what was lost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from builders import JENS, MARA, World, a_pairing, a_programme, a_response, at, kinds
from rmflow.domain.busy import BusyTime
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import Address
from rmflow.domain.reason import Cause
from rmflow.domain.series import (
    ObservedSeries,
    ParticipationStatus,
    Place,
    Response,
    SessionId,
)
from rmflow.planner.actions import CreateSeries, Note, NoteKind, ReviseSeries, SendLetter
from rmflow.planner.state import KnownSeries, Observed, SeriesState

P1 = PairingId("p1")
FIRST = SessionId("20261013T080000Z")
SECOND = SessionId("20261110T090000Z")
HOUR = timedelta(hours=1)
ROOM = Address("room-212@contoso.example")
SPARE = Address("room-300@contoso.example")
ROOMS = (Place("Building 4, room 212", ROOM), Place("Building 4, room 300", SPARE))


def invited_by_the_calendar(**changes: object) -> World:
    """A world in which a calendar server has invited both."""
    world = World(by_mail=False, **changes)  # type: ignore[arg-type]
    world.step(at("2026-10-05 09:00"))
    return world


def live(world: World) -> KnownSeries:
    found = world.histories[P1].live
    assert found is not None
    return found


def seen(world: World, *responses: Response) -> Observed:
    """The series as it was made, with answers of attendees."""
    spec = live(world).spec
    own = tuple(replace(response, uid=spec.uid) for response in responses)
    return Observed(series={spec.uid: ObservedSeries(spec, "e1", responses=own)})


def said(status: ParticipationStatus, session: SessionId | None = None, **more: object) -> Response:
    return a_response(status, session=session, **more)


def busy(
    start: str, hours: int = 1, *, away: bool = False, who: Address = JENS.address
) -> Observed:
    first = at(start).astimezone(UTC)
    return Observed(busy={who: (BusyTime(first, first + hours * HOUR, away),)})


# Answers.


def test_an_answer_in_the_calendar_is_noted_once() -> None:
    """Calendars show the same answer at every look, some with a new date each time."""
    world = invited_by_the_calendar()
    accepted = said(ParticipationStatus.ACCEPTED)
    first = world.step(at("2026-10-06 09:00"), observed=seen(world, accepted))
    later = replace(accepted, stamped_at=accepted.stamped_at + timedelta(days=1))
    again = world.step(at("2026-10-07 09:00"), observed=seen(world, later))
    assert NoteKind.ANSWERS_NOTED.value in kinds(first)
    assert NoteKind.ANSWERS_NOTED.value not in kinds(again)
    assert [r.status for r in world.histories[P1].responses] == ["ACCEPTED"]


def test_a_meeting_declined_in_the_calendar_is_taken_out() -> None:
    world = invited_by_the_calendar()
    declined = said(ParticipationStatus.DECLINED, SECOND)
    actions = world.step(at("2026-10-06 09:00"), observed=seen(world, declined))
    (revision,) = (a for a in actions if isinstance(a, ReviseSeries))
    assert revision.spec.excluded == {datetime(2026, 11, 10, 10)}
    assert [reason.cause for reason in revision.because] == [Cause.DECLINED]


def test_a_time_proposed_in_the_calendar_is_followed() -> None:
    """S6: Outlook's "propose new time" arrives as a property of the attendee."""
    world = invited_by_the_calendar()
    proposal = said(
        ParticipationStatus.TENTATIVE, SECOND, proposed_start=at("2026-11-11 10:00").astimezone(UTC)
    )
    actions = world.step(at("2026-10-06 09:00"), observed=seen(world, proposal))
    (revision,) = (a for a in actions if isinstance(a, ReviseSeries))
    assert revision.spec.moves[datetime(2026, 11, 10, 10)] == datetime(2026, 11, 11, 10)


def test_a_proposal_half_an_hour_aside_is_not_in_conflict_with_its_own_meeting() -> None:
    """The calendars of both are busy then: with the meeting that is to be moved."""
    world = invited_by_the_calendar()
    proposed = at("2026-11-10 10:30").astimezone(UTC)
    proposal = said(ParticipationStatus.TENTATIVE, SECOND, proposed_start=proposed)
    own = busy("2026-11-10 10:00").busy
    observed = replace(seen(world, proposal), busy=own)
    actions = world.step(at("2026-10-06 09:00"), observed=observed)
    (revision,) = (a for a in actions if isinstance(a, ReviseSeries))
    assert revision.spec.moves[datetime(2026, 11, 10, 10)] == datetime(2026, 11, 10, 10, 30)


def test_an_answer_of_somebody_who_got_it_forwarded_is_nobodys() -> None:
    """R27: an unknown attendee is not a participant."""
    world = invited_by_the_calendar()
    stranger = said(ParticipationStatus.DECLINED, attendee=Address("eve@fabrikam.example"))
    world.step(at("2026-10-06 09:00"), observed=seen(world, stranger))
    assert world.histories[P1].responses == ()


def test_a_series_that_was_cut_short_is_a_question() -> None:
    """R23: "this and following" makes a new series without our mark; 0 are created by us."""
    world = invited_by_the_calendar()
    spec = live(world).spec
    shorter = replace(spec, rrule="FREQ=MONTHLY;UNTIL=20261231T225959Z;BYDAY=2TU;WKST=MO")
    observed = Observed(series={spec.uid: ObservedSeries(shorter, "e1")})
    actions = world.step(at("2026-10-06 09:00"), observed=observed)
    assert not [a for a in actions if isinstance(a, CreateSeries | ReviseSeries)]
    (asked,) = (a for a in actions if isinstance(a, Note) and a.kind is NoteKind.QUESTION_ASKED)
    assert "now end on 08 December 2026" in asked.text
    assert world.step(at("2026-10-07 09:00")) == ()
    world.step(at("2026-11-20 09:00"), choice="resend invitation")
    first, second = world.histories[P1].series
    assert (first.state, second.state) == (SeriesState.ENDED, SeriesState.LIVE)


def test_a_series_moved_to_another_weekday_is_not_cut_short() -> None:
    """A drag of the whole series changes its rule and loses nothing."""
    world = invited_by_the_calendar()
    spec = live(world).spec
    moved = replace(spec, start=datetime(2026, 10, 15, 10), rrule="FREQ=MONTHLY;BYDAY=3TH;WKST=MO")
    observed = Observed(series={spec.uid: ObservedSeries(moved, "e1")})
    actions = world.step(at("2026-10-06 09:00"), observed=observed)
    assert kinds(actions) == [NoteKind.CALENDAR_FOLLOWED.value]


# Other appointments.


def test_the_first_slot_without_other_appointments_is_taken() -> None:
    """S4: of both people, on every meeting that the calendars know of."""
    free = World(by_mail=False, pairings=[a_pairing(slot=None, start=None)])
    (made,) = (a for a in free.step(at("2026-10-05 09:00")) if isinstance(a, CreateSeries))
    taken = World(by_mail=False, pairings=[a_pairing(slot=None, start=None)])
    second = made.spec.start + timedelta(weeks=4)
    observed = busy(f"{second:%Y-%m-%d %H:%M}", who=MARA.address)
    (other,) = (
        a
        for a in taken.step(at("2026-10-05 09:00"), observed=observed)
        if isinstance(a, CreateSeries)
    )
    assert other.spec.start.replace(day=1) != made.spec.start.replace(day=1) or (
        other.spec.start.time() != made.spec.start.time()
    )


def test_a_chosen_slot_keeps_its_time_and_moves_the_meeting_that_collides() -> None:
    """The coordinator's slot stands; one meeting goes an hour aside."""
    world = World(by_mail=False)
    actions = world.step(at("2026-10-05 09:00"), observed=busy("2026-11-10 10:00"))
    (made,) = (a for a in actions if isinstance(a, CreateSeries))
    assert made.spec.start == datetime(2026, 10, 13, 10)
    assert made.spec.moves == {datetime(2026, 11, 10, 10): datetime(2026, 11, 10, 11)}


def test_our_own_meeting_is_not_in_its_own_way() -> None:
    """Free and busy times show the series itself."""
    world = invited_by_the_calendar()
    assert world.step(at("2026-10-06 09:00"), observed=busy("2026-11-10 10:00")) == ()


def test_a_later_appointment_moves_the_meeting_and_both_read_why() -> None:
    world = invited_by_the_calendar()
    start = at("2026-11-10 10:00").astimezone(UTC)
    times = (
        BusyTime(start, start + HOUR),
        BusyTime(start - HOUR / 2, start + HOUR / 2),
    )
    actions = world.step(at("2026-10-06 09:00"), observed=Observed(busy={JENS.address: times}))
    (revision,) = (a for a in actions if isinstance(a, ReviseSeries))
    assert [reason.cause for reason in revision.because] == [Cause.BUSY]
    assert revision.spec.moves[datetime(2026, 11, 10, 10)] == datetime(2026, 11, 10, 11)


def test_one_long_span_around_our_meeting_disturbs_nobody() -> None:
    """Google joins neighbouring appointments: nobody can tell what lies beside ours."""
    world = invited_by_the_calendar()
    assert world.step(at("2026-10-06 09:00"), observed=busy("2026-11-10 09:00", 4)) == ()


def test_somebody_who_is_away_meets_later() -> None:
    """S8: out of office over the meeting; the partner reads nothing of where they are."""
    world = invited_by_the_calendar()
    away = busy("2026-11-09 00:00", 48, away=True)
    actions = world.step(at("2026-10-06 09:00"), observed=away)
    (revision,) = (a for a in actions if isinstance(a, ReviseSeries))
    assert revision.spec.moves[datetime(2026, 11, 10, 10)] == datetime(2026, 11, 11, 10)


def test_what_somebody_books_over_a_near_meeting_they_mean() -> None:
    """Two days ahead people decide themselves: the topic has been sent already."""
    world = invited_by_the_calendar()
    start = at("2026-10-13 10:00").astimezone(UTC)
    times = (BusyTime(start, start + HOUR), BusyTime(start, start + 2 * HOUR))
    actions = world.step(at("2026-10-11 09:00"), observed=Observed(busy={JENS.address: times}))
    assert not [a for a in actions if isinstance(a, ReviseSeries)]


# Rooms.


def test_the_mentors_room_is_invited_where_it_can_be() -> None:
    world = World(by_mail=False, programme=a_programme(rooms=ROOMS), rooms=True)
    (made,) = (a for a in world.step(at("2026-10-05 09:00")) if isinstance(a, CreateSeries))
    assert [(a.address, a.room) for a in made.spec.attendees][2:] == [(ROOM, True)]


def test_a_meeting_whose_room_is_taken_gets_the_next_one() -> None:
    """S7, R30: the series stays; only that meeting is elsewhere."""
    world = invited_by_the_calendar(programme=a_programme(rooms=ROOMS), rooms=True)
    refusal = said(ParticipationStatus.DECLINED, SECOND, attendee=ROOM)
    actions = world.step(at("2026-10-06 09:00"), observed=seen(world, refusal))
    (revision,) = (a for a in actions if isinstance(a, ReviseSeries))
    assert revision.spec.places == {datetime(2026, 11, 10, 10): ROOMS[1]}
    assert revision.spec.location == ROOMS[0].name
    assert world.step(at("2026-10-07 09:00")) == ()


def test_there_is_never_silently_no_room() -> None:
    """S7: when the last room has declined, the coordinator is asked, once."""
    world = invited_by_the_calendar(programme=a_programme(rooms=ROOMS), rooms=True)
    refusals = [said(ParticipationStatus.DECLINED, SECOND, attendee=room) for room in (ROOM, SPARE)]
    observed = seen(world, refusals[0])
    world.step(at("2026-10-06 09:00"), observed=observed)
    actions = world.step(at("2026-10-07 09:00"), observed=seen(world, *refusals))
    (asked,) = (a for a in actions if isinstance(a, Note) and a.kind is NoteKind.QUESTION_ASKED)
    assert "no room for the meeting of Tuesday 10 November 2026, 10:00" in asked.text
    assert world.step(at("2026-10-08 09:00")) == ()


# A lost memory.


def forgetful(world: World) -> World:
    """The same organisation after the database was lost."""
    return World(by_mail=world.by_mail, programme=world.programme)


def test_a_series_that_stands_in_the_calendar_is_taken_over_and_nobody_hears_of_it() -> None:
    """An empty database: people have had their invitations."""
    world = World()
    world.step(at("2026-10-05 09:00"))
    spec = replace(live(world).spec, location="Canteen", sequence=2)
    observed = Observed(series={spec.uid: ObservedSeries(spec, "e7")})
    anew = forgetful(world)
    actions = anew.step(at("2026-10-06 09:00"), observed=observed)
    assert kinds(actions) == [NoteKind.SERIES_ADOPTED.value]
    assert (live(anew).etag, live(anew).spec.location) == ("e7", "Canteen")
    assert not [
        a for a in anew.step(at("2026-10-06 10:00")) if isinstance(a, CreateSeries | SendLetter)
    ]


def test_the_newest_of_several_series_is_the_live_one() -> None:
    """A rhythm that had changed: the old series ended, the new one goes on."""
    world = World()
    world.step(at("2026-10-05 09:00"))
    old = live(world).spec
    world.pairings = {P1: a_pairing(cadence="every-3-weeks")}
    world.step(at("2026-10-20 09:00"))
    new = live(world).spec
    assert new.uid != old.uid
    both = {spec.uid: ObservedSeries(spec, "e1") for spec in (old, new)}
    anew = World(pairings=[a_pairing(cadence="every-3-weeks")])
    anew.step(at("2026-10-21 09:00"), observed=Observed(series=both))
    states = {known.spec.uid: known.state for known in anew.histories[P1].series}
    assert states == {old.uid: SeriesState.ENDED, new.uid: SeriesState.LIVE}


def test_a_series_that_was_deleted_stays_deleted_when_the_memory_is_lost() -> None:
    """R25: a deletion is an answer, also to somebody who does not remember the question."""
    world = World()
    world.step(at("2026-10-05 09:00"))
    spec = live(world).spec
    observed = Observed(series={spec.uid: ObservedSeries(spec, "e7", cancelled=True)})
    anew = forgetful(world)
    actions = anew.step(at("2026-10-06 09:00"), observed=observed)
    assert kinds(actions) == [NoteKind.SERIES_ADOPTED.value, NoteKind.QUESTION_ASKED.value]
    assert anew.step(at("2026-10-07 09:00")) == ()
