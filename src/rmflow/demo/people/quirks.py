"""Quirks: what people do besides answering as usual. Each happens once or for a while."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from email.utils import formataddr

from babel.dates import format_date

from rmflow.demo.people import invitation as invitations
from rmflow.demo.people.invitation import Answer, Invitation
from rmflow.demo.people.letter import Letter, questions
from rmflow.demo.people.mail_programs import envelope
from rmflow.demo.people.person import Person
from rmflow.demo.people.telling import meaning

_AWAY = {
    "en": ("Automatic reply", "I am out of the office until {} and do not read mail."),
    "de": ("Automatische Antwort", "Ich bin bis {} nicht im Büro und lese keine E-Mails."),
    "fr": ("Réponse automatique", "Je suis absent jusqu'au {} et ne lis pas mes courriels."),
}


# About one meeting of a series.


@dataclass
class OneMeeting(ABC):
    """Does something about one meeting, some days before it; the second meeting is 2."""

    meeting: int
    days_before: int = 6
    uids: set[str] = field(default_factory=set)

    def __call__(self, person: Person, letter: Letter, now: datetime) -> bool:
        """Plan it when the invitation comes; the person answers that as usual."""
        invitation = Invitation.read(letter.calendar) if letter.calendar else None
        if invitation is not None and invitation.uid not in self.uids:
            self.uids.add(invitation.uid)
            start = invitation.meetings(now)[self.meeting - 1].start
            at = start - timedelta(days=self.days_before)
            person.plan(at, lambda at: self.write(person, person.calendar[invitation.uid], at))
        return False

    @abstractmethod
    def write(self, person: Person, invitation: Invitation, at: datetime) -> EmailMessage:
        """Return the mail about the next meeting."""


@dataclass
class Declines(OneMeeting):
    """Declines the meeting."""

    def write(self, person: Person, invitation: Invitation, at: datetime) -> EmailMessage:
        """Return the refusal."""
        meeting = invitation.meetings(at)[0]
        return invitations.answered(invitation, person.attendee, Answer.DECLINED, at, meeting)


@dataclass
class Proposes(OneMeeting):
    """Proposes another time, which is what dragging somebody else's meeting does."""

    later: timedelta = timedelta(days=1)

    def write(self, person: Person, invitation: Invitation, at: datetime) -> EmailMessage:
        """Return the proposal."""
        meeting = invitation.meetings(at)[0]
        start = meeting.start + self.later
        return invitations.proposed(invitation, person.attendee, at, meeting, start)


# About one request for a summary.


@dataclass
class OneAnswer(ABC):
    """Answers one request for a summary in an unusual way; the second request is 2."""

    request: int
    threads: list[str] = field(default_factory=list)

    def __call__(self, person: Person, letter: Letter, now: datetime) -> bool:
        """Wait for the turn; a reminder counts with its request."""
        if "rating" not in map(meaning, questions(letter)):
            return False
        if letter.thread not in self.threads:
            self.threads.append(letter.thread)
        if self.threads.index(letter.thread) != self.request - 1:
            return False
        if letter.thread == letter.message_id:
            person.plan(person.in_a_while(now), lambda at: self.write(person, letter, at))
        return True

    @abstractmethod
    def write(self, person: Person, letter: Letter, at: datetime) -> EmailMessage:
        """Return the unusual answer."""


@dataclass
class Seals(OneAnswer):
    """Sends an encrypted mail that nobody here can read (RFC 8551)."""

    def write(self, person: Person, letter: Letter, at: datetime) -> EmailMessage:
        """Return the sealed mail."""
        mail = envelope(person.reply(letter, at, ""))
        mail.set_content(
            person.random.randbytes(2_000),
            maintype="application",
            subtype="pkcs7-mime",
            filename="smime.p7m",
            params={"smime-type": "enveloped-data"},
        )
        return mail


@dataclass
class WritesFromHome(OneAnswer):
    """Answers from a private address that no roster knows."""

    address: str = ""

    def write(self, person: Person, letter: Letter, at: datetime) -> EmailMessage:
        """Return the usual answer under the other address."""
        mail = person.write(letter, questions(letter), at)
        mail.replace_header("From", formataddr((person.who.name, self.address)))
        return mail


@dataclass
class Says(OneAnswer):
    """Answers in these words and no others."""

    words: str = ""

    def write(self, person: Person, letter: Letter, at: datetime) -> EmailMessage:
        """Return the words."""
        return person.habits.program(person.reply(letter, at, self.words))


@dataclass
class AsksBack:
    """Answers a letter that asks nothing with a question of one's own, once."""

    words: str
    done: bool = False

    def __call__(self, person: Person, letter: Letter, now: datetime) -> bool:
        """Ask at the first such letter."""
        if self.done or letter.calendar or questions(letter):
            return False
        self.done = True
        reply = person.habits.program
        person.plan(person.in_a_while(now), lambda at: reply(person.reply(letter, at, self.words)))
        return True


# Away.


@dataclass
class Away:
    """Is away; a machine answers the first letter, the person the others after the return.

    `copies`: how often the machine answers. A machine that has gone wrong answers 40 times.
    """

    first: date
    last: date
    copies: int = 1
    answered: bool = False

    def __call__(self, person: Person, letter: Letter, now: datetime) -> bool:
        """Let the machine answer; put the letter off until the return."""
        back = datetime.combine(self.last + timedelta(days=1), time(8), person.zone)
        if not self.first <= now.astimezone(person.zone).date() <= self.last:
            return False
        if not self.answered:
            self.answered = True
            every = timedelta(seconds=3_600 / self.copies)
            for number in range(self.copies):
                at = letter.sent_at + timedelta(seconds=20) + number * every
                person.plan(at, lambda at: self._automatic(person, letter, at))
        if letter.calendar:
            person.open_invitation(letter, back)
        elif questions(letter):
            person.answer(letter, back)
        return True

    def _automatic(self, person: Person, letter: Letter, at: datetime) -> EmailMessage:
        """Return what the machine writes (RFC 3834)."""
        prefix, words = _AWAY[person.who.language]
        until = format_date(self.last, "d MMMM y", locale=person.who.language)
        mail = envelope(person.reply(letter, at, ""))
        mail.replace_header("Subject", f"{prefix}: {letter.subject}")
        mail["Auto-Submitted"] = "auto-replied"
        mail.set_content(words.format(until) + "\n")
        return mail
