"""A database of yesterday, or none at all: nobody hears anything twice, and nothing is lost.

State loss is likelier than a power cut. The mailer here counts every mail that is handed over, as
a relay would send each of them.
"""

import shutil
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from life import LIFE

from builders import MAILBOX, at
from office import Office, kind_of
from rmflow.app.lease import restored
from rmflow.app.memory import Trust, sought
from rmflow.app.outcome import Ending
from rmflow.app.run import Report, propose, run
from rmflow.domain.keys import Key
from rmflow.domain.letter import Letter, LetterItem, LetterKind
from rmflow.domain.pairing import PairingId
from rmflow.domain.people import Role
from rmflow.domain.records import AnswerRecord, LetterRecord
from rmflow.errors import UnsafePlanError
from rmflow.planner.actions import SendLetter
from rmflow.planner.post import with_items
from rmflow.ports.mail import Departure, Mailer, OutgoingMail

MINUTES = timedelta(minutes=5)


class Relay:
    """Hands over every mail that it is given, and counts it; Maildirs would leave out a repeat."""

    def __init__(self, inner: Mailer, *, blind: bool = False) -> None:
        self.settling = inner.settling
        self._inner, self._blind = inner, blind
        self.sent: list[OutgoingMail] = []
        self.asked = 0

    def send(self, mail: OutgoingMail) -> None:
        self.sent.append(mail)
        self._inner.send(mail)

    def departures(
        self, mails: Collection[OutgoingMail], others: Collection[str] = ()
    ) -> Mapping[Key, Departure]:
        self.asked += len(mails)
        if self._blind:
            return {mail.key: Departure.UNKNOWN for mail in mails}
        return self._inner.departures(mails, others)

    def close(self) -> None:
        self._inner.close()


def look_in(office: Office, *, blind: bool = False) -> tuple[Report, Relay]:
    with office.ports() as ports:
        relay = Relay(ports.mailer, blind=blind)
        relayed = replace(ports, mailer=relay)
        try:
            return run(relayed), relay
        except UnsafePlanError as error:
            return run(relayed, confirmed=error.digest), relay


def sent(office: Office, *, blind: bool = False) -> list[str]:
    return [kind_of(mail.content) for mail in look_in(office, blind=blind)[1].sent]


def play(office: Office, moments: int) -> Path:
    """Play these moments of the life of an office; return the database from before the last."""
    old = office.folder / "old.db"
    for number, moment in enumerate(LIFE[: moments + 1]):
        office.at(at(moment.at))
        moment.people(office)
        if number == moments:
            shutil.copy(office.folder / "state.db", old)
        look_in(office)
    return old


def put_back(office: Office, old: Path) -> None:
    """Do what `rmflow restore` does."""
    old.replace(office.folder / "state.db")
    with office.ports() as ports:
        ports.store.write([restored(office.now)])


def five_pairs(folder: Path) -> Office:
    return Office(folder / "office", pairs=5, start=at(LIFE[0].at))


@pytest.mark.parametrize("moments", [2, 5, 7, 12, 26])
def test_after_yesterdays_database_nobody_gets_a_mail_twice(tmp_path: Path, moments: int) -> None:
    """Updates, prompts, summary requests, cancellations and a new rhythm had left meanwhile."""
    office = five_pairs(tmp_path)
    old = play(office, moments)
    before = office.outbox()
    put_back(office, old)
    office.at(office.now + MINUTES)
    assert sent(office) == []
    assert sent(office.at(office.now + MINUTES)) == []
    assert office.outbox() == before


def test_with_an_empty_database_and_the_same_roster_too(tmp_path: Path) -> None:
    office = five_pairs(tmp_path)
    play(office, 8)
    (office.folder / "state.db").unlink()
    before = office.outbox()
    assert sent(office.at(office.now + MINUTES)) == []
    assert sent(office.at(office.now + MINUTES)) == []
    assert office.outbox() == before


