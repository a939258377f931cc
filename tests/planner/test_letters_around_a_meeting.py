"""The clock around a meeting: what is written to whom, when, and when not at all."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

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
from rmflow.domain.keys import Key
from rmflow.domain.letter import LetterItem, LetterKind
from rmflow.domain.pairing import PairingId, PairingStatus, Slot
from rmflow.domain.people import PersonId, Role
from rmflow.domain.programme import Cadence, Frequency, Timing
from rmflow.domain.series import ParticipationStatus, SessionId
from rmflow.planner.actions import SendLetter
from rmflow.planner.mail import DueLetter
from rmflow.planner.post import plan_post
from rmflow.planner.state import Observed

HOURLY = timedelta(hours=1)


def test_one_meeting_has_one_of_each_letter_and_two_reminders() -> None:
    """DESIGN 6: agenda N-5 days, prompt N-2 days, summary N+2 hours, two reminders."""
    world = World()

    world.live(at("2026-10-05 09:00"), at("2026-10-30 09:00"), HOURLY)

    assert world.mails() == [
        ("10-05 09:00", "invitation Jens"),
        ("10-05 09:00", "invitation Mara"),
        ("10-08 10:00", "agenda-request Jens"),
        ("10-09 10:00", "prompt Mara"),  # the meeting's Sunday falls back to a working day
        ("10-09 10:00", "prompt Jens"),
        ("10-13 13:00", "summary-request Jens"),
        ("10-16 13:00", "summary-reminder Jens"),
        ("10-20 13:00", "summary-reminder Jens"),
    ]


def test_only_the_last_reminder_says_that_it_is_the_last() -> None:
    world = World()

    world.live(at("2026-10-05 09:00"), at("2026-10-30 09:00"), HOURLY)

    items = [
        a.letter.items[0] for _, a in world.sent if a.letter.kind is LetterKind.SUMMARY_REMINDER
    ]
    assert [item.last for item in items] == [False, True]


def test_a_summary_stops_the_reminders_and_gets_one_receipt() -> None:
    world = World()
    world.live(at("2026-10-05 09:00"), at("2026-10-14 08:00"), HOURLY)

    world.step(at("2026-10-14 11:00"), observed=Observed(readings=(a_reading(),)))
    world.live(at("2026-10-14 12:00"), at("2026-10-30 09:00"), HOURLY)

    assert world.mails("receipt") == [("10-14 11:00", "receipt Jens")]
    assert world.mails("summary-reminder") == []


def test_an_answered_agenda_is_not_asked_for() -> None:
    world = World()
    early = a_reading(
        form="agenda", answers={"topics": "Hiring"}, received_at=at("2026-10-06 09:00")
    )

    world.live(at("2026-10-05 09:00"), at("2026-10-06 08:00"), HOURLY)
    world.step(at("2026-10-06 10:00"), observed=Observed(readings=(early,)))
    world.live(at("2026-10-06 11:00"), at("2026-10-12 17:00"), HOURLY)

    assert world.mails("agenda-request") == []


def test_nothing_is_sent_outside_the_recipients_own_working_hours() -> None:
    """The mentee sits in New York: her mails arrive in her day, not in the mentor's."""
    anna = a_person("Anna Ruiz", timezone="America/New_York")
    world = World(people=(MARA, anna), pairings=(a_pairing(mentee=anna.id, slot=None),))

    world.live(at("2026-10-05 00:00"), at("2026-11-30 00:00"), HOURLY)

    budgeted = [
        moment.astimezone(ZoneInfo("America/New_York"))
        for moment, action in world.sent
        if action.letter.to == anna.id and action.letter.kind.counts_against_budget
    ]
    assert budgeted
    assert {(moment.weekday() < 5, 9 <= moment.hour < 17) for moment in budgeted} == {(True, True)}


def test_three_missed_days_and_two_runs_send_each_mail_once_and_nothing_pointless() -> None:
    """Catch-up: after an outage over the meeting, the prompt for it is not sent any more."""
    world = World()
    world.live(at("2026-10-05 09:00"), at("2026-10-08 17:00"), HOURLY)
    before = len(world.sent)

    world.step(at("2026-10-14 10:00"))
    world.step(at("2026-10-14 10:00"))

    assert [text for _, text in world.mails()[before:]] == ["summary-request Jens"]


