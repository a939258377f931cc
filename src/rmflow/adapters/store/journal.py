"""The journal: what is about to happen, what has happened, and who may say so."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, Table, select, update

from rmflow.adapters.store.database import Database
from rmflow.adapters.store.failures import translated
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
from rmflow.domain.keys import Key
from rmflow.domain.pairing import PairingId
from rmflow.domain.records import Effect, EffectState, Record

_CLAIMED, _DONE, _HELD, _FAILED = (
    state.value
    for state in (EffectState.CLAIMED, EffectState.DONE, EffectState.HELD, EffectState.FAILED)
)
_EFFECTS = TABLES[Effect].c


class SqlJournal:
    """The journal, and the transactions it shares with the records. Threads may share it.

    `lease()` only reads the last fence and adds one, so that a run that does nothing writes
    nothing. The first claim writes the new one down, with the name of this store: a run that
    has lost its lock and comes second with the same number is refused.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writer = database.engine.execution_options(writes=True)
        self._name = uuid4().hex

    @contextmanager
    def _reading(self, operation: str) -> Iterator[Connection]:
        with (
            translated(self._database.place, operation),
            self._database.engine.connect() as connection,
        ):
            yield connection

    @contextmanager
    def _writing(self, operation: str) -> Iterator[Connection]:
        with translated(self._database.place, operation), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def lease(self) -> Iterator[int]:
        """Hold the lock; the fence is one above the last that claimed anything."""
        with self._database.lock():
            with self._reading("lease") as connection:
                last = connection.execute(select(LEASE.c.fence)).scalar_one()
            yield last + 1

    def claim(self, effects: Sequence[Effect], *, fence: int, now: datetime) -> list[Effect]:
        """Claim all in one transaction; `attempts` counts the claims, `claimed_at` is the last.

        Raises RuntimeError when another run has claimed under this fence or a newer one, and
        ValueError when a key is there twice.
        """
        keys = [effect.key for effect in effects]
        if len(set(keys)) < len(keys):
            raise ValueError("an effect is claimed twice at once")
        if not effects:
            return []
        with self._writing("claim") as connection:
            self._raise_fence(connection, fence)
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

    def _raise_fence(self, connection: Connection, fence: int) -> None:
        lease = connection.execute(select(LEASE).with_for_update()).one()
        if lease.fence < fence:
            connection.execute(update(LEASE), {"fence": fence, "holder": self._name})
        elif (lease.fence, lease.holder) != (fence, self._name):
            raise RuntimeError(
                f"fence {fence} is out of date, another run has claimed under {lease.fence}"
            )

    def settle(
        self,
        key: Key,
        records: Iterable[Record] = (),
        *,
        fence: int,
        now: datetime,
        detail: str = "",
    ) -> None:
        """Settle and write the records in one transaction."""
        with self._writing("settle") as connection:
            _end(connection, key, fence, state=_DONE, settled_at=now, detail=detail)
            self._write(connection, records)

    def release(self, key: Key, *, fence: int, why: str) -> None:
        """Set it to failed, with the reason in `detail`."""
        with self._writing("release") as connection:
            _end(connection, key, fence, state=_FAILED, detail=why)

    def hold(self, key: Key, *, fence: int, why: str) -> None:
        """Set it to held, with the reason in `detail`."""
        with self._writing("hold") as connection:
            _end(connection, key, fence, state=_HELD, detail=why)

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

    def _write(self, connection: Connection, records: Iterable[Record]) -> None:
        waiting: defaultdict[Table, list[Record]] = defaultdict(list)
        for record in records:
            table = TABLES[type(record)]
            waiting[table].append(record)
            if len(waiting[table]) == CHUNK:
                self._upsert(connection, table, waiting.pop(table))
        for table, rest in waiting.items():
            self._upsert(connection, table, rest)

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


def _end(connection: Connection, key: Key, fence: int, **end: object) -> None:
    """Set the end of an effect. Raises RuntimeError when it is not claimed under this fence."""
    ours = (_EFFECTS.key == key, _EFFECTS.state == _CLAIMED, _EFFECTS.fence == fence)
    ended = connection.execute(update(TABLES[Effect]).where(*ours), end)
    if ended.rowcount != 1:
        raise RuntimeError(
            f"effect {key} is not claimed under fence {fence}: another run has taken over"
        )
