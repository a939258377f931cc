"""Mails that wait for a person, and what the person decides."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from rmflow.app import remembered
from rmflow.app.history import histories
from rmflow.app.ports import Ports
from rmflow.domain.documents import from_json
from rmflow.domain.pairing import PairingId
from rmflow.domain.reading import MailId, Reading, ReadingStatus
from rmflow.domain.records import PairingRecord, ReadingRecord, SettingRecord
from rmflow.domain.recurrence import sessions
from rmflow.domain.session import Session
from rmflow.errors import RmflowError
from rmflow.planner.filing import file_reading
from rmflow.planner.mail import SUMMARY
from rmflow.planner.state import History

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_REDRAW = SettingRecord(remembered.BOOK, "")  # the next run writes the workbook anew


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """A mail on the list."""

    id: MailId
    received_at: datetime
    pairing: str
    why: str

    def as_json(self) -> dict[str, str]:
        """Return it for programs."""
        at = self.received_at.isoformat()
        return {"id": self.id, "received_at": at, "pairing": self.pairing, "why": self.why}


@dataclass(frozen=True, slots=True)
class ShownMail:
    """A mail with what was made of it, and its bytes."""

    reading: Reading
    raw: bytes


def waiting_mails(ports: Ports) -> list[WaitingMail]:
    """Return the mails that wait, oldest first."""
    waiting = [r for r in ports.store.read(ReadingRecord) if r.state == "waiting"]
    return [
        WaitingMail(r.mail_id, r.received_at, r.pairing, r.why)
        for r in sorted(waiting, key=lambda r: r.received_at)
    ]


def show_mail(ports: Ports, wanted: str) -> ShownMail:
    """Return one mail, whatever its state. Raises RmflowError."""
    record = _record(ports, wanted)
    return ShownMail(from_json(Reading, record.reading_json), ports.store.raw(record.mail_id))


def assign_mail(ports: Ports, wanted: str, pair: str, day: str) -> str:
    """File a waiting mail as the summary of a meeting; return a sentence that says so.

    Its own words become the answer to the form's prose question, beside what could be read.
    """
    with ports.store.lease():
        record = _record(ports, wanted)
        pairings = ports.store.read(PairingRecord, pairings=[PairingId(pair)])
        if not pairings:
            raise RmflowError(f'there is no pair "{pair}"; the ids are in the sheet Pairs')
        history = histories(ports.store, [pairings[0].id])[pairings[0].id]
        session = _meeting(history, day, ports.clock.now())
        reading = from_json(Reading, record.reading_json)
        prose = ports.programme.forms[SUMMARY].prose
        filed = replace(
            reading,
            status=ReadingStatus.OK,
            pairing=pairings[0].id,
            author=pairings[0].mentee,
            session=session.id,
            form=SUMMARY,
            answers={prose: reading.text, **reading.answers},
            why="",
        )
        note, _ = file_reading(ports.programme, filed, history)
        woken = replace(pairings[0], wake_at=ports.clock.now())
        ports.store.write([*note.records, woken, _REDRAW])
    return f"Filed as the summary of meeting {session.number} on {session.start:%d %B %Y}."


def discard_mail(ports: Ports, wanted: str) -> None:
    """Take a mail off the list; its raw bytes stay."""
    with ports.store.lease():
        record = _record(ports, wanted)
        ports.store.write([replace(record, state="discarded"), _REDRAW])


def _record(ports: Ports, wanted: str) -> ReadingRecord:
    found = [r for r in ports.store.read(ReadingRecord) if r.mail_id.startswith(wanted.lower())]
    if len(found) == 1:
        return found[0]
    more = "several mails begin" if found else "no mail begins"
    raise RmflowError(f'{more} with "{wanted}"; see `rmflow inbox list`')


def _meeting(history: History, day: str, now: datetime) -> Session:
    """Return the meeting on that day, or the last one before now."""
    held = [
        session
        for known in history.series
        for session in sessions(known.spec, _LONG_AGO, now)
        if not day or session.start.strftime("%Y-%m-%d") == day
    ]
    if not held:
        when = f"on {day}" if day else "before now"
        raise RmflowError(f"this pair had no meeting {when}")
    return max(held, key=lambda session: session.start)
