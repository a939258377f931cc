"""Letters are written and frozen: facts from the store, words from the templates, bytes at last."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rmflow.app.history import histories
from rmflow.app.payloads import LetterPayload
from rmflow.app.ports import Ports
from rmflow.domain.documents import from_json, to_json
from rmflow.domain.keys import token_of
from rmflow.domain.letter import Letter, LetterItem, LetterKind, Offer
from rmflow.domain.pairing import Pairing, PairingId
from rmflow.domain.people import Address, Participant
from rmflow.domain.records import AnswerRecord, LetterRecord
from rmflow.domain.recurrence import sessions
from rmflow.domain.series import ParticipationStatus, SeriesSpec, SessionId
from rmflow.domain.session import Session, original_start, session_id
from rmflow.domain.topic import Topic
from rmflow.formats.calendar.ics import Method, invitation
from rmflow.formats.letters.compose import CalendarPart, Envelope, compose, message_id, plus_address
from rmflow.formats.letters.facts import ItemFacts, LetterFacts, SessionChange
from rmflow.formats.letters.written import Written
from rmflow.planner.mail import AGENDA, SUMMARY
from rmflow.planner.rhythm import rhythm
from rmflow.planner.state import Desired, History, KnownSeries

TAKEAWAYS, PROMISES = "takeaways", "change"  # questions of the summary form
_FAR = timedelta(days=370)
_MOST_DATES = 6
_ANSWERS = (LetterKind.RECEIPT, LetterKind.RESUMED, LetterKind.PASSED_ON)


def writing_desk(
    ports: Ports, desired: Desired, letters: Sequence[Letter], now: datetime
) -> "Desk":
    """Return a desk for these letters. The journal is asked once for all of them."""
    pairings = {item.pairing for letter in letters for item in letter.items}
    return Desk(ports, desired, histories(ports.store, pairings), now)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where letters are written: everything that is known of the pairs they are about."""

    ports: Ports
    desired: Desired
    known: Mapping[PairingId, History]
    now: datetime

    def write(self, letter: Letter) -> LetterPayload:
        """Return one letter as it will leave. Raises ValueError for what no mail can carry."""
        programme = self.ports.programme
        recipient = letter.recipient(self.desired.roster.people)
        facts = [self._facts(letter.kind, item) for item in letter.items]
        written = self.ports.writer.write(
            LetterFacts(programme, letter.kind, recipient, tuple(facts), _reference(letter, facts))
        )
        envelope = self._envelope(letter, recipient)
        content = compose(written, envelope, self._calendar(letter))
        return LetterPayload(
            envelope.message_id,
            envelope.sender,
            envelope.recipient,
            content,
            tuple(self._record(letter, item, written, envelope) for item in letter.items),
        )

    def _envelope(self, letter: Letter, recipient: Participant) -> Envelope:
        programme = self.ports.programme
        reply_to = self._reply_to(letter)
        root = self._thread_root(letter)
        return Envelope(
            key=letter.key,
            message_id=message_id(letter.key, programme.mailbox),
            sender=programme.mailbox,
            sender_name=programme.mailbox_name,
            recipient=recipient.address,
            recipient_name=recipient.name,
            reply_to=reply_to,
            date=self.now,
            kind=letter.kind.value,
            in_reply_to=root,
            references=(root,) if root else (),
            automatic="auto-replied" if letter.kind in _ANSWERS else "auto-generated",
            unsubscribe=reply_to if letter.kind.counts_against_budget else None,
        )

    def _reply_to(self, letter: Letter) -> Address | None:
        """Return where an answer goes: the mailbox, with a token that says what it answers."""
        programme = self.ports.programme
        if not programme.plus_addressing:
            return None
        token = token_of(programme.salt, letter.kind.token_kind, letter.key)
        return plus_address(programme.mailbox, token)

    def _thread_root(self, letter: Letter) -> str:
        """Return the Message-ID of the first letter with the same form about the same meeting."""
        item = letter.items[0]
        earlier = [
            record
            for record in self.known[item.pairing].letters
            if item.form and (record.session, record.form) == (item.session, item.form)
        ]
        return min(earlier, key=lambda r: r.sent_at).message_id if earlier else ""

    def _calendar(self, letter: Letter) -> CalendarPart | None:
        if not letter.kind.carries_calendar:
            return None
        item = letter.items[0]
        series = self._series(item)
        method = Method.CANCEL if letter.kind is LetterKind.CANCELLATION else Method.REQUEST
        statuses = _statuses(self.known[item.pairing], series.spec)
        content = invitation(series.spec, method=method, now=self.now, statuses=statuses)
        return CalendarPart(method.value, content)

    def _series(self, item: LetterItem) -> KnownSeries:
        series = self.known[item.pairing].series
        return next(known for known in series if known.spec.uid == item.series)

    def _record(
        self, letter: Letter, item: LetterItem, written: Written, envelope: Envelope
    ) -> LetterRecord:
        return LetterRecord(
            item=item.key,
            key=letter.key,
            kind=letter.kind.value,
            pairing=item.pairing,
            session=item.session or SessionId(""),
            person=letter.to,
            form=item.form or "",
            topic=item.topic or "",
            revision=item.revision,
            token=token_of(self.ports.programme.salt, letter.kind.token_kind, letter.key),
            message_id=envelope.message_id,
            subject=written.subject,
            text=written.text,
            sent_at=self.now,
            offer_json=to_json(item.offer) if item.offer else "",
        )

    # Facts.

    def _facts(self, kind: LetterKind, item: LetterItem) -> ItemFacts:
        roster, gone = self.desired.roster, self.desired.gone
        pairing = roster.pairings.get(item.pairing) or gone[item.pairing]
        partner = roster.people[pairing.mentee if item.role.value == "mentor" else pairing.mentor]
        if item.series is not None:
            return self._series_facts(kind, item, pairing, partner)
        history = self.known[item.pairing]
        session = _session(history, item.session) if item.session else None
        earlier = _before(history, item.session)
        prompting = kind is LetterKind.PROMPT
        return ItemFacts(
            role=item.role,
            partner=partner,
            location=self._location(pairing, history),
            session=session,
            sessions=_offered(history, item.offer) if item.offer else (),
            topic=self._topic(item),
            agenda=_agenda(history, item.session) if prompting else "",
            takeaways=earlier.get(TAKEAWAYS, "") if prompting else "",
            promises=tuple(earlier.get(PROMISES, "").splitlines()) if prompting else (),
            form=self.ports.programme.forms[item.form] if item.form else None,
            answers=_answers(history, item) if kind is LetterKind.RECEIPT else {},
            last=item.last,
            until=item.until,
            own_wish=item.own_wish,
        )

    def _series_facts(
        self, kind: LetterKind, item: LetterItem, pairing: Pairing, partner: Participant
    ) -> ItemFacts:
        known = self._series(item)
        coming = _coming(known.spec, self.now)
        changed = known.previous is not None and kind is LetterKind.UPDATE
        return ItemFacts(
            role=item.role,
            partner=partner,
            location=known.spec.location,
            sessions=tuple(coming[:_MOST_DATES]),
            cadence=rhythm(self.ports.programme, pairing, [known]),
            changes=_changes(known.previous, known.spec, self.now) if changed else (),
            because=known.because,
        )

    def _location(self, pairing: Pairing, history: History) -> str:
        live = history.live
        return live.spec.location if live else pairing.location

    def _topic(self, item: LetterItem) -> Topic | None:
        topics = self.ports.programme.topics
        return next((topic for topic in topics if topic.id == item.topic), None)


