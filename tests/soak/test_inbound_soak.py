"""Mail in by the thousand, the program killed between any two steps: each mail counts once.

Section "Ten thousand mails" of docs/reliability.md. `RMFLOW_SOAK_MAILS=10000` pours so many into
IMAP, and a tenth of it into each other mailbox; a small number is poured with all tests.
"""

import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from soak_corpus import Arrival, BusyOffice, Corpus
from soak_mailboxes import BOXES, DONE, INBOX, NEEDS_YOU, Box, ImapBox
from soak_steps import NOTHING_TO_DO, RAN, Boundary, boundaries, run_until

from builders import at
from rmflow.app.inbox import mail_id
from rmflow.app.ports import Ports
from rmflow.domain.records import AnswerRecord, MailRecord, PairingRecord, ReadingRecord
from rmflow.domain.signal import SignalKind

MAILS = int(os.environ.get("RMFLOW_SOAK_MAILS", "24"))
SEED = int(os.environ.get("RMFLOW_SOAK_SEED", "1"))
_FULL = MAILS >= 1000
_BOUNCED = (SignalKind.BOUNCED.value, SignalKind.BOUNCED_FOR_NOW.value)


@pytest.fixture(params=BOXES)
def box(request: pytest.FixtureRequest) -> Iterator[Box]:
    with BOXES[request.param]() as box:
        yield box


@pytest.mark.server
@pytest.mark.timeout(7200)
def test_each_mail_is_kept_once_and_counts_once_wherever_the_run_is_killed(
    box: Box, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Killed at each boundary, the inbox renumbered on the way: PITFALLS 3.1, C16, C17."""
    mails = MAILS if request.node.callspec.params["box"] == "imap" else max(MAILS // 10, 24)
    office = _office(tmp_path / "office", box, pairs=60 if _FULL else 4)
    soak = _Soak(office, box, SEED)
    soak.pour(mails, kills=max(mails // 100, 3))
    sys.stdout.write(f"{mails} mails, killed {soak.deaths.total()} times\n")
    if mails >= 10_000:
        assert not soak.survived, "a boundary that no run has died at"
    _check(office, box, soak.arrivals)


class _Soak:
    """Mails arrive in small heaps; each time, the run that should read them dies on the way."""

    def __init__(self, office: BusyOffice, box: Box, seed: int) -> None:
        self.office, self.box = office, box
        self.corpus = Corpus(office, seed)
        self.dice = Random(seed)
        self.arrivals: list[Arrival] = []
        self.deaths: Counter[str] = Counter()
        self.survived = boundaries(box.wire)
        self.dice.shuffle(self.survived)

    def pour(self, mails: int, *, kills: int) -> None:
        heap = mails // kills
        for number in range(kills):
            self._arrive(heap if number < kills - 1 else mails - heap * (kills - 1))
            if number == kills // 2 and isinstance(self.box, ImapBox):
                self._renumber_while_it_runs(self.box)
            self._die()
            if number % 5 == 4:
                self._run()
        self._run()
        assert self._run() == NOTHING_TO_DO

    def _arrive(self, number: int) -> None:
        for arrival in self.corpus.draw(number):
            self.box.deliver(arrival.raw)
            self.arrivals.append(arrival)
        self.office.at(self.office.now + timedelta(minutes=1))

    def _die(self) -> None:
        """Die where no run has died yet, as far as this run comes by there."""
        every = boundaries(self.box.wire)
        name = self.survived.pop(0) if self.survived else self.dice.choice(every)
        nth = self.dice.choice((1, 1, 1, 2, 3))
        ending = run_until(self.office, Boundary(name, nth))
        if ending == signal.SIGKILL:
            self.deaths[name] += 1
            return
        assert ending in (RAN, NOTHING_TO_DO), name
        if not self.deaths[name]:
            self.survived.append(name)

    def _renumber_while_it_runs(self, box: ImapBox) -> None:
        """Another UIDVALIDITY between reading and moving, and once more between two runs."""
        assert run_until(self.office, Boundary("after keep", 1)) in (RAN, signal.SIGKILL)
        between = Boundary("before file", 1, box.renumber)
        assert run_until(self.office, between) in (RAN, NOTHING_TO_DO)
        box.renumber()

    def _run(self) -> int:
        ending = run_until(self.office, Boundary())
        assert ending in (RAN, NOTHING_TO_DO)
        return ending


def _office(folder: Path, box: Box, *, pairs: int) -> BusyOffice:
    """Return an office on the afternoon of the first meetings, when everybody has been asked."""
    office = BusyOffice(folder, pairs=pairs, start=at("2026-10-05 09:00"))
    text = office.config_path.read_text()
    text = re.sub(r"\[mail_in\]\n(?:[^\[\n].*\n)*", lambda _: box.section(folder), text)
    office.config_path.write_text(text)
    for day in ("2026-10-05 09:00", "2026-10-08 11:00", "2026-10-09 11:00", "2026-10-13 14:00"):
        office.at(at(day)).run()
    return office


def _check(office: BusyOffice, box: Box, arrivals: Collection[Arrival]) -> None:
    held = box.held()
    came = Counter(arrival.raw for arrival in arrivals)
    lies = held[DONE] + held[NEEDS_YOU]
    assert not held[INBOX]
    assert lies.keys() == came.keys()
    copies = lies - came
    assert not copies or box.may_copy
    with office.ports() as ports:
        states = _kept_and_read_once(ports, came)
        _counted_once(ports, arrivals)
    for folder, waits in ((DONE, False), (NEEDS_YOU, True)):
        misplaced = [raw for raw in held[folder] if (states[raw] == "waiting") is not waits]
        assert misplaced == [], folder


def _kept_and_read_once(ports: Ports, came: Collection[bytes]) -> dict[bytes, str]:
    """Return what became of each mail."""
    store = ports.store
    wanted = {mail_id(raw): raw for raw in came}
    assert sorted(record.id for record in store.read(MailRecord)) == sorted(wanted)
    assert all(store.raw(id) == raw for id, raw in wanted.items())
    readings = store.read(ReadingRecord)
    assert sorted(record.mail_id for record in readings) == sorted(wanted)
    assert {record.state for record in readings} <= {"filed", "waiting", "ignored"}
    assert store.doubts() == []
    assert store.unread() == []
    return {wanted[record.mail_id]: record.state for record in readings}


def _counted_once(ports: Ports, arrivals: Collection[Arrival]) -> None:
    """A summary has one record and a bounce one score, however often and altered it comes."""
    origins = {mail_id(arrival.raw): arrival.origin for arrival in arrivals}
    answers = Counter(origins[record.mail_id] for record in ports.store.read(AnswerRecord))
    people = {record.mentee for record in ports.store.read(PairingRecord)}
    signals = Counter(
        origins[record.id] for record in ports.store.signals(people) if record.kind in _BOUNCED
    )
    for kind, counted in (("summary", answers), ("bounce", signals)):
        wanted = {arrival.origin for arrival in arrivals if arrival.origin.startswith(f"{kind} ")}
        assert {origin: counted[origin] for origin in wanted} == dict.fromkeys(wanted, 1), kind
