"""The audit log in the database: rows are added, in the transaction of what they tell of."""

import os
import secrets
from collections.abc import Collection, Iterable
from dataclasses import fields

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from rmflow.adapters.store.schema import AUDIT, LEASE
from rmflow.adapters.store.statements import read_rows
from rmflow.domain.audit import NO_HEAD, Entry, Head, Logged, alias_of, logged
from rmflow.domain.people import PersonId

_COLUMNS = [AUDIT.c[field.name] for field in fields(Logged)]
_NEWEST = select(AUDIT.c.number, AUDIT.c.chain).order_by(AUDIT.c.number.desc()).limit(1)
_ADD = insert(AUDIT)
_ALONE = select(LEASE.c.fence).with_for_update()
_PAGE = 1000


def alone(connection: Connection) -> None:
    """Let nobody else add entries before this transaction ends; SQLite does so by itself."""
    if connection.dialect.name != "sqlite":
        connection.execute(_ALONE)


def add(connection: Connection, entries: Iterable[Entry], salt: bytes) -> None:
    """Add entries in their order. `alone` comes first in the transaction, before any other lock."""
    last, rows = newest(connection), []
    for entry in entries:
        row = logged(entry, last, salt=salt, blind=secrets.token_hex(16), uid=_user())
        rows.append({field.name: getattr(row, field.name) for field in fields(Logged)})
        last = row.head
    if rows:
        connection.execute(_ADD, rows)


def newest(connection: Connection) -> Head:
    """Return by what the newest entry is recognised."""
    row = connection.execute(_NEWEST).one_or_none()
    return Head(*row) if row else NO_HEAD


def read(connection: Connection, after: int) -> list[Logged]:
    """Return the next entries above a number; an empty list ends them."""
    query = select(*_COLUMNS).where(AUDIT.c.number > after).order_by(AUDIT.c.number)
    return read_rows(Logged, connection.execute(query.limit(_PAGE)))


def empty(
    connection: Connection,
    salt: bytes,
    *,
    person: PersonId,
    pairings: Collection[str],
    about: Collection[str],
) -> list[int]:
    """Take out of the entries about somebody what they are about; return their numbers."""
    wanted = set(about)
    named = or_(AUDIT.c.pairing.in_(pairings), AUDIT.c.person == alias_of(salt, person))
    numbers = set(connection.scalars(select(AUDIT.c.number).where(named)))
    told = select(AUDIT.c.number, AUDIT.c.about).where(AUDIT.c.about != "")
    numbers |= {number for number, each in connection.execute(told) if each in wanted}
    nothing = dict.fromkeys(("pairing", "person", "about", "facts_json", "blind"), "")
    statement = update(AUDIT).where(AUDIT.c.number == bindparam("row")).values(**nothing)
    if numbers:
        connection.execute(statement, [{"row": number} for number in sorted(numbers)])
    return sorted(numbers)


def _user() -> int:
    return os.getuid() if hasattr(os, "getuid") else -1
