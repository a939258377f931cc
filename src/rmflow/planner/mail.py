"""Letters: which are due for a pairing now, and when to look again.

Before a meeting a letter falls back to the working day before its time; after it, it waits for the
next one. What has become pointless is never sent late.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from rmflow.domain.keys import Key, key_of
from rmflow.domain.letter import LetterItem, LetterKind
from rmflow.domain.people import Participant, Role
from rmflow.domain.records import AnswerRecord, LetterRecord
from rmflow.domain.recurrence import sessions
from rmflow.domain.series import SessionId
from rmflow.domain.session import Session
from rmflow.domain.topic import next_topic
from rmflow.domain.workdays import next_open, rolled_back
from rmflow.planner.choice import TIMES
from rmflow.planner.new_times import answers_until, offer_for, offer_key, reluctances
from rmflow.planner.responses import declined_by
from rmflow.planner.scene import Scene
from rmflow.planner.state import KnownSeries, SeriesState
from rmflow.planner.taking_part import confirmations, reaches

AGENDA, SUMMARY = "agenda", "summary"
_SOON = timedelta(hours=1)
_MOST_RECEIPTS = 5  # a meeting; people correct themselves, but not for ever
_AHEAD = timedelta(days=45)  # far enough to know when to wake, near enough to be cheap


@dataclass(frozen=True, slots=True)
class DueLetter:
    """A letter whose time has come. `until`: when it becomes pointless (None: never)."""

    kind: LetterKind
    to: Participant
    item: LetterItem
    until: datetime | None = None
    after: Key | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """The letters due now, and the first instant at which another one may be."""

    due: tuple[DueLetter, ...]
    wake: datetime | None


@dataclass(frozen=True, slots=True)
class _Timed:
    """A letter with its window; it is due while `opens <= now < until`."""

    letter: DueLetter
    opens: datetime


def plan_mail(scene: Scene, after: dict[str, Key]) -> Mail:
    """Return the letters of a pairing. `after`: series actions of this plan by UID."""
    due = [*_series_letters(scene, after), *_receipts(scene), *_confirmed(scene)]
    wake = [at for at in answers_until(scene) if at > scene.now]
    for timed in _clock(scene, after):
        until = timed.letter.until
        if until is not None and max(timed.opens, scene.now) >= until:
            continue
        if timed.opens > scene.now:
            wake.append(timed.opens)
        elif _invited(scene, timed.letter.to):
            due.append(timed.letter)
        elif timed.letter.item.key not in scene.done:
            wake.append(scene.now + _SOON)
    due = [letter for letter in due if reaches(scene, letter.kind, letter.item.role)]
    fresh = [letter for letter in due if letter.item.key not in scene.done]
    return Mail(tuple(fresh), min(wake, default=None))


# About the series itself.


def _series_letters(scene: Scene, after: dict[str, Key]) -> Iterator[DueLetter]:
    """Yield an invitation, update or cancellation to each person who has not had it yet."""
    if not scene.by_mail:
        return
    for known in scene.history.series:
        for role in Role:
            if letter := _series_letter(scene, known, role, after):
                yield letter


def _series_letter(
    scene: Scene, known: KnownSeries, role: Role, after: dict[str, Key]
) -> DueLetter | None:
    person = _as_invited(scene, known, role)
    if known.state is SeriesState.LIVE and known.told >= known.spec.sequence:
        return None
    had = known.told >= 0 or _had_series_letter(scene, known, person)
    if known.state is SeriesState.DELETED and not _replaced(scene, known):
        return None  # a person may yet put it back; what they choose is told then
    if known.state in (SeriesState.CANCELLED, SeriesState.DELETED):
        if not had:
            return None
        kind = LetterKind.CANCELLATION
    elif not had:
        if known.state is SeriesState.ENDED:
            return None
        kind = LetterKind.INVITATION
    else:
        kind = LetterKind.UPDATE
    uid, sequence = known.spec.uid, known.spec.sequence
    key = key_of(scene.programme.salt, "series-letter", uid, str(sequence), person.address)
    former = None if person == scene.person(role) else person.address
    item = LetterItem(
        key, scene.pairing.id, role, revision=sequence, series=uid, former_address=former
    )
    return DueLetter(kind, person, item, after=after.get(uid))


def _as_invited(scene: Scene, known: KnownSeries, role: Role) -> Participant:
    """Return a person at the address that knows of a series that is over: it may be a former one.

    While meetings go on, a former address is not told that they are over for it: mail to it mostly
    reaches the same calendar, where that would take out what goes on.
    """
    person = scene.person(role)
    if known.state is SeriesState.LIVE or _had_series_letter(scene, known, person):
        return person
    invited = (
        replace(person, address=attendee.address)
        for attendee in known.spec.attendees
        if attendee.name == person.name and not attendee.optional
    )
    return next((p for p in invited if _had_series_letter(scene, known, p)), person)


def _replaced(scene: Scene, known: KnownSeries) -> bool:
    """Return whether a deleted series is over for good: closed, or followed by another."""
    return scene.closed or known is not scene.history.series[-1]


def _had_series_letter(scene: Scene, known: KnownSeries, person: Participant) -> bool:
    """Return whether this address was ever invited to this series."""
    keys = (
        key_of(scene.programme.salt, "series-letter", known.spec.uid, str(n), person.address)
        for n in range(known.spec.sequence)
    )
    return any(key in scene.done for key in keys)


# Around each meeting.


def _clock(scene: Scene, after: dict[str, Key]) -> Iterator[_Timed]:
    """Yield every letter around the meetings near now, due or still to come.

    Those about a series that is being changed wait for its change.
    """
    if scene.paused or scene.closed:
        return
    timing = scene.programme.timing
    yield from _offers(scene, after)
    for known in scene.history.series:
        if known.state is SeriesState.DELETED:
            continue
        near = sessions(known.spec, scene.now - timing.summary_expires, scene.now + _AHEAD)
        ended = known.ended_at
        near = [s for s in near if ended is None or s.start < ended]
        for session, following in pairwise([*near, None]):
            assert session is not None
            if declined_by(scene, known.spec, session.id) is not None:
                continue
            for timed in _around(scene, session, following):
                letter = replace(timed.letter, after=after.get(known.spec.uid))
                yield replace(timed, letter=letter)


def _invited(scene: Scene, person: Participant) -> bool:
    """Return whether a person knows of the meetings: no mail about one goes before its invitation.

    Where a calendar server invites, or nobody does, that is not ours to know.
    """
    kind = LetterKind.INVITATION.value
    letters = scene.history.letters
    known = any(series.told >= 0 for series in scene.history.series)
    by_mail = any(r.kind == kind and r.person == person.id for r in letters)
    return not scene.by_mail or known or by_mail


def _around(scene: Scene, session: Session, following: Session | None) -> Iterator[_Timed]:
    """Yield agenda request, prompts, summary request and reminders of one meeting."""
    timing = scene.programme.timing
    prompt_at = session.start - timing.prompt_before
    prompts = {role: rolled_back(prompt_at, scene.person(role), scene.programme) for role in Role}
    if not _answers(scene, session.id, AGENDA):
        asked = rolled_back(session.start - timing.agenda_before, scene.mentee, scene.programme)
        until = min(prompts.values())  # the prompts pass the agenda on
        yield _timed(scene, LetterKind.AGENDA_REQUEST, Role.MENTEE, session, at=asked, until=until)
    for role, opens in prompts.items():
        yield _timed(scene, LetterKind.PROMPT, role, session, at=opens, until=session.start)
    if _answers(scene, session.id, SUMMARY) or session.id in scene.history.waiting:
        return
    until = session.end + timing.summary_expires
    if following is not None:
        until = min(until, following.start)
    asked = session.end + timing.summary_after
    request = _timed(scene, LetterKind.SUMMARY_REQUEST, Role.MENTEE, session, at=asked, until=until)
    yield request
    yield from _asked_again(scene, session, until)
    yield from _reminders(scene, session, request, until)


def _asked_again(scene: Scene, session: Session, until: datetime) -> Iterator[_Timed]:
    """Yield a question for each mail after which the coordinator wants one, once."""
    for mail in scene.history.asked_again:
        if mail.session == session.id:
            at, kind = mail.received_at, LetterKind.SUMMARY_REMINDER
            timed = _timed(scene, kind, Role.MENTEE, session, at=at, until=until)
            item = replace(timed.letter.item, key=scene.key("ask again", mail.mail_id))
            yield replace(timed, letter=replace(timed.letter, item=item))


def _reminders(
    scene: Scene, session: Session, request: _Timed, until: datetime
) -> Iterator[_Timed]:
    """Yield the reminders; they count from the mails before them as those were really sent.

    A request that has not been sent counts from when it may be, so that the pairing wakes in
    time. A reminder is pointless once it is time for the next one.
    """
    sent = _sent_at(scene, LetterKind.SUMMARY_REQUEST, session.id)
    if sent is None and request.letter.item.key in scene.done:
        return  # it was held: nobody is reminded of a question that never came
    before = sent or request.opens
    spans = scene.programme.timing.reminders_after
    gaps = [span - earlier for earlier, span in pairwise([timedelta(), *spans])]
    for number, (gap, following) in enumerate(pairwise([*gaps, None]), 1):
        assert gap is not None
        at = before + gap
        yield _timed(
            scene,
            LetterKind.SUMMARY_REMINDER,
            Role.MENTEE,
            session,
            at=at,
            until=until if following is None else min(until, at + following),
            revision=number,
            last=following is None,
        )
        before = _sent_at(scene, LetterKind.SUMMARY_REMINDER, session.id, number) or at


def _timed(
    scene: Scene,
    kind: LetterKind,
    role: Role,
    session: Session,
    *,
    at: datetime,
    until: datetime,
    revision: int = 0,
    last: bool = False,
) -> _Timed:
    person = scene.person(role)
    # The window is asked for now as well: a letter that is late waits for working hours, too.
    opens = max(at, next_open(max(at, scene.now), person, scene.programme))
    prompting = kind is LetterKind.PROMPT and opens <= scene.now
    item = LetterItem(
        key=scene.key(kind.value, session.id, role.value, str(revision)),
        pairing=scene.pairing.id,
        role=role,
        session=session.id,
        topic=_topic(scene, session) if prompting else None,
        form=_form(kind),
        revision=revision,
        last=last,
    )
    return _Timed(DueLetter(kind, person, item, until), opens)


def _form(kind: LetterKind) -> str | None:
    match kind:
        case LetterKind.AGENDA_REQUEST:
            return AGENDA
        case LetterKind.SUMMARY_REQUEST | LetterKind.SUMMARY_REMINDER:
            return SUMMARY
        case _:
            return None


def _topic(scene: Scene, session: Session) -> str | None:
    """Return the topic for this meeting: the same one for both people and for every try."""
    prompts = [r for r in scene.history.letters if r.kind == LetterKind.PROMPT.value and r.topic]
    same = [record.topic for record in prompts if record.session == session.id]
    if same:
        return same[0]
    meeting = 1 + len({record.session for record in prompts})
    topic = next_topic(scene.programme.topics, tuple(r.topic for r in prompts), meeting)
    return topic.id if topic else None


# Other times.


def _offers(scene: Scene, after: dict[str, Key]) -> Iterator[_Timed]:
    """Yield the letters that offer other times to those who decline again and again."""
    live = scene.history.live
    changing = after.get(live.spec.uid) if live else None
    for reluctance in reluctances(scene):
        offer = offer_for(scene, reluctance)
        if offer is None:
            continue
        item = LetterItem(
            key=offer_key(scene, reluctance),
            pairing=scene.pairing.id,
            role=reluctance.role,
            session=reluctance.session,
            form=TIMES,
            offer=offer,
        )
        opens = next_open(scene.now, reluctance.person, scene.programme)
        letter = DueLetter(LetterKind.NEW_TIMES, reluctance.person, item, after=changing)
        yield _Timed(letter, opens)


# Receipts.


def _confirmed(scene: Scene) -> Iterator[DueLetter]:
    """Yield the answers to wishes; like receipts they answer a mail, and nothing holds them back."""
    for kind, person, item in confirmations(scene):
        yield DueLetter(kind, person, item)


def _receipts(scene: Scene) -> Iterator[DueLetter]:
    """Yield a receipt for each summary; it answers a mail, so no window holds it back.

    Of several about one meeting the newest has one. None is sent when nobody expects it any more,
    and whose program answers every mail of ours runs out of receipts.
    """
    for session, record in _newest_summaries(scene).items():
        sent = (r for r in scene.history.letters if r.session == session)
        had = sum(r.kind == LetterKind.RECEIPT.value for r in sent)
        late = scene.now >= record.received_at + scene.programme.timing.summary_expires
        if not record.held or had >= _MOST_RECEIPTS or late:
            continue
        key = scene.key("receipt", record.mail_id)
        item = LetterItem(
            key,
            scene.pairing.id,
            Role.MENTEE,
            record.session,
            form=record.form,
            revision=record.revision,
        )
        yield DueLetter(LetterKind.RECEIPT, scene.mentee, item)


def _newest_summaries(scene: Scene) -> dict[SessionId, AnswerRecord]:
    """Return what the mentee wrote last about each meeting."""
    mine = [a for a in scene.history.answers if a.form == SUMMARY and a.author == scene.mentee.id]
    return {a.session: a for a in sorted(mine, key=lambda a: a.revision)}


def _answers(scene: Scene, session: SessionId, form: str) -> list[AnswerRecord]:
    return [a for a in scene.history.answers if (a.session, a.form) == (session, form)]


def _sent_at(
    scene: Scene, kind: LetterKind, session: SessionId, revision: int = 0
) -> datetime | None:
    sent: list[LetterRecord] = [
        record
        for record in scene.history.letters
        if (record.kind, record.session, record.revision) == (kind.value, session, revision)
    ]
    return max((record.sent_at for record in sent), default=None)
