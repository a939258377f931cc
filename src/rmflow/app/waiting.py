"""Mails that wait for a person, and what the person decides."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from rmflow.app import remembered
from rmflow.app.history import histories
from rmflow.app.lease import at_work
from rmflow.app.ports import Ports
from rmflow.domain.audit import Entry, Event, facts
from rmflow.domain.documents import from_json
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import PersonId
from rmflow.domain.reading import MailId, Reading, ReadingStatus
from rmflow.domain.records import PairingRecord, ReadingRecord, SettingRecord, Written
from rmflow.domain.recurrence import sessions
from rmflow.domain.series import SessionId
from rmflow.domain.session import Session
from rmflow.errors import RmflowError
from rmflow.planner.actions import NoteKind
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
    """A mail with what was made of it, and its bytes, None if they are deleted by now."""

    reading: Reading
    raw: bytes | None


def waiting_mails(ports: Ports) -> list[WaitingMail]:
    """Return the mails that wait, oldest first."""
    waiting = ports.store.waiting()
    return [WaitingMail(r.mail_id, r.received_at, r.pairing, r.why) for r in waiting]


def show_mail(ports: Ports, wanted: str) -> ShownMail:
    """Return one mail, whatever its state, and note that it was looked at. Raises RmflowError."""
    record = _record(ports, wanted)
    reading = from_json(Reading, record.reading_json)
    pairing, person = reading.pairing or "", reading.author or PersonId("")
    shown = Entry(ports.clock.now(), Event.SHOWN, pairing, person, record.mail_id)
    ports.store.write([shown])
    return ShownMail(reading, ports.store.raw(record.mail_id))


@dataclass(frozen=True, slots=True)
class Assigned:
    """A mail that a person has given to a meeting, and what it reads as now."""

    reading: Reading
    pairing: PairingRecord
    history: History
    session: Session


def assigned(ports: Ports, record: ReadingRecord, pair: str, day: str, now: datetime) -> Assigned:
    """Return a waiting mail as the summary of a meeting of a pair. Raises RmflowError.

    Without a `day` it is the meeting that the mail is about, or the last one before now. The
    mail's own words become the answer to the form's prose question, beside what could be read.
    """
    pairings = ports.store.read(PairingRecord, pairings=[PairingId(pair)])
    if not pairings:
        named = f'there is no pair "{pair}"' if pair else "it is not known which pair this is about"
        raise RmflowError(f"{named}; the ids are in the sheet Pairs")
    pairing = pairings[0]
    history = histories(ports.store, [pairing.id])[pairing.id]
    known = record.session if record.pairing == pairing.id and not day else SessionId("")
    session = _meeting(history, day, now, known)
    reading = from_json(Reading, record.reading_json)
    prose = ports.programme.forms[SUMMARY].prose
    filed = replace(
        reading,
        status=ReadingStatus.OK,
        pairing=pairing.id,
        author=pairing.mentee,
        session=session.id,
        form=SUMMARY,
        answers={prose: reading.text, **reading.answers},
        why="",
    )
    return Assigned(filed, pairing, history, session)


def assign_mail(ports: Ports, wanted: str, pair: str, day: str) -> str:
    """File a waiting mail as the summary of a meeting; return a sentence that says so."""
    now = ports.clock.now()
    with at_work(ports.store, now):
        found = assigned(ports, _record(ports, wanted), pair, day, now)
        note, _ = file_reading(ports.programme, found.reading, found.history)
        woken = replace(found.pairing, wake_at=now)
        told = _entry(found.reading, "assign", now)
        ports.store.write([*note.records, woken, _REDRAW, told])
    session = found.session
    return f"Filed as the summary of meeting {session.number} on {session.start:%d %B %Y}."


def reread_mails(ports: Ports, wanted: str = "") -> tuple[Reading, ...]:
    """Read waiting mails (`wanted` "": all) anew, and file those that are clear now; return them."""
    from rmflow.app.inbox import clear_now

    with at_work(ports.store, ports.clock.now()):
        chosen = _still_there(ports, wanted) if wanted else None
        found = clear_now(ports, chosen)
        filed: list[Reading] = []
        known = dict(histories(ports.store, {r.pairing for r in found if r.pairing}))
        records: list[Written] = []
        for reading in found:
            pairing = reading.pairing or PairingId("")
            history = known.get(pairing, History())
            note, known[pairing] = file_reading(ports.programme, reading, history)
            if note.kind is not NoteKind.MAIL_WAITS:
                filed.append(reading)
                records += (*note.records, _entry(reading, "reread", ports.clock.now()))
        woken = [replace(h.record, wake_at=ports.clock.now()) for h in known.values() if h.record]
        if filed:
            ports.store.write([*records, *woken, _REDRAW])
    return tuple(filed)


def discard_mail(ports: Ports, wanted: str) -> None:
    """Take a mail off the list; its raw bytes stay."""
    now = ports.clock.now()
    with at_work(ports.store, now):
        record = _record(ports, wanted)
        told = _entry(from_json(Reading, record.reading_json), "discard", now)
        ports.store.write([replace(record, state="discarded"), _REDRAW, told])


def _still_there(ports: Ports, wanted: str) -> MailId:
    """Return the id of a mail that can be read anew. Raises RmflowError."""
    id = _record(ports, wanted).mail_id
    if ports.store.raw(id) is None:
        raise RmflowError(gone(id))
    return id


def gone(id: MailId) -> str:
    """Say that a mail is not there any more."""
    return (
        f"mail {id[:8]} was settled long ago and has been deleted since, as [privacy] mail_days"
        " says; it cannot be read anew"
    )


def _entry(reading: Reading, choice: str, now: datetime) -> Entry:
    """Return what the audit log tells of a choice on the command line."""
    pairing, person = reading.pairing or "", reading.author or PersonId("")
    return Entry(now, Event.SETTLED, pairing, person, reading.mail_id, facts(choice=choice))


def _record(ports: Ports, wanted: str) -> ReadingRecord:
    found = [r for r in ports.store.read(ReadingRecord) if r.mail_id.startswith(wanted.lower())]
    if len(found) == 1:
        return found[0]
    more = "several mails begin" if found else "no mail begins"
    raise RmflowError(f'{more} with "{wanted}"; see `rmflow inbox list`')


def _meeting(history: History, day: str, now: datetime, wanted: SessionId) -> Session:
    """Return the meeting that is wanted, or the one on that day, or the last one before now."""
    held = [
        session
        for known in history.series
        for session in sessions(known.spec, _LONG_AGO, now)
        if (not day or session.start.strftime("%Y-%m-%d") == day) and wanted in ("", session.id)
    ]
    if not held:
        when = f"on {day}" if day else "before now"
        raise RmflowError(f"this pair had no meeting {when}")
    return max(held, key=lambda session: session.start)
