"""The view of everything that the tracking workbook shows, gathered from the store."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from rmflow.app.history import histories
from rmflow.app.ports import Ports
from rmflow.domain.crowd import Rating
from rmflow.domain.documents import from_json
from rmflow.domain.letter import LetterKind
from rmflow.domain.pairing import Pairing, PairingId, PairingStatus
from rmflow.domain.people import Participant, PersonId
from rmflow.domain.reading import Reading
from rmflow.domain.records import (
    AnswerRecord,
    Effect,
    EffectState,
    PairingRecord,
    PersonRecord,
    QuestionRecord,
    ReadingRecord,
    SignalRecord,
)
from rmflow.domain.recurrence import sessions
from rmflow.domain.series import ParticipationStatus, SessionId
from rmflow.domain.session import Evidence, Session, evidence_of
from rmflow.domain.standing import standing
from rmflow.errors import Problem
from rmflow.formats.workbook.tracking import LogLine, NeedsYou, SessionRow, SummaryState, View
from rmflow.planner.mail import SUMMARY
from rmflow.planner.state import History, KnownSeries, SeriesState

_AHEAD = timedelta(days=62)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_LOG_LINES = 2000
RATING = "worthwhile"

_CHOOSE = 'Choose what to do in the column "Do next" of the sheet Pairs.'
_SUGGESTIONS = {
    "no-slot": 'Write a time into the column "slot" of the roster.',
    "series-cut-short": 'Ask the two; then choose "resend invitation" or "close".',
    "no-room": "Book a room, or agree on another place.",
    "declines": 'Ask what would suit; then write it into the column "slot" of the roster.',
    "proposal": "Talk to both. If it suits, move the meeting in the calendar.",
    "not reached": "Correct the address in the roster; mail to it starts again by itself.",
    "not delivered": "Check the address in the roster, and tell the person yourself.",
}


def overview(ports: Ports, now: datetime, problems: Iterable[Problem] = ()) -> View:
    """Return what the workbook shows now."""
    people = {
        record.id: from_json(Participant, record.person_json)
        for record in ports.store.read(PersonRecord)
    }
    records = ports.store.read(PairingRecord)
    pairings = {record.id: from_json(Pairing, record.pairing_json) for record in records}
    known = histories(ports.store)
    waiting = ports.store.waiting()
    rows = [
        row
        for id, pairing in pairings.items()
        for row in _Rows(pairing, people, known[id], _waiting_for(waiting, id), now)
    ]
    return View(
        programme=ports.programme,
        now=now,
        people=people,
        pairings=tuple(pairings.values()),
        states=_states(ports, records, pairings, people, now),
        sessions=tuple(rows),
        answers=tuple(a for history in known.values() for a in history.answers if a.held),
        ratings=tuple(_ratings(rows, known)),
        questions=tuple(_needs_you(ports, waiting, problems, now)),
        log=tuple(_log_line(effect) for effect in ports.store.latest(_LOG_LINES)),
    )


def _ratings(rows: Iterable[SessionRow], known: Mapping[PairingId, History]) -> Iterator[Rating]:
    """Yield the ratings as they came, each when its receipt left: that moment never changes, while
    a mail may have waited for a person who filed it later.
    """
    topics = {(row.pairing, row.session.id): row.topic for row in rows}
    for id, history in known.items():
        receipts = {
            (letter.session, letter.revision): letter.sent_at
            for letter in history.letters
            if letter.kind == LetterKind.RECEIPT.value
        }
        for answer in history.answers:
            at = receipts.get((answer.session, answer.revision))
            value = from_json(dict[str, str], answer.answers_json).get(RATING, "")
            if at is not None and answer.form == SUMMARY and answer.held and value.isdigit():
                meeting, topic = f"{id}/{answer.session}", topics.get((id, answer.session), "")
                yield Rating(meeting, answer.author, topic, at, int(value))


def _states(
    ports: Ports,
    records: Iterable[PairingRecord],
    pairings: Mapping[PairingId, Pairing],
    people: Mapping[PersonId, Participant],
    now: datetime,
) -> dict[PairingId, str]:
    """Return the state of each pairing; one of whom somebody is away, or paused, is paused."""
    signals = ports.store.read(SignalRecord)

    def rests(record: PairingRecord) -> bool:
        pair = (people[p] for p in (record.mentor, record.mentee) if p in people)
        at = record.resumed_at
        return any(standing(signals, person, record.id, now, at).rests for person in pair)

    return {r.id: state_of(r, pairings[r.id], rests=bool(signals) and rests(r)) for r in records}


def state_of(record: PairingRecord, pairing: Pairing, *, rests: bool = False) -> str:
    """Return "active", "paused" or "closed": the workbook's choice counts beside the roster's."""
    over = record.gone_at is not None or record.override in ("closed", "rematch")
    if over or pairing.status is PairingStatus.CLOSED:
        return PairingStatus.CLOSED.value
    if rests or record.override == "paused" or pairing.status is PairingStatus.PAUSED:
        return PairingStatus.PAUSED.value
    return PairingStatus.ACTIVE.value


@dataclass(frozen=True, slots=True)
class _Rows:
    """The meetings of one pairing."""

    pairing: Pairing
    people: Mapping[PersonId, Participant]
    history: History
    waiting: frozenset[SessionId]
    now: datetime

    def __iter__(self) -> Iterator[SessionRow]:
        for known in self.history.series:
            for session in self._taking_place(known):
                yield self._row(known, session)
            for session in self._left_out(known):
                yield replace(self._row(known, session), cancelled=True, evidence=Evidence.NOT_HELD)

    def _taking_place(self, known: KnownSeries) -> list[Session]:
        found = sessions(known.spec, _LONG_AGO, self.now + _AHEAD)
        if known.state is SeriesState.LIVE:
            return found
        end = known.ended_at or self.now
        return [session for session in found if session.start < end]

    def _left_out(self, known: KnownSeries) -> list[Session]:
        """Return the excluded meetings, with the numbers they would have had."""
        if not known.spec.excluded:
            return []
        whole = replace(known.spec, excluded=frozenset())
        kept = {session.id for session in sessions(known.spec, _LONG_AGO, self.now + _AHEAD)}
        return [s for s in sessions(whole, _LONG_AGO, self.now + _AHEAD) if s.id not in kept]

    def _row(self, known: KnownSeries, session: Session) -> SessionRow:
        mentor, mentee = (self._status(known, session, person) for person in self._pair())
        answers = [a for a in self.history.answers if (a.session, a.form) == (session.id, SUMMARY)]
        newest = max(answers, key=lambda a: a.revision, default=None)
        values = from_json(dict[str, str], newest.answers_json) if newest else {}
        rating = values.get(RATING, "")
        return SessionRow(
            pairing=self.pairing.id,
            session=session,
            evidence=evidence_of(
                session, (mentor, mentee), self.now, told=newest.held if newest else None
            ),
            mentor_response=mentor,
            mentee_response=mentee,
            topic=self._topic(session),
            summary_state=self._summary_state(session, answered=newest is not None),
            rating=int(rating) if rating.isdigit() else None,
            note=_note(session, newest),
        )

    def _pair(self) -> tuple[PersonId, PersonId]:
        return self.pairing.mentor, self.pairing.mentee

    def _status(
        self, known: KnownSeries, session: Session, person: PersonId
    ) -> ParticipationStatus:
        """Return the newest answer of a person, for this meeting or for all of them."""
        if person not in self.people:
            return ParticipationStatus.NEEDS_ACTION
        address = self.people[person].address
        mine = [
            r
            for r in self.history.responses
            if r.uid == known.spec.uid and r.attendee == address and r.session in ("", session.id)
        ]
        newest = max(mine, key=lambda r: (r.sequence, r.stamped_at), default=None)
        return ParticipationStatus(newest.status) if newest else ParticipationStatus.NEEDS_ACTION

    def _topic(self, session: Session) -> str:
        letters = (r for r in self.history.letters if r.session == session.id and r.topic)
        return next((record.topic for record in letters), "")

    def _summary_state(self, session: Session, *, answered: bool) -> SummaryState:
        kinds = {r.kind for r in self.history.letters if r.session == session.id}
        if answered:
            return SummaryState.RECEIVED
        if session.id in self.waiting:
            return SummaryState.NEEDS_YOU
        if LetterKind.SUMMARY_REMINDER.value in kinds:
            return SummaryState.REMINDED
        if LetterKind.SUMMARY_REQUEST.value in kinds:
            return SummaryState.ASKED
        return SummaryState.NOT_ASKED


def _note(session: Session, answer: AnswerRecord | None) -> str:
    if answer is not None and not answer.held:
        return "they did not meet"
    return "moved" if session.moved else ""


def _waiting_for(waiting: Iterable[ReadingRecord], pairing: PairingId) -> frozenset[SessionId]:
    return frozenset(record.session for record in waiting if record.pairing == pairing)


def _needs_you(
    ports: Ports, waiting: Iterable[ReadingRecord], problems: Iterable[Problem], now: datetime
) -> Iterator[NeedsYou]:
    """Yield everything that waits for the coordinator."""
    for problem in problems:
        if not problem.warning:
            suggestion = "Correct the cell in the roster; until then the last good roster holds."
            yield NeedsYou(
                problem.place, None, now, "roster", problem.text, suggestion, urgent=True
            )
    for question in ports.store.read(QuestionRecord):
        if question.closed_at is None:
            yield _question(question)
    for record in waiting:
        reading = from_json(Reading, record.reading_json)
        text = " ".join(part for part in (record.why, _excerpt(reading)) if part)
        suggestion = (
            "Answer it yourself if it needs an answer. Then choose in “Do next” what becomes of it; "
            f"on the command line it is `rmflow inbox show {record.mail_id[:8]}`."
        )
        pairing = record.pairing or None
        yield NeedsYou(record.mail_id, pairing, record.received_at, "mail", text, suggestion)


def _question(record: QuestionRecord) -> NeedsYou:
    return NeedsYou(
        key=record.key,
        pairing=record.pairing or None,
        since=record.asked_at,
        what=record.about.replace("-", " "),
        text=record.text,
        suggestion=_SUGGESTIONS.get(record.about, _CHOOSE),
    )


def _excerpt(reading: Reading) -> str:
    sender = f"From {reading.sender}. " if reading.sender else ""
    return f"{sender}“{reading.text}”" if reading.text else f"{sender}Subject: {reading.subject}"


def _log_line(effect: Effect) -> LogLine:
    at = effect.settled_at or effect.claimed_at
    assert at is not None
    state = {EffectState.FAILED.value: "later", EffectState.CLAIMED.value: "in doubt"}
    return LogLine(
        at=at,
        key=effect.key[:8],
        pairing=effect.pairing or None,
        what=effect.kind,
        state=state.get(effect.state, effect.state),
        detail=effect.detail,
    )
