"""Filing: what a reading of a mail adds to the history of its pairing."""

from dataclasses import replace

from rmflow.domain.documents import from_json, to_json
from rmflow.domain.keys import Key, key_of
from rmflow.domain.pairing import PairingId
from rmflow.domain.programme import Programme
from rmflow.domain.reading import MailKind, Reading, ReadingStatus
from rmflow.domain.records import (
    WAITING,
    AnswerRecord,
    ReadingRecord,
    Record,
    ResponseRecord,
    SignalRecord,
)
from rmflow.domain.series import Response, SessionId
from rmflow.domain.signal import Signal, SignalKind
from rmflow.planner.actions import Note, NoteKind
from rmflow.planner.answers import response_record
from rmflow.planner.state import History

# What only comes from somebody whose mailbox works; an automatic answer does as well.
_OF_PEOPLE = (MailKind.HUMAN, MailKind.CALENDAR, MailKind.AUTO_REPLY)
_STATES = {
    ReadingStatus.OK: ("filed", NoteKind.REPLY_FILED),
    ReadingStatus.PARTIAL: ("filed", NoteKind.REPLY_FILED),
    ReadingStatus.EMPTY: ("ignored", NoteKind.MAIL_IGNORED),
    ReadingStatus.REVIEW: (WAITING, NoteKind.MAIL_WAITS),
    ReadingStatus.IGNORED: ("ignored", NoteKind.MAIL_IGNORED),
}


def file_reading(
    programme: Programme, reading: Reading, history: History, said: tuple[SignalRecord, ...] = ()
) -> tuple[Note, History]:
    """Return the note that files a mail, and the history of its pairing with it.

    `said` is what was known before about the author's taking part.
    """
    if _repeats(reading, history):
        reading = replace(reading, status=ReadingStatus.IGNORED, why="The same answer came twice.")
    elif reading.status is not ReadingStatus.IGNORED and _contradicts(reading, history):
        why = "A mail that was here before came again, with other words."
        reading = replace(reading, status=ReadingStatus.REVIEW, why=why)
    state, kind = _STATES[reading.status]
    answers = _answers(reading, history) if state == "filed" else ()
    responses = _responses(reading, history) if state == "filed" else ()
    signals = () if _same_mail(reading, history) else _signals(reading, said)
    records: tuple[Record, ...] = (_record(reading, state), *answers, *responses, *signals)
    pairing = reading.pairing or PairingId("")
    note = Note(filing_key(programme, reading), pairing, kind, _text(reading), records)
    newer = {(r.uid, r.session, r.attendee) for r in responses}
    kept = (r for r in history.responses if (r.uid, r.session, r.attendee) not in newer)
    if state == WAITING and reading.kind is MailKind.HUMAN and reading.session:
        history = replace(history, waiting=history.waiting | {reading.session})
    readings = (*history.readings, _record(reading, state))
    history = replace(history, answers=(*history.answers, *answers), responses=(*kept, *responses))
    return note, replace(history, readings=readings)


def filing_key(programme: Programme, reading: Reading) -> Key:
    """Return the key of filing a mail."""
    return key_of(programme.salt, "file", reading.mail_id)


def _record(reading: Reading, state: str) -> ReadingRecord:
    return ReadingRecord(
        mail_id=reading.mail_id,
        received_at=reading.received_at,
        state=state,
        kind=reading.kind.value,
        pairing=reading.pairing or PairingId(""),
        session=reading.session or SessionId(""),
        reading_json=to_json(reading),
        why=reading.why,
    )


def _repeats(reading: Reading, history: History) -> bool:
    """Return whether this answer is here already: some servers deliver a mail twice.

    An older answer that is written anew is none: somebody has changed their mind back.
    """
    about = (reading.form, reading.session, reading.author)
    mine = [a for a in history.answers if (a.form, a.session, a.author) == about]
    if not reading.text or not mine:
        return False
    newest = max(mine, key=lambda a: a.revision)
    if newest.text == reading.text:
        return True
    same = {a.mail_id for a in mine if a.text == reading.text}
    return bool(same) and any(r.mail_id in same for r in _same_mail(reading, history))


