"""Two months with programs that answer every mail: how many mails go out."""

import re
from collections import Counter
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from builders import at
from office import Office, address

JENS, MARA = "Jens Adler", "Mara Vogel"
ANSWERS = {"receipt", "new-times", "paused", "resumed", "passed-on"}
OURS, THEIRS = "mentoring@contoso.example", "mentoring@fabrikam.example"
_SIGNS = re.compile(
    rb"(?im)^(?:X-Rmflow-Key|X-Rmflow-Kind|Auto-Submitted|X-Auto-Response-Suppress|Precedence"
    rb"|List-[a-z-]+|Feedback-ID)[ ]?:.*(?:\r?\n[ \t].*)*\r?\n"
)


class RudeProgram:
    """Answers each mail at once, as a person would: no header tells, no two texts are the same.

    `only`: the kinds of mail it answers, empty for all.
    """

    def __init__(self, office: Office, person: str, text: str, only: frozenset[str]) -> None:
        self._office, self._person, self._text, self._only = office, person, text, only
        self._answered: set[str] = set()

    def answer(self) -> int:
        """Answer what has come since the last time; return how many mails that were."""
        fresh = [
            mail
            for mail in self._office.mails_to(self._person)
            if mail["Message-ID"] not in self._answered
            and (not self._only or mail["X-Rmflow-Kind"] in self._only)
        ]
        for letter in fresh:
            self._answered.add(letter["Message-ID"])
            self._office.deliver(self._reply(letter).as_bytes())
        return len(fresh)

    def _reply(self, letter: EmailMessage) -> EmailMessage:
        number = len(self._answered)
        reply = EmailMessage()
        reply["From"] = f"{self._person} <{address(self._person)}>"
        reply["To"] = letter["Reply-To"] or letter["From"]
        reply["Subject"] = f"Re: {letter['Subject']}"
        reply["Date"] = self._office.now
        reply["Message-ID"] = f"<{self._person[0]}{number}@mail.contoso.example>"
        reply["In-Reply-To"] = letter["Message-ID"]
        reply.set_content(self._text.format(number=number))
        return reply


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("text", "only", "receipts"),
    [
        ("Thank you for mail number {number}, we will see to it.", frozenset(), 0),
        ("PAUSE until {number} March", frozenset(), 0),
        ("It was good, number {number}.", frozenset({"summary-request", "receipt"}), 10),
    ],
    ids=["thanks", "wishes", "summaries"],
)
def test_two_months_of_a_rude_program_are_a_few_answers_and_then_none(
    tmp_path: Path, text: str, only: frozenset[str], receipts: int
) -> None:
    """Two meetings: five receipts for each are the most; in between, what was planned anyway."""
    office = Office(tmp_path / "office", pairs=1, start=at("2026-10-05 10:00"))
    program = RudeProgram(office, JENS, text, only)
    day = office.now
    while day < at("2026-12-05 10:00"):
        for minute in range(0, 30, 10):
            office.at(day + timedelta(minutes=minute)).run()
            if not program.answer():
                break
        day += timedelta(days=1 if day.weekday() < 4 else 3)
    mails = office.mails_to(JENS)
    kinds = Counter(str(mail["X-Rmflow-Kind"]) for mail in mails)
    answers = [mail["Date"].datetime.date() for mail in mails if mail["X-Rmflow-Kind"] in ANSWERS]
    assert max(Counter(answers).values(), default=0) <= 1
    assert kinds["receipt"] == receipts
    assert len(answers) <= 10
    assert kinds.total() - len(answers) <= 9
    assert len(office.mails_to(MARA)) <= 9


def test_our_own_mail_that_comes_back_is_answered_by_nothing(tmp_path: Path) -> None:
    """By a forwarding rule, a list, or a mailbox that is its own participant."""
    office = Office(tmp_path / "office", pairs=1, start=at("2026-10-05 09:00"))
    for day in ("2026-10-05 09:00", "2026-10-08 11:00", "2026-10-13 14:00"):
        office.at(at(day)).run()
    before = office.outbox()
    for mail in office.mails_to(JENS):
        office.deliver(mail.as_bytes())
    report = office.run()
    assert {o.action.kind.value for o in report.outcomes} == {"put an automatic mail away"}  # type: ignore[union-attr]
    assert office.outbox() == before


@pytest.mark.parametrize("stripped", [False, True], ids=["as sent", "without what tells"])
def test_two_programmes_that_invite_each_other_write_what_they_planned_and_no_more(
    tmp_path: Path, *, stripped: bool
) -> None:
    """Each has the other's mailbox for a participant; a gateway between may remove our headers."""
    one = Office(tmp_path / "one", pairs=1, start=at("2026-10-05 09:00"))
    two = Office(tmp_path / "two", pairs=1, start=at("2026-10-05 09:00"))
    text = two.config_path.read_text()
    two.config_path.write_text(text.replace(OURS, THEIRS).replace("only this", "another"))
    for office, guest in ((one, THEIRS), (two, OURS)):
        office.people[1] = (guest, *office.people[1][1:])
        office.rows[0] = (*office.rows[0][:2], guest, *office.rows[0][3:])
        office.save_roster()
    carried: set[Path] = set()
    day = at("2026-10-05 10:00")
    while day < at("2026-10-24 10:00"):
        for office in (one, two):
            office.at(day).run()
        for office, other, to in ((one, two, THEIRS), (two, one, OURS)):
            for path in set((office.folder / "out" / to).glob("new/*")) - carried:
                carried.add(path)
                raw = path.read_bytes()
                other.deliver(_SIGNS.sub(b"", raw) if stripped else raw)
        day += timedelta(hours=12)
    for office in (one, two):
        kinds = Counter(kind for kind, _ in office.outbox())
        assert not ANSWERS & kinds.keys()
        assert max(kinds.values()) <= 2
