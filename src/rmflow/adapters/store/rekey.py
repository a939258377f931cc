"""Rekeying: every value comes under the first key, or becomes plain, while nobody else is at work."""

from collections.abc import Iterator, Sequence

from sqlalchemy import (
    Connection,
    Table,
    and_,
    bindparam,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)

from rmflow.adapters.store.database import Database
from rmflow.adapters.store.erasure import clean
from rmflow.adapters.store.failures import translated
from rmflow.adapters.store.keys import is_filled, is_sealed, kept
from rmflow.adapters.store.schema import KEYS, TABLES
from rmflow.adapters.store.sealing import sealed_columns
from rmflow.adapters.store.sql import SqlStore
from rmflow.adapters.store.statements import CHUNK, by_key

_MOST_BYTES = 8_000_000


def rekey(store: SqlStore, *, most_bytes: int = _MOST_BYTES) -> Iterator[tuple[int, int]]:
    """Rewrite what is not as it would be written now; yield how many rows are done, of how many.

    Each step is one transaction, of `most_bytes` unless a single row is larger. Broken off, the next call goes on; what is there can be read at
    any time. The caller holds the lease. At the end the other keys are not needed any more, and
    nothing that was plain before stays in free space.
    """
    database: Database = store._database  # noqa: SLF001 - the same package
    engine, place = database.engine, database.place
    writer = engine.execution_options(writes=True)
    with translated(place, "rekey"), engine.connect() as connection:
        work = [
            (table, keys)
            for table in TABLES.values()
            if sealed_columns(table)
            for keys in _steps(connection, table, database.keyring.first, most_bytes)
        ]
    total, done = sum(len(keys) for _, keys in work), 0
    for table, keys in work:
        with translated(place, "rekey"), writer.begin() as connection:
            _rewrite(connection, table, keys)
        done += len(keys)
        yield done, total
    with translated(place, "rekey"), writer.begin() as connection:
        connection.execute(delete(KEYS).where(KEYS.c.name != database.keyring.first))
    clean(database)


def _steps(
    connection: Connection, table: Table, first: str, most_bytes: int
) -> Iterator[list[tuple[object, ...]]]:
    """Yield the primary keys of the rows to rewrite, as many as one transaction takes."""
    columns = sealed_columns(table)
    outdated = or_(
        *(and_(is_filled(c), ~is_sealed(c, first)) if first else is_sealed(c) for c in columns)
    )
    size = sum((func.length(kept(c)) for c in columns), start=literal(0))
    query = select(*table.primary_key, size).where(outdated).order_by(*table.primary_key)
    step: list[tuple[object, ...]] = []
    held = 0
    for *key, length in connection.execute(query):
        if step and (len(step) == CHUNK or held + length > most_bytes):
            yield step
            step, held = [], 0
        step.append(tuple(key))
        held += length
    if step:
        yield step


def _rewrite(connection: Connection, table: Table, keys: Sequence[tuple[object, ...]]) -> None:
    """Read rows, and write them as they are written now."""
    columns = sealed_columns(table)
    query = select(*table.primary_key, *columns).where(by_key(table, keys)).with_for_update()
    rows = [dict(row) for row in connection.execute(query).mappings()]
    where = [key == bindparam(f"key_{key.name}") for key in table.primary_key]
    named = [{f"key_{k.name}": row[k.name] for k in table.primary_key} for row in rows]
    values = [{c.name: row[c.name] for c in columns} for row in rows]
    connection.execute(
        update(table).where(*where),
        [{**key, **value} for key, value in zip(named, values, strict=True)],
    )
