"""What people wrote is deleted when it has been kept for as long as the invitation says."""

from datetime import timedelta
from pathlib import Path

import pytest
from test_forget import everything

from builders import at
from coordinator import type_in
from office import Office
from rmflow.domain.reading import MailId
from rmflow.domain.records import AnswerRecord, LetterRecord, ReadingRecord
from terminal import at_the_office

WORDS = "Zinnober-Zylinder"
STRANGER = b"From: stranger@fabrikam.example\nTo: mentoring@contoso.example\n\nHello, is this it?\n"


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Jens has written a summary, which is filed; a stranger's mail waits for a person."""
    folder = tmp_path_factory.mktemp("retention") / "office"
    office = Office(folder, pairs=2, start=at("2026-10-05 09:00"))
    office.run()
    for moment in ("2026-10-08 11:00", "2026-10-09 11:00", "2026-10-13 16:00"):
        office.at(at(moment)).run()
    office.answer("Jens Adler", "summary-request", f"Key takeaways: {WORDS}\nRating: 5")
    office.deliver(STRANGER)
    office.at(at("2026-10-14 10:00")).run()
    return office


@pytest.fixture
def office(lived_in: Office, tmp_path: Path) -> Office:
    """A copy of it, to do with as a test likes."""
    return lived_in.copied(tmp_path / "office")


def close_all(office: Office) -> None:
    """Let everybody leave the roster; what they wrote stays for its time."""
    office.rows, office.people = [], []
    office.save_roster()
    office.at(at("2026-10-15 10:00"))
    office.run(confirmed=office.plan().digest)


def has_raw(office: Office, id: str) -> bool:
    with office.ports() as ports:
        return ports.store.raw(MailId(id)) is not None


def mail_ids(office: Office, state: str) -> list[str]:
    with office.ports() as ports:
        return [r.mail_id for r in ports.store.read(ReadingRecord) if r.state == state]


def test_a_filed_mail_is_deleted_after_its_days_and_one_that_waits_is_not(office: Office) -> None:
    [filed], [waiting] = mail_ids(office, "filed"), mail_ids(office, "waiting")
    assert not office.at(at("2026-11-13 23:30")).run().expired.mails
    assert has_raw(office, filed)
    report = office.at(at("2026-11-14 03:00")).run()
    assert report.expired.mails == (filed,)
    assert not report.nothing
    assert (has_raw(office, filed), has_raw(office, waiting)) == (False, True)
    assert office.run().nothing
    office.live_until(at("2028-11-14 03:00")).run()
    assert has_raw(office, waiting)


def test_the_days_of_a_mail_that_waited_begin_when_it_is_settled(office: Office) -> None:
    [waiting] = mail_ids(office, "waiting")
    office.live_until(at("2027-03-01 10:00"))
    assert at_the_office(office, "inbox discard", waiting).code == 0
    office.run()
    assert office.at(at("2027-03-31 23:00")).run().expired.mails == ()
    assert office.at(at("2027-04-01 03:00")).run().expired.mails == (waiting,)
    with office.ports() as ports:
        [record] = [r for r in ports.store.read(ReadingRecord) if r.mail_id == waiting]
    assert "is this it" not in record.reading_json
    assert "stranger" not in record.reading_json


def test_the_summary_outlives_the_mail_it_came_in(office: Office) -> None:
    office.at(at("2026-11-16 10:00")).run()
    with office.ports() as ports:
        assert WORDS in ports.store.read(AnswerRecord)[0].text


def test_a_mail_that_is_delivered_once_more_is_known_though_it_was_deleted(office: Office) -> None:
    """A server that repeats itself after months must not make a second summary of one."""
    raw = office.answer("Ruth Kaya", "summary-request", "Key takeaways: listen")
    office.at(at("2026-10-15 10:00")).run()
    office.live_until(at("2026-12-01 10:00")).run()
    with office.ports() as ports:
        before = ports.store.read(AnswerRecord)
    office.deliver(raw)
    office.at(at("2026-12-01 11:00")).run()
    with office.ports() as ports:
        assert ports.store.read(AnswerRecord) == before


