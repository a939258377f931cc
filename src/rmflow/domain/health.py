"""Pair health: is this pairing all right, why not, and what would help. Rules, not a score."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from rmflow.domain.people import Role

# A meeting may slip by half a cadence before anybody should look, and by one and a half before
# somebody must.
_LATE, _VERY_LATE = 1.5, 2.5


class Level(Enum):
    """How a pair is doing."""

    NEW = "new"
    GOOD = "good"
    WATCH = "watch"
    AT_RISK = "at risk"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a pair. `rhythm`: the usual time between two of its meetings.

    `waiting_since`: the last meeting that was held, else the first that should have been; None
    for a pair that has not come to its first meeting. `declined` counts the latest meetings
    in a row that a side declined, `unanswered` the latest summaries in a row that were asked for
    in vain, `unclear` the latest meetings in a row of which nobody knows whether they took place.
    """

    today: date
    rhythm: timedelta
    waiting_since: date | None
    ever_met: bool
    declined: Mapping[Role, int]
    unanswered: int = 0
    unclear: int = 0


@dataclass(frozen=True, slots=True)
class Health:
    """A level, the reason in a sentence, and the next step; both "" when all is well."""

    level: Level
    reason: str = ""
    step: str = ""


def assess(facts: Facts) -> Health:
    """Return the gravest thing that is wrong; the leader's declines weigh most."""
    if facts.waiting_since is None and not any(facts.declined.values()):
        return Health(Level.NEW, "no meeting was due yet")
    findings = [health for health in (_declines(facts), _gap(facts), _silence(facts)) if health]
    order = (Level.AT_RISK, Level.WATCH)
    return min(findings, key=lambda health: order.index(health.level), default=Health(Level.GOOD))


def _declines(facts: Facts) -> Health | None:
    mentee, mentor = (facts.declined.get(role, 0) for role in (Role.MENTEE, Role.MENTOR))
    if mentee >= 2:
        return Health(
            Level.AT_RISK,
            f"the mentee declined {mentee} meetings in a row",
            "Call the mentee's office: another time, a pause, or another pair?",
        )
    if mentor >= 2:
        return Health(
            Level.AT_RISK if mentor >= 3 else Level.WATCH,
            f"the mentor declined {mentor} meetings in a row",
            "Ask the mentor, in confidence, whether the time or the pair does not fit.",
        )
    return None


def _gap(facts: Facts) -> Health | None:
    if facts.waiting_since is None:
        return None
    waited = (facts.today - facts.waiting_since) / facts.rhythm
    if waited < _LATE:
        return None
    since = f"{facts.waiting_since.day} {facts.waiting_since:%b %Y}"
    said = f"no meeting held since {since}"
    if not facts.ever_met:
        said = f"the first meeting was due on {since} and was not held"
    step = "Ask both for a date; a coffee of 20 minutes is enough to start again."
    return Health(Level.AT_RISK if waited >= _VERY_LATE else Level.WATCH, said, step)


def _silence(facts: Facts) -> Health | None:
    if facts.unanswered >= 2:
        return Health(
            Level.WATCH,
            f"no summary of the last {facts.unanswered} meetings",
            "Ask the mentee which form suits; two spoken sentences to their office count.",
        )
    if facts.unclear >= 2:
        return Health(
            Level.WATCH,
            f"nobody said whether the last {facts.unclear} meetings took place",
            "Ask either of the two whether they met.",
        )
    return None
