"""Erasure: nothing of a person stays in the database, nor in the free space of its files."""

import re
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import replace

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    String,
    Table,
    delete,
    or_,
    select,
    text,
    update,
)

from rmflow.adapters.store import audit
from rmflow.adapters.store.database import Database
from rmflow.adapters.store.failures import translated
from rmflow.adapters.store.schema import AUDIT, TABLES, is_claimed
from rmflow.adapters.store.sealing import SealedText, holds_bytes
from rmflow.adapters.store.sql import SqlStore
from rmflow.adapters.store.statements import by_key, chunks, rows_of, upsert
from rmflow.domain.audit import Entry, facts, spans
from rmflow.domain.records import (
    AnswerRecord,
    Effect,
    LetterRecord,
    MailRecord,
    NoteRecord,
    PairingRecord,
    PersonRecord,
    QuestionRecord,
    ReadingRecord,
    ResponseRecord,
    SignalRecord,
    Written,
)
from rmflow.ports.erasure import Traces

FORGOTTEN = "[forgotten]"


class SqlEraser:
    """Port Eraser. On SQLite the file is rewritten (VACUUM) and its journal emptied; PostgreSQL
    rewrites the tables, and its backups and write-ahead log stay the operator's.
    """

    def __init__(self, store: SqlStore) -> None:
        self._database: Database = store._database  # noqa: SLF001 - the same package
        self._salt: bytes = store._salt  # noqa: SLF001

    def erase(self, traces: Traces, records: Collection[Written]) -> None:
        """Delete, replace and write in one transaction; then clean the files."""
        engine = self._database.engine
        writer = engine.execution_options(writes=True)
        with translated(self._database.place, "erase"), writer.begin() as connection:
            audit.alone(connection)
            merged = _letters_about(connection, traces)
            keys = _delete(connection, traces)
            _clean_merged(connection, merged, traces.first_name)
            for table in TABLES.values():
                _replace(connection, table, traces.words)
            for record in records:
                if isinstance(record, Entry):
                    self._note(connection, record, traces, keys)
                    continue
                table = TABLES[type(record)]
                connection.execute(upsert(self._database.insert, table), rows_of([record], table))
        clean(self._database)

    def _note(
        self, connection: Connection, entry: Entry, traces: Traces, keys: Collection[str]
    ) -> None:
        """Empty the entries of the audit log about the person, and add one with their numbers."""
        emptied = audit.empty(
            connection,
            self._salt,
            person=traces.person,
            pairings=traces.pairings,
            about=keys,
        )
        told = replace(entry, facts_json=facts(entries=spans(emptied)))
        audit.add(connection, [told], self._salt)


def clean(database: Database) -> None:
    """Leave nothing of what was deleted or replaced in the free space of the database."""
    with translated(database.place, "clean"):
        if database.engine.dialect.name == "sqlite":
            _clean_file(database.engine)
        else:
            _clean_tables(database.engine)


def _clean_file(engine: Engine) -> None:
    """Rewrite the file without its free pages, and empty its journal; VACUUM fills it once more."""
    with engine.connect() as connection:
        driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
        for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            driver.execute(statement)


