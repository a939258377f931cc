"""Taking part: what follows when somebody pauses, is away, wants to leave, or cannot be reached.

Nothing is closed because of one word or one mail that came back: mail to the person stops, and
the coordinator is asked.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby

from rmflow.domain.keys import Key
from rmflow.domain.letter import LetterItem, LetterKind
from rmflow.domain.people import Participant, Role
from rmflow.domain.records import SignalRecord
from rmflow.domain.recurrence import sessions
from rmflow.domain.series import SeriesSpec
from rmflow.domain.session import original_start
from rmflow.domain.signal import SignalKind
from rmflow.domain.standing import ends_at
from rmflow.planner.actions import Note
from rmflow.planner.notes import question
from rmflow.planner.scene import Scene

ABOUT = ("leave", "rematch", "complaint", "no end of the pause", "not reached")
_RESUME = 'choose "resume" if all should go on as it was'
_ASKS = {
    SignalKind.LEAVE.value: (
        'asks to stop taking part. Nothing is sent to them any more. Talk to them; then choose "close", or'
    ),
    SignalKind.REMATCH.value: (
        'asks for another partner. Nothing is sent to them any more. Talk to them; then choose "rematch", or'
    ),
    SignalKind.COMPLAINT.value: (
        "marked a mail of ours as spam, or unsubscribed. Nothing is sent to them any more. "
        'Ask whether they want to go on; then choose "close", or'
    ),
}
_CONFIRMED = {
    SignalKind.PAUSE.value: LetterKind.PAUSED,
    SignalKind.RESUME.value: LetterKind.RESUMED,
    SignalKind.LEAVE.value: LetterKind.PASSED_ON,
    SignalKind.REMATCH.value: LetterKind.PASSED_ON,
}
_MOST_CONFIRMATIONS = 4
_LATELY = timedelta(days=30)
_CONFIRMED_WITHIN = timedelta(days=7)
# What somebody gets who wants no more mail: the answer to that wish, and what cleans the calendar.
_ALWAYS = (LetterKind.PASSED_ON, LetterKind.UPDATE, LetterKind.CANCELLATION)


def concerns(scene: Scene) -> tuple[Note, ...]:
    """Return the questions to the coordinator about the two's taking part."""
    if scene.closed:
        return ()
    return tuple(note for role in Role for note in _concerns(scene, role))


def _concerns(scene: Scene, role: Role) -> Iterator[Note]:
    person, standing = scene.person(role), scene.standing(role)
    if standing.held:
        text = f"{person.name} {_ASKS[standing.held.kind]} {_RESUME}."
        yield question(scene, standing.held.kind, text, standing.held.id)
    for rest in standing.rests:
        if rest.kind == SignalKind.PAUSE.value and not rest.until:
            text = f"{person.name} asks for a pause and names no end. Agree on one, or {_RESUME}."
            yield question(scene, "no end of the pause", text, rest.id)
    if standing.suspended:
        last = standing.failures[-1]
        why = f" ({last.reason})" if last.reason else ""
        text = (
            f"Mails to {person.name} <{person.address}> keep coming back{why}. Nothing is sent to "
            "them any more until their address changes in the roster or they write. "
            f"If the address is right, {_RESUME}."
        )
        yield question(scene, "not reached", text, person.address, standing.failures[0].id)


def reaches(scene: Scene, kind: LetterKind, role: Role) -> bool:
    """Return whether a letter of this kind may go to this person now."""
    standing = scene.standing(role)
    if standing.suspended:
        return False
    return standing.held is None or kind in _ALWAYS


def confirmations(scene: Scene) -> Iterator[tuple[LetterKind, Participant, LetterItem]]:
    """Yield what confirms each wish to the one who has it, and the news of a pause to the other."""
    if scene.closed:
        return
    for role in Role:
        signal = _last_wish(scene, role)
        late = signal is not None and signal.received_at <= scene.now - _CONFIRMED_WITHIN
        if signal is None or late or _confirmed_enough(scene, role):
            continue
        kind = _CONFIRMED[signal.kind]
        yield kind, scene.person(role), _item(scene, signal, role, own_wish=True)
        rests = {(rest.kind, rest.until) for rest in scene.standing(role).rests}
        holds = kind is LetterKind.PAUSED and (signal.kind, signal.until) in rests
        if holds and not _learns_from_the_calendar(scene, signal, role):
            other = role.other
            yield kind, scene.person(other), _item(scene, signal, other, own_wish=False)


def _last_wish(scene: Scene, role: Role) -> SignalRecord | None:
    """Return what a person wished last. Of the same wish said again and again it is the first."""
    mine = [
        signal
        for signal in scene.signals
        if signal.kind in _CONFIRMED
        and signal.person == scene.person(role).id
        and signal.pairing == scene.pairing.id
    ]
    said = sorted(mine, key=lambda s: (s.received_at, s.id))
    wishes = [list(same) for _, same in groupby(said, key=lambda s: (s.kind, s.until))]
    return wishes[-1][0] if wishes else None


def _confirmed_enough(scene: Scene, role: Role) -> bool:
    """Return whether a person has had so many confirmations that no person may be behind it."""
    kinds = {kind.value for kind in _CONFIRMED.values()}
    lately = [r for r in scene.history.letters if r.sent_at > scene.now - _LATELY]
    mine = {r.key for r in lately if r.kind in kinds and r.person == scene.person(role).id}
    return len(mine) >= _MOST_CONFIRMATIONS


def _item(scene: Scene, signal: SignalRecord, role: Role, *, own_wish: bool) -> LetterItem:
    return LetterItem(
        key=_key(scene, signal, role),
        pairing=scene.pairing.id,
        role=role,
        until=date.fromisoformat(signal.until) if signal.until else None,
        own_wish=own_wish,
    )


def _key(scene: Scene, signal: SignalRecord, role: Role) -> Key:
    return scene.key(signal.kind, signal.id, role.value)


def _learns_from_the_calendar(scene: Scene, signal: SignalRecord, role: Role) -> bool:
    """Return whether our mail about the meetings taken out says already that there is a pause."""
    live = scene.history.live
    return scene.by_mail and live is not None and _took_out(scene, live.spec, signal, role)


def _took_out(scene: Scene, spec: SeriesSpec, signal: SignalRecord, role: Role) -> bool:
    """Return whether a meeting is left out that would lie in the pause."""
    end = ends_at(signal, scene.person(role))
    last = end or scene.now + scene.programme.timing.horizon
    there = {session.id for session in sessions(spec, signal.received_at, last)}
    whole = sessions(replace(spec, excluded=frozenset()), signal.received_at, last)
    return any(s.id not in there and original_start(s.id) > signal.received_at for s in whole)
