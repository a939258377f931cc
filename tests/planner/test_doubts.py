"""After a crash: what happened is past, what nobody can know is not repeated."""

from datetime import datetime

import pytest

from builders import World, a_pairing, a_person, at
from rmflow.domain.keys import Key
from rmflow.domain.letter import LetterKind
from rmflow.domain.pairing import PairingId
from rmflow.planner.actions import SendLetter
from rmflow.planner.doubts import settled
from rmflow.planner.state import Doubt, Found, Journal, Observed

KEY, COVERED = Key("k" * 32), Key("c" * 32)


def a_doubt(found: Found) -> Doubt:
    return Doubt(KEY, PairingId("p1"), "send prompt", found, covers=(COVERED,))


@pytest.mark.parametrize(
    ("found", "done"),
    [
        (Found.HAPPENED, {KEY, COVERED}),
        (Found.UNKNOWABLE, {KEY, COVERED}),
        (Found.DID_NOT, set()),
    ],
)
def test_only_what_certainly_did_not_happen_may_be_done_again(found: Found, done: set[Key]) -> None:
    """A mail twice is worse than a mail that a person has to ask about."""
    journal, _ = settled(Journal(doubts=(a_doubt(found),)), Observed())

    assert journal.done == done


def test_a_merged_mail_that_left_before_the_crash_is_not_sent_in_parts() -> None:
    """Its parts have keys of their own, which no effect in the journal has."""
    olga = a_person("Olga Hahn")
    world = World(
        people=(*World().people.values(), olga),
        pairings=(a_pairing("p1"), a_pairing("p2", mentor=olga.id)),
    )
    world.live(at("2026-10-05 09:00"), at("2026-10-08 17:00"))
    friday = at("2026-10-09 12:00")
    merged = next(action for action in prompts(world, friday) if len(action.covers) == 2)

    doubt = Doubt(merged.key, merged.pairing, "send prompt", Found.HAPPENED, merged.covers)
    journal, _ = settled(Journal(doubts=(doubt,)), Observed())
    world.done |= journal.done

    due = {key for action in prompts(world, friday) for key in action.covers}
    assert due.isdisjoint(merged.covers)


def prompts(world: World, now: datetime) -> list[SendLetter]:
    """Return the prompts that are due now."""
    found = world.plan(now)
    return [
        action
        for action in found.actions
        if isinstance(action, SendLetter) and action.letter.kind is LetterKind.PROMPT
    ]
