"""Series: made once, followed when people edit them, changed when roster or calendar year ask."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from builders import (
    JENS,
    MARA,
    World,
    a_pairing,
    a_person,
    a_programme,
    a_reading,
    a_response,
    at,
    kinds,
)
from rmflow.domain.pairing import PairingId, PairingStatus, Slot
from rmflow.domain.people import Address
from rmflow.domain.programme import Break, CounterMode
from rmflow.domain.recurrence import sessions
from rmflow.domain.series import ObservedSeries, ParticipationStatus, SeriesSpec, SessionId
from rmflow.planner.state import KnownSeries, Observed, SeriesState

P1 = PairingId("p1")
FIRST = SessionId("20261013T080000Z")


def begun(**changes: object) -> World:
    """A world in which the series of p1 has been created and everybody has been invited."""
    world = World(**changes)  # type: ignore[arg-type]
    world.step(at("2026-10-05 09:00"))
    return world


def live(world: World) -> KnownSeries:
    found = world.histories[P1].live
    assert found is not None
    return found


def seen(world: World, **changes: object) -> Observed:
    """What the calendar shows after somebody edited the series."""
    spec = replace(live(world).spec, **changes)  # type: ignore[arg-type]
    return Observed(series={spec.uid: ObservedSeries(spec, "edited")})


def answered(world: World, status: ParticipationStatus, **changes: object) -> Observed:
    response = a_response(status, uid=live(world).spec.uid, **changes)
    reading = a_reading(mail_id="m" * 32, form=None, answers={}, responses=(response,))
    return Observed(readings=(reading,))


def test_the_second_run_does_nothing() -> None:
    world = begun()

    assert world.step(at("2026-10-05 09:00")) == ()


def test_a_series_begins_after_the_lead_time_on_the_wanted_slot() -> None:
    """R13: a start that does not lie on the slot's weekday moves to the first one that does."""
    world = begun(pairings=(a_pairing(start=date(2026, 10, 14), slot=Slot(3, time(15))),))

    assert live(world).spec.start == datetime(2026, 10, 15, 15)
    assert live(world).spec.rrule == "FREQ=MONTHLY;BYDAY=3TH;WKST=MO"


def test_without_a_slot_both_people_can_in_winter_and_in_summer() -> None:
    anna = a_person("Anna Ruiz", timezone="America/New_York")
    world = begun(people=(MARA, anna), pairings=(a_pairing(mentee=anna.id, slot=None),))

    times = {
        (s.start.hour, s.start.astimezone(None).tzinfo is not None)
        for s in sessions(live(world).spec, at("2026-10-05 00:00"), at("2027-10-05 00:00"))
        if not s.moved
    }
    assert times == {(live(world).spec.start.hour, True)}
    assert 15 <= live(world).spec.start.hour <= 16


def test_people_whose_days_do_not_overlap_are_a_question_not_a_crash() -> None:
    yuki = a_person("Yuki Sato", timezone="Asia/Tokyo")
    world = begun(people=(MARA, yuki), pairings=(a_pairing(mentee=yuki.id, slot=None),))

    assert world.histories[P1].series == ()
    assert [q.about for q in world.histories[P1].questions] == ["no-slot"]


def test_two_mentors_of_one_leader_get_different_times() -> None:
    lea = a_person("Lea Kunz")
    pairs = (a_pairing("p1", slot=None), a_pairing("p2", mentor=lea.id, slot=None))
    world = begun(people=(MARA, JENS, lea), pairings=pairs)

    starts = [history.series[0].spec.start for history in world.histories.values()]
    assert len({(start.weekday(), start.time()) for start in starts}) == 2


def test_a_holiday_of_either_region_moves_the_meeting_to_a_near_working_day() -> None:
    """Second Tuesdays: 14 July 2026 is no holiday in Berlin, but it is in Paris."""
    jens = replace(JENS, region="FR", timezone="Europe/Paris")
    world = World(people=(MARA, jens), pairings=(a_pairing(start=date(2026, 6, 9)),))
    world.step(at("2026-06-01 09:00"))

    assert live(world).spec.moved == ((datetime(2026, 7, 14, 10), datetime(2026, 7, 15, 10)),)


def test_a_long_break_leaves_the_meeting_out() -> None:
    summer = Break("Summer break", date(2026, 11, 1), date(2026, 11, 30))
    world = begun(programme=a_programme(breaks=(summer,)))

    assert live(world).spec.excluded == {datetime(2026, 11, 10, 10)}