def test_two_months_of_outage_ask_for_the_newest_summary_only() -> None:
    world = World()
    world.live(at("2026-10-05 09:00"), at("2026-10-08 17:00"), HOURLY)

    world.step(at("2026-12-10 10:00"))

    asked = [a.letter.items[0].session for _, a in world.sent if "summary" in a.letter.kind.value]
    assert asked == ["20261208T090000Z"]


def test_a_paused_pair_hears_nothing_and_near_meetings_are_taken_out() -> None:
    world = World()
    world.step(at("2026-10-05 09:00"))
    id = PairingId("p1")
    world.pairings[id] = replace(world.pairings[id], status=PairingStatus.PAUSED)

    world.live(at("2026-10-05 10:00"), at("2026-10-20 17:00"), HOURLY)

    assert world.mails("prompt") == []
    assert [text for _, text in world.mails("update")] == ["update Jens", "update Mara"]
    live = world.histories[id].live
    assert live is not None
    assert [f"{day:%m-%d}" for day in live.spec.excluded] == ["10-13"]


def test_a_pair_that_is_paused_after_a_meeting_is_not_asked_for_a_summary() -> None:
    """Whoever falls ill the day after has other things to do."""
    world = World()
    world.live(at("2026-10-05 09:00"), at("2026-10-13 12:00"), HOURLY)
    id = PairingId("p1")
    world.pairings[id] = replace(world.pairings[id], status=PairingStatus.PAUSED)

    world.live(at("2026-10-13 12:30"), at("2026-10-23 17:00"), HOURLY)

    assert world.mails("summary") == []


def test_prompts_of_two_pairs_to_one_person_on_one_day_are_one_mail() -> None:
    lea = a_person("Lea Kunz")
    both = (a_pairing("p1"), a_pairing("p2", mentor=lea.id))
    world = World(people=(MARA, JENS, lea), pairings=both)

    world.live(at("2026-10-05 09:00"), at("2026-10-10 17:00"), HOURLY)

    prompts = [a.letter for _, a in world.sent if a.letter.kind is LetterKind.PROMPT]
    assert sorted((letter.to, len(letter.items)) for letter in prompts) == [
        (JENS.id, 2),
        (lea.id, 1),
        (MARA.id, 1),
    ]


def test_questions_are_never_merged() -> None:
    """An answer must belong to one meeting."""
    lea = a_person("Lea Kunz")
    both = (a_pairing("p1"), a_pairing("p2", mentor=lea.id))
    world = World(people=(MARA, JENS, lea), pairings=both)

    world.live(at("2026-10-05 09:00"), at("2026-10-15 17:00"), HOURLY)

    asked = [a.letter for _, a in world.sent if a.letter.kind is LetterKind.SUMMARY_REQUEST]
    assert [len(letter.items) for letter in asked] == [1, 1]


def a_busy_leader(pairs: int, **changes: object) -> World:
    """Jens is the mentee of so many mentors, and gets three letters a week."""
    mentors = [a_person(f"Mentor{chr(97 + n)} Weber") for n in range(pairs)]
    pairings = [a_pairing(f"p{n}", mentor=m.id) for n, m in enumerate(mentors)]
    programme = a_programme(timing=Timing(weekly_letters=3), **changes)
    return World(people=(JENS, *mentors), pairings=pairings, programme=programme)


def counted(world: World) -> list[tuple[datetime, LetterKind]]:
    """What Jens got that counts, in order of time."""
    return [
        (moment, a.letter.kind)
        for moment, a in world.sent
        if a.letter.to == JENS.id and a.letter.kind.counts_against_budget
    ]


def test_nobody_gets_more_letters_a_week_than_the_budget() -> None:
    """But for the first question about each meeting: what can wait fills the week up, no more."""
    world = a_busy_leader(6)

    world.live(at("2026-10-05 09:00"), at("2026-11-30 17:00"), timedelta(hours=2))

    letters, week = counted(world), timedelta(days=7)
    for number, (moment, kind) in enumerate(letters):
        before = [at for at, _ in letters[:number] if at > moment - week]
        assert kind is LetterKind.SUMMARY_REQUEST or len(before) < 3
    prepared = [moment for moment, kind in letters if kind is LetterKind.AGENDA_REQUEST]
    assert max(sum(t <= at < t + week for at in prepared) for t in prepared) == 3


