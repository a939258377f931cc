"""Tables: one for each record class of the domain, a column for each of its fields.

The classes are the source; `migrations/` holds what an existing database needs to get here.
"""

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from types import NoneType
from typing import Any, get_args, get_type_hints

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    literal_column,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from rmflow.adapters.store.sealing import SealedBytes, SealedText
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
    SeriesRecord,
    SettingRecord,
    SignalRecord,
)

# The newest revision in migrations/versions. Revisions are numbered in order.
HEAD = "0001"


class Instant(TypeDecorator[datetime]):
    """An aware datetime, UTC in and out.

    PostgreSQL has a type for it. SQLite gets text of one width, "2026-11-03 08:00:00.000000",
    which sorts as the instants do and which a person with a SQL shell can read.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive datetime: nobody knows which instant it is."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite hands back naive UTC, PostgreSQL the zone of the session."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# The collation "C" sorts by code point, as Python and SQLite do, whatever the server's locale.
_TEXT = Text().with_variant(Text(collation="C"), "postgresql")

_COLUMN_TYPES: dict[type, TypeEngine[Any]] = {
    str: _TEXT,
    int: BigInteger(),
    bool: Boolean(),
    bytes: LargeBinary(),
    datetime: Instant(),
}

_TABLE_NAMES: dict[type, str] = {
    Effect: "effects",
    PersonRecord: "people",
    PairingRecord: "pairings",
    SeriesRecord: "series",
    LetterRecord: "letters",
    MailRecord: "mails",
    ReadingRecord: "readings",
    AnswerRecord: "answers",
    ResponseRecord: "responses",
    QuestionRecord: "questions",
    SignalRecord: "signals",
    NoteRecord: "notes",
    SettingRecord: "settings",
}

# What is looked up besides the primary key and `pairing`, which is indexed wherever it is.
_LOOKED_UP: dict[type, tuple[str, ...]] = {
    Effect: ("claimed_at",),
    PersonRecord: ("address",),
    PairingRecord: ("wake_at", "over_since"),
    SeriesRecord: ("state",),
    LetterRecord: ("token", "message_id", "person"),
    MailRecord: ("source", "settled_at"),
    SignalRecord: ("person",),
}

# What people wrote or are called, as far as nobody looks for it; see `sealing`.
_SEALED: dict[type, tuple[str, ...]] = {
    Effect: ("detail", "payload"),
    PersonRecord: ("person_json",),
    PairingRecord: ("pairing_json",),
    SeriesRecord: ("spec_json", "wish", "previous_json", "because_json", "place", "taken_out_json"),
    LetterRecord: ("topic", "subject", "text", "offer_json"),
    MailRecord: ("raw",),
    ReadingRecord: ("reading_json", "why"),
    AnswerRecord: ("answers_json", "text"),
    ResponseRecord: ("comment",),
    QuestionRecord: ("text",),
    SignalRecord: ("reason",),
    NoteRecord: ("text",),
    SettingRecord: ("value",),
}
_SEALED_TYPES: dict[type, TypeEngine[Any]] = {str: SealedText(), bytes: SealedBytes()}

metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"}
)


def _columns(kind: type) -> Iterator[Column[object]]:
    """Yield a column for each field, bytes last: SQLite reads a row from its start, and
    a large value is a chain of pages that has to be walked to reach what is behind it.
    """
    hints = get_type_hints(kind)
    key: tuple[str, ...] = kind.KEY  # type: ignore[attr-defined]
    indexed = {"pairing", *_LOOKED_UP.get(kind, ())}
    for name in sorted((f.name for f in fields(kind)), key=lambda name: hints[name] is bytes):
        choices = get_args(hints[name]) or (hints[name],)
        plain = next(choice for choice in choices if choice is not NoneType)
        types = _SEALED_TYPES if name in _SEALED.get(kind, ()) else _COLUMN_TYPES
        yield Column(
            name,
            types[getattr(plain, "__supertype__", plain)],
            primary_key=name in key,
            nullable=NoneType in choices,
            index=name in indexed or None,
        )


TABLES: dict[type, Table] = {
    kind: Table(name, metadata, *_columns(kind)) for kind, name in _TABLE_NAMES.items()
}

_effects = TABLES[Effect].c
# Open effects and merged letters are few among many. SQLite gets an index of only these, which
# serves a query that says the same words; hence they are written out, not bound.
is_claimed = _effects.state == literal_column("'claimed'")
covers_others = _effects.covers_json != literal_column("'[]'")
Index("ix_effects_claimed", _effects.state, sqlite_where=is_claimed)
Index("ix_effects_merged", _effects.person, sqlite_where=covers_others)

# One row: the newest fence under which anything was written, and the store that wrote it; where
# the database lived then; and until when, by its own clock, that store may act outside (see tenure).
LEASE = Table(
    "lease",
    metadata,
    Column("fence", BigInteger(), nullable=False),
    Column("holder", _TEXT, nullable=False),
    Column("home", _TEXT, nullable=False),
    Column("until", Instant(), nullable=True),
)

# The names of the keys that values may be sealed with; see `sealing`.
KEYS = Table("keys", metadata, Column("name", _TEXT, primary_key=True))

# The audit log; see `domain.audit`. It holds ids only, and nothing in it is ever sealed.
AUDIT = Table(
    "audit",
    metadata,
    Column("number", BigInteger(), primary_key=True, autoincrement=False),
    Column("at", Instant(), nullable=False),
    Column("event", _TEXT, nullable=False),
    Column("uid", BigInteger(), nullable=False),
    *(
        Column(name, _TEXT, nullable=False)
        for name in ("pairing", "person", "about", "facts_json", "blind", "seal", "chain")
    ),
)

# Alembic's own table, written here so that a database can be made without importing Alembic.
REVISION = Table(
    "alembic_version",
    MetaData(naming_convention={"pk": "%(table_name)s_pkc"}),
    Column("version_num", String(32), primary_key=True),
)