def test_in_the_weeks_between_two_clock_changes_a_late_meeting_moves_an_hour() -> None:
    """R3: New York changes on 1 November, Berlin on 25 October: 15:00 is 10:00 there, not 9:00."""
    anna = a_person("Anna Ruiz", timezone="America/New_York")
    pair = a_pairing(mentee=anna.id, slot=Slot(1, time(16)), cadence="every-3-weeks")
    world = begun(people=(MARA, anna), pairings=(pair,))

    shown = sessions(live(world).spec, at("2026-10-05 00:00"), at("2027-04-30 00:00"))
    assert {s.start.hour for s in shown} == {16}


def test_a_meeting_that_a_person_dragged_stays_where_it_is() -> None:
    """R26. By mail the attendees hear of it, once."""
    world = begun()
    moved = ((datetime(2026, 11, 10, 10), datetime(2026, 11, 12, 14)),)

    actions = world.step(at("2026-10-06 09:00"), observed=seen(world, moved=moved))

    assert kinds(actions) == ["revise series", "send update", "send update"]
    assert live(world).spec.moved == moved
    assert live(world).spec.sequence == 1
    before = live(world).previous
    assert before is not None
    assert before.moved == ()
    assert world.step(at("2026-10-06 10:00")) == ()


def test_in_a_folder_calendar_a_dragged_meeting_is_followed_without_a_mail() -> None:
    world = begun(by_mail=False)
    moved = ((datetime(2026, 11, 10, 10), datetime(2026, 11, 12, 14)),)

    actions = world.step(at("2026-10-06 09:00"), observed=seen(world, moved=moved))

    assert kinds(actions) == ["follow a change in the calendar"]
    assert live(world).spec.moved == moved


def test_a_series_that_a_person_deleted_is_never_made_again() -> None:
    """R25: three more runs, no create."""
    world = begun()
    gone = Observed(vanished=frozenset({live(world).spec.uid}))

    first = world.step(at("2026-10-06 09:00"), observed=gone)
    later = [world.step(at(f"2026-10-0{day} 09:00")) for day in (7, 8, 9)]

    assert kinds(first) == ["follow a change in the calendar", "ask the coordinator"]
    assert later == [(), (), ()]


def test_a_calendar_that_could_not_be_read_whole_deletes_nothing() -> None:
    world = begun()
    unsure = Observed(vanished=frozenset({live(world).spec.uid}), complete=False)

    assert world.step(at("2026-10-06 09:00"), observed=unsure) == ()


def test_a_deleted_series_begins_anew_when_the_coordinator_asks_for_it() -> None:
    world = begun()
    first = live(world).spec.uid
    world.step(at("2026-10-06 09:00"), observed=Observed(vanished=frozenset({first})))

    actions = world.step(at("2026-10-07 09:00"), choice="resend invitation")

    assert "create series" in kinds(actions)
    assert live(world).spec.uid != first


def test_a_new_wording_changes_no_calendar() -> None:
    world = begun()
    world.programme = replace(world.programme, name="Reverse Mentoring 2027", objective="New words")

    assert world.step(at("2026-10-06 09:00")) == ()


def test_a_new_room_in_the_roster_is_told_once() -> None:
    world = begun()
    world.people[MARA.id] = replace(MARA, location="Building 9, room 5")

    actions = world.step(at("2026-10-06 09:00"))

    assert kinds(actions) == ["revise series", "send update", "send update"]
    assert world.step(at("2026-10-06 10:00")) == ()


def test_a_room_typed_into_the_calendar_stays_until_the_roster_names_another() -> None:
    """R26. The roster still says what it said before; that is no wish for the old room."""
    world = begun()
    world.step(at("2026-10-06 09:00"), observed=seen(world, location="The garden"))

    assert world.step(at("2026-10-07 09:00")) == ()
    assert live(world).spec.location == "The garden"

    world.people[MARA.id] = replace(MARA, location="Building 9, room 5")
    world.step(at("2026-10-08 09:00"))
    assert live(world).spec.location == "Building 9, room 5"


def test_a_new_address_of_a_person_keeps_the_series() -> None:
    """R29: same person, no second series."""
    world = begun()
    uid = live(world).spec.uid
    world.people[JENS.id] = replace(JENS, address=Address("jens.adler@fabrikam.example"))

    actions = world.step(at("2026-10-06 09:00"))

    assert "create series" not in kinds(actions)
    assert live(world).spec.uid == uid
    assert {a.address for a in live(world).spec.attendees} >= {"jens.adler@fabrikam.example"}


