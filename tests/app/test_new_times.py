"""Somebody declines again and again: other times are offered, one is chosen, or a person is asked."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from builders import at
from office import Office
from rmflow.domain.documents import from_json
from rmflow.domain.records import QuestionRecord, SeriesRecord
from rmflow.domain.series import SeriesSpec

MEETINGS = ("20261013T080000Z", "20261110T090000Z")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Jens has declined the first two meetings of his series."""
    office = Office(tmp_path, pairs=2, start=at("2026-10-05 09:00"))
    office.run()
    for hour, meeting in enumerate(MEETINGS, 10):
        office.at(at(f"2026-10-06 {hour}:00"))
        office.respond("Jens Adler", "DECLINED", extra=(f"RECURRENCE-ID:{meeting}",))
        office.run()
    office.at(at("2026-10-06 12:00")).run()
    return office


def live_series(office: Office) -> SeriesSpec:
    with office.ports() as ports:
        records = ports.store.read(SeriesRecord)
    (spec,) = (
        from_json(SeriesSpec, r.spec_json)
        for r in records
        if (r.pairing, r.state) == ("pair-1", "live")
    )
    return spec


def open_questions(office: Office) -> list[str]:
    with office.ports() as ports:
        return [q.about for q in ports.store.read(QuestionRecord) if q.closed_at is None]


def offered(office: Office) -> list[str]:
    """Return the lines of the mail that offer a time."""
    body = office.last_mail("Jens Adler", "new-times").get_body(("plain",))
    assert body is not None
    text = body.get_content()
    return [line for line in text.splitlines() if line.lstrip("- *")[:1] in "123" and line.strip()]


def test_other_times_are_offered_once_to_the_one_who_declined(office: Office) -> None:
    """S6: after so many declines, two or three slots, not another reminder."""
    office.at(at("2026-10-07 12:00")).run()
    assert len(offered(office)) == 3
    assert [kind for kind, _ in office.outbox()].count("new-times") == 1
    assert open_questions(office) == []


@pytest.mark.parametrize("reply", ["2", "Number 2 please", "2 would be great, thanks!"])
def test_the_number_in_a_reply_moves_the_meetings(office: Office, reply: str) -> None:
    before = live_series(office)
    office.at(at("2026-10-06 14:00"))
    office.answer("Jens Adler", "new-times", reply)
    office.run()
    after = live_series(office)
    assert after.start.weekday() != before.start.weekday()
    assert f"{after.start:%A}" in offered(office)[1]
    assert f"{after.start:%H:%M}" in offered(office)[1]
    assert office.at(at("2026-10-06 15:00")).run().plan.actions == ()


def test_zero_asks_the_coordinator(office: Office) -> None:
    before = live_series(office)
    office.at(at("2026-10-06 14:00"))
    office.answer("Jens Adler", "new-times", "0")
    office.run()
    assert open_questions(office) == ["declines"]
    assert live_series(office) == before


def test_silence_asks_the_coordinator_after_a_week(office: Office) -> None:
    office.at(at("2026-10-12 12:00")).run()
    assert open_questions(office) == []
    office.at(at("2026-10-13 13:00")).run()
    assert open_questions(office) == ["declines"]


def test_a_slot_that_the_roster_names_later_wins(office: Office) -> None:
    """The coordinator's word is the last one."""
    office.at(at("2026-10-06 14:00"))
    office.answer("Jens Adler", "new-times", "1")
    office.run()
    office.rows[0] = (*office.rows[0][:4], "Fri 15:00", "")
    office.save_roster()
    office.at(at("2026-10-07 10:00")).run()
    start = live_series(office).start
    assert (start.weekday(), start.time()) == (4, datetime(2026, 1, 1, 15).time())
    assert start > at("2026-10-07 10:00").replace(tzinfo=None) + timedelta(days=1)


def test_the_chosen_time_may_be_copied_into_the_roster(office: Office) -> None:
    """Nobody gets a mail about a time that stands already."""
    office.at(at("2026-10-06 14:00"))
    office.answer("Jens Adler", "new-times", "1")
    office.run()
    before, outbox = live_series(office), office.outbox()
    office.rows[0] = (*office.rows[0][:4], f"{before.start:%a %H:%M}", "")
    office.save_roster()
    office.at(at("2026-10-07 10:00")).run()
    assert (live_series(office), office.outbox()) == (before, outbox)


def test_another_decline_brings_no_second_offer(office: Office) -> None:
    """Who goes through the year and declines it meeting by meeting is asked once."""
    for day, meeting in enumerate(("20261208T090000Z", "20270112T090000Z"), 7):
        office.at(at(f"2026-10-0{day} 10:00"))
        office.respond("Jens Adler", "DECLINED", extra=(f"RECURRENCE-ID:{meeting}",))
        office.run()
        office.at(at(f"2026-10-0{day} 12:00")).run()
    assert [kind for kind, _ in office.outbox()].count("new-times") == 1
    office.at(at("2026-10-13 13:00")).run()
    assert open_questions(office) == ["declines"]