def _clean_tables(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in (*TABLES.values(), AUDIT):
            connection.execute(text(f"VACUUM FULL {table.name}"))


def _delete(connection: Connection, traces: Traces) -> set[str]:
    """Delete the person's rows, and return the ids of their mails and the keys of their effects.

    A pairing goes as a whole: what the two wrote is about both.
    """
    readings, mails = TABLES[ReadingRecord], TABLES[MailRecord]
    ids = list(_mails_of(connection, traces))
    connection.execute(delete(mails).where(mails.c.id.in_(ids)))
    connection.execute(delete(readings).where(readings.c.mail_id.in_(ids)))
    keys = [
        key
        for kind in (Effect, QuestionRecord)
        for key in connection.scalars(
            select(TABLES[kind].c.key).where(TABLES[kind].c.pairing.in_(traces.pairings))
        )
    ]
    for kind, conditions in _conditions(connection, traces, ids, keys):
        table = TABLES[kind]
        belongs = [table.c.pairing.in_(traces.pairings)] if "pairing" in table.c else []
        connection.execute(delete(table).where(or_(*belongs, *conditions)))
    for table in TABLES.values():
        if "pairing" in table.c:
            connection.execute(delete(table).where(table.c.pairing.in_(traces.pairings)))
    return {*ids, *keys}


def _letters_about(connection: Connection, traces: Traces) -> list[str]:
    """Return the keys of the letters about their pairings, whatever else these are about."""
    letters = TABLES[LetterRecord].c
    query = select(letters.key).where(letters.pairing.in_(traces.pairings)).distinct()
    return list(connection.scalars(query))


def _clean_merged(connection: Connection, keys: Collection[str], first_name: str) -> None:
    """Replace the first name in what is left of these letters; their frozen bytes go, once sent."""
    letters, effects = TABLES[LetterRecord], TABLES[Effect]
    word = re.compile(rf"\b{re.escape(first_name)}\b")
    for chunk in chunks(keys):
        sent = (effects.c.key.in_(chunk), ~is_claimed)
        connection.execute(update(effects).where(*sent), {"payload": b""})
        query = select(letters.c.item, letters.c.subject, letters.c.text)
        for item, *said in connection.execute(query.where(letters.c.key.in_(chunk))).all():
            subject, text_of_it = (word.sub(FORGOTTEN, each) for each in said)
            cleaned = {"subject": subject, "text": text_of_it}
            connection.execute(update(letters).where(letters.c.item == item), cleaned)


def _mails_of(connection: Connection, traces: Traces) -> Iterator[str]:
    """Yield the mails that were read as theirs, or as about a pairing of theirs."""
    readings = TABLES[ReadingRecord].c
    marks = [
        mark.casefold() for mark in (f'"sender":"{traces.address}"', f'"author":"{traces.person}"')
    ]
    query = select(readings.mail_id, readings.pairing, readings.reading_json)
    for mail_id, pairing, reading_json in connection.execute(query):
        if pairing in traces.pairings or any(mark in reading_json.casefold() for mark in marks):
            yield mail_id


def _notes_naming(connection: Connection, words: Collection[str]) -> Iterator[tuple[object, ...]]:
    """Yield the keys of the notes that hold one of the words, whatever the case of its letters."""
    notes = TABLES[NoteRecord]
    for *key, text_of_it in connection.execute(select(*notes.primary_key, notes.c.text)):
        if any(word.casefold() in text_of_it.casefold() for word in words):
            yield tuple(key)


def _conditions(
    connection: Connection, traces: Traces, mails: Collection[str], keys: Collection[str]
) -> Iterator[tuple[type, list[ColumnElement[bool]]]]:
    """Yield by what else a row of a kind is theirs."""
    columns = {kind: TABLES[kind].c for kind in TABLES}
    yield PersonRecord, [columns[PersonRecord].id == traces.person]
    yield PairingRecord, [columns[PairingRecord].id.in_(traces.pairings)]
    yield LetterRecord, [columns[LetterRecord].person == traces.person]
    yield Effect, [columns[Effect].person == traces.person]
    yield ResponseRecord, [columns[ResponseRecord].attendee == traces.address]
    signals = columns[SignalRecord]
    theirs = [signals.person == traces.person, signals.address == traces.address]
    yield SignalRecord, [*theirs, signals.id.in_(mails)]
    answers = columns[AnswerRecord]
    yield AnswerRecord, [answers.author == traces.person, answers.mail_id.in_(mails)]
    notes = columns[NoteRecord]
    below = [notes.row.startswith(f"{pairing}/", autoescape=True) for pairing in traces.pairings]
    about = [notes.row.in_([*traces.pairings, *keys]), *below]
    named = [notes.row.icontains(word, autoescape=True) for word in traces.words]
    naming = by_key(TABLES[NoteRecord], list(_notes_naming(connection, traces.words)))
    yield NoteRecord, [*about, *named, naming]


def _replace(connection: Connection, table: Table, words: Collection[str]) -> None:
    """Replace the words in what is left: other people's mails and letters that name the person."""
    keys = list(table.primary_key)
    for column in table.c:
        if holds_bytes(column) or _is_text(column):
            for row in connection.execute(select(*keys, column)).all():
                cleaned = _without(row[-1], words)
                if cleaned != row[-1]:
                    where = (key == value for key, value in zip(keys, row, strict=False))
                    connection.execute(update(table).where(*where), {column.name: cleaned})


def _is_text(column: Column[object]) -> bool:
    return isinstance(column.type, String | SealedText) and not column.primary_key


def _without(value: str | bytes | None, words: Collection[str]) -> str | bytes | None:
    """Return the value with each of the words replaced, in any case of its letters."""
    match value:
        case str():
            for word in words:
                value = re.sub(re.escape(word), FORGOTTEN, value, flags=re.IGNORECASE)
            return value
        case bytes():
            for word in words:
                pattern = re.escape(word.encode())
                value = re.sub(pattern, FORGOTTEN.encode(), value, flags=re.IGNORECASE)
            return value
        case None:
            return None
