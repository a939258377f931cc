"""Reasons: why a series changed, as a value that each language can say in its own words."""

from dataclasses import dataclass
from enum import Enum


class Cause(Enum):
    """What made a change."""

    DAY_OFF = "day-off"
    OUTSIDE_HOURS = "outside-hours"
    BUSY = "busy"
    MOVED_BY_HAND = "moved-by-hand"
    NEW_PLACE = "new-place"
    NEW_ADDRESS = "new-address"
    PAUSED = "paused"
    RESUMED = "resumed"
    LEFT_OUT = "left-out"
    DECLINED = "declined"
    PROPOSED = "proposed"
    SENT_AGAIN = "sent-again"
    NEW_RHYTHM = "new-rhythm"
    NEW_TIME = "new-time"
    NEW_END = "new-end"


_IN_ENGLISH = {
    Cause.DAY_OFF: "{name}",
    Cause.OUTSIDE_HOURS: "outside working hours",
    Cause.BUSY: "another appointment",
    Cause.MOVED_BY_HAND: "changed in the calendar",
    Cause.NEW_PLACE: "new place",
    Cause.NEW_ADDRESS: "new mail address",
    Cause.PAUSED: "paused",
    Cause.RESUMED: "the pause is over",
    Cause.LEFT_OUT: "left out on request",
    Cause.DECLINED: "declined",
    Cause.PROPOSED: "another time was proposed",
    Cause.SENT_AGAIN: "sent again",
    Cause.NEW_RHYTHM: "a new rhythm begins",
    Cause.NEW_TIME: "new time",
    Cause.NEW_END: "another end of the programme",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. `name`: a person's first name, or what a day off is called; else empty."""

    cause: Cause
    name: str = ""


Reasons = tuple[Reason, ...]


def said(reasons: Reasons) -> str:
    """Return reasons in English, for journals and plans: without anybody's name."""
    return ", ".join(_IN_ENGLISH[reason.cause].format(name=reason.name) for reason in reasons)