def test_a_new_slot_ends_the_old_rhythm_and_begins_a_new_one() -> None:
    """R23: this-and-following is a new series; the past stays where it was."""
    world = begun()
    world.live(at("2026-10-05 10:00"), at("2026-11-20 09:00"))
    old = live(world).spec
    world.pairings[P1] = replace(world.pairings[P1], slot=Slot(3, time(14)), start=None)

    actions = world.step(at("2026-11-20 10:00"))

    assert kinds(actions)[:2] == ["revise series", "create series"]
    ended = world.histories[P1].series[0]
    assert ended.state is SeriesState.ENDED
    assert [s.id for s in sessions(ended.spec, at("2026-01-01 00:00"), at("2028-01-01 00:00"))] == [
        s.id for s in sessions(old, at("2026-01-01 00:00"), at("2026-11-20 10:00"))
    ]
    assert live(world).spec.start.weekday() == 3
    assert kinds(world.step(at("2026-11-20 11:00"))) == []


def test_a_pair_that_left_the_roster_is_cancelled_once_and_both_are_told() -> None:
    world = begun()
    world.gone = {P1: world.pairings.pop(P1)}

    actions = world.step(at("2026-10-06 09:00"))

    assert kinds(actions) == ["cancel series", "send cancellation", "send cancellation"]
    assert world.step(at("2026-10-06 10:00")) == ()
    record = world.histories[P1].record
    assert record is not None
    assert record.ended_at is not None


def test_a_closed_pair_that_is_opened_again_gets_a_new_series() -> None:
    world = begun()
    world.pairings[P1] = replace(world.pairings[P1], status=PairingStatus.CLOSED)
    world.step(at("2026-10-06 09:00"))
    world.pairings[P1] = replace(world.pairings[P1], status=PairingStatus.ACTIVE)

    actions = world.step(at("2026-10-07 09:00"))

    assert kinds(actions) == ["create series", "send invitation", "send invitation"]


def test_a_declined_meeting_is_taken_out_for_both_once() -> None:
    world = begun()
    no = answered(
        world, ParticipationStatus.DECLINED, session=FIRST, stamped_at=at("2026-10-06 08:00")
    )

    actions = world.step(at("2026-10-06 09:00"), observed=no)

    assert kinds(actions) == ["file a reply", "revise series", "send update", "send update"]
    assert live(world).spec.excluded == {datetime(2026, 10, 13, 10)}
    assert world.step(at("2026-10-06 10:00")) == ()


def test_an_accepted_series_makes_no_mail() -> None:
    """R21: recording an answer makes no outbound message."""
    world = begun()

    actions = world.step(
        at("2026-10-06 09:00"), observed=answered(world, ParticipationStatus.ACCEPTED)
    )

    assert kinds(actions) == ["file a reply"]


def test_two_declines_in_a_row_are_a_question() -> None:
    world = begun()
    for day, session in ((6, "20261013T080000Z"), (7, "20261110T090000Z")):
        observed = answered(
            world,
            ParticipationStatus.DECLINED,
            session=session,
            stamped_at=at(f"2026-10-0{day} 08:00"),
        )
        world.step(at(f"2026-10-0{day} 09:00"), observed=observed)

    assert [q.about for q in world.histories[P1].questions] == ["declines"]


def test_a_declined_series_is_a_question_and_no_more_mail() -> None:
    world = begun()
    no = answered(world, ParticipationStatus.DECLINED, stamped_at=at("2026-10-06 08:00"))

    actions = world.step(at("2026-10-06 09:00"), observed=no)
    world.live(at("2026-10-06 10:00"), at("2026-11-30 17:00"))

    assert kinds(actions) == ["file a reply", "ask the coordinator"]
    assert world.mails("prompt") == []


def test_a_proposed_time_that_suits_both_is_followed() -> None:
    world = begun()
    proposal = answered(
        world,
        ParticipationStatus.NEEDS_ACTION,
        session=FIRST,
        stamped_at=at("2026-10-06 08:00"),
        proposed_start=at("2026-10-14 11:00"),
    )

    actions = world.step(at("2026-10-06 09:00"), observed=proposal)

    assert kinds(actions) == ["file a reply", "revise series", "send update", "send update"]
    assert live(world).spec.moved == ((datetime(2026, 10, 13, 10), datetime(2026, 10, 14, 11)),)
    assert world.step(at("2026-10-06 10:00")) == ()


@pytest.mark.parametrize(
    "start",
    ["2026-10-17 11:00", "2026-10-14 20:00", "2026-11-30 10:00", "2026-10-06 10:00"],
    ids=["a Saturday", "at night", "weeks away", "in an hour"],
)
def test_a_proposed_time_that_does_not_fit_is_a_question_asked_once(start: str) -> None:
    world = begun()
    proposal = answered(
        world,
        ParticipationStatus.NEEDS_ACTION,
        session=FIRST,
        stamped_at=at("2026-10-06 08:00"),
        proposed_start=at(start),
    )

    actions = world.step(at("2026-10-06 09:00"), observed=proposal)

    assert kinds(actions) == ["file a reply", "ask the coordinator"]
    assert world.step(at("2026-10-06 10:00")) == ()