def test_who_asks_to_read_a_deleted_mail_anew_is_told_so(office: Office) -> None:
    [filed] = mail_ids(office, "filed")
    office.at(at("2026-11-16 10:00")).run()
    for verb in (["inbox reread", filed], ["inbox show", filed, "--raw"]):
        said = at_the_office(office, *verb)
        assert said.code == 1
        assert "has been deleted since, as [privacy] mail_days says" in said.err
    assert WORDS in at_the_office(office, "inbox show", filed).out


def test_words_go_after_their_days_and_what_the_coordinator_typed_stays(office: Office) -> None:
    """Nothing of the words is left in any file; who met when, ratings and notes are."""
    type_in(office, "pair-1", "Coordinator notes", "All is well here.")
    office.respond("Mara Vogel", "ACCEPTED", extra=(f"COMMENT:Bring the {WORDS}",))
    office.at(at("2026-10-14 12:00")).run()
    close_all(office)
    office.live_until(at("2027-04-12 10:00")).run()
    assert any(WORDS.encode() in content for content in everything(office).values())
    office.at(at("2027-04-14 10:00"))
    assert "the words of 2 pairs" in at_the_office(office, "plan").out
    report = office.run()
    assert set(report.expired.pairings) == {"pair-1", "pair-2"}
    assert report.published
    with office.ports() as ports:
        [answer] = ports.store.read(AnswerRecord)
        letters = ports.store.read(LetterRecord)
    assert (answer.text, answer.answers_json) == ("", '{"worthwhile":"5"}')
    assert {(letter.subject, letter.text) for letter in letters} == {("", "")}
    assert all(letter.token and letter.message_id for letter in letters)
    found = {name for name, content in everything(office).items() if WORDS.encode() in content}
    assert found <= {path.name for path in (office.folder / "copies").iterdir()}
    assert any(b"All is well here." in content for content in everything(office).values())
    assert office.run().nothing


def test_words_of_pairs_that_still_meet_stay(office: Office) -> None:
    office.live_until(at("2027-09-01 10:00")).run()
    with office.ports() as ports:
        assert WORDS in ports.store.read(AnswerRecord)[0].text


def test_a_series_that_has_run_out_is_over_with_its_last_meeting(tmp_path: Path) -> None:
    """Nobody closes a pilot of six: its words would be kept for ever."""
    office = Office(tmp_path / "office", pairs=1, start=at("2026-10-05 09:00"))
    office.rows[0] = (*office.rows[0][:3], "pilot", *office.rows[0][4:])
    office.save_roster()
    lunar_months = (office.at(office.now + timedelta(days=28)) for _ in range(14))
    emptied = [str(each.now.date()) for each in lunar_months if each.run().expired.pairings]
    assert emptied == [
        "2027-11-01"
    ]  # the sixth meeting is in April; then 180 days, and the next look


def test_every_verb_that_looks_tells_what_will_be_deleted(office: Office) -> None:
    office.at(at("2026-11-15 10:00"))
    assert "the originals of 1 mail" in at_the_office(office, "plan").out
    assert '"deletes": {\n    "mails": 1' in at_the_office(office, "plan", "--json").out
    assert "the originals of 1 mail, in the next runs" in at_the_office(office, "status").out
    said = at_the_office(office, "run")
    assert "Deleted, as [privacy] says: the originals of 1 mail." in said.out
    assert "Deleting" not in at_the_office(office, "status").out
    assert "old words deleted" in at_the_office(office, "audit").out


def test_the_days_are_the_operators(tmp_path: Path) -> None:
    office = Office(tmp_path / "office", pairs=1, start=at("2026-10-05 09:00"))
    with office.config_path.open("a") as config:
        config.write("[privacy]\nmail_days = 3\ntext_days = 1\n")
    office.run()
    body = office.last_mail("Mara Vogel", "invitation").get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "deleted 1 day after your last meeting" in " ".join(text.split())
    assert "3 days after they were filed" in " ".join(text.split())
    office.deliver(STRANGER)
    office.at(at("2026-10-06 09:00")).run()
    assert at_the_office(office, "inbox discard", mail_ids(office, "waiting")[0]).code == 0
    office.run()
    assert office.at(at("2026-10-09 03:00")).run().expired.mails == ()
    assert len(office.at(at("2026-10-10 03:00")).run().expired.mails) == 1