def _contradicts(reading: Reading, history: History) -> bool:
    """Return whether a mail of the same Message-ID has said something else: one is not genuine."""
    earlier = [from_json(Reading, r.reading_json) for r in _same_mail(reading, history)]
    return any((r.text, r.responses) != (reading.text, reading.responses) for r in earlier)


def _same_mail(reading: Reading, history: History) -> list[ReadingRecord]:
    """Return the other mails with this Message-ID."""
    if not reading.message_id:
        return []
    sought = to_json(reading.message_id)
    return [
        record
        for record in history.readings
        if record.mail_id != reading.mail_id
        and sought in record.reading_json
        and from_json(Reading, record.reading_json).message_id == reading.message_id
    ]


def _answers(reading: Reading, history: History) -> tuple[AnswerRecord, ...]:
    """Return the answered form: the first one wins, later ones are revisions of it."""
    if reading.form is None or reading.pairing is None or reading.author is None:
        return ()
    session = reading.session or SessionId("")
    earlier = [a for a in history.answers if (a.session, a.form) == (session, reading.form)]
    record = AnswerRecord(
        mail_id=reading.mail_id,
        pairing=reading.pairing,
        session=session,
        form=reading.form,
        author=reading.author,
        received_at=reading.received_at,
        status=reading.status.value,
        answers_json=to_json(_merged(reading, earlier)),
        text=reading.text,
        revision=len(earlier),
        held=reading.held,
    )
    return (record,)


def _merged(reading: Reading, earlier: list[AnswerRecord]) -> dict[str, str]:
    """Return earlier answers with the new ones over them: a correction names what it corrects."""
    answers: dict[str, str] = {}
    for record in sorted(earlier, key=lambda a: a.revision):
        answers |= from_json(dict[str, str], record.answers_json)
    return answers | dict(reading.answers)


def _responses(reading: Reading, history: History) -> tuple[ResponseRecord, ...]:
    """Return the answers to invitations that are newer than what is known (RFC 5546 2.1.5)."""
    if reading.pairing is None:
        return ()
    known = {(r.uid, r.session, r.attendee): (r.sequence, r.stamped_at) for r in history.responses}
    records = (response_record(reading.pairing, response) for response in reading.responses)
    return tuple(
        record
        for record in records
        if (record.sequence, record.stamped_at)
        > known.get((record.uid, record.session, record.attendee), (-1, record.stamped_at))
    )


def _signals(reading: Reading, said: tuple[SignalRecord, ...]) -> tuple[SignalRecord, ...]:
    """Return what the mail says about somebody's taking part.

    A mail of a person from whom mails had come back says that they are reached again.
    """
    doubted = reading.kind is MailKind.HUMAN and reading.status is ReadingStatus.REVIEW
    signal = None if doubted else reading.signal
    came_back = {SignalKind.BOUNCED.value, SignalKind.BOUNCED_FOR_NOW.value}
    if signal is None and reading.author and reading.kind in _OF_PEOPLE:
        newest = max(said, key=lambda s: s.received_at, default=None)
        if newest and newest.kind in came_back:
            signal = Signal(SignalKind.HEARD, reading.author)
    if signal is None:
        return ()
    record = SignalRecord(
        id=reading.mail_id,
        person=signal.person,
        kind=signal.kind.value,
        pairing=signal.pairing,
        everywhere=signal.everywhere,
        received_at=reading.received_at,
        until=signal.until.isoformat() if signal.until else "",
        address=signal.address,
        reason=signal.reason,
    )
    return (record,)


def _text(reading: Reading) -> str:
    if reading.responses and not reading.why:
        return ", ".join(sorted({_said(response) for response in reading.responses}))
    if reading.why:
        return reading.why
    if reading.signal:
        until = f" until {reading.signal.until}" if reading.signal.until else ""
        return f"{reading.signal.kind.value}{until}"
    if not reading.held:
        return "the meeting did not take place"
    return f"{reading.form} answered" if reading.form else reading.kind.value


def _said(response: Response) -> str:
    if response.proposed_start is not None:
        return "proposes another time"
    return response.status.value.lower().replace("-", " ")
