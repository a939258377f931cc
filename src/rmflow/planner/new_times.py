"""Somebody declines again and again: they are offered other times, then a person is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from rmflow.domain.keys import Key
from rmflow.domain.letter import Offer
from rmflow.domain.people import Participant, Role
from rmflow.domain.records import LetterRecord
from rmflow.domain.series import SessionId
from rmflow.domain.session import original_start
from rmflow.planner.actions import Note
from rmflow.planner.choice import TIMES, answer_to, chosen_start, offers
from rmflow.planner.creation import other_starts
from rmflow.planner.notes import question
from rmflow.planner.responses import declined_in_a_row
from rmflow.planner.scene import Scene

MOST_TIMES = 3
ANSWER_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Reluctance:
    """Somebody has declined meetings in a row. `session`: the one that they are asked about."""

    role: Role
    person: Participant
    session: SessionId
    letter: LetterRecord | None


def reluctances(scene: Scene) -> Iterator[Reluctance]:
    """Yield who has declined too often and too lately to go on like this."""
    live = scene.history.live
    if live is None or scene.closed or scene.paused:
        return
    for role in Role:
        person = scene.person(role)
        row = declined_in_a_row(scene, live.spec, person)
        if len(row) < scene.programme.timing.declines_before_asking:
            continue
        session = _asked_about(scene, role, row)
        asked = [r for r in offers(scene.history) if (r.person, r.session) == (person.id, session)]
        yield Reluctance(role, person, session, asked[-1] if asked else None)


def _asked_about(scene: Scene, role: Role, row: list[SessionId]) -> SessionId:
    """Return the last meeting of a row, or one before it that they have lately been asked about.

    Who declines one more before answering, or after it, gets no second letter.
    """
    lately = [s for s in row if original_start(s) > scene.now - ANSWER_WITHIN]
    asked = [s for s in lately if _offer_key(scene, s, role) in scene.done]
    return asked[-1] if asked else row[-1]


def offer_for(scene: Scene, reluctance: Reluctance) -> Offer | None:
    """Return the times to offer to somebody, None where there is nothing to choose from.

    What has been offered once is not offered again; a meeting long past is no reason to ask.
    """
    live = scene.history.live
    recent = original_start(reluctance.session) > scene.now - ANSWER_WITHIN
    if live is None or reluctance.letter or not recent or TIMES not in scene.programme.forms:
        return None
    starts = other_starts(scene, live.spec, MOST_TIMES)
    return Offer(scene.asked, starts) if len(starts) > 1 else None


def unsettled(scene: Scene) -> tuple[Note, ...]:
    """Return the questions to the coordinator about those whom no offer has helped."""
    return tuple(
        _question(scene, reluctance)
        for reluctance in reluctances(scene)
        if _over(scene, reluctance)
    )


def answers_until(scene: Scene) -> Iterator[datetime]:
    """Yield when waiting for an answer to an offer comes to an end."""
    for reluctance in reluctances(scene):
        letter = reluctance.letter
        yield (letter.sent_at if letter else scene.now) + ANSWER_WITHIN


def _over(scene: Scene, reluctance: Reluctance) -> bool:
    """Return whether asking the person has come to nothing."""
    letter = reluctance.letter
    if letter is None:
        held = offer_key(scene, reluctance) in scene.done
        return held or offer_for(scene, reluctance) is None
    if answer_to(scene.history, letter) is not None:
        return chosen_start(scene.history, letter) is None
    return scene.now >= letter.sent_at + ANSWER_WITHIN


def offer_key(scene: Scene, reluctance: Reluctance) -> Key:
    """Return the key of the letter that offers times."""
    return _offer_key(scene, reluctance.session, reluctance.role)


def _offer_key(scene: Scene, session: SessionId, role: Role) -> Key:
    return scene.key("new-times", session, role.value)


def _question(scene: Scene, reluctance: Reluctance) -> Note:
    limit = scene.programme.timing.declines_before_asking
    text = (
        f"{reluctance.person.name} has declined {limit} meetings in a row. Ask whether another "
        'time would suit better, and write it into the column "slot" of the roster.'
    )
    session = reluctance.session
    return question(scene, "declines", text, session, session=session)
