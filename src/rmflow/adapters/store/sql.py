"""The store on a SQL database: a journal of effects, and records by their primary key."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Table, func, insert, select, update

from rmflow.adapters.store.database import Database, open_database
from rmflow.adapters.store.failures import translated
from rmflow.adapters.store.schema import LEASE, TABLES, covers_others, is_claimed
from rmflow.adapters.store.statements import (
    CHUNK,
    all_of,
    belongs_to,
    chunks,
    people_of,
    read_rows,
    rows_of,
    upsert,
)
from rmflow.adapters.store.upgrade import bring_up_to_date
from rmflow.domain.keys import Key
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import PersonId
from rmflow.domain.reading import MailId
from rmflow.domain.records import (
    Effect,
    EffectState,
    LetterRecord,
    MailRecord,
    PairingRecord,
    PersonRecord,
    ReadingRecord,
    Record,
    SeriesRecord,
    SettingRecord,
)
from rmflow.domain.series import Uid

R = TypeVar("R", bound=Record)

_CLAIMED, _DONE, _HELD, _FAILED = (
    state.value
    for state in (EffectState.CLAIMED, EffectState.DONE, EffectState.HELD, EffectState.FAILED)
)
_EFFECTS = TABLES[Effect].c
_LETTERS = TABLES[LetterRecord].c
_MAILS = TABLES[MailRecord].c
_PEOPLE = TABLES[PersonRecord].c
_READINGS = TABLES[ReadingRecord].c
_SERIES = TABLES[SeriesRecord].c
_PAIRINGS = TABLES[PairingRecord].c
_SETTINGS = TABLES[SettingRecord].c


def open_store(url: str, *, base: Path = Path(), password: str = "") -> "SqlStore":
    """Open the store of this url, make it if it is new, bring it up to date if it is old.

    `base` is the folder a relative SQLite file is in. Raises ConfigError for a url that cannot
    be used, UnavailableError, and AlreadyRunningError when tables must be made or
    changed while somebody runs.
    """
    database = open_database(url, base=base, password=password)
    try:
        bring_up_to_date(database)
    except BaseException:
        database.engine.dispose()
        raise
    return SqlStore(database)


class SqlStore:
    """A store on SQLite or PostgreSQL. It may be shared by threads.

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
            fresh = [effect for effect in effects if effect.key not in known]
            open_keys = [e.key for e in known.values() if e.state in (_CLAIMED, _FAILED)]
            claimed = {
                effect.key: _claimed(effect, fence, now)
                for effect in (*fresh, *(known[key] for key in open_keys))
            }
            if fresh:
                rows = rows_of((claimed[effect.key] for effect in fresh), TABLES[Effect])
                connection.execute(insert(TABLES[Effect]), rows)
            for chunk in chunks(open_keys):
                connection.execute(
                    update(TABLES[Effect])
                    .where(_EFFECTS.key.in_(chunk))
                    .values(
                        state=_CLAIMED,
                        attempts=_EFFECTS.attempts + 1,
                        fence=fence,
                        claimed_at=now,
                    )
                )
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

    def write(self, records: Iterable[Record]) -> None:
        """Write in bulk, in flat memory; rows that would not change are left alone."""
        with self._writing("write") as connection:
            self._write(connection, records)

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
        connection.execute(upsert(self._database.insert, table), rows_of(records, table))

    def read(self, kind: type[R], *, pairings: Collection[PairingId] | None = None) -> list[R]:
        """Read a kind. Raises ValueError for `pairings` of a kind that belongs to none."""
        if pairings is None:
            query = all_of(kind, light=True).order_by(*TABLES[kind].primary_key)
            with self._reading("read") as connection:
                return read_rows(kind, connection.execute(query))
        return self._where(kind, (belongs_to(kind, chunk) for chunk in chunks(pairings)))

    def letters_by_token(self, tokens: Collection[str]) -> list[LetterRecord]:
        """Read them by the index on `token`."""
        return self._where(LetterRecord, (_LETTERS.token.in_(c) for c in chunks(tokens)))

    def letters_by_message_id(self, message_ids: Collection[str]) -> list[LetterRecord]:
        """Read them by the index on `message_id`."""
        return self._where(LetterRecord, (_LETTERS.message_id.in_(c) for c in chunks(message_ids)))

    def series(self, uids: Collection[Uid]) -> list[SeriesRecord]:
        """Read them by primary key."""
        return self._where(SeriesRecord, (_SERIES.uid.in_(c) for c in chunks(uids)))

    def live_uids(self) -> frozenset[Uid]:
        """Read them by the index on `state`."""
        with self._reading("live_uids") as connection:
            query = select(_SERIES.uid).where(_SERIES.state == "live")
            return frozenset(connection.scalars(query))

    def people(
        self, *, ids: Collection[PersonId], addresses: Collection[str]
    ) -> list[PersonRecord]:
        """Read them by primary key and by the index on `address`."""
        by_id = (_PEOPLE.id.in_(chunk) for chunk in chunks(ids))
        by_address = (_PEOPLE.address.in_(chunk) for chunk in chunks(addresses))
        return self._where(PersonRecord, (*by_id, *by_address))

    def latest(self, most: int) -> list[Effect]:
        """Read them by the time of their last claim."""
        newest = all_of(Effect, light=True).order_by(_EFFECTS.claimed_at.desc(), _EFFECTS.key)
        with self._reading("latest") as connection:
            return read_rows(Effect, connection.execute(newest.limit(most)))

    def _where(self, kind: type[R], conditions: Iterable[ColumnElement[bool]]) -> list[R]:
        """Return the records for which any condition holds, each once, by primary key."""
        key = attrgetter(*kind.KEY)
        found: dict[object, R] = {}
        with self._reading("read") as connection:
            for condition in conditions:
                rows = connection.execute(all_of(kind, light=True).where(condition))
                found.update((key(record), record) for record in read_rows(kind, rows))
        return sorted(found.values(), key=key)

    def sent_since(
        self, since: datetime, people: Collection[PersonId]
    ) -> Mapping[PersonId, tuple[tuple[str, datetime], ...]]:
        """Read the letters, oldest first; who got none has an empty tuple."""
        query = select(_LETTERS.person, func.min(_LETTERS.kind), func.min(_LETTERS.sent_at))
        sent: dict[PersonId, tuple[tuple[str, datetime], ...]] = dict.fromkeys(people, ())
        with self._reading("sent_since") as connection:
            for chunk in chunks(people):
                rows = connection.execute(
                    query.where(_LETTERS.sent_at >= since, _LETTERS.person.in_(chunk))
                    .group_by(_LETTERS.person, _LETTERS.key)
                    .order_by(func.min(_LETTERS.sent_at), _LETTERS.key)
                )
                for person, kind, sent_at in rows:
                    sent[person] += ((kind, sent_at),)
        return sent

    def due(self, now: datetime) -> frozenset[PairingId]:
        """Read them by the index on `wake_at`."""
        with self._reading("due") as connection:
            return frozenset(
                connection.scalars(select(_PAIRINGS.id).where(_PAIRINGS.wake_at <= now))
            )

    def setting(self, name: str) -> str:
        """Read one value."""
        with self._reading("setting") as connection:
            value = connection.scalar(select(_SETTINGS.value).where(_SETTINGS.name == name))
        return value or ""

    def keep(self, mails: Sequence[MailRecord]) -> frozenset[MailId]:
        """Store mails in one transaction; of two with the same id the first one counts."""
        if not mails:
            return frozenset()
        statement = (
            self._database.insert(TABLES[MailRecord])
            .on_conflict_do_nothing(index_elements=[_MAILS.id])
            .returning(_MAILS.id)
        )
        with self._writing("keep") as connection:
            return frozenset(connection.scalars(statement, rows_of(mails, TABLES[MailRecord])))

    def unread(self) -> list[MailRecord]:
        """Read the mails that no reading refers to."""
        query = all_of(MailRecord).where(_MAILS.id.not_in(select(_READINGS.mail_id)))
        with self._reading("unread") as connection:
            rows = connection.execute(query.order_by(_MAILS.received_at, _MAILS.id))
            return read_rows(MailRecord, rows)

    def with_reading(self, ids: Collection[MailId]) -> frozenset[MailId]:
        """Read the ids by primary key."""
        found: set[MailId] = set()
        with self._reading("with_reading") as connection:
            for chunk in chunks(ids):
                query = select(_READINGS.mail_id).where(_READINGS.mail_id.in_(chunk))
                found.update(connection.scalars(query))
        return frozenset(found)

    def raw(self, id: MailId) -> bytes:
        """Read the bytes of one mail."""
        with self._reading("raw") as connection:
            raw: bytes | None = connection.scalar(select(_MAILS.raw).where(_MAILS.id == id))
        if raw is None:
            raise KeyError(id)
        return raw

    def backup(self, target: Path) -> None:
        """Copy the database to a file, which is replaced when the copy is complete.

        Raises UnsupportedError on PostgreSQL.
        """
        self._database.backup(target)

    def close(self) -> None:
        """Close every connection. SQLite then folds its journal into the file and removes it."""
        self._database.engine.dispose()


def _effects_by_key(connection: Connection, keys: Sequence[Key]) -> dict[Key, Effect]:
    """Return the stored effects, and keep others from ending them before we commit."""
    known: dict[Key, Effect] = {}
    for chunk in chunks(keys):
        query = all_of(Effect).where(_EFFECTS.key.in_(chunk)).with_for_update()
        effects = read_rows(Effect, connection.execute(query))
        known.update((effect.key, effect) for effect in effects)
    return known


def _claimed(effect: Effect, fence: int, now: datetime) -> Effect:
    return replace(
        effect, state=_CLAIMED, attempts=effect.attempts + 1, fence=fence, claimed_at=now
    )


def _end(connection: Connection, key: Key, fence: int, **end: object) -> None:
    """Set the end of an effect. Raises RuntimeError when it is not claimed under this fence."""
    ours = (_EFFECTS.key == key, _EFFECTS.state == _CLAIMED, _EFFECTS.fence == fence)
    ended = connection.execute(update(TABLES[Effect]).where(*ours), end)
    if ended.rowcount != 1:
        raise RuntimeError(
            f"effect {key} is not claimed under fence {fence}: another run has taken over"
        )