def _reference(letter: Letter, facts: Sequence[ItemFacts]) -> str:
    """Return what a person can name on the telephone: the pair, and which meeting."""
    session = facts[0].session
    return f"{letter.items[0].pairing}-{session.number}" if session else letter.items[0].pairing


def _session(history: History, id: SessionId) -> Session | None:
    """Return the session with this id, None when it does not take place any more."""
    at = original_start(id)
    for known in history.series:
        for session in sessions(known.spec, at - _FAR, at + _FAR):
            if session.id == id:
                return session
    return None


def _offered(history: History, offer: Offer) -> tuple[Session, ...]:
    """Return the first meeting of each series that is offered."""
    live = history.live
    assert live is not None
    zone, length = ZoneInfo(live.spec.zone), live.spec.duration
    starts = [start.replace(tzinfo=zone) for start in offer.starts]
    return tuple(
        Session(session_id(start), number, start, start + length)
        for number, start in enumerate(starts, 1)
    )


def _coming(spec: SeriesSpec, now: datetime) -> list[Session]:
    return [s for s in sessions(spec, now, now + _FAR) if s.start > now]


def _changes(
    before: SeriesSpec | None, after: SeriesSpec, now: datetime
) -> tuple[SessionChange, ...]:
    """Return the coming meetings that moved or do not take place, in order of their old time."""
    if before is None:
        return ()
    new = {session.id: session for session in _coming(after, now)}
    pairs = ((was, new.get(was.id)) for was in _coming(before, now))
    return tuple(
        SessionChange(was, then) for was, then in pairs if then is None or then.start != was.start
    )


def _statuses(history: History, spec: SeriesSpec) -> Mapping[Address, ParticipationStatus]:
    """Return who has answered for the whole series: a change of one meeting asks nobody anew."""
    whole = [r for r in history.responses if r.uid == spec.uid and not r.session]
    return {Address(r.attendee): ParticipationStatus(r.status) for r in whole}


def _agenda(history: History, session: SessionId | None) -> str:
    """Return the mentee's own words for this meeting, the newest ones."""
    mine = [a for a in history.answers if (a.form, a.session) == (AGENDA, session)]
    return "\n".join(_values(mine[-1]).values()) if mine else ""


def _before(history: History, session: SessionId | None) -> dict[str, str]:
    """Return the answers of the last summary of an earlier meeting."""
    earlier = [a for a in history.answers if a.form == SUMMARY and a.session < (session or "")]
    newest = max(earlier, key=lambda a: (a.session, a.revision), default=None)
    return _values(newest) if newest else {}


def _answers(history: History, item: LetterItem) -> dict[str, str]:
    """Return what is stored of the form this receipt is about."""
    mine: Iterable[AnswerRecord] = (
        a for a in history.answers if (a.form, a.session) == (item.form, item.session)
    )
    newest = max(mine, key=lambda a: a.revision, default=None)
    return _values(newest) if newest else {}


def _values(record: AnswerRecord) -> dict[str, str]:
    return from_json(dict[str, str], record.answers_json)
