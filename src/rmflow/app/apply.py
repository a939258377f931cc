"""Apply: claim, act, settle; one effect at a time, each exactly once.

    claim(key) -- commit --> act --> settle(key, records) -- commit

A crash before the claim leaves nothing; between claim and settle it leaves a doubt, which the
next run looks into before it acts. What certainly did not happen is released, and tried again.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby

from rmflow.app.batches import batches
from rmflow.app.effects import effect_of, series_payload_of
from rmflow.app.letters import writing_desk
from rmflow.app.memory import Sought, Trust, note_begin, sought, trust
from rmflow.app.outcome import Ending, Outcome
from rmflow.app.payloads import SeriesPayload, freeze, is_letter, letter_payload, series_payload
from rmflow.app.ports import Ports
from rmflow.domain.documents import from_json
from rmflow.domain.keys import Key, key_of
from rmflow.domain.pairing import PairingId
from rmflow.domain.records import Effect, EffectState, QuestionRecord, Record
from rmflow.domain.series import SeriesSpec, Uid
from rmflow.errors import (
    BackendError,
    ChangedError,
    DeniedError,
    RejectedError,
    UnavailableError,
    UncertainError,
)
from rmflow.planner.actions import (
    Action,
    CancelSeries,
    CreateSeries,
    DropDoubt,
    HoldDoubt,
    Note,
    ReviseSeries,
    SendLetter,
    SettleDoubt,
)
from rmflow.planner.state import Desired

CLAIMS_A_COMMIT = 50
_NOTES_A_COMMIT = 200
_FRESH = timedelta(seconds=10)

SeriesAction = CreateSeries | ReviseSeries | CancelSeries
DoubtAction = SettleDoubt | HoldDoubt | DropDoubt


@dataclass(frozen=True, slots=True)
class _Done:
    """What has happened: what to write down, and what the service calls it."""

    records: Sequence[Record]
    service_id: str = ""


def apply(
    ports: Ports,
    desired: Desired,
    actions: Sequence[Action],
    *,
    fence: int,
    now: datetime,
    progress: Callable[[Outcome], None] = lambda _: None,
) -> list[Outcome]:
    """Perform the actions in their order and return what became of each.

    Only the failures that a backend declares are caught, action by action; a bug ends the run.
    """
    worker = _Worker(ports, desired, fence, now, trust(ports.store, now))
    note_begin(ports.store, now)
    outcomes = []
    for outcome in worker.perform(actions):
        outcomes.append(outcome)
        progress(outcome)
    return outcomes


def _room(action: Action) -> str:
    """Return which actions may share a commit."""
    match action:
        case SettleDoubt() | HoldDoubt() | DropDoubt():
            return "doubts"
        case Note():
            return "notes"
        case SendLetter():
            return "letters"
        case CreateSeries() | ReviseSeries() | CancelSeries():
            return "series"


@dataclass(slots=True)
class _Worker:
    """Performs actions under one lease."""

    ports: Ports
    desired: Desired
    fence: int
    now: datetime
    trust: Trust
    undone: set[Key] = field(default_factory=set)

    def perform(self, actions: Iterable[Action]) -> Iterator[Outcome]:
        for room, group in groupby(actions, key=_room):
            match room:
                case "doubts":
                    yield from self._doubts([a for a in group if isinstance(a, DoubtAction)])
                case "notes":
                    yield from self._notes([a for a in group if isinstance(a, Note)])
                case "series":
                    yield from self._series([a for a in group if isinstance(a, SeriesAction)])
                case _:
                    yield from self._letters([a for a in group if isinstance(a, SendLetter)])

    # What earlier runs left behind.

    def _doubts(self, actions: Sequence[DoubtAction]) -> Iterator[Outcome]:
        claimed = {effect.key: effect for effect in self.ports.store.doubts()}
        mine = [claimed[action.key] for action in actions]
        effects = {effect.key: effect for effect in self._claim(mine)}
        for action in actions:
            effect = effects[action.key]
            match action:
                case SettleDoubt():
                    self._settle(effect, self._records_of_past(effect), "found after a crash")
                case DropDoubt():
                    self._release(effect, "it had not happened when the run was cut off")
                case HoldDoubt():
                    why = "the run was cut off, and nobody can see whether it happened"
                    yield self._held(action, effect, why)
                    continue
            yield Outcome(action, Ending.DONE)

    def _records_of_past(self, effect: Effect) -> Sequence[Record]:
        """Return what to write down about an effect that had happened before the crash."""
        if is_letter(effect):
            return letter_payload(effect).records
        payload = series_payload(effect)
        seen = self.ports.calendar.look([payload.series.uid])
        return payload.records_of(seen.get(payload.series.uid))

    # Notes: nothing outside changes.

    def _notes(self, actions: Sequence[Note]) -> Iterator[Outcome]:
        for batch in batches(actions, _NOTES_A_COMMIT):
            self.ports.store.write([record for note in batch for record in note.records])
            yield from (Outcome(note, Ending.DONE) for note in batch)

    # Series.

    def _series(self, actions: Sequence[SeriesAction]) -> Iterator[Outcome]:
        for batch in batches(actions, CLAIMS_A_COMMIT):
            effects = self._claim(
                [effect_of(a, freeze(series_payload_of(a, self.now))) for a in batch]
            )
            yield from self._each(
                batch, effects, lambda action, effect: _Done(self._change_calendar(action, effect))
            )

    def _change_calendar(self, action: Action, effect: Effect) -> Sequence[Record]:
        """Bring the frozen series into the calendar; return what to write down."""
        payload = series_payload(effect)
        spec = replace(from_json(SeriesSpec, payload.series.spec_json), past=())
        calendar = self.ports.calendar
        match action:
            case CreateSeries():
                return self._created(spec, payload)
            case ReviseSeries(known=known):
                return payload.records(calendar.revise(spec, known.etag))
            case CancelSeries(known=known):
                calendar.cancel(spec, known.etag)
                return payload.records(self._etag(spec.uid))
            case _:
                raise TypeError(action)

    def _etag(self, uid: Uid) -> str:
        """Return the etag of what was just cancelled; "" if nobody says it, for that is done."""
        try:
            seen = self.ports.calendar.look([uid]).get(uid)
        except BackendError:
            return ""
        return seen.etag if seen else ""

    def _created(self, spec: SeriesSpec, payload: SeriesPayload) -> Sequence[Record]:
        """Create a series; one that is there already under its UID is ours, from a lost memory."""
        calendar = self.ports.calendar
        try:
            return payload.records(calendar.create(spec))
        except ChangedError:
            seen = calendar.look([spec.uid]).get(spec.uid)
            if seen is None:
                raise
            return payload.records_of(seen)

    # Letters.

    def _letters(self, actions: Sequence[SendLetter]) -> Iterator[Outcome]:
        for batch in batches(actions, CLAIMS_A_COMMIT):
            try:
                found = sought(self.ports, self.desired, batch, self.trust)
            except BackendError as error:
                self.undone |= {action.key for action in batch}
                yield from (Outcome(action, Ending.LATER, error.reason) for action in batch)
                continue
            yield from self._written(found)

    def _written(self, found: Sought) -> Iterator[Outcome]:
        """Write, claim and send letters; those that had left are only written down."""
        ready, effects = [], []
        letters = [action.letter for action in found.letters]
        desk = writing_desk(self.ports, self.desired, letters, self.now)
        for action in found.letters:
            if action.after in self.undone:
                yield Outcome(action, Ending.LATER, "what it is about did not happen yet")
                continue
            try:
                payload = desk.write(action.letter)
            except ValueError as error:
                yield self._unwritable(action, str(error))
                continue
            ready.append(action)
            effects.append(effect_of(action, freeze(payload)))
        yield from self._each(ready, self._claim(effects), partial(self._send, found))

    def _send(self, found: Sought, action: Action, effect: Effect) -> _Done:
        """Hand the frozen mail over, unless it had left before; return what to write down."""
        payload = letter_payload(effect)
        if effect.key in found.unknown:
            why = "the database was restored, and nobody can see whether it had left before"
            raise RejectedError("mail", "send", why)
        if effect.key in found.left:
            return _Done(payload.records)
        return _Done(payload.records, self.ports.mailer.send(payload.mail(effect)) or "")

    def _unwritable(self, action: SendLetter, why: str) -> Outcome:
        self.ports.store.write([self._question(action.pairing, action.key, why)])
        return Outcome(action, Ending.HELD, why)

    # Claim, act, settle.

    def _each(
        self,
        actions: Sequence[Action],
        effects: Sequence[Effect],
        act: Callable[[Action, Effect], _Done],
    ) -> Iterator[Outcome]:
        """Act on claimed effects one by one."""
        for action, effect in zip(actions, effects, strict=True):
            if effect.state == EffectState.HELD.value:
                self.undone.add(action.key)
                yield Outcome(action, Ending.HELD, effect.detail)
                continue
            if effect.state == EffectState.DONE.value:
                yield Outcome(action, Ending.DONE, "was done before")
                continue
            yield self._once(action, self._fresh(effect), act)

    def _once(
        self,
        action: Action,
        effect: Effect,
        act: Callable[[Action, Effect], _Done],
    ) -> Outcome:
        try:
            with self.ports.store.acting(self.fence):
                done = act(action, effect)
        except UncertainError as error:
            self.undone.add(action.key)
            return Outcome(action, Ending.IN_DOUBT, error.reason)
        except RejectedError as error:
            return self._held(action, effect, error.reason)
        except ChangedError as error:
            return replace(self._later(action, effect, error.reason), stale=True)
        except (UnavailableError, DeniedError) as error:
            return self._later(action, effect, error.reason)
        except BackendError as error:
            return self._held(action, effect, error.reason)
        self._settle(effect, done.records, service_id=done.service_id)
        return Outcome(action, Ending.DONE)

    def _fresh(self, effect: Effect) -> Effect:
        """Claim anew what was claimed a while ago, with others: from its claim on is counted how
        long a service may take to show an effect.
        """
        assert effect.claimed_at is not None
        if self.ports.clock.now() - effect.claimed_at < _FRESH:
            return effect
        return self._claim([effect])[0]

    def _claim(self, effects: Sequence[Effect]) -> list[Effect]:
        return self.ports.store.claim(effects, fence=self.fence, now=self.ports.clock.now())

    def _settle(
        self, effect: Effect, records: Iterable[Record], detail: str = "", service_id: str = ""
    ) -> None:
        self.ports.store.settle(
            effect.key,
            records,
            fence=self.fence,
            now=self.now,
            detail=detail,
            service_id=service_id,
        )

    def _release(self, effect: Effect, why: str) -> None:
        self.ports.store.release(effect.key, fence=self.fence, why=why)

    def _later(self, action: Action, effect: Effect, why: str) -> Outcome:
        self.undone.add(action.key)
        self._release(effect, why)
        return Outcome(action, Ending.LATER, why)

    def _held(self, action: Action, effect: Effect, why: str) -> Outcome:
        """Leave an effect to a person, once and for all; tell the coordinator."""
        self.undone.add(action.key)
        text = f"Could not {effect.kind}: {why}."
        self.ports.store.write([self._question(action.pairing, effect.key, text)])
        self.ports.store.hold(effect.key, fence=self.fence, why=why)
        return Outcome(action, Ending.HELD, why)

    def _question(self, pairing: PairingId, about: Key, text: str) -> QuestionRecord:
        key = key_of(self.ports.programme.salt, "question", "effect", about)
        return QuestionRecord(key, pairing, "not delivered", text, self.now)
