"""The journal: what is about to happen, what has happened, and who may say so."""

import json
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, Table, exists, func, select, update
from sqlalchemy.exc import DBAPIError

from rmflow.adapters.store import audit
from rmflow.adapters.store.database import Database
from rmflow.adapters.store.failures import translated
from rmflow.adapters.store.lock import ended_after
from rmflow.adapters.store.schema import LEASE, TABLES, covers_others, is_claimed
from rmflow.adapters.store.sealing import sealed_columns
from rmflow.adapters.store.statements import (
    CHUNK,
    all_of,
    changed,
    chunks,
    people_of,
    read_rows,
    rows_of,
    upsert,
)
from rmflow.domain.audit import Entry, Event, facts
from rmflow.domain.keys import Key
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import PersonId
from rmflow.domain.records import Effect, EffectState, Record, Written
from rmflow.errors import AlreadyRunningError

_CLAIMED, _DONE, _HELD, _FAILED = (
    state.value
    for state in (EffectState.CLAIMED, EffectState.DONE, EffectState.HELD, EffectState.FAILED)
)
_EFFECTS = TABLES[Effect].c


class SqlJournal:
    """The journal, and the transactions it shares with the records. Threads may share it.

    `lease()` only reads the last fence and adds one, so that a run that does nothing writes
    nothing. The first claim writes the new one down, with the name of this store (where a lock can
    be lost unawares, whatever is written first does): a run that has lost its lock and comes second
    with the same number is refused, whatever it writes.
    """

    def __init__(self, database: Database, salt: bytes = b"") -> None:
        self._database = database
        self._salt = salt
        self._writer = database.engine.execution_options(writes=True)
        self._name = uuid4().hex
        self._fence = 0  # of the lease that is held, 0 for none
        self._tenured = False  # whether that lease has written down until when it may act

    @contextmanager
    def _reading(self, operation: str) -> Iterator[Connection]:
        with (
            translated(self._database.place, operation),
            self._database.engine.connect() as connection,
        ):
            yield connection

    @contextmanager
    def _writing(self, operation: str, fence: int = 0) -> Iterator[Connection]:
        """Give a transaction under this fence, or the one of the lease that is held."""
        raises = bool(fence) or self._database.tenure is not None
        fence, raised = fence or self._fence, False
        with translated(self._database.place, operation), self._writer.begin() as connection:
            if fence:
                raised = self._fenced(connection, fence, raises=raises)
            yield connection
        if raised:
            self._database.note(fence)

    @contextmanager
    def lease(self) -> Iterator[int]:
        """Hold the lock; the fence is one above the last that wrote anything."""
        with self._database.lock():
            with self._reading("lease") as connection:
                last = connection.execute(select(LEASE)).one()
            if last.until is not None:
                self._succeed(last.fence + 1)
            self._fence = last.fence + 1
            try:
                yield self._fence
            finally:
                self._fence = 0
                self._resign()

    def _succeed(self, fence: int) -> None:
        """Take over from somebody who did not end well, and may not know it yet.

        Raises AlreadyRunningError while they may still be about to act.
        """
        with self._writing("lease", fence) as connection:
            acting = LEASE.c.until > func.clock_timestamp()
            query = select(LEASE.c.until).where(acting, exists().where(is_claimed))
            if until := connection.scalar(query):
                raise AlreadyRunningError(
                    f"{self._database.place}: another run was cut off, or has lost its connection,"
                    f" and may be at work until {until:%H:%M} UTC; the run after that goes on"
                )
            connection.execute(update(LEASE), {"until": None})

    def _resign(self) -> None:
        """Say that this lease has ended; who could not be told waits until the tenure is over."""
        if self._tenured:
            mine = LEASE.c.holder == self._name
            with suppress(DBAPIError), self._writer.begin() as connection:
                connection.execute(update(LEASE).where(mine), {"until": None})
            self._tenured = False

    @contextmanager
    def acting(self, fence: int) -> Iterator[None]:
        """Read the fence; on PostgreSQL, where the lock may be lost unawares, begin a tenure."""
        tenure, since = self._database.tenure, time.monotonic()
        if tenure is None:
            with self._reading("act") as connection:
                self._check_fence(connection.execute(select(LEASE)).one(), fence)
            yield
            return
        with self._writing("act", fence) as connection:
            connection.execute(update(LEASE).values(until=func.clock_timestamp() + tenure))
        self._tenured = True
        with ended_after(tenure, since):
            yield

    def put_back(self) -> bool:
        """Compare the fence with the one that was noted outside, and the home with the last one."""
        with self._reading("put_back") as connection:
            lease = connection.execute(select(LEASE)).one()
            moved = lease.home not in ("", self._database.home(connection))
        return moved or self._database.noted() > lease.fence > 0

    def claim(self, effects: Sequence[Effect], *, fence: int, now: datetime) -> list[Effect]:
        """Claim all in one transaction; `attempts` counts the claims, `claimed_at` is the last.

        Raises ValueError when a key is there twice.
        """
        keys = [effect.key for effect in effects]
        if len(set(keys)) < len(keys):
            raise ValueError("an effect is claimed twice at once")
        if not effects:
            return []
        with self._writing("claim", fence) as connection:
            known = _effects_by_key(connection, keys)
            claimed = {
                effect.key: _claimed(effect, known.get(effect.key), fence, now)
                for effect in effects
                if effect.key not in known or known[effect.key].state in (_CLAIMED, _FAILED)
            }
            if claimed:
                statement = upsert(self._database.insert, TABLES[Effect])
                connection.execute(statement, rows_of(claimed.values(), TABLES[Effect]))
        return [claimed.get(key) or known[key] for key in keys]

    def _fenced(self, connection: Connection, fence: int, *, raises: bool) -> bool:
        """Check the fence, which nobody else can raise meanwhile; return whether it was raised."""
        lease = connection.execute(select(LEASE).with_for_update()).one()
        self._check_fence(lease, fence)
        if not raises or lease.fence == fence:
            return False
        home = self._database.home(connection)
        new = {"fence": fence, "holder": self._name, "home": home}
        connection.execute(update(LEASE), new)
        return True

    def _check_fence(self, lease: Row[Any], fence: int) -> None:
        """Raise AlreadyRunningError when another run has written under this fence or a newer one."""
        if lease.fence >= fence and (lease.fence, lease.holder) != (fence, self._name):
            raise AlreadyRunningError(
                f"{self._database.place}: fence {fence} is out of date, another run has taken over"
                f" under {lease.fence}; this one stops"
            )

    def settle(
        self,
        key: Key,
        records: Iterable[Written] = (),
        *,
        fence: int,
        now: datetime,
        detail: str = "",
        service_id: str = "",
    ) -> None:
        """Settle and write the records in one transaction."""
        with self._writing("settle") as connection:
            self._write_alone(connection)
            end = {"settled_at": now, "detail": detail, "service_id": service_id}
            ended = _end(connection, key, fence, state=_DONE, **end)
            self._write(connection, [*records, _entry(Event.DONE, ended, now)])

    def release(self, key: Key, *, fence: int, why: str) -> None:
        """Set it to failed, with the reason in `detail`."""
        with self._writing("release") as connection:
            _end(connection, key, fence, state=_FAILED, detail=why)

    def hold(self, key: Key, *, fence: int, why: str) -> None:
        """Set it to held, with the reason in `detail`."""
        with self._writing("hold") as connection:
            self._write_alone(connection)
            ended = _end(connection, key, fence, state=_HELD, detail=why)
            self._write(connection, [_entry(Event.HELD, ended, ended.claimed_at)])

    def doubts(self) -> list[Effect]:
        """Read them with their payloads."""
        query = all_of(Effect).where(is_claimed)
        with self._reading("doubts") as connection:
            rows = connection.execute(query.order_by(_EFFECTS.claimed_at, _EFFECTS.key))
            return read_rows(Effect, rows)

    def done(self, pairings: Collection[PairingId]) -> frozenset[Key]:
        """Read the keys, and those of other pairings that the same letters cover.

        A merged letter stands under one of its pairings only. It goes to one person, so all
        merged letters to the people of these pairings are read.
        """
        ended = _EFFECTS.state.in_((_DONE, _HELD))
        keys: set[Key] = set()
        with self._reading("done") as connection:
            for chunk in chunks(pairings):
                own = _EFFECTS.pairing.in_(chunk)
                merged = covers_others & _EFFECTS.person.in_(people_of(chunk))
                for which in (own, merged):
                    query = select(_EFFECTS.key, _EFFECTS.covers_json).where(ended, which)
                    for key, covers_json in connection.execute(query):
                        keys.add(key)
                        keys.update(json.loads(covers_json))
        return frozenset(keys)

    def effects(self, pairing: PairingId) -> list[Effect]:
        """Read them by the time of their last claim."""
        query = all_of(Effect, light=True).where(_EFFECTS.pairing == pairing)
        with self._reading("effects") as connection:
            rows = connection.execute(query.order_by(_EFFECTS.claimed_at, _EFFECTS.key))
            return read_rows(Effect, rows)

    def latest(self, most: int) -> list[Effect]:
        """Read them by the time of their last claim."""
        newest = all_of(Effect, light=True).order_by(_EFFECTS.claimed_at.desc(), _EFFECTS.key)
        with self._reading("latest") as connection:
            return read_rows(Effect, connection.execute(newest.limit(most)))

    def _write_alone(self, connection: Connection) -> None:
        """Let nobody else add to the audit log meanwhile; whoever holds the lease is alone."""
        if not self._fence:
            audit.alone(connection)

    def _write(self, connection: Connection, records: Iterable[Written]) -> None:
        waiting: defaultdict[Table, list[Record]] = defaultdict(list)
        entries: list[Entry] = []
        for record in records:
            if isinstance(record, Entry):
                entries.append(record)
                continue
            table = TABLES[type(record)]
            waiting[table].append(record)
            if len(waiting[table]) == CHUNK:
                self._upsert(connection, table, waiting.pop(table))
        for table, rest in waiting.items():
            self._upsert(connection, table, rest)
        if entries:
            audit.add(connection, entries, self._salt)

    def _upsert(self, connection: Connection, table: Table, records: Iterable[Record]) -> None:
        rows = rows_of(records, table)
        if self._database.keyring.first and sealed_columns(table):
            rows = changed(connection, table, rows)
        if rows:
            connection.execute(upsert(self._database.insert, table), rows)


