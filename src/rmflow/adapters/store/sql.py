"""The store on a SQL database: the journal of effects, and records by their primary key."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

from sqlalchemy import ColumnElement, func, select

from rmflow.adapters.store import audit, expiry
from rmflow.adapters.store.database import open_database
from rmflow.adapters.store.journal import SqlJournal
from rmflow.adapters.store.keys import agree_on_keys
from rmflow.adapters.store.schema import TABLES
from rmflow.adapters.store.statements import all_of, belongs_to, chunks, read_rows, rows_of
from rmflow.adapters.store.upgrade import bring_up_to_date
from rmflow.domain.audit import Head, Logged
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import PersonId
from rmflow.domain.reading import MailId
from rmflow.domain.records import (
    WAITING,
    LetterRecord,
    MailRecord,
    PairingRecord,
    PersonRecord,
    ReadingRecord,
    Record,
    SeriesRecord,
    SettingRecord,
    SignalRecord,
    Written,
)
from rmflow.domain.series import Uid
from rmflow.ports.store import Outdated

R = TypeVar("R", bound=Record)

_LETTERS = TABLES[LetterRecord].c
_MAILS = TABLES[MailRecord].c
_PAIRINGS = TABLES[PairingRecord].c
_PEOPLE = TABLES[PersonRecord].c
_READINGS = TABLES[ReadingRecord].c
_SERIES = TABLES[SeriesRecord].c
_SETTINGS = TABLES[SettingRecord].c
_SIGNALS = TABLES[SignalRecord].c


def open_store(
    url: str,
    *,
    base: Path = Path(),
    password: str = "",
    keys: Sequence[str | None] = (),
    salt: bytes = b"",
) -> "SqlStore":
    """Open the store of this url, make it if it is new, bring it up to date if it is old.

    `base` is the folder a relative SQLite file is in; `keys`: see `open_database`; the audit log
    is sealed with `salt`. Raises ConfigError for a url or a key that cannot be used and when a key is missing,
    UnavailableError, and AlreadyRunningError when tables must be made or changed while
    somebody runs.
    """
    database = open_database(url, base=base, password=password, keys=keys)
    try:
        bring_up_to_date(database)
        agree_on_keys(database)
    except BaseException:
        database.engine.dispose()
        raise
    return SqlStore(database, salt)


class SqlStore(SqlJournal):
    """A store on SQLite or PostgreSQL. Threads may share it."""

    def write(self, records: Iterable[Written]) -> None:
        """Write in bulk, in flat memory; rows that would not change are left alone."""
        with self._writing("write") as connection:
            self._write_alone(connection)
            self._write(connection, records)

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

    def signals(self, people: Collection[PersonId]) -> list[SignalRecord]:
        """Read them by the index on `person`."""
        return self._where(SignalRecord, (_SIGNALS.person.in_(c) for c in chunks(people)))

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

    def kept(self, sources: Collection[str]) -> Mapping[str, MailId]:
        """Read them by the index on `source`; of two mails of one source the first id counts."""
        query = select(_MAILS.source, func.min(_MAILS.id)).group_by(_MAILS.source)
        found: dict[str, MailId] = {}
        with self._reading("kept") as connection:
            for chunk in chunks(set(sources) - {""}):
                rows = connection.execute(query.where(_MAILS.source.in_(chunk)))
                found.update((source, id) for source, id in rows)
        return found

    def unread(self) -> list[MailRecord]:
        """Read the mails that no reading refers to, found without walking through raw bytes."""
        unread = select(_MAILS.id).where(_MAILS.id.not_in(select(_READINGS.mail_id)))
        found = self._where(MailRecord, [_MAILS.id.in_(unread)])
        return sorted(found, key=attrgetter("received_at", "id"))

    def readings(self, ids: Collection[MailId]) -> list[ReadingRecord]:
        """Read them by primary key."""
        return self._where(ReadingRecord, (_READINGS.mail_id.in_(chunk) for chunk in chunks(ids)))

    def waiting(self) -> list[ReadingRecord]:
        """Look at the state of every reading; what the others say is not read."""
        found = self._where(ReadingRecord, [_READINGS.state == WAITING])
        return sorted(found, key=attrgetter("received_at", "mail_id"))

    def raw(self, id: MailId) -> bytes | None:
        """Read the bytes of one mail."""
        with self._reading("raw") as connection:
            return connection.scalar(select(_MAILS.raw).where(_MAILS.id == id))

    def outdated(
        self, *, mails: datetime, words: datetime, most: tuple[int | None, int | None]
    ) -> Outdated:
        """Read them by the indexes on `settled_at` and `over_since`."""
        with self._reading("outdated") as connection:
            return expiry.find(connection, mails=mails, words=words, most=most)

    def expire(self, found: Outdated, records: Iterable[Written], *, settled_at: datetime) -> None:
        """Delete and write in one transaction."""
        with self._writing("expire") as connection:
            self._write_alone(connection)
            expiry.delete_outdated(connection, found, settled_at)
            self._write(connection, records)

    def entries(self) -> Iterator[Logged]:
        """Read them a thousand at a time, with no transaction between."""
        last = 0
        while page := self._page(last):
            yield from page
            last = page[-1].number

    def _page(self, after: int) -> list[Logged]:
        with self._reading("entries") as connection:
            return audit.read(connection, after)

    def head(self) -> Head:
        """Read the last row."""
        with self._reading("head") as connection:
            return audit.newest(connection)

    def backup(self, target: Path) -> None:
        """Copy the database to a file, which is replaced when the copy is complete.

        Raises UnsupportedError on PostgreSQL.
        """
        self._database.backup(target)

    def close(self) -> None:
        """Close every connection. SQLite then folds its journal into the file and removes it."""
        self._database.engine.dispose()
