"""Expiry: what has been kept for long enough is found by an index, and deleted."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    delete,
    exists,
    literal,
    select,
    union_all,
    update,
)

from rmflow.adapters.store.schema import TABLES, is_claimed
from rmflow.adapters.store.statements import chunks
from rmflow.domain.pairing import PairingId
from rmflow.domain.reading import MailId
from rmflow.domain.records import WAITING, Effect, MailRecord, PairingRecord, ReadingRecord
from rmflow.ports.store import Outdated

_EFFECTS, _MAILS = TABLES[Effect], TABLES[MailRecord]
_PAIRINGS, _READINGS = TABLES[PairingRecord].c, TABLES[ReadingRecord].c
_SETTLED = exists().where(_READINGS.mail_id == _MAILS.c.id, _READINGS.state != WAITING)


def find(
    connection: Connection,
    *,
    mails: datetime,
    words: datetime,
    most: tuple[int | None, int | None],
) -> Outdated:
    """Return what is outdated, with one query over two indexes."""
    ids = _MAILS.c.id
    parts = (
        ("mail", ids, (_MAILS.c.settled_at <= mails,), most[0]),
        ("settled", ids, (_MAILS.c.settled_at.is_(None), _SETTLED), most[0]),
        (
            "pairing",
            _PAIRINGS.id,
            (_PAIRINGS.over_since <= words, _PAIRINGS.emptied_at.is_(None)),
            most[1],
        ),
    )
    found: dict[str, list[str]] = {kind: [] for kind, *_ in parts}
    for kind, id in connection.execute(union_all(*(_part(*part) for part in parts))):
        found[kind].append(id)
    return Outdated(
        mails=tuple(map(MailId, found["mail"])),
        pairings=tuple(map(PairingId, found["pairing"])),
        settled=tuple(map(MailId, found["settled"])),
    )


def _part(
    kind: str, id: ColumnElement[str], where: Iterable[ColumnElement[bool]], most: int | None
) -> Select[*tuple[Any, ...]]:
    part = select(literal(kind).label("kind"), id.label("id")).where(*where)
    return select(part.limit(most).subquery()) if most is not None else part


def delete_outdated(connection: Connection, found: Outdated, settled_at: datetime) -> None:
    """Delete mails and frozen letters; note which mails were settled."""
    for chunk in chunks(found.mails):
        connection.execute(delete(_MAILS).where(_MAILS.c.id.in_(chunk)))
    for chunk in chunks(found.settled):
        noted = update(_MAILS).where(_MAILS.c.id.in_(chunk))
        connection.execute(noted.values(settled_at=settled_at))
    for pairings in chunks(found.pairings):
        mine = _EFFECTS.c.pairing.in_(pairings) & ~is_claimed
        connection.execute(update(_EFFECTS).where(mine).values(payload=b""))
