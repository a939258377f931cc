"""A pause that ends before its time: what it had taken out comes back, where that is certain."""

from pathlib import Path

import pytest

from builders import at
from office import Office
from rmflow.domain.documents import from_json
from rmflow.domain.records import SeriesRecord
from rmflow.domain.series import SeriesSpec

JENS, MARA = "Jens Adler", "Mara Vogel"  # pair-1: mentee and mentor; they meet on 13 October


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Jens has asked for a pause over his first two meetings."""
    office = Office(tmp_path, pairs=1, start=at("2026-10-05 09:00"))
    office.run()
    office.at(at("2026-10-08 11:00")).run()
    office.at(at("2026-10-08 13:00")).answer(JENS, "agenda-request", "PAUSE until 20 November")
    office.run()
    return office


def _left_out(office: Office) -> list[str]:
    with office.ports() as ports:
        records = ports.store.read(SeriesRecord)
    specs = [from_json(SeriesSpec, record.spec_json) for record in records]
    return sorted(f"{day:%m-%d}" for spec in specs for day in spec.excluded)


def _resume(office: Office, when: str) -> None:
    office.at(at(when)).answer(JENS, "paused", "RESUME")
    office.run()


def _last_update(office: Office, person: str) -> str:
    body = office.last_mail(person, "update").get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def test_what_lies_ahead_comes_back_and_both_are_told(office: Office) -> None:
    assert _left_out(office) == ["10-13", "11-10"]
    _resume(office, "2026-10-20 13:00")
    assert _left_out(office) == ["10-13"]
    for person in (JENS, MARA):
        told = _last_update(office, person)
        assert "The pause is over" in told
        assert "10 November" in told


def test_a_pause_that_runs_out_changes_nothing(office: Office) -> None:
    before = [mail["X-Rmflow-Kind"] for mail in office.mails_to(MARA)].count("update")
    office.live_until(at("2026-11-23 10:00")).run()
    assert _left_out(office) == ["10-13", "11-10"]
    assert [mail["X-Rmflow-Kind"] for mail in office.mails_to(MARA)].count("update") == before


def test_it_happens_once(office: Office) -> None:
    """A later run finds nothing to put back."""
    _resume(office, "2026-10-20 13:00")
    before = len(office.mails_to(MARA))
    office.at(at("2026-10-20 15:00")).run()
    assert (_left_out(office), len(office.mails_to(MARA))) == (["10-13"], before)


def test_a_second_pause_takes_them_out_again(office: Office) -> None:
    _resume(office, "2026-10-20 13:00")
    office.at(at("2026-10-22 13:00")).answer(JENS, "resumed", "PAUSE until 20 November")
    office.run()
    assert _left_out(office) == ["10-13", "11-10"]
