"""Answers to invitations: a declined meeting is taken out, a proposed time is followed if it fits.

Every answer is acted upon once. What cannot be decided by rule is a question to the coordinator.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rmflow.domain.keys import Key
from rmflow.domain.people import Participant
from rmflow.domain.programme import CounterMode
from rmflow.domain.reason import Cause, Reason, Reasons
from rmflow.domain.records import ResponseRecord
from rmflow.domain.recurrence import original_wall_start, sessions
from rmflow.domain.series import ParticipationStatus, SeriesSpec, SessionId
from rmflow.domain.session import Session, original_start
from rmflow.planner.actions import Note
from rmflow.planner.exceptions import conflict
from rmflow.planner.notes import question
from rmflow.planner.revision import without
from rmflow.planner.scene import Scene

_SHORTEST_NOTICE = timedelta(hours=12)
_MOST_PROPOSALS = 3


@dataclass(frozen=True, slots=True)
class Followed:
    """What the answers make of a series; `covers` are the answers that this settles."""

    spec: SeriesSpec
    reasons: Reasons = ()
    covers: tuple[Key, ...] = ()
    notes: tuple[Note, ...] = ()


def follow_responses(scene: Scene, spec: SeriesSpec) -> Followed:
    """Return the series as the answers ask for, with the questions that they raise."""
    followed = Followed(spec)
    for response in sorted(scene.history.responses, key=lambda r: r.stamped_at):
        if response.uid != spec.uid or _answer_key(scene, response) in scene.done:
            continue
        person = _person(scene, response)
        if person is None:
            continue
        if response.proposed_start is not None:
            followed = _follow_proposal(scene, followed, response, person)
        elif response.status == ParticipationStatus.DECLINED.value:
            followed = _follow_decline(scene, followed, response, person)
    return followed


def declined_by(scene: Scene, spec: SeriesSpec, session: SessionId) -> Participant | None:
    """Return who has declined this session or the whole series, None if nobody did."""
    for person in (scene.mentor, scene.mentee):
        mine = [r for r in scene.history.responses if r.attendee == person.address]
        mine = [r for r in mine if r.uid == spec.uid and r.session in ("", session)]
        newest = max(mine, key=lambda r: (r.sequence, r.stamped_at), default=None)
        if newest is not None and newest.status == ParticipationStatus.DECLINED.value:
            return person
    return None


def declined_in_a_row(scene: Scene, spec: SeriesSpec, person: Participant) -> list[SessionId]:
    """Return the longest run of neighbouring meetings that a person has declined."""
    mine = [r for r in scene.history.responses if r.attendee == person.address and r.session]
    mine = [r for r in mine if r.uid == spec.uid]
    declined = {r.session for r in mine if r.status == ParticipationStatus.DECLINED.value}
    return _longest_row(spec, declined)


def _follow_decline(
    scene: Scene, so_far: Followed, response: ResponseRecord, person: Participant
) -> Followed:
    key = _answer_key(scene, response)
    if not response.session:
        text = (
            f"{person.name} has declined the whole series of meetings{_said(response)}. "
            'Talk to them; then choose "close", "rematch" or "resend invitation".'
        )
        return _asking(scene, so_far, "series-declined", text, key=key)
    session = _coming(scene, so_far.spec, response.session)
    if session is None:
        return so_far
    spec = without(so_far.spec, [session.id])
    reason = Reason(Cause.DECLINED, person.first_name)
    return replace(
        so_far, spec=spec, reasons=(*so_far.reasons, reason), covers=(*so_far.covers, key)
    )


def _longest_row(spec: SeriesSpec, declined: set[SessionId]) -> list[SessionId]:
    """Return the longest run of neighbouring meetings, by the rule, among the declined ones."""
    whole = replace(spec, excluded=frozenset())
    starts = [original_start(id) for id in declined]
    if not starts:
        return []
    day = timedelta(days=1)
    rows: list[list[SessionId]] = [[]]
    for session in sessions(whole, min(starts) - day, max(starts) + day):
        if session.id in declined:
            rows[-1].append(session.id)
        elif rows[-1]:
            rows.append([])
    return max(rows, key=len)


def _follow_proposal(
    scene: Scene, so_far: Followed, response: ResponseRecord, person: Participant
) -> Followed:
    assert response.proposed_start is not None
    key = _answer_key(scene, response)
    start = response.proposed_start.astimezone(ZoneInfo(so_far.spec.zone))
    session = _coming(scene, so_far.spec, response.session) if response.session else None
    following = scene.programme.counters is CounterMode.FOLLOW
    turn = _turn(scene, so_far, response)
    if session is not None and following and turn and _fits(scene, session, start):
        original = original_wall_start(so_far.spec, session.id)
        moves = {**so_far.spec.moves, original: start.replace(tzinfo=None)}
        spec = replace(so_far.spec, moved=tuple(sorted(moves.items())))
        reason = Reason(Cause.PROPOSED, person.first_name)
        reasons, covers = (*so_far.reasons, reason), (*so_far.covers, key, turn)
        return replace(so_far, spec=spec, reasons=reasons, covers=covers)
    which = f"the meeting of {session.start:%d %B %Y}" if session else "the meetings"
    text = (
        f"{person.name} proposes {start:%A %d %B %Y, %H:%M} ({so_far.spec.zone}) for {which}"
        f"{_said(response)}. Move it in the calendar if that suits both."
    )
    return _asking(scene, so_far, "proposal", text, key=key, session=response.session)


def _turn(scene: Scene, so_far: Followed, response: ResponseRecord) -> Key | None:
    """Return the key of following one more proposal for a meeting, None where a person is asked.

    Two calendar programs that propose by themselves would move it to and fro without end.
    """
    keys = (
        scene.key("proposal followed", response.uid, response.session, str(number))
        for number in range(_MOST_PROPOSALS)
    )
    return next((k for k in keys if k not in scene.done and k not in so_far.covers), None)


def _fits(scene: Scene, session: Session, start: datetime) -> bool:
    """Return whether a proposed start needs nobody's decision: near, in hours, no holiday."""
    length = session.end - session.start
    tolerance = scene.programme.timing.tolerance + timedelta(days=2)
    soon = start < scene.now + _SHORTEST_NOTICE
    far = abs(start - session.start) > tolerance
    return not soon and not far and not conflict(scene, start, start + length, own=session)


def _asking(
    scene: Scene,
    so_far: Followed,
    about: str,
    text: str,
    *,
    key: Key | None = None,
    session: str = "",
) -> Followed:
    """Add a question unless it has been asked already."""
    parts = [key] if key else [session]
    note = question(scene, about, text, *parts, session=SessionId(session))
    asked = {record.key for record in scene.history.questions}
    return so_far if note.key in asked else replace(so_far, notes=(*so_far.notes, note))


def _coming(scene: Scene, spec: SeriesSpec, id: SessionId) -> Session | None:
    """Return the session if it lies ahead and still takes place."""
    coming = sessions(spec, scene.now, scene.now + scene.programme.timing.horizon)
    return next((s for s in coming if s.id == id and s.start > scene.now), None)


def _person(scene: Scene, response: ResponseRecord) -> Participant | None:
    role = scene.role_of(response.attendee)
    return scene.person(role) if role else None


def _answer_key(scene: Scene, response: ResponseRecord) -> Key:
    """One answer, one key: the same person may answer the same invitation again later."""
    stamp = response.stamped_at.strftime("%Y%m%dT%H%M%S")
    return scene.key("answer", response.uid, response.session, response.attendee, stamp)


def _said(response: ResponseRecord) -> str:
    return f' ("{response.comment}")' if response.comment else ""
