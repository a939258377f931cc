"""What arrives in the mailbox of a busy office: a mixed corpus, drawn by chance."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from random import Random

import reply_corpus
from corpus_drawn import drawn
from hostile_mails import hostile

from correspondence import MAILBOX, auto_reply, bounce, counter, stranger
from office import Office, address

_LARGE = 200_000


@dataclass(frozen=True)
class Arrival:
    """A mail. Two of one `origin` ("summary 17") are one mail to whoever wrote it."""

    origin: str
    raw: bytes


class BusyOffice(Office):
    """An office of many pairs. What its people write is handed back, not delivered."""

    def __init__(self, folder: Path, *, pairs: int, start: datetime) -> None:
        super().__init__(folder, pairs=1, start=start)
        self.mentees = [f"Leader Number{n}" for n in range(pairs)]
        mentors = [f"Mentor Number{n}" for n in range(pairs)]
        (row,), person = self.rows, self.people[0]
        self.rows = [
            (f"pair-{n}", address(mentors[n]), address(mentee), *row[3:])
            for n, mentee in enumerate(self.mentees)
        ]
        self.people = [(address(name), name, *person[2:]) for name in (*mentors, *self.mentees)]
        self.save_roster()
        self._letters: dict[tuple[str, str], EmailMessage] = {}

    def last_mail(self, person: str, kind: str) -> EmailMessage:
        key = person, kind
        if key not in self._letters:
            self._letters[key] = super().last_mail(person, kind)
        return self._letters[key]

    def deliver(self, raw: bytes) -> bytes:
        return raw


class Corpus:
    """Draws mails. Line ends are CRLF, as servers hand them out."""

    def __init__(self, office: BusyOffice, seed: int) -> None:
        self._office = office
        self._dice = Random(seed)
        self._number = 0
        self._hostile = self._small_hostile()
        self._so_far: list[Arrival] = []
        self._arrival("summary")

    def draw(self, size: int) -> list[Arrival]:
        """Return the next mails."""
        kinds, weights = zip(*_WEIGHTS.items(), strict=True)
        drawn_kinds = self._dice.choices(kinds, weights, k=size)
        return [self._arrival(kind) for kind in drawn_kinds]

    def _arrival(self, kind: str) -> Arrival:
        self._number += 1
        if kind in _AGAIN:
            first = self._dice.choice(self._so_far)
            return Arrival(first.origin, _AGAIN[kind](self, first.raw))
        person = self._dice.choice(self._office.mentees)
        raw = re.sub(rb"\r?\n", b"\r\n", _MAKERS[kind](self, person))
        raw = re.sub(rb"^(?i:Message-ID): ?<", b"Message-ID: <%d." % self._number, raw, count=1,
                     flags=re.MULTILINE)  # fmt: skip
        arrival = Arrival(f"{kind} {self._number}", raw)
        if len(raw) < _LARGE:
            self._so_far.append(arrival)
        return arrival

    # What servers and swindlers make of a mail that has come before.

    def copy(self, raw: bytes) -> bytes:
        return raw

    def relayed_again(self, raw: bytes) -> bytes:
        trace = f"Received: from relay{self._number}.contoso.example by mx.contoso.example"
        return trace.encode() + b";\r\n\tTue, 13 Oct 2026 15:00:00 +0200\r\n" + raw

    def contradiction(self, raw: bytes) -> bytes:
        """The same Message-ID over other words."""
        head, gap, body = raw.partition(b"\r\n\r\n")
        return head + gap + b"Other words, number %d.\r\n" % self._number + body

    # What people and machines write.

    def summary(self, person: str) -> bytes:
        text = f"Key takeaways: what we said was number {self._number}\nRating: 4"
        return self._office.answer(person, "summary-request", text)

    def in_any_way(self, person: str) -> bytes:
        """A reply of the corpus: any language, any mail program, any way to answer."""
        letter = self._office.last_mail(person, "summary-request")
        _, _, raw = drawn(self._dice.randrange(10**6))
        head, gap, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
        for ours, theirs in (
            (reply_corpus.LETTER_ID, letter["Message-ID"]),
            (reply_corpus.REPLY_TO, letter["Reply-To"].addresses[0].addr_spec),
            (reply_corpus.MARGARET.address, address(person)),
        ):
            head = head.replace(ours.encode(), theirs.encode())
        return head + gap + body

    def bounce(self, person: str) -> bytes:
        return bounce(self._office, person, "invitation")

    def answer_to_the_series(self, person: str) -> bytes:
        return self._office.respond(person, self._dice.choice(("ACCEPTED", "TENTATIVE")))

    def decline(self, person: str) -> bytes:
        month, day = self._dice.choice(((11, 10), (12, 8)))
        session = f"2026{month:02}{day:02}T090000Z"
        return self._office.respond(person, "DECLINED", extra=(f"RECURRENCE-ID:{session}",))

    def proposal(self, person: str) -> bytes:
        start = self._office.now + timedelta(days=90 + self._dice.randrange(9))
        return counter(self._office, person, "20270112T090000Z", start)

    def absence(self, person: str) -> bytes:
        return auto_reply(self._office, person, "summary-request", f"Away. {self._number}")

    def stranger(self, person: str) -> bytes:
        return stranger(self._office, f"Is this the canteen? {self._number}")

    def our_own(self, person: str) -> bytes:
        kind = self._dice.choice(("invitation", "summary-request"))
        return self._office.last_mail(person, kind).as_bytes()

    def read_receipt(self, person: str) -> bytes:
        head = f"From: {address(person)}\nTo: {MAILBOX}\nMessage-ID: <r@mail.contoso.example>\n"
        kind = 'multipart/report; report-type=disposition-notification; boundary="b"'
        part = "--b\nContent-Type: message/disposition-notification\n\nDisposition: displayed\n"
        return f"{head}Content-Type: {kind}\n\n{part}\n--b--\n".encode()

    def hostile(self, person: str) -> bytes:
        name = self._dice.choice(list(self._hostile))
        head, gap, body = self._hostile[name].partition(b"\r\n\r\n")
        return head + b"\r\nX-Number: %d" % self._number + gap + body

    def _small_hostile(self) -> Mapping[str, bytes]:
        """What IMAP cannot carry is left out, and what only costs seconds."""
        person = self._office.mentees[0]
        letter = self._office.last_mail(person, "summary-request")
        mails = hostile(letter, f"{person} <{address(person)}>")
        return {n: r for n, r in mails.items() if len(r) < _LARGE and b"\0" not in r}


_MAKERS: Mapping[str, Callable[[Corpus, str], bytes]] = {
    "summary": Corpus.summary,
    "in any way": Corpus.in_any_way,
    "bounce": Corpus.bounce,
    "acceptance": Corpus.answer_to_the_series,
    "decline": Corpus.decline,
    "proposal": Corpus.proposal,
    "absence": Corpus.absence,
    "stranger": Corpus.stranger,
    "our own": Corpus.our_own,
    "read receipt": Corpus.read_receipt,
    "hostile": Corpus.hostile,
}
_AGAIN: Mapping[str, Callable[[Corpus, bytes], bytes]] = {
    "copy": Corpus.copy,
    "relayed again": Corpus.relayed_again,
    "contradiction": Corpus.contradiction,
}
_WEIGHTS = {
    "summary": 16,
    "in any way": 22,
    "bounce": 8,
    "acceptance": 8,
    "decline": 4,
    "proposal": 3,
    "absence": 6,
    "stranger": 5,
    "our own": 4,
    "read receipt": 3,
    "hostile": 1,
    "copy": 10,
    "relayed again": 6,
    "contradiction": 4,
}
