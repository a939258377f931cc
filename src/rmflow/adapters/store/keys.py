"""Keys: which of them the database needs, and which values are under which; without unsealing any."""

from typing import NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    Text,
    and_,
    case,
    func,
    literal,
    select,
    type_coerce,
)

from rmflow.adapters.store.database import Database
from rmflow.adapters.store.failures import translated
from rmflow.adapters.store.schema import KEYS, TABLES
from rmflow.adapters.store.sealing import MARK, holds_bytes, key_missing, sealed_columns


def agree_on_keys(database: Database) -> None:
    """Write the first key's name down before anything is sealed with it.

    Raises ConfigError, before anything is read or written, if a key is missing that values may
    be sealed with.
    """
    keyring = database.keyring
    with translated(database.place, "open"), database.engine.connect() as connection:
        known = frozenset(connection.scalars(select(KEYS.c.name)))
    for name in sorted(known - keyring.names):
        raise key_missing(name)
    if keyring.first and keyring.first not in known:
        writer = database.engine.execution_options(writes=True)
        with translated(database.place, "open"), writer.begin() as connection:
            statement = database.insert(KEYS).on_conflict_do_nothing(index_elements=[KEYS.c.name])
            connection.execute(statement, {"name": keyring.first})


class Tally(NamedTuple):
    """How many values the database keeps plain, and how many under another key than the first."""

    plain: int
    other: int


def tally(connection: Connection, first: str) -> Tally:
    """Count the values that could be sealed; `first` is the first key's name, "" for none."""
    plain = other = 0
    for table in TABLES.values():
        for column in sealed_columns(table):
            sealed = is_sealed(column)
            by_others = sealed & ~is_sealed(column, first) if first else sealed
            query = select(_number_of(is_filled(column) & ~sealed), _number_of(by_others))
            found = connection.execute(query).one()
            plain, other = plain + found[0], other + found[1]
    return Tally(plain, other)


def _number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def kept(column: Column[object]) -> ColumnElement[object]:
    """Return a column as the database has it, sealed or not."""
    return type_coerce(column, LargeBinary() if holds_bytes(column) else Text())


def is_filled(column: Column[object]) -> ColumnElement[bool]:
    """Return the condition that a value is not empty."""
    return func.length(kept(column)) > 0


def is_sealed(column: Column[object], name: str = "") -> ColumnElement[bool]:
    """Return the condition that a value is sealed, with the key of this name if one is given."""
    mark = MARK.decode()
    if name:
        return _begins(column, mark + name)
    return and_(_begins(column, mark), ~_begins(column, mark * 2))


def _begins(column: Column[object], characters: str) -> ColumnElement[bool]:
    piece = func.substr(kept(column), 1, len(characters))
    if holds_bytes(column):
        return piece == literal(characters.encode(), LargeBinary())
    return piece == literal(characters, Text())
