"""Hostile mail: each ends within its limit, the run goes on, and what was not read waits, raw."""

import os
import pickle
import signal
import time
from email.message import EmailMessage
from pathlib import Path

import pytest
from corpus_reading import context_of
from hostile_mails import hostile
from reply_corpus import FROM

from builders import at
from in_a_child import bounded
from office import Office
from rmflow import app
from rmflow.app.bounded import Failure
from rmflow.app.inbox import mail_id
from rmflow.domain.reading import Reading, ReadingStatus
from rmflow.domain.records import AnswerRecord, MailRecord, ReadingRecord
from rmflow.formats.incoming.clues import clues
from rmflow.formats.incoming.context import Context
from rmflow.formats.incoming.interpret import interpret
from rmflow.formats.incoming.mail import parse

JENS = "Jens Adler <jens.adler@contoso.example>"
LETTER = EmailMessage()
LETTER["Reply-To"] = "Mentoring <mentoring+sabcdefgh234567ab@contoso.example>"
LETTER["Message-ID"] = "<0123456789abcdef@contoso.example>"
MAILS = hostile(LETTER, FROM)
MOST_SECONDS = 2.0
MOST_BYTES = 256 * 1024 * 1024
# What a person takes from the few of them that say something in full; all the others wait.
AS_A_PERSON_READS = {
    "2,000 brackets in To": "Hello",
    "9,000 references": "Hello",
    "3,000 encoded words": "Hello",
    "big5 that is utf-8": "會議",
    "iso-2022 escapes": "",
    "20,000 events": "",
    "12 MB attached": "ok",
    "40,000 blank lines": "a\n\nb",
    "40,000 lines of one space": "a\n\nb",
    "form feeds": "",
    "HTML, comments": "",
}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Two pairs have met; both leaders are asked for a summary."""
    office = Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))
    office.run()
    office.at(at("2026-10-13 14:00")).run()
    return office.at(at("2026-10-13 16:00"))


@pytest.fixture
def context() -> Context:
    return context_of("en")


@pytest.mark.parametrize("name", MAILS)
def test_a_hostile_mail_ends_within_its_limits(name: str, context: Context) -> None:
    """INBOUND case 40 and its family: in time and in memory, with a reading, never an exception."""
    raw = MAILS[name]

    def read(_: None) -> tuple[Reading, float]:
        started = time.process_time()
        mail = parse(raw)
        clues(mail, context.programme.mailbox)
        reading = interpret(mail, mail_id(raw), context, at("2026-11-04 08:30"))
        return reading, time.process_time() - started

    (found,) = bounded(read, [None], memory_bytes=MOST_BYTES)
    assert not isinstance(found, Failure), found.detail
    reading, seconds = found
    assert seconds < MOST_SECONDS
    assert "\x00" not in reading.text + reading.elided + reading.subject + reading.why
    if name not in AS_A_PERSON_READS:
        assert reading.status is ReadingStatus.REVIEW
        assert reading.why
        return
    assert reading.text == AS_A_PERSON_READS[name]
    # A greeting, a word or two, or nothing: no summary.
    assert dict(reading.answers) == {}
    assert reading.status is not ReadingStatus.OK


def test_a_run_reads_past_all_of_them(office: Office) -> None:
    """Each is kept raw and has its reading; the one honest answer among them is filed."""
    mails = hostile(office.last_mail("Jens Adler", "summary-request"), JENS)
    for raw in mails.values():
        office.deliver(raw)
    office.answer("Ruth Kaya", "summary-request", "Key takeaways: listen first")
    office.run()
    with office.ports() as ports:
        answered = [a for a in ports.store.read(AnswerRecord) if "listen first" in a.answers_json]
        kept = {record.id for record in ports.store.read(MailRecord)}
        states = {record.mail_id: record.state for record in ports.store.read(ReadingRecord)}
        same = [ports.store.raw(mail_id(raw)) == raw for raw in mails.values()]
    assert len(answered) == 1
    assert {mail_id(raw) for raw in mails.values()} <= kept
    assert all(same)
    waiting = {name for name, raw in mails.items() if states[mail_id(raw)] == "waiting"}
    assert waiting >= set(mails) - set(AS_A_PERSON_READS)


@pytest.mark.parametrize("fault", ["crashes", "raises"])
def test_a_mail_that_breaks_a_library_waits_and_stops_no_other(
    office: Office, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """libxml2 is C: a hole in it ends the process that reads, which is not the run's."""

    def broken(**_: object) -> None:
        if fault == "crashes":
            os.kill(os.getpid(), signal.SIGKILL)
        raise RuntimeError("a fault in libxml2")

    monkeypatch.setattr("lxml.etree.HTMLParser", broken)
    letter = office.last_mail("Jens Adler", "summary-request")
    raw = hostile(letter, JENS)["HTML, 100,000 breaks"]
    office.deliver(raw)
    office.answer("Ruth Kaya", "summary-request", "Key takeaways: listen first")
    office.run()
    with office.ports() as ports:
        (answer,) = ports.store.read(AnswerRecord)
        (waiting,) = [r for r in ports.store.read(ReadingRecord) if r.mail_id == mail_id(raw)]
        assert ports.store.raw(waiting.mail_id) == raw
    assert "listen first" in answer.answers_json
    assert waiting.state == "waiting"


@pytest.mark.parametrize("work", ["clues", "understood"])
def test_a_mail_that_takes_its_reader_over_waits_and_stops_no_run(
    office: Office, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    """Its answer is judged as anything else that comes from outside."""

    def taken_over(given: object, task: bytes) -> bytes:
        asked, _ = pickle.loads(task)
        return b"+" + pickle.dumps("done") if asked.__name__ == work else done(given, task)

    done = app.bounded._done
    monkeypatch.setattr(app.bounded, "_done", taken_over)
    office.answer("Ruth Kaya", "summary-request", "Key takeaways: listen first")
    office.run()
    with office.ports() as ports:
        (waiting,) = ports.store.read(ReadingRecord)
    assert waiting.state == "waiting"


def test_a_mail_that_the_child_does_not_keep_between_two_looks_is_read_all_the_same(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large ones are parsed twice: many of them would fill its memory."""
    monkeypatch.setattr("rmflow.app.readings._MOST_KEPT_BYTES", 0)
    office.answer("Ruth Kaya", "summary-request", "Key takeaways: listen first")
    office.run()
    with office.ports() as ports:
        (answer,) = ports.store.read(AnswerRecord)
    assert "listen first" in answer.answers_json