def test_a_database_that_somebody_copied_back_is_noticed_by_its_silence(tmp_path: Path) -> None:
    """Nobody said `rmflow restore`; its last effect is of the day before."""
    office = five_pairs(tmp_path)
    play(office, 5).replace(office.folder / "state.db")
    assert sent(office.at(office.now + MINUTES)) == []


def test_what_had_left_is_remembered_and_answers_to_it_count(tmp_path: Path) -> None:
    """The letter is recorded with its token, so that the reply to it finds its meeting."""
    office = five_pairs(tmp_path)
    put_back(office, play(office, 7))
    look_in(office)
    office.answer("Jens Adler", "summary-request", "Key takeaways: listen first\nRating: 5")
    look_in(office.at(office.now + MINUTES))
    with office.ports() as ports:
        assert "summary-request" in {letter.kind for letter in ports.store.read(LetterRecord)}
        (answer,) = [a for a in ports.store.read(AnswerRecord) if a.form == "summary"]
    assert "listen first" in answer.answers_json


def test_mails_that_came_in_meanwhile_are_read_again_from_the_folder_of_done(
    tmp_path: Path,
) -> None:
    """Moved back to the inbox, what is known is recognised, and the receipt is not sent twice."""
    office = five_pairs(tmp_path)
    old = play(office, 8)
    put_back(office, old)
    done = office.folder / "in" / ".Done"
    for path in done.glob("*/*"):
        path.rename(office.folder / "in" / path.parent.name / path.name)
    assert sent(office.at(office.now + MINUTES)) == []
    with office.ports() as ports:
        assert [a.form for a in ports.store.read(AnswerRecord)].count("summary") == 2


def test_what_falls_due_afterwards_is_sent(tmp_path: Path) -> None:
    """A guard that holds everything would lose the programme."""
    office = five_pairs(tmp_path)
    put_back(office, play(office, 3))
    look_in(office)
    assert set(sent(office.at(at("2026-10-09 11:00")))) == {"prompt"}


def test_of_a_merged_mail_only_what_had_not_left_goes_out(tmp_path: Path) -> None:
    """One prompt had left alone; in the old memory it is due together with another one."""
    office = Office(tmp_path / "office", pairs=1, start=at("2026-10-05 09:00"))
    with office.ports() as ports:
        desired = propose(ports, office.now).observation.desired
        person = next(iter(desired.roster.people.values()))
        items = [LetterItem(Key(k * 32), PairingId("pair-1"), Role.MENTOR) for k in "ab"]
        letter = Letter(Key("c" * 32), LetterKind.PROMPT, person.id, tuple(items))
        merged = SendLetter(letter.key, PairingId("pair-1"), letter)
        alone = with_items(ports.programme, merged, items[1:])
        ports.mailer.send(OutgoingMail(alone.key, "<b>", MAILBOX, person.address, b"A topic."))
        found = sought(ports, desired, [merged], Trust(office.now))
    assert found.left == {alone.key}
    assert [part.covers for part in found.letters] == [(items[1].key,), (items[0].key,)]


def test_where_nobody_can_see_a_person_is_asked(tmp_path: Path) -> None:
    """A blind mailer after a restore: holding them is a question, sending them a duplicate."""
    office = five_pairs(tmp_path)
    put_back(office, play(office, 7))
    report, relay = look_in(office, blind=True)
    assert relay.sent == []
    letters = [o.ending for o in report.outcomes if isinstance(o.action, SendLetter)]
    assert set(letters) == {Ending.HELD}


def test_a_first_programme_on_a_blind_mailer_is_not_held(tmp_path: Path) -> None:
    office = Office(tmp_path / "office", pairs=1, start=at(LIFE[0].at))
    assert sent(office, blind=True) == ["invitation", "invitation"]


def test_in_the_usual_run_nothing_is_looked_for(tmp_path: Path) -> None:
    """The search costs a call a mail with some providers."""
    office = Office(tmp_path / "office", pairs=1, start=at("2026-09-01 09:00"))
    look_in(office)
    look_in(office.at(at("2026-10-08 16:00")))
    _, relay = look_in(office.at(at("2026-10-09 11:00")))
    assert (len(relay.sent) > 0, relay.asked) == (True, 0)
