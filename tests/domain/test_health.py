"""Pair health: plain rules with a reason and a next step."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from rmflow.domain.health import Facts, Level, assess
from rmflow.domain.people import Role

TODAY = date(2026, 11, 22)
WELL = Facts(
    today=TODAY,
    rhythm=timedelta(days=30),
    waiting_since=date(2026, 11, 1),
    ever_met=True,
    declined={Role.MENTOR: 0, Role.MENTEE: 0},
)


def declined(mentor: int = 0, mentee: int = 0) -> Facts:
    return replace(WELL, declined={Role.MENTOR: mentor, Role.MENTEE: mentee})


def met_days_ago(days: int) -> Facts:
    return replace(WELL, waiting_since=TODAY - timedelta(days=days))


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        (WELL, Level.GOOD),
        (met_days_ago(44), Level.GOOD),
        (met_days_ago(45), Level.WATCH),
        (met_days_ago(75), Level.AT_RISK),
        (declined(mentor=1, mentee=1), Level.GOOD),
        (declined(mentor=2), Level.WATCH),
        (declined(mentor=3), Level.AT_RISK),
        (declined(mentee=2), Level.AT_RISK),
        (replace(WELL, unanswered=2), Level.WATCH),
        (replace(WELL, unclear=2), Level.WATCH),
        (replace(WELL, waiting_since=None, ever_met=False), Level.NEW),
    ],
)
def test_a_rule_gives_its_level(facts: Facts, level: Level) -> None:
    """FEATURES R5; the leader's declines weigh most."""
    assert assess(facts).level is level


def test_the_gravest_finding_is_told() -> None:
    facts = replace(met_days_ago(80), unanswered=3)

    assert assess(facts).reason == "no meeting held since 3 Sep 2026"


def test_a_pair_that_never_met_is_told_so() -> None:
    facts = replace(met_days_ago(80), ever_met=False)

    assert assess(facts).reason == "the first meeting was due on 3 Sep 2026 and was not held"


def test_declining_before_the_first_meeting_counts() -> None:
    """A leader who declines everything from the start is no quiet new pair."""
    facts = replace(declined(mentee=2), waiting_since=None, ever_met=False)

    assert assess(facts).level is Level.AT_RISK


def test_whatever_is_wrong_comes_with_a_next_step() -> None:
    for facts in (met_days_ago(50), declined(2, 0), declined(0, 2), replace(WELL, unanswered=2)):
        assert assess(facts).step
