"""Whether somebody gets mail: scores of what came back, pauses with an end, wishes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from builders import at
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import Address, Participant, PersonId
from rmflow.domain.reading import MailId
from rmflow.domain.records import SignalRecord
from rmflow.domain.standing import Standing, standing

JENS = Participant(
    PersonId("jens"), Address("jens@contoso.example"), "Jens Adler", "America/New_York"
)
PAIR = PairingId("pair-1")
NOON = at("2026-11-04 12:00")


def said(kind: str, days: float = 0, *, until: str = "", pairing: str = PAIR) -> SignalRecord:
    return SignalRecord(
        id=MailId(f"{kind}{days}"),
        person=JENS.id,
        kind=kind,
        pairing=PairingId(pairing),
        everywhere=pairing == PAIR,
        received_at=NOON + timedelta(days=days),
        until=until,
        address=JENS.address,
    )


def stands(*signals: SignalRecord, after: float = 100, person: Participant = JENS) -> Standing:
    return standing(signals, person, PAIR, NOON + timedelta(days=after))


HARD, SOFT = "bounced", "bounced for now"


@pytest.mark.parametrize(
    ("signals", "suspended"),
    [
        ([said(HARD)], False),
        ([said(HARD), said(HARD, 0.1), said(HARD, 0.2)], False),
        ([said(HARD), said(HARD, 1)], True),
        ([said(SOFT), said(SOFT, 1), said(SOFT, 2)], False),
        ([said(SOFT), said(SOFT, 1), said(SOFT, 2), said(SOFT, 3)], True),
        ([said(HARD), said(SOFT, 1), said(SOFT, 2)], True),
        ([said(HARD), said(HARD, 61)], False),
        ([said(HARD), said("heard", 1), said(HARD, 2)], False),
        ([said(HARD), said(HARD, 1), said("away", 2)], False),
        ([said(HARD), said(HARD, 1), said("resume", 2)], False),
    ],
)
def test_what_comes_back_counts_by_its_weight_once_a_day(
    signals: list[SignalRecord], suspended: object
) -> None:
    assert stands(*signals).suspended is suspended


def test_a_new_address_begins_without_a_past() -> None:
    moved = replace(JENS, address=Address("jens.adler@contoso.example"))
    assert not stands(said(HARD), said(HARD, 1), person=moved).suspended


def test_a_pause_ends_with_its_last_day_where_the_person_is() -> None:
    """New York is five hours behind: its 10 November ends at 5:00 UTC of the next day."""
    pause = said("pause", until="2026-11-10")
    end = at("2026-11-11 06:00") - NOON
    hour = timedelta(hours=1)
    assert stands(pause, after=(end - hour) / timedelta(days=1)).rests == (pause,)
    assert stands(pause, after=(end + hour) / timedelta(days=1)).rests == ()


def test_resume_ends_a_pause_an_absence_and_a_wish() -> None:
    asked = [said("pause"), said("away", 1, until="2027-06-01"), said("leave", 2)]
    before = stands(*asked)
    assert [rest.kind for rest in before.rests] == ["pause", "away"]
    assert before.held == asked[2]
    assert stands(*asked, said("resume", 3)) == Standing()


def test_the_coordinator_has_the_last_word() -> None:
    asked = [said("pause"), said("leave", 2), said(HARD, 3), said(HARD, 4)]
    later = NOON + timedelta(days=5)
    assert standing(asked, JENS, PAIR, later, resumed_at=later) == Standing()


def test_what_is_said_of_another_partner_counts_there() -> None:
    assert stands(said("rematch", pairing="pair-2")).held is None
    assert stands(replace(said("leave", pairing="pair-2"), everywhere=True)).held is not None


def test_a_new_pause_replaces_the_last_one() -> None:
    later = said("pause", 1, until="2027-03-01")
    assert stands(said("pause", until="2027-02-01"), later).rests == (later,)
