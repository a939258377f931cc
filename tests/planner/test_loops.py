"""Programs that answer programs: whatever comes in, what goes out runs out (RFC 3834)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from builders import JENS, MARA, World, a_pairing, a_person, a_programme, a_reading, a_response, at
from rmflow.domain.keys import Key
from rmflow.domain.letter import LetterItem, LetterKind
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import Role
from rmflow.domain.reading import MailId, MailKind
from rmflow.domain.records import AnswerRecord, ReadingRecord
from rmflow.domain.series import ParticipationStatus, SessionId
from rmflow.planner.actions import Action, Note, NoteKind
from rmflow.planner.mail import DueLetter
from rmflow.planner.post import plan_post
from rmflow.planner.safety import alarms
from rmflow.planner.state import Desired, History, Journal, Observed

BEN, OLGA = a_person("Ben Ode"), a_person("Olga Hahn")
FIRST = SessionId("20261013T080000Z")


def after_the_first_meeting(*pairings: str) -> World:
    world = World(
        people=(MARA, BEN, JENS),
        pairings=[
            a_pairing(id, mentor=mentor.id)
            for id, mentor in zip(pairings or ("p1",), (MARA, BEN), strict=False)
        ],
    )
    world.live(at("2026-10-05 09:00"), at("2026-10-13 15:00"))
    return world


def summary(number: int, now: datetime, pairing: str = "p1") -> Observed:
    reading = a_reading(
        mail_id=MailId(f"{number:032}"),
        message_id=f"<{number}@mail.contoso.example>",
        received_at=now,
        pairing=PairingId(pairing),
        session=FIRST,
        text=f"Number {number}.",
    )
    return Observed(readings=(reading,))


def test_one_answer_a_day_is_all_that_anybody_gets_from_all_pairs_together() -> None:
    world = after_the_first_meeting("p1", "p2")
    world.step(at("2026-10-13 16:00"), observed=summary(1, at("2026-10-13 15:50"), "p1"))
    world.step(at("2026-10-13 17:00"), observed=summary(2, at("2026-10-13 16:50"), "p2"))
    assert world.mails("receipt") == [("10-13 16:00", "receipt Jens")]
    world.live(at("2026-10-13 18:00"), at("2026-10-16 18:00"))
    assert world.mails("receipt") == [
        ("10-13 16:00", "receipt Jens"),
        ("10-14 00:00", "receipt Jens"),
    ]


def test_of_many_mails_about_a_meeting_the_newest_gets_a_receipt_and_five_do_in_all() -> None:
    """A program that answers every receipt with other words, every hour, for three weeks."""
    world = after_the_first_meeting()
    now, last = at("2026-10-13 16:00"), at("2026-11-03 16:00")
    number = 0
    while now < last:
        number += 1
        world.step(now, observed=summary(number, now))
        now += timedelta(hours=1)
    days = [day for day, _ in world.mails("receipt")]
    assert len(days) == 5
    assert len({day[:5] for day in days}) == 5


def test_a_proposal_is_followed_three_times_then_somebody_is_asked() -> None:
    """Two calendar programs that both propose by themselves would go on for ever."""
    world = after_the_first_meeting()
    asked: list[Action] = []
    for number in range(6):
        now = at("2026-10-20 09:00") + timedelta(hours=number)
        (known,) = world.histories[PairingId("p1")].series
        person = (MARA, JENS)[number % 2]
        response = a_response(
            ParticipationStatus.TENTATIVE,
            uid=known.spec.uid,
            session=SessionId("20261110T090000Z"),
            attendee=person.address,
            sequence=known.spec.sequence,
            stamped_at=now.astimezone(UTC),
            proposed_start=at(f"2026-11-10 {11 + number % 2 * 3}:00"),
        )
        reading = a_reading(
            mail_id=MailId(f"{number:032}"), kind=MailKind.CALENDAR, received_at=now,
            session=response.session, form=None, text="", answers={}, responses=(response,),
        )  # fmt: skip
        asked += world.step(now, observed=Observed(readings=(reading,)))
    questions = [a for a in asked if isinstance(a, Note) and a.kind is NoteKind.QUESTION_ASKED]
    assert len(questions) == 3
    updates = [day for day, who in world.mails("update") if who.endswith("Jens")]
    assert len(updates) == 3


def test_nobody_gets_more_than_ten_mails_a_day_and_what_is_left_goes_the_next() -> None:
    """A program that changes the meetings back each time would make a mail of every run."""
    due = [a_letter(LetterKind.UPDATE, number) for number in range(12)]
    now = at("2026-10-13 16:00")

    post = plan_post(a_programme(), due, {JENS.id: (("prompt", now),)}, now)

    assert len(post.mails) == 9
    assert set(post.postponed.values()) == {at("2026-10-14 09:00")}


def a_letter(kind: LetterKind, number: int, pairing: str = "p1") -> DueLetter:
    key = Key(f"{number:032}")
    item = LetterItem(key, PairingId(pairing), Role.MENTEE, own_wish=True)
    return DueLetter(kind, JENS, item)


def mails(kind: LetterKind, number: int, pairs: int = 1) -> Sequence[Action]:
    due = [a_letter(kind, n, f"p{n % pairs}") for n in range(number)]
    people = [replace(d, to=a_person(f"Person Number{n}")) for n, d in enumerate(due)]
    return plan_post(a_programme(), people, {}, at("2026-10-13 16:00")).mails


class TestBreaker:
    """More than the usual stops until a person has repeated the plan by its digest."""

    NOW = at("2026-10-13 16:00")

    def desired(self) -> Desired:
        world = World()
        return replace(desired_of(world), live_series=300)

    @pytest.mark.parametrize(("number", "pairs", "stops"), [(25, 1, False), (26, 1, True), (600, 300, False), (1501, 300, True)])  # fmt: skip
    def test_five_times_as_many_mails_as_there_are_pairs_to_write_to_stop_a_run(
        self, number: int, pairs: int, *, stops: bool
    ) -> None:
        found = alarms(self.desired(), mails(LetterKind.UPDATE, number, pairs), Journal(), self.NOW)
        assert found == (
            (f"this would send {number} mails about {pairs} pairs at once",) if stops else ()
        )

    @pytest.mark.parametrize("written", [0, 2, 3])
    def test_more_answers_than_people_have_written_mails_stop_a_run(self, written: int) -> None:
        """With another secret, say, everything that was ever answered would be answered anew."""
        readings = tuple(self.a_mail(number) for number in range(written))
        journal = Journal(pairs={PairingId("p1"): History(readings=readings)})
        found = alarms(self.desired(), mails(LetterKind.RECEIPT, 3), journal, self.NOW)
        told = f"this would answer 3 mails, and people have written {written}"
        assert found == (() if written == 3 else (told,))

    def a_mail(self, number: int) -> ReadingRecord:
        return ReadingRecord(
            mail_id=MailId(f"{number:032}"), received_at=self.NOW - timedelta(hours=1),
            state="filed", kind="human", pairing=PairingId("p1"), session=FIRST,
            reading_json="{}", why="",
        )  # fmt: skip


def test_another_secret_answers_nothing_anew_that_is_weeks_old() -> None:
    """Every key is another then: all receipts of a year would be due at once."""
    world = after_the_first_meeting()
    world.step(at("2026-10-13 16:00"), observed=summary(1, at("2026-10-13 15:50")))
    world.programme = replace(world.programme, salt=b"fedcba9876543210")
    world.histories = {id: replace(history, letters=()) for id, history in world.histories.items()}
    world.step(at("2026-11-04 16:00"))
    assert len(world.mails("receipt")) == 1
    assert [type(a) for a in world.histories[PairingId("p1")].answers] == [AnswerRecord]


def desired_of(world: World) -> Desired:
    from rmflow.domain.pairing import Roster

    return Desired(
        programme=world.programme,
        roster=Roster(world.people, world.pairings),
        awake=frozenset(world.pairings),
        by_mail=True,
    )
