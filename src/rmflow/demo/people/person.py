"""A person: reads their mail, forgets some of it, answers the rest in their own time and way."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from random import Random
from typing import Protocol
from zoneinfo import ZoneInfo

from rmflow.demo.organisation import Employee
from rmflow.demo.people import invitation as invitations
from rmflow.demo.people import mail_programs
from rmflow.demo.people.invitation import Answer, Attendee, Invitation
from rmflow.demo.people.letter import Letter, questions, unread
from rmflow.demo.people.mail_programs import Reply
from rmflow.demo.people.telling import Memory, Way, in_prose, meaning

_UP, _DOWN = 8, 19  # hours of the day in which people write mail
_SIGN_OFF = {"en": "Best wishes,", "de": "Viele Grüße", "fr": "Bien à vous,"}


class Quirk(Protocol):
    """Something a person does differently. Returns True when it has dealt with the letter."""

    def __call__(self, person: "Person", letter: Letter, now: datetime) -> bool:
        """Look at a letter, and deal with it or leave it to the person."""
        ...


@dataclass(frozen=True, slots=True)
class Habits:
    """How a person usually is with mail.

    `after`: hours a letter lies, at least and at most. `agendas`, `summaries` and `reminders`:
    which share of these requests is answered. `ignores` True: invitations are left alone.
    """

    program: mail_programs.Program = mail_programs.gmail
    calendar: invitations.Program = invitations.Program.GOOGLE
    way: Way = in_prose
    after: tuple[float, float] = (1, 30)
    agendas: float = 0.5
    summaries: float = 0.85
    reminders: float = 0.6
    answer: Answer = Answer.ACCEPTED
    ignores: bool = False
    sent_by: Employee | None = None
    quirks: tuple[Quirk, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail that left, with the moment it did."""

    at: datetime
    content: bytes


class Person:
    """Somebody with a mailbox, a calendar, habits and a memory."""

    def __init__(self, who: Employee, habits: Habits, mail: Path, seed: int) -> None:
        self.who = who
        self.habits = habits
        self.address = who.address
        self.random = Random(f"{seed} {who.name}")  # noqa: S311 a play must be repeatable
        self.zone = ZoneInfo(who.office.timezone)
        self.calendar: dict[str, Invitation] = {}
        self._addresses = [who.address]
        self._mail = mail
        self._memory = Memory(self.random, who.language)
        self._seen: set[str] = set()
        self._answered: set[str] = set()
        self._plans: list[tuple[datetime, int, Callable[[datetime], EmailMessage]]] = []
        self._number = count(1)

    def live(self, now: datetime) -> Iterator[Sent]:
        """Read what has come in, and yield what leaves until now."""
        for address in self._addresses:
            for letter in unread(self._mail / address):
                self.read(letter, now)
        while self._plans and self._plans[0][0] <= now:
            at, _, write = heappop(self._plans)
            mail = write(at)
            yield Sent(at, self._finished(mail))

    def read(self, letter: Letter, now: datetime) -> None:
        """Deal with one letter."""
        if any(quirk(self, letter, now) for quirk in self.habits.quirks):
            return
        if letter.calendar:
            self.open_invitation(letter, now)
        elif questions(letter):
            self.answer(letter, now)

    def move_to(self, address: str) -> None:
        """Get a new address; mail to the old one still arrives."""
        self.address = address
        self._addresses.append(address)

    def plan(self, at: datetime, write: Callable[[datetime], EmailMessage]) -> None:
        """Remember to write a mail at a moment; what it says is decided then."""
        heappush(self._plans, (at.astimezone(self.zone), next(self._number), write))

    def in_a_while(self, now: datetime) -> datetime:
        """Return when this person gets round to something: waking hours of a working day."""
        hours = self.random.uniform(*self.habits.after)
        at = now.astimezone(self.zone) + timedelta(hours=hours)
        if at.hour >= _DOWN:
            at = (at + timedelta(days=1)).replace(hour=_UP)
        while at.weekday() >= 5:
            at += timedelta(days=1)
        return at.replace(hour=max(at.hour, _UP), microsecond=0)

    # Invitations.

    def open_invitation(self, letter: Letter, now: datetime) -> None:
        """Put an invitation into the calendar; answer it if it has not been answered."""
        invitation = Invitation.read(letter.calendar)
        if invitation is None:
            return
        self.calendar[invitation.uid] = invitation
        mine = f"{invitation.uid} {self.address}"
        asked = invitation.unanswered(self.address) and mine not in self._answered
        if asked and not self.habits.ignores:
            self._answered.add(mine)
            self.plan(self.in_a_while(now), lambda at: self._accept(invitation.uid, at))

    def _accept(self, uid: str, at: datetime) -> EmailMessage:
        return invitations.answered(self.calendar[uid], self.attendee, self.habits.answer, at)

    @property
    def attendee(self) -> Attendee:
        """This person as an attendee, with the assistant who answers invitations for them."""
        assistant = self.habits.sent_by
        attendee = Attendee(self.who.name, self.address, self.habits.calendar)
        if assistant is None:
            return attendee
        return replace(attendee, sent_by=assistant.address, sent_by_name=assistant.name)

    # Forms.

    def answer(self, letter: Letter, now: datetime) -> None:
        """Answer a letter that asks something, or forget it; a reminder is a second chance."""
        asked = questions(letter)
        share = self.habits.reminders if letter.thread in self._seen else self.habits.summaries
        if "agenda" in map(meaning, asked):
            share = self.habits.agendas
        self._seen.add(letter.thread)
        if letter.thread in self._answered or self.random.random() >= share:
            return
        self._answered.add(letter.thread)
        self.plan(self.in_a_while(now), lambda at: self.write(letter, asked, at))

    def write(self, letter: Letter, asked: Sequence[str], at: datetime) -> EmailMessage:
        """Return the answer to a letter, in this person's way."""
        agenda = "agenda" in map(meaning, asked)
        known = self._memory.of_an_agenda() if agenda else self._memory.of_a_meeting()
        said = self.habits.way(asked, known, self.who.language)
        reply = replace(self.reply(letter, at, said.above), inside=said.inside)
        return self.habits.program(reply)

    def reply(self, letter: Letter, at: datetime, words: str) -> Reply:
        """Return a reply with these words above the letter."""
        language = self.who.language
        return Reply(
            name=self.who.name,
            address=self.address,
            language=language,
            message_id=self.message_id(),
            at=at,
            letter=letter,
            above=words,
            sign_off=f"{_SIGN_OFF[language]}\n{self.who.name.split()[0]}",
        )

    def _finished(self, mail: EmailMessage) -> bytes:
        """Return the bytes of a mail; its boundaries are of our choice, to be the same next time."""
        if "Message-ID" not in mail:
            mail["Message-ID"] = self.message_id()
        for number, part in enumerate(p for p in mail.walk() if p.is_multipart()):
            part.set_boundary(f"=_{mail['Message-ID'][1:13]}_{number}")
        return mail.as_bytes()

    def message_id(self) -> str:
        """Return a Message-ID that nobody else will use."""
        return f"<{self.random.getrandbits(96):024x}@{self.address.rpartition('@')[2]}>"