@pytest.mark.parametrize("pairs", [2, 4, 6])
def test_a_summary_is_asked_for_after_each_meeting_however_many_there_are(pairs: int) -> None:
    """What prepares the meetings comes earlier, and must not use up all that may be sent."""
    weekly = Cadence("hour-monthly", timedelta(hours=1), Frequency.WEEKLY)
    world = a_busy_leader(pairs, cadences={"hour-monthly": weekly})

    world.live(at("2026-10-05 09:00"), at("2026-11-02 08:00"), HOURLY)

    asked = [a for _, a in world.sent if a.letter.kind is LetterKind.SUMMARY_REQUEST]
    assert len(asked) == pairs * 3


def test_a_reminder_of_a_summary_goes_before_what_prepares_a_meeting() -> None:
    reminder = due(LetterKind.SUMMARY_REMINDER, at("2026-10-28 09:00"))
    agenda = due(LetterKind.AGENDA_REQUEST, at("2026-10-19 09:00"))
    recent = {JENS.id: [("prompt", at("2026-10-14 10:00"))] * 2}
    programme = a_programme(timing=Timing(weekly_letters=3))

    post = plan_post(programme, [agenda, reminder], recent, at("2026-10-16 12:00"))

    assert [mail.letter.kind for mail in post.mails] == [LetterKind.SUMMARY_REMINDER]
    assert list(post.postponed) == [PairingId("p1")]


def due(kind: LetterKind, until: datetime) -> DueLetter:
    item = LetterItem(Key(kind.value), PairingId("p1"), Role.MENTEE)
    return DueLetter(kind, JENS, item, until)


def test_a_declined_meeting_gets_no_prompt_and_no_summary_request() -> None:
    world = World()
    world.live(at("2026-10-05 09:00"), at("2026-10-07 08:00"), HOURLY)
    _answer(world, ParticipationStatus.DECLINED, SessionId("20261013T080000Z"))

    world.live(at("2026-10-07 11:00"), at("2026-10-30 17:00"), HOURLY)

    assert [text for _, text in world.mails()[2:]] == ["update Jens", "update Mara"]


def test_topics_never_repeat_and_both_people_get_the_same_one() -> None:
    world = World()

    world.live(at("2026-10-05 09:00"), at("2027-05-30 17:00"), timedelta(hours=4))

    topics: dict[str | None, set[str | None]] = {}
    for _, action in world.sent:
        if action.letter.kind is LetterKind.PROMPT:
            item = action.letter.items[0]
            topics.setdefault(item.session, set()).add(item.topic)
    assert len(topics) == 8
    assert all(len(found) == 1 for found in topics.values())
    assert len({next(iter(found)) for found in topics.values()}) == 8


def test_an_effect_that_is_held_is_not_planned_again() -> None:
    """HELD keys are part of `done`: nobody can know, so nobody repeats it."""
    world = World()
    first = world.plan(at("2026-10-05 09:00"))
    world.done |= {a.key for a in first.actions if isinstance(a, SendLetter)}

    assert "send invitation" not in kinds(world.plan(at("2026-10-05 09:00")).actions)


def _answer(world: World, status: ParticipationStatus, session: SessionId | None) -> None:
    live = world.histories[PairingId("p1")].live
    assert live is not None
    response = a_response(
        status, uid=live.spec.uid, session=session, stamped_at=at("2026-10-07 09:00")
    )
    reading = a_reading(form=None, answers={}, responses=(response,), author=PersonId(JENS.id))
    world.step(at("2026-10-07 10:00"), observed=Observed(readings=(reading,)))


def test_an_answer_that_they_did_not_meet_stops_the_reminders_without_a_receipt() -> None:
    world = World()
    world.live(at("2026-10-05 09:00"), at("2026-10-14 08:00"), HOURLY)

    world.step(
        at("2026-10-14 11:00"), observed=Observed(readings=(a_reading(answers={}, held=False),))
    )
    world.live(at("2026-10-14 12:00"), at("2026-10-30 09:00"), HOURLY)

    assert world.mails("receipt") == []
    assert world.mails("summary-reminder") == []


def test_a_question_after_a_late_meeting_waits_for_the_next_morning() -> None:
    """The meeting ends at five: two hours later nobody is at work."""
    world = World(pairings=(a_pairing(slot=Slot(1, time(16))),))

    world.live(at("2026-10-05 09:00"), at("2026-10-15 09:00"), HOURLY)

    assert world.mails("summary-request") == [("10-14 09:00", "summary-request Jens")]
