"""The story of one pairing, from everything that the store remembers of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from rmflow.app.history import histories
from rmflow.app.payloads import is_letter
from rmflow.app.ports import Ports
from rmflow.domain.documents import from_json
from rmflow.domain.pairing import Pairing, PairingId
from rmflow.domain.people import Participant, PersonId
from rmflow.domain.records import EffectState, PairingRecord, ReadingRecord
from rmflow.domain.session import original_start
from rmflow.errors import RmflowError
from rmflow.planner.state import History

_DONE = {"create": "created", "revise": "changed", "cancel": "cancelled", "send": "sent"}
_ENDINGS = {
    EffectState.CLAIMED.value: " (in doubt: the run was cut off)",
    EffectState.FAILED.value: " (not yet: it will be tried again)",
    EffectState.HELD.value: " (held: it needs a person)",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened. `at` is in UTC."""

    at: datetime
    what: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A pairing's story, oldest first. `next_look` None: nothing comes any more."""

    title: str
    lines: tuple[Line, ...]
    next_look: datetime | None


def story(ports: Ports, wanted: str) -> Story:
    """Return the story of the pairing with this id, or of the one person with such a name.

    Raises RmflowError when there is none, or more than one.
    """
    record, pairing, people = _find(ports, wanted)
    history = histories(ports.store, [record.id])[record.id]
    mentor, mentee = people[pairing.mentor], people[pairing.mentee]
    lines = [*_effects(ports, record.id, people), *_mails(ports, record.id), *_told(history)]
    title = f"{record.id}: {mentor.name} (mentor) and {mentee.name} (mentee), {pairing.cadence}"
    return Story(title, tuple(sorted(lines, key=lambda line: line.at)), record.wake_at)


def _find(ports: Ports, wanted: str) -> tuple[PairingRecord, Pairing, dict[PersonId, Participant]]:
    found = []
    for record in ports.store.read(PairingRecord):
        pairing = from_json(Pairing, record.pairing_json)
        people = {
            person.id: from_json(Participant, person.person_json)
            for person in ports.store.people(ids=[pairing.mentor, pairing.mentee], addresses=())
        }
        names = " ".join(person.name.lower() for person in people.values())
        if record.id == wanted:
            return record, pairing, people
        if wanted.lower() in names:
            found.append((record, pairing, people))
    if len(found) == 1:
        return found[0]
    if not found:
        raise RmflowError(f'no pair "{wanted}"; the ids are in the first column of the sheet Pairs')
    ids = ", ".join(record.id for record, _, _ in found)
    raise RmflowError(f'"{wanted}" fits several pairs: {ids}; name one of them')


def _effects(
    ports: Ports, pairing: PairingId, people: Mapping[PersonId, Participant]
) -> Iterator[Line]:
    """Yield what was done, at each instant the series before the letters about it."""
    for effect in sorted(ports.store.effects(pairing), key=is_letter):
        at = effect.settled_at or effect.claimed_at
        assert at is not None
        verb, _, thing = effect.kind.partition(" ")
        done = effect.state == EffectState.DONE.value
        name = f" to {people[effect.person].name}" if effect.person in people else ""
        meeting = f", meeting of {original_start(effect.session):%d %b}" if effect.session else ""
        why = f": {effect.detail}" if effect.detail else ""
        what = f"{_DONE[verb] if done else verb} {thing}{name}{meeting}"
        yield Line(at, f"{what}{_ENDINGS.get(effect.state, '')}{why}", effect.key)


def _mails(ports: Ports, pairing: PairingId) -> Iterator[Line]:
    for record in ports.store.read(ReadingRecord, pairings=[pairing]):
        why = f": {record.why}" if record.why else ""
        yield Line(record.received_at, f"mail came in ({record.kind}), {record.state}{why}", "")


def _told(history: History) -> Iterator[Line]:
    for response in history.responses:
        which = (
            f" the meeting of {original_start(response.session):%d %b}" if response.session else ""
        )
        yield Line(
            response.stamped_at, f"answer to the invitation:{which} {response.status.lower()}"
        )
    for question in history.questions:
        yield Line(question.asked_at, f"asked the coordinator: {question.text}", question.key)
        if question.closed_at:
            yield Line(question.closed_at, "question closed", question.key)
