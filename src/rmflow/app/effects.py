"""Actions as rows of the journal."""

import json
from datetime import datetime

from rmflow.app.payloads import SeriesPayload
from rmflow.domain.people import PersonId
from rmflow.domain.records import Effect, NoteRecord, PairingRecord
from rmflow.domain.series import SessionId
from rmflow.planner.actions import CancelSeries, CreateSeries, ReviseSeries, SendLetter
from rmflow.planner.calendar import cancelled, created, revised
from rmflow.planner.describe import verb
from rmflow.planner.state import KnownSeries, record_of


def effect_of(
    action: CreateSeries | ReviseSeries | CancelSeries | SendLetter, payload: bytes
) -> Effect:
    """Return the journal's row for an action that touches the outside world."""
    session, person = SessionId(""), PersonId("")
    covers: tuple[str, ...] = ()
    match action:
        case SendLetter(letter=letter):
            session, person = letter.items[0].session or session, letter.to
            covers = action.covers
        case ReviseSeries():
            covers = action.covers
        case _:
            pass
    return Effect(
        key=action.key,
        kind=verb(action),
        pairing=action.pairing,
        session=session,
        person=person,
        payload=payload,
        covers_json=json.dumps(covers),
    )


def series_payload_of(
    action: CreateSeries | ReviseSeries | CancelSeries, now: datetime
) -> SeriesPayload:
    """Return the series as it will stand once the action is done; its etag is not yet known."""
    pairing = next((r for r in action.records if isinstance(r, PairingRecord)), None)
    note = next((r for r in action.records if isinstance(r, NoteRecord)), None)
    return SeriesPayload(record_of(_resulting(action, now)), pairing, note)


def _resulting(action: CreateSeries | ReviseSeries | CancelSeries, now: datetime) -> KnownSeries:
    match action:
        case CreateSeries():
            return created(action)
        case ReviseSeries():
            return revised(action, now)
        case CancelSeries():
            return cancelled(action, now)
