"""A run: observe, plan, apply, record, publish. A dry run is simply not applying.

Most runs of a day find nothing to do. So whatever writes letters, calendars or workbooks is
imported where there is something to write: those libraries start slower than all the rest.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from rmflow.app import remembered
from rmflow.app.guard import guarded
from rmflow.app.identity import check_secret, made_with
from rmflow.app.inbox import next_reader
from rmflow.app.lease import at_work
from rmflow.app.observe import Observation, observe
from rmflow.app.outcome import Ending, Outcome, Published, complaints
from rmflow.app.ports import Ports
from rmflow.app.put_away import put_away
from rmflow.app.retention import expire
from rmflow.domain.audit import NO_HEAD, Entry, Event, Head, facts
from rmflow.domain.pairing import PairingId
from rmflow.domain.records import PairingRecord, SettingRecord, Written
from rmflow.errors import BackendError, Problem, UnsafePlanError
from rmflow.planner.actions import CancelSeries, CreateSeries, ReviseSeries
from rmflow.planner.describe import about
from rmflow.planner.plan import Plan, plan
from rmflow.planner.post import WEEK
from rmflow.planner.safety import astray
from rmflow.ports.store import Outdated

Progress = Callable[[int, Outcome], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did. `problems`: what was wrong with the roster or the workbook.

    `head`: by what the newest entry of the audit log is recognised, if the run did anything.
    `expired`: what had been kept for long enough and was deleted.
    """

    plan: Plan
    outcomes: tuple[Outcome, ...]
    problems: tuple[Problem, ...]
    published: bool
    roster_usable: bool
    head: Head = NO_HEAD
    expired: Outdated = field(default_factory=Outdated)

    @property
    def nothing(self) -> bool:
        """True when there was nothing to do and nothing was written."""
        return not (self.outcomes or self.published or self.expired.mails or self.expired.pairings)

    @property
    def unfinished(self) -> tuple[Outcome, ...]:
        """What did not succeed: it is tried again, or waits for a person."""
        return tuple(o for o in self.outcomes if o.ending is not Ending.DONE)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan and what it is made of."""

    observation: Observation
    plan: Plan


def propose(ports: Ports, now: datetime) -> Proposal:
    """Observe and plan. Changes nothing anywhere."""
    return _proposed(guarded(ports, keep=False), now, keep=False)


def _proposed(ports: Ports, now: datetime, *, keep: bool) -> Proposal:
    check_secret(ports)
    observation = observe(ports, now, keep=keep)
    found = plan(observation.desired, observation.observed, observation.journal, now=now)
    return Proposal(observation, found)


def run(
    ports: Ports,
    *,
    confirmed: str = "",
    progress: Progress = lambda _total, _outcome: None,
) -> Report:
    """Do everything that is due now.

    `confirmed` is the digest of a plan that a person has read: it is carried out in spite of
    alarms, and nothing else is. Raises UnsafePlanError when the plan raises alarms, or is not the
    confirmed one any more; AlreadyRunningError while another run is at work.
    """
    now = ports.clock.now()
    with at_work(ports.store, now) as fence:
        ports = guarded(ports, keep=True)
        clock = remembered.instant(ports.store, remembered.SEEN)
        # A mail that is kept is dated for good: not by a clock that nobody has confirmed.
        proposal = _proposed(ports, now, keep=bool(confirmed) or not astray(clock, now))
        observation, found = proposal.observation, proposal.plan
        _check(found, confirmed)
        _keep_typed(ports, observation, now)
        _begin(ports, proposal, confirmed, now)
        outcomes = _apply(ports, proposal, fence, now, progress)
        _record(ports, observation, found, outcomes, now)
        expired = expire(ports, now)
        published = _publish(ports, observation, outcomes, now)
        left = put_away(ports, observation.inbox, found.actions)
        done = bool(outcomes or confirmed or expired.mails or expired.pairings)
        head = ports.store.head() if done else NO_HEAD
    late = [problem for problem in (published.problem, left) if problem]
    return Report(
        plan=found,
        outcomes=outcomes,
        problems=(*observation.problems, *late),
        published=published.written,
        roster_usable=observation.roster.usable,
        head=head,
        expired=expired,
    )


def _check(found: Plan, confirmed: str) -> None:
    if confirmed and confirmed != found.digest:
        text = "the plan has changed since it was confirmed; look at it again with `rmflow plan`"
        raise UnsafePlanError([text], found.digest)
    if found.alarms and not confirmed:
        raise UnsafePlanError(found.alarms, found.digest)


def _keep_typed(ports: Ports, observation: Observation, now: datetime) -> None:
    if observation.typed is None:
        return
    from rmflow.app.publish import keep_typed

    keep_typed(ports, observation.typed, now)


def _begin(ports: Ports, proposal: Proposal, confirmed: str, now: datetime) -> None:
    """Note what is about to be done; let every pairing that it is done for be looked at again,
    should we be cut off.

    A mail that was filed wakes nobody a second time, and what follows from it may not be done yet.
    The workbook lacks what is done until it is written. A run that finds nothing to do writes
    nothing, and needs no write lock.
    """
    found, noted = proposal.plan, list[Written]()
    if confirmed:
        noted.append(Entry(now, Event.PLAN_CONFIRMED, facts_json=facts(plan=confirmed)))
    if found.actions:
        told = facts(plan=found.digest, actions=len(found.actions))
        noted.append(Entry(now, Event.RUN_STARTED, facts_json=told))
        noted += [
            Entry(now, Event.CHOSEN, command.pairing, facts_json=facts(choice=command.text))
            for command in proposal.observation.observed.commands
        ]
        noted.append(SettingRecord(remembered.BOOK, ""))
    asleep = _asleep(proposal, now)
    if asleep or noted:
        ports.store.write([*asleep, *noted])


def _asleep(proposal: Proposal, now: datetime) -> list[PairingRecord]:
    pairs = proposal.observation.journal.pairs
    busy = {id for action in proposal.plan.actions for id in about(action)}
    records = [pairs[id].record for id in busy if id in pairs]
    return [replace(r, wake_at=now) for r in records if r and not _wakes_by(r, now)]


def _wakes_by(record: PairingRecord, now: datetime) -> bool:
    return record.wake_at is not None and record.wake_at <= now


def _apply(
    ports: Ports, proposal: Proposal, fence: int, now: datetime, progress: Progress
) -> tuple[Outcome, ...]:
    actions = proposal.plan.actions
    if not actions:
        return ()
    from rmflow.app.apply import apply

    desired = proposal.observation.desired
    told = partial(progress, len(actions))
    return tuple(apply(ports, desired, actions, fence=fence, now=now, progress=told))


def _record(
    ports: Ports,
    observation: Observation,
    found: Plan,
    outcomes: Collection[Outcome],
    now: datetime,
) -> None:
    """Write down what to remember, last of all: a crash before this only costs another look."""
    undone = _undone(outcomes)
    pairings = [_awake_if(record, undone, ports.clock.now()) for record in found.pairings]
    settings = list(_changed_settings(ports, observation, outcomes, now))
    noted = _noted(settings, found, outcomes, ports.clock.now())
    records: list[Written] = [*pairings, *observation.roster.people_changed, *settings, *noted]
    if records:
        ports.store.write(records)


def _noted(
    settings: Iterable[SettingRecord], found: Plan, outcomes: Collection[Outcome], now: datetime
) -> Iterator[Entry]:
    """Yield what the audit log tells of the end of a run."""
    for setting in settings:
        if setting.name == remembered.CONFIG:
            yield Entry(now, Event.CONFIGURED, facts_json=facts(digest=setting.value[:12]))
    if outcomes:
        endings = Counter(outcome.ending.value for outcome in outcomes)
        yield Entry(now, Event.RUN_ENDED, facts_json=facts(plan=found.digest, **endings))


def _undone(outcomes: Iterable[Outcome]) -> set[PairingId]:
    """Return the pairings that something is left to do for."""
    left = (o.action for o in outcomes if o.ending in (Ending.LATER, Ending.IN_DOUBT))
    return {id for action in left for id in about(action)}


def _awake_if(record: PairingRecord, undone: set[PairingId], now: datetime) -> PairingRecord:
    """Return the record with its wake moved to now where something is left to do."""
    return replace(record, wake_at=now, ended_at=None) if record.id in undone else record


def _calendar_token(ports: Ports, observation: Observation, outcomes: Iterable[Outcome]) -> str:
    """Return the token up to which the calendar is known, our own changes included.

    A change by somebody else between our look and now keeps the old token: the next run sees it.
    So does a calendar that does not answer any more. What somebody changed and we could not
    follow yet has to be seen once more; so has everything, where a series is not as it was seen
    and no change of it is told.
    """
    token = observation.calendar_token
    changing = (CreateSeries, ReviseSeries, CancelSeries)
    ours = [(o.action.spec.uid, o) for o in outcomes if isinstance(o.action, changing)]
    if not ours:
        return token
    observed = observation.observed
    left = {uid for uid, o in ours if o.ending in (Ending.LATER, Ending.IN_DOUBT)}
    if not left.isdisjoint({*observed.series, *observed.vanished}):
        return ports.store.setting(remembered.CALENDAR)
    try:
        changes = ports.calendar.changes(token, ports.store.live_uids())
    except BackendError:
        return token
    told = {*(seen.spec.uid for seen in changes.series), *changes.vanished}
    if any(o.stale and uid not in told for uid, o in ours):
        return ""
    known = {r.uid: r.etag for r in ports.store.series([s.spec.uid for s in changes.series])}
    alone = all(known.get(seen.spec.uid) == seen.etag for seen in changes.series)
    return changes.token if alone and changes.complete else token


def _changed_settings(
    ports: Ports, observation: Observation, outcomes: Iterable[Outcome], now: datetime
) -> Iterable[SettingRecord]:
    settings = {
        remembered.CALENDAR: _calendar_token(ports, observation, outcomes),
        remembered.MADE_WITH: made_with(ports.programme),
    }
    clock = observation.journal.clock
    if clock is None or abs(now - clock) >= WEEK:
        settings[remembered.SEEN] = now.isoformat()
    if observation.roster.fingerprint:
        settings[remembered.ROSTER] = observation.roster.fingerprint
        settings[remembered.CONFIG] = ports.settings_fingerprint
    settings[remembered.READER] = next_reader(ports, settings)
    for name, value in settings.items():
        if ports.store.setting(name) != value:
            yield SettingRecord(name, value)


def _publish(
    ports: Ports, observation: Observation, outcomes: Sequence[Outcome], now: datetime
) -> Published:
    """Write the workbook when something may have changed since it was written last."""
    seen = observation.tracking_fingerprint
    same = bool(seen) and seen == ports.store.setting(remembered.TRACKING)
    pending = not ports.store.setting(remembered.BOOK)
    complains = ports.store.setting(remembered.COMPLAINTS) == complaints(observation.problems)
    if same and not pending and not outcomes and complains:
        return Published(written=False)
    from rmflow.app.publish import publish

    undone = _undone(outcomes)
    waiting = [c for c in observation.observed.commands if c.pairing in undone]
    return publish(ports, now, observation.problems, waiting)