def test_where_the_programme_says_so_every_proposal_is_a_question() -> None:
    world = begun(programme=a_programme(counters=CounterMode.ASK))
    proposal = answered(
        world,
        ParticipationStatus.NEEDS_ACTION,
        session=FIRST,
        stamped_at=at("2026-10-06 08:00"),
        proposed_start=at("2026-10-14 11:00"),
    )

    assert kinds(world.step(at("2026-10-06 09:00"), observed=proposal)) == [
        "file a reply",
        "ask the coordinator",
    ]


def test_skip_next_takes_out_one_meeting_and_is_written_down_with_it() -> None:
    """The choice and its effect are one transaction: a crash between would skip a second one."""
    world = begun()

    actions = world.step(at("2026-10-06 09:00"), choice="skip next")

    assert kinds(actions) == ["revise series", "send update", "send update"]
    assert len(actions[0].records) == 2  # type: ignore[union-attr]
    assert live(world).spec.excluded == {datetime(2026, 10, 13, 10)}


def test_close_in_the_workbook_cancels_the_series() -> None:
    world = begun()

    actions = world.step(at("2026-10-06 09:00"), choice="close")

    assert kinds(actions) == ["cancel series", "send cancellation", "send cancellation"]
    assert world.step(at("2026-10-07 09:00")) == ()


def test_pause_and_resume_in_the_workbook_hold_until_changed() -> None:
    world = begun()
    world.step(at("2026-10-06 09:00"), choice="pause")
    world.live(at("2026-10-06 10:00"), at("2026-10-20 17:00"))
    assert world.mails("prompt") == []

    world.step(at("2026-10-21 09:00"), choice="resume")
    world.live(at("2026-10-21 10:00"), at("2026-11-10 09:00"))
    assert {text for _, text in world.mails("prompt")} == {"prompt Mara", "prompt Jens"}


def test_nine_in_the_mentors_zone_stays_nine_across_both_clock_changes() -> None:
    """R1."""
    spec = SeriesSpec(
        **{
            **{f: getattr(live(begun()).spec, f) for f in SeriesSpec.__slots__},
            "start": datetime(2026, 10, 5, 9),
            "rrule": "FREQ=WEEKLY;BYDAY=MO;WKST=MO",
        }
    )

    found = sessions(spec, at("2026-10-01 00:00"), at("2027-04-30 00:00"))

    assert {session.start.hour for session in found} == {9}
    assert {session.start.utcoffset() for session in found} == {
        timedelta(hours=1),
        timedelta(hours=2),
    }


def test_a_question_is_asked_once_and_closed_when_its_cause_is_gone() -> None:
    yuki = a_person("Yuki Sato", timezone="Asia/Tokyo")
    world = begun(people=(MARA, yuki), pairings=(a_pairing(mentee=yuki.id, slot=None),))
    assert world.step(at("2026-10-06 09:00")) == ()

    world.pairings[P1] = replace(world.pairings[P1], slot=Slot(1, time(9)))
    actions = world.step(at("2026-10-07 09:00"))

    assert "close a question" in kinds(actions)
    assert [q.closed_at is None for q in world.histories[P1].questions] == [False]


def test_a_pair_whose_cadence_nobody_knows_waits_for_the_roster() -> None:
    """It has no meetings that could tell, and the roster's owner is told already."""
    world = World(pairings=(a_pairing(cadence="renamed"),))

    assert world.step(at("2026-10-05 09:00")) == ()


@pytest.mark.parametrize("day", ["2026-10-06", "2026-10-14"])
def test_a_new_slot_keeps_the_rhythm_of_meetings_whose_cadence_is_gone(day: str) -> None:
    """Before the first meeting they are moved, after it they end, and others follow."""
    world = begun(pairings=(a_pairing(cadence="pilot"),))
    rhythm = ("COUNT=6", live(world).spec.duration)
    known = {name: c for name, c in world.programme.cadences.items() if name != "pilot"}
    world.programme = replace(world.programme, cadences=known)
    world.pairings[P1] = replace(world.pairings[P1], slot=Slot(2, time(11)))

    world.step(at(f"{day} 09:00"))

    spec = live(world).spec
    assert (spec.rrule.split(";")[1], spec.duration, spec.start.hour) == (*rhythm, 11)