def _effects_by_key(connection: Connection, keys: Sequence[Key]) -> dict[Key, Effect]:
    """Return the stored effects, and keep others from ending them before we commit."""
    known: dict[Key, Effect] = {}
    for chunk in chunks(keys):
        query = all_of(Effect).where(_EFFECTS.key.in_(chunk)).with_for_update()
        effects = read_rows(Effect, connection.execute(query))
        known.update((effect.key, effect) for effect in effects)
    return known


def _claimed(effect: Effect, known: Effect | None, fence: int, now: datetime) -> Effect:
    """Return the effect as claimed: what may have happened stays as it was frozen."""
    if known is not None and known.state == _CLAIMED:
        effect = known
    attempts = 1 + (known.attempts if known else 0)
    return replace(
        effect, state=_CLAIMED, attempts=attempts, fence=fence, claimed_at=now, detail=""
    )


def _end(connection: Connection, key: Key, fence: int, **end: object) -> Row[Any]:
    """Set the end of an effect, and return what the audit log tells of it.

    Raises RuntimeError when it is not claimed under this fence.
    """
    ours = (_EFFECTS.key == key, _EFFECTS.state == _CLAIMED, _EFFECTS.fence == fence)
    told = (_EFFECTS.key, _EFFECTS.kind, _EFFECTS.pairing, _EFFECTS.person, _EFFECTS.claimed_at)
    statement = update(TABLES[Effect]).where(*ours).values(**end).returning(*told)
    ended = connection.execute(statement).one_or_none()
    if ended is None:
        raise RuntimeError(
            f"effect {key} is not claimed under fence {fence}: another run has taken over"
        )
    return ended


def _entry(event: Event, ended: Row[Any], at: datetime) -> Entry:
    person = PersonId(ended.person)
    return Entry(at, event, ended.pairing, person, ended.key, facts(kind=ended.kind))
