"""Cases that went wrong once: each is a story in which somebody got a wrong or second mail."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from builders import (
    JENS,
    MARA,
    World,
    a_pairing,
    a_person,
    a_programme,
    a_reading,
    a_response,
    a_topic,
    at,
    kinds,
)
from rmflow.domain.letter import LetterKind
from rmflow.domain.pairing import PairingId, PairingStatus, Slot
from rmflow.domain.programme import Break, Timing
from rmflow.domain.reading import MailId, MailKind, ReadingStatus
from rmflow.domain.recurrence import sessions
from rmflow.domain.series import ObservedSeries, ParticipationStatus, SessionId
from rmflow.planner.actions import CreateSeries, SendLetter
from rmflow.planner.state import KnownSeries, Observed, SeriesState

P1 = PairingId("p1")
FIRST = SessionId("20261013T080000Z")


def begun(**changes: object) -> World:
    world = World(**changes)  # type: ignore[arg-type]
    world.step(at("2026-10-05 09:00"))
    return world


def live(world: World) -> KnownSeries:
    found = world.histories[P1].live
    assert found is not None
    return found


def test_a_series_that_was_refused_is_not_tried_again_until_a_person_says_so() -> None:
    world = World()
    [create] = [
        a for a in world.plan(at("2026-10-05 09:00")).actions if isinstance(a, CreateSeries)
    ]
    world.done.add(create.key)  # held: the calendar refused it for good

    assert world.step(at("2026-10-06 09:00")) == ()
    assert "create series" in kinds(world.step(at("2026-10-07 09:00"), choice="resend invitation"))


def test_nobody_hears_of_a_meeting_before_the_invitation_has_left() -> None:
    world = World(programme=a_programme(timing=Timing(lead=timedelta(days=1))))
    found = world.plan(at("2026-10-09 10:00"))
    held = {a.key for a in found.actions if isinstance(a, SendLetter)}
    for action in found.actions:
        if isinstance(action, CreateSeries):
            world._happen(action, at("2026-10-09 10:00"))
    world.done |= held

    world.live(at("2026-10-09 11:00"), at("2026-10-12 17:00"), timedelta(hours=1))

    assert world.mails("prompt") == []


def test_letters_about_a_series_that_is_being_made_wait_for_it() -> None:
    world = World(by_mail=False, programme=a_programme(timing=Timing(lead=timedelta(days=1))))

    actions = world.plan(at("2026-10-09 10:00")).actions

    [create] = [a for a in actions if isinstance(a, CreateSeries)]
    letters = [a for a in actions if isinstance(a, SendLetter)]
    assert {a.letter.kind for a in letters} == {LetterKind.PROMPT}
    assert {a.after for a in letters} == {create.key}


def test_mass_changes_of_slots_need_a_person() -> None:
    people = [a_person(f"Mentor{chr(97 + n)} Weber") for n in range(6)]
    leaders = [a_person(f"Leader{chr(97 + n)} Kern") for n in range(6)]
    pairs = [
        a_pairing(f"p{n}", mentor=mentor.id, mentee=leader.id)
        for n, (mentor, leader) in enumerate(zip(people, leaders, strict=True))
    ]
    world = World(people=(*people, *leaders), pairings=pairs)
    world.live(at("2026-10-05 09:00"), at("2026-10-20 09:00"))
    for id, pairing in world.pairings.items():
        world.pairings[id] = replace(pairing, slot=Slot(3, time(14)), start=None)

    assert world.plan(at("2026-10-20 10:00")).alarms != ()


def test_a_slot_that_changes_before_the_first_meeting_is_one_mail_each() -> None:
    world = begun()
    uid = live(world).spec.uid
    world.pairings[P1] = replace(world.pairings[P1], slot=Slot(3, time(14)))

    actions = world.step(at("2026-10-06 09:00"))

    assert kinds(actions) == ["revise series", "send update", "send update"]
    assert live(world).spec.uid == uid
    assert live(world).spec.start.weekday() == 3
    assert world.step(at("2026-10-06 10:00")) == ()


def test_a_person_who_puts_a_meeting_back_into_a_break_keeps_it() -> None:
    november = Break("Inventory", date(2026, 11, 1), date(2026, 11, 30))
    world = begun(programme=a_programme(breaks=(november,)))
    assert live(world).spec.excluded == {datetime(2026, 11, 10, 10)}
    back = replace(live(world).spec, excluded=frozenset())

    world.step(
        at("2026-10-06 09:00"),
        observed=Observed(series={back.uid: ObservedSeries(back, "edited")}),
    )
    world.step(at("2026-10-07 09:00"))

    found = sessions(live(world).spec, at("2026-11-01 00:00"), at("2026-11-30 00:00"))
    assert [session.start.day for session in found] == [10]


def test_closing_a_pair_after_its_last_meeting_cancels_nothing() -> None:
    world = begun(pairings=(a_pairing(cadence="pilot"),))
    world.live(at("2026-10-05 10:00"), at("2027-04-20 09:00"), timedelta(hours=12))
    world.pairings[P1] = replace(world.pairings[P1], status=PairingStatus.CLOSED)

    assert "cancel series" not in kinds(world.step(at("2027-04-20 10:00")))
    assert world.mails("cancellation") == []


def test_attendees_of_a_series_deleted_by_hand_are_told_when_it_is_closed() -> None:
    world = begun()
    world.step(
        at("2026-10-06 09:00"), observed=Observed(vanished=frozenset({live(world).spec.uid}))
    )
    assert world.mails("cancellation") == []

    actions = world.step(at("2026-10-07 09:00"), choice="close")

    assert kinds(actions).count("send cancellation") == 2
    assert world.step(at("2026-10-08 09:00")) == ()


def test_somebody_whose_answer_waits_for_a_person_is_not_reminded() -> None:
    world = begun()
    world.live(at("2026-10-05 10:00"), at("2026-10-14 08:00"), timedelta(hours=1))
    waits = a_reading(status=ReadingStatus.REVIEW, kind=MailKind.HUMAN, answers={}, why="?")

    world.step(at("2026-10-14 11:00"), observed=Observed(readings=(waits,)))
    world.live(at("2026-10-14 12:00"), at("2026-10-30 09:00"), timedelta(hours=1))

    assert world.mails("summary-reminder") == []


def test_an_answer_that_is_delivered_twice_gets_one_receipt() -> None:
    """The second copy has another Received line, so its bytes and its id are others."""
    world = begun()
    world.live(at("2026-10-05 10:00"), at("2026-10-14 08:00"), timedelta(hours=1))
    twice = (a_reading(), a_reading(mail_id=MailId("b" * 32)))

    world.step(at("2026-10-14 11:00"), observed=Observed(readings=twice))

    assert len(world.mails("receipt")) == 1


def test_declines_far_apart_are_not_two_in_a_row() -> None:
    world = begun()
    for day, session in ((6, "20261013T080000Z"), (7, "20261208T090000Z")):
        response = a_response(
            ParticipationStatus.DECLINED,
            uid=live(world).spec.uid,
            session=SessionId(session),
            stamped_at=at(f"2026-10-0{day} 08:00"),
        )
        reading = a_reading(
            mail_id=MailId(f"{day}" * 32), form=None, answers={}, responses=(response,)
        )
        world.step(at(f"2026-10-0{day} 09:00"), observed=Observed(readings=(reading,)))

    assert world.histories[P1].questions == ()


def test_a_programme_that_ends_too_soon_invites_nobody() -> None:
    world = World(programme=a_programme(end=date(2026, 10, 10)))

    assert kinds(world.step(at("2026-10-05 09:00"))) == ["ask the coordinator"]


def test_depth_of_topics_goes_on_through_a_new_rhythm() -> None:
    many = tuple(a_topic(f"topic-{n}", 1 + n // 8) for n in range(24))
    world = begun(programme=a_programme(topics=many))
    world.live(at("2026-10-05 10:00"), at("2027-02-20 09:00"))
    world.pairings[P1] = replace(world.pairings[P1], slot=Slot(3, time(14)), start=None)
    world.live(at("2027-02-20 10:00"), at("2027-04-10 09:00"))

    depths = {topic.id: topic.depth for topic in world.programme.topics}
    prompts = [a.letter.items[0] for _, a in world.sent if a.letter.kind is LetterKind.PROMPT]
    order = [depths[topic] for topic in dict.fromkeys(i.topic for i in prompts) if topic]
    assert order == sorted(order)


def test_two_plans_that_move_a_series_to_other_times_have_other_digests() -> None:
    digests = set()
    for hour in (11, 16):
        world = begun()
        world.pairings[P1] = replace(world.pairings[P1], slot=Slot(1, time(hour)))
        digests.add(world.plan(at("2026-10-06 09:00")).digest)
    assert len(digests) == 2


def test_a_choice_can_be_confirmed_a_minute_later() -> None:
    world = begun()
    first = world.plan(at("2026-10-06 09:00"), choice="pause").digest

    assert world.plan(at("2026-10-06 09:01"), choice="pause").digest == first


def test_every_mentor_of_one_leader_gets_another_time() -> None:
    """Berlin and Chicago have five slots in common: a step of five came back to the first."""
    boss = a_person("Ruth Kaya", timezone="America/Chicago")
    mentors = [a_person(f"Mentor{chr(97 + n)} Weber") for n in range(3)]
    pairs = [
        a_pairing(f"p{n}", mentor=m.id, mentee=boss.id, slot=None, start=None)
        for n, m in enumerate(mentors)
    ]
    world = World(people=(boss, *mentors), pairings=pairs)
    world.step(at("2026-10-05 09:00"))

    starts = [h.series[0].spec.start for h in world.histories.values() if h.series]
    assert len({(s.weekday(), s.time()) for s in starts}) == len(starts) == 3


def test_a_deleted_series_is_one_state_and_closing_it_is_quiet_without_mail() -> None:
    world = begun(by_mail=False)
    world.step(
        at("2026-10-06 09:00"), observed=Observed(vanished=frozenset({live(world).spec.uid}))
    )
    world.step(at("2026-10-07 09:00"), choice="close")

    assert world.sent == []
    assert world.histories[P1].series[0].state is SeriesState.DELETED
    assert {MARA.id, JENS.id} == set(world.people)
