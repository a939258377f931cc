"""A clock that is wrong by months: by it all meetings are over, and all words are old."""

from pathlib import Path

import pytest

from builders import at
from office import Office
from rmflow.errors import UnsafePlanError
from terminal import at_the_office

JENS = "Jens Adler"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Two pairs have met once, and nobody has written of it yet."""
    office = Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))
    office.run()
    for moment in ("2026-10-08 11:00", "2026-10-13 16:00"):
        office.at(at(moment)).run()
    return office


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("2027-10-13 18:00", "365 days later than the 2026-10-13 of a run before"),
        ("2026-11-18 10:00", "35 days later"),
        ("2026-10-10 10:00", "3 days earlier"),
        ("2000-01-01 00:02", "9782 days earlier"),
    ],
)
def test_nothing_is_sent_changed_or_deleted_by_a_clock_that_is_astray(
    office: Office, wrong: str, told: str
) -> None:
    office.answer(JENS, "summary-request", "Key takeaways: listen")
    before = {person: len(office.mails_to(person)) for _, person, *_ in office.people}
    with pytest.raises(UnsafePlanError, match=told):
        office.at(at(wrong)).run()
    assert {person: len(office.mails_to(person)) for person in before} == before
    office.at(at("2026-10-14 10:00")).run()
    assert office.last_mail(JENS, "receipt")


def test_a_run_after_a_month_of_silence_goes_on(office: Office) -> None:
    """Somebody was on holiday, and the server was down: an outage is no wrong clock yet."""
    assert office.at(at("2026-11-12 10:00")).run().outcomes


def test_a_programme_that_rests_for_long_has_a_clock_that_is_looked_at(office: Office) -> None:
    """All pairs are paused over the summer; cron is at work and finds nothing to do."""
    with office.ports() as ports:
        before = ports.store.setting("clock seen")
    office.live_until(at("2027-10-13 10:00")).run()
    with office.ports() as ports:
        assert ports.store.setting("clock seen") > before


def test_who_confirms_the_plan_goes_on_with_that_clock(office: Office) -> None:
    office.at(at("2027-01-04 10:00"))
    said = at_the_office(office, "run")
    assert said.code == 4
    assert "this computer's clock says 2027-01-04" in said.err
    office.run(confirmed=office.plan().digest)
    office.at(at("2027-01-05 10:00")).run()
