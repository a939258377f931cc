"""One builder a noun, everything defaulted, so that a test names only what it is about."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from rmflow.domain.keys import Key
from rmflow.domain.pairing import Pairing, PairingId, Roster, Slot
from rmflow.domain.people import Address, Participant, PersonId
from rmflow.domain.programme import Programme
from rmflow.domain.reading import MailId, MailKind, Reading, ReadingStatus
from rmflow.domain.records import LetterRecord, PairingRecord
from rmflow.domain.series import ParticipationStatus, Response, SeriesSpec, SessionId, Uid
from rmflow.domain.topic import Owner, Topic, TopicText
from rmflow.planner.actions import Action, CancelSeries, CreateSeries, ReviseSeries, SendLetter
from rmflow.planner.calendar import cancelled, created, revised
from rmflow.planner.plan import Plan, plan
from rmflow.planner.state import (
    Command,
    Desired,
    History,
    Journal,
    KnownSeries,
    Observed,
)

MAILBOX = Address("mentoring@contoso.example")
MONDAY = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)


def a_topic(id: str = "first-jobs", depth: int = 1) -> Topic:
    text = TopicText(f"About {id}", "An opening.", ("A question?",))
    return Topic(id, Owner.BOTH, depth, frozenset({"ice-breaker"}), {"en": text})


def a_programme(**changes: Any) -> Programme:
    usual = Programme(
        id="rm-2026",
        name="Reverse Mentoring",
        mailbox=MAILBOX,
        mailbox_name="Reverse Mentoring",
        coordinator=Address("hanna.brandt@contoso.example"),
        coordinator_name="Hanna Brandt",
        salt=b"0123456789abcdef",
        timezone="Europe/Berlin",
        topics=tuple(a_topic(f"topic-{number}", 1 + number // 3) for number in range(8)),
    )
    return replace(usual, **changes)


def a_person(name: str = "Mara Vogel", **changes: Any) -> Participant:
    address = Address(name.lower().replace(" ", ".") + "@contoso.example")
    usual = Participant(
        id=PersonId(address),
        address=address,
        name=name,
        timezone="Europe/Berlin",
        location="Building 4, room 212",
    )
    return replace(usual, **changes)


MARA = a_person("Mara Vogel")
JENS = a_person("Jens Adler", location="Tower, floor 30")


def a_pairing(id: str = "p1", **changes: Any) -> Pairing:
    usual = Pairing(
        id=PairingId(id),
        mentor=MARA.id,
        mentee=JENS.id,
        cadence="hour-monthly",
        slot=Slot(1, time(10)),
        start=date(2026, 10, 13),
    )
    return replace(usual, **changes)


def a_spec(**changes: Any) -> SeriesSpec:
    """A monthly series on second Tuesdays, 10:00 in Berlin, first on 13 October 2026."""
    from rmflow.domain.series import Attendee

    usual = SeriesSpec(
        uid=Uid("u1@contoso.example"),
        pairing=PairingId("p1"),
        zone="Europe/Berlin",
        start=datetime(2026, 10, 13, 10),
        duration=timedelta(hours=1),
        rrule="FREQ=MONTHLY;BYDAY=2TU;WKST=MO",
        summary="Reverse Mentoring",
        description="",
        location="Building 4, room 212",
        organiser=MAILBOX,
        organiser_name="Reverse Mentoring",
        attendees=(Attendee(MARA.address, MARA.name), Attendee(JENS.address, JENS.name)),
    )
    return replace(usual, **changes)


def a_reading(**changes: Any) -> Reading:
    """A human summary of the first meeting of p1, fully understood."""
    usual = Reading(
        mail_id=MailId("a" * 32),
        kind=MailKind.HUMAN,
        status=ReadingStatus.OK,
        received_at=datetime(2026, 10, 14, 9, tzinfo=UTC),
        author=JENS.id,
        pairing=PairingId("p1"),
        session=SessionId("20261013T080000Z"),
        form="summary",
        answers={"takeaways": "Listen first.", "worthwhile": "5"},
        text="Listen first. 5",
    )
    return replace(usual, **changes)


def a_response(status: ParticipationStatus, **changes: Any) -> Response:
    usual = Response(
        uid=Uid("?"),
        session=None,
        attendee=JENS.address,
        status=status,
        sequence=0,
        stamped_at=MONDAY,
    )
    return replace(usual, **changes)


class World:
    """A programme that lives: each `step` plans, pretends that all succeeded, and remembers.

    It stands in for store, calendar and mail together, so that a test of the planner tells a
    story: what happens on which day, and what rmflow makes of it.
    """

    def __init__(
        self,
        *,
        pairings: Iterable[Pairing] = (),
        people: Iterable[Participant] = (MARA, JENS),
        programme: Programme | None = None,
        by_mail: bool = True,
        rooms: bool = False,
    ) -> None:
        self.programme = programme or a_programme()
        self.people = {person.id: person for person in people}
        self.pairings = {pairing.id: pairing for pairing in pairings or (a_pairing(),)}
        self.gone: dict[PairingId, Pairing] = {}
        self.by_mail = by_mail
        self.rooms = rooms
        self.done: set[Key] = set()
        self.histories: dict[PairingId, History] = {}
        self.sent: list[tuple[datetime, SendLetter]] = []

    def plan(
        self, now: datetime, *, observed: Observed | None = None, choice: str = "", **more: Any
    ) -> Plan:
        commands = tuple(Command(id, choice) for id in self.pairings) if choice else ()
        observed = replace(observed or Observed(), commands=commands)
        desired = Desired(
            programme=self.programme,
            roster=Roster(self.people, self.pairings),
            awake=frozenset(more.pop("awake", None) or {*self.pairings, *self.gone}),
            by_mail=self.by_mail,
            rooms=self.rooms,
            gone=self.gone,
            live_series=sum(h.live is not None for h in self.histories.values()),
            **more,
        )
        recent = {
            person: tuple(
                (action.letter.kind.value, at)
                for at, action in self.sent
                if action.letter.to == person and at > now - timedelta(days=7)
            )
            for person in self.people
        }
        journal = Journal(frozenset(self.done), pairs=self.histories, recent=recent)
        return plan(desired, observed, journal, now=now)

    def step(self, now: datetime, **more: Any) -> tuple[Action, ...]:
        found = self.plan(now, **more)
        for action in found.actions:
            self._happen(action, now)
        for record in found.pairings:
            self.histories[record.id] = replace(self._history(record.id), record=record)
        return found.actions

    def live(self, first: datetime, last: datetime, every: timedelta = timedelta(hours=3)) -> None:
        """Step through a span of time."""
        at = first
        while at <= last:
            self.step(at)
            at += every

    def mails(self, kind: str = "") -> list[tuple[str, str]]:
        """Return day and hour, kind and recipient's first name of each mail so far."""
        return [
            (f"{at:%m-%d %H:%M}", f"{a.letter.kind.value} {self.people[a.letter.to].first_name}")
            for at, a in self.sent
            if a.letter.kind.value.startswith(kind)
        ]

    def _history(self, id: PairingId) -> History:
        return self.histories.get(id, History())

    def _happen(self, action: Action, now: datetime) -> None:
        self.done.add(action.key)
        history = self._history(action.pairing)
        match action:
            case CreateSeries():
                new = replace(created(action), etag="e0")
                history = replace(history, series=(*history.series, new))
            case ReviseSeries():
                self.done |= set(action.covers)
                history = self._replaced(history, revised(action, now))
            case CancelSeries():
                history = self._replaced(history, cancelled(action, now))
            case SendLetter():
                self.sent.append((now, action))
                self.done |= set(action.covers)
                for item in action.letter.items:
                    record = LetterRecord(
                        item=item.key, key=action.key, kind=action.letter.kind.value,
                        pairing=item.pairing, session=item.session or SessionId(""),
                        person=action.letter.to, form=item.form or "", topic=item.topic or "",
                        revision=item.revision, token="", message_id="", subject="", text="",
                        sent_at=now,
                    )  # fmt: skip
                    own = self._history(item.pairing)
                    self.histories[item.pairing] = replace(own, letters=(*own.letters, record))
                return
            case _:
                for record in getattr(action, "records", ()):
                    history = self._remembered(history, record)
        self.histories[action.pairing] = history

    @staticmethod
    def _replaced(history: History, known: KnownSeries) -> History:
        series = (known if k.spec.uid == known.spec.uid else k for k in history.series)
        return replace(history, series=tuple(series))

    @staticmethod
    def _remembered(history: History, record: object) -> History:
        from rmflow.domain.records import (
            AnswerRecord,
            QuestionRecord,
            ReadingRecord,
            ResponseRecord,
            SeriesRecord,
        )
        from rmflow.planner.state import known_of

        match record:
            case AnswerRecord():
                return replace(history, answers=(*history.answers, record))
            case ResponseRecord():
                same = (record.uid, record.session, record.attendee)
                kept = (r for r in history.responses if (r.uid, r.session, r.attendee) != same)
                return replace(history, responses=(*kept, record))
            case ReadingRecord(state="waiting", session=session) if session:
                return replace(history, waiting=history.waiting | {session})
            case QuestionRecord():
                others = tuple(q for q in history.questions if q.key != record.key)
                return replace(history, questions=(*others, record))
            case SeriesRecord(uid=uid) if any(k.spec.uid == uid for k in history.series):
                return World._replaced(history, known_of(record))
            case SeriesRecord():
                return replace(history, series=(*history.series, known_of(record)))
            case PairingRecord():
                return replace(history, record=record)
            case _:
                return history


def kinds(actions: Iterable[Action]) -> list[str]:
    """Return what the actions are, in order."""
    from rmflow.planner.describe import verb

    return [verb(action) for action in actions]


def at(text: str) -> datetime:
    """Return an instant from "2026-10-13 09:00" in Berlin."""
    from zoneinfo import ZoneInfo

    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin"))
