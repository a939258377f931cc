"""Statements: how records become rows and rows become records."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Executable,
    LargeBinary,
    Row,
    Select,
    Table,
    literal,
    or_,
    select,
    tuple_,
)

from rmflow.adapters.store.schema import TABLES
from rmflow.adapters.store.sealing import holds_bytes
from rmflow.domain.records import PairingRecord, PersonRecord

T = TypeVar("T")

# Rows a statement, and values of an IN: far below what the databases allow (32,766 and 65,535
# values), and large enough that the way there and back does not count.
CHUNK = 500


def chunks(values: Collection[T]) -> Iterator[Sequence[T]]:
    """Yield the values in sequences of at most CHUNK, each value once."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), CHUNK):
        yield distinct[start : start + CHUNK]


def read_rows(kind: Callable[..., T], rows: Iterable[Row[Any]]) -> list[T]:
    """Return the records of rows whose columns stand in the order of the fields."""
    return [kind(*row) for row in rows]


def rows_of(records: Iterable[object], table: Table) -> list[dict[str, object]]:
    """Return the rows of records that belong into this table."""
    names = [column.name for column in table.c]
    return [{name: getattr(record, name) for name in names} for record in records]


def all_of(kind: type, *, light: bool = False) -> Select[Any]:
    """Select the columns of a record in the order of its fields; `light` leaves bytes empty."""
    table = TABLES[kind]
    return select(
        *(
            literal(b"", LargeBinary()).label(field.name)
            if light and holds_bytes(table.c[field.name])
            else table.c[field.name]
            for field in fields(kind)
        )
    )


def by_key(table: Table, keys: Collection[tuple[object, ...]]) -> ColumnElement[bool]:
    """Return the condition that a row's primary key is one of these."""
    columns = list(table.primary_key)
    if len(columns) == 1:
        return columns[0].in_([key for (key,) in keys])
    return tuple_(*columns).in_(list(keys))


def changed(
    connection: Connection, table: Table, rows: Iterable[dict[str, object]]
) -> list[dict[str, object]]:
    """Return the rows that differ from what is stored; of two with the same key the last one.

    The same words are never sealed to the same bytes, so the database cannot compare them.
    """
    names = [column.name for column in table.primary_key]
    given = {tuple(row[name] for name in names): row for row in rows}
    for chunk in chunks(given):
        for stored in connection.execute(select(table).where(by_key(table, chunk))).mappings():
            key = tuple(stored[name] for name in names)
            if given[key] == stored:
                del given[key]
    return list(given.values())


@cache
def upsert(insert: Callable[..., Any], table: Table) -> Executable:
    """Insert or replace by primary key. A row that would not change is not written."""
    statement = insert(table)
    given: dict[str, ColumnElement[Any]] = {
        column.name: statement.excluded[column.name] for column in table.c if not column.primary_key
    }
    return statement.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=list(table.primary_key),
        set_=given,
        where=or_(*(table.c[name].is_distinct_from(new) for name, new in given.items())),
    )


def belongs_to(kind: type, pairings: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that a record belongs to one of these pairings.

    A person does who takes part in one. Raises ValueError for kinds that belong to none.
    """
    columns = TABLES[kind].c
    if kind is PairingRecord:
        return columns.id.in_(pairings)
    if kind is PersonRecord:
        return columns.id.in_(people_of(pairings))
    if "pairing" not in columns:
        raise ValueError(f"a {kind.__name__} belongs to no pairing")
    return columns.pairing.in_(pairings)


def people_of(pairings: Sequence[str]) -> CompoundSelect[Any]:
    """Select the ids of everybody who takes part in these pairings."""
    columns = TABLES[PairingRecord].c
    chosen = columns.id.in_(pairings)
    return select(columns.mentor).where(chosen).union(select(columns.mentee).where(chosen))
