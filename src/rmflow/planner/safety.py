"""Safety: plans that destroy or send much are an accident until a person has looked at them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from rmflow.domain.letter import LetterKind
from rmflow.domain.programme import Limits
from rmflow.domain.reading import MailKind
from rmflow.domain.records import SeriesRecord
from rmflow.planner.actions import Action, CancelSeries, Note, ReviseSeries, SendLetter
from rmflow.planner.state import Desired, Journal, SeriesState

# An ordinary run has one or two mails for a pair, one with a change of its meetings up to four.
_MOST_A_PAIR = 5
_FEW_MAILS = 25
_ASTRAY = timedelta(days=35)  # a run looks at the clock at least once a week, if cron is at work
_LATELY = timedelta(days=60)  # a mail that a person had to sort is answered late
_BY_PEOPLE = (MailKind.HUMAN.value, MailKind.CALENDAR.value)


def alarms(
    desired: Desired, actions: Sequence[Action], journal: Journal, now: datetime
) -> tuple[str, ...]:
    """Return why a person must confirm this plan; empty for an ordinary one.

    `journal` knows the mails that this plan files.
    """
    limits = desired.programme.limits
    letters = [action for action in actions if isinstance(action, SendLetter)]
    return (
        *_clock_wrong(journal.clock, now),
        *_many_cancelled(limits, actions, desired.live_series),
        *_roster_shrunk(limits, desired),
        *_many_mails(letters),
        *_many_answers(letters, journal, now),
    )


def astray(before: datetime | None, now: datetime) -> bool:
    """Return whether a clock that said `before` in a run is hardly right now.

    By a wrong one all meetings are over, or none is near; mails are old, or come from the future.
    """
    return before is not None and not timedelta(days=-1) < now - before < _ASTRAY


def _clock_wrong(before: datetime | None, now: datetime) -> tuple[str, ...]:
    if before is None or not astray(before, now):
        return ()
    away = f"{abs(now - before).days} days {'later' if now > before else 'earlier'}"
    said = f"this computer's clock says {now:%Y-%m-%d}"
    return (f"{said}, which is {away} than the {before:%Y-%m-%d} of a run before",)


def _many_mails(letters: Sequence[SendLetter]) -> tuple[str, ...]:
    pairs = {item.pairing for action in letters for item in action.letter.items}
    if len(letters) <= max(_FEW_MAILS, _MOST_A_PAIR * len(pairs)):
        return ()
    return (f"this would send {len(letters)} mails about {len(pairs)} pairs at once",)


def _many_answers(
    letters: Sequence[SendLetter], journal: Journal, now: datetime
) -> tuple[str, ...]:
    """Compare what answers a mail with the mails that there are to answer."""
    answers = sum(map(_answers_a_mail, letters))
    histories = journal.pairs.values()
    mails = {
        record.mail_id
        for history in histories
        for record in history.readings
        if record.kind in _BY_PEOPLE and record.received_at > now - _LATELY
    }
    if answers <= len(mails):
        return ()
    return (f"this would answer {answers} mails, and people have written {len(mails)}",)


def _answers_a_mail(action: SendLetter) -> bool:
    kind, (item, *_) = action.letter.kind, action.letter.items
    return kind is LetterKind.RECEIPT or (kind.answers_by_itself and item.own_wish)


def _many_cancelled(limits: Limits, actions: Sequence[Action], live_series: int) -> tuple[str, ...]:
    ended = sum(map(_ends, actions))
    if live_series < limits.cancel_minimum or ended <= live_series * limits.cancel_share:
        return ()
    return (f"this would end or cancel the meetings of {ended} of {live_series} pairs",)


def _ends(action: Action) -> bool:
    """Return whether an action ends a series, or takes note that somebody deleted one."""
    match action:
        case CancelSeries() | ReviseSeries(ends=True):
            return True
        case Note(records=(SeriesRecord(state=state),)):
            return state == SeriesState.DELETED.value
        case _:
            return False


def _roster_shrunk(limits: Limits, desired: Desired) -> tuple[str, ...]:
    known, now = desired.known_pairings, desired.still_there
    if known and not now:
        return (f"the roster has none of the {known} pairs of the last run any more",)
    if known < limits.cancel_minimum or known - now <= known * limits.roster_shrink_share:
        return ()
    return (f"the roster has lost {known - now} of {known} pairs since the last run",)
