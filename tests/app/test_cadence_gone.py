"""A cadence is renamed in the configuration while the roster still names the old one."""

from pathlib import Path

import pytest

from builders import at, kinds
from coordinator import type_in
from correspondence import uid_of
from office import Office
from rmflow.app.run import Report

PLACES = ["roster.xlsx, Pairs!D2", "roster.xlsx, Pairs!D3"]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Two pairs whose cadence is now called "ours"."""
    office = Office(tmp_path / "office", pairs=2, start=at("2026-10-05 09:00"))
    office.rows = [(*row[:3], "mine", *row[4:]) for row in office.rows]
    office.save_roster()
    plain = office.config_path.read_text()
    office.config_path.write_text(plain + cadence("mine"))
    office.run()
    office.config_path.write_text(plain + cadence("ours"))
    return office.at(at("2026-10-06 09:00"))


def cadence(name: str) -> str:
    return f'\n[cadences.{name}]\nminutes = 60\nevery = "2 weeks"\n'


def did(report: Report) -> list[str]:
    assert [problem.place for problem in report.problems] == PLACES
    return kinds(o.action for o in report.outcomes)


def test_the_mails_go_on_and_so_does_the_complaint(office: Office) -> None:
    assert did(office.run()) == []
    assert did(office.at(at("2026-10-08 12:00")).run()) == ["send agenda-request"] * 2


def test_an_invitation_is_sent_again(office: Office) -> None:
    type_in(office, "pair-1", "Do next", "resend invitation")

    assert did(office.run()) == ["revise series", "send update", "send update"]


def test_meetings_that_were_deleted_are_made_again_in_their_rhythm(office: Office) -> None:
    (office.folder / "calendars" / f"{uid_of(office, 'Jens Adler')}.ics").unlink()
    office.run()
    type_in(office, "pair-1", "Do next", "resend invitation")

    assert "create series" in did(office.at(at("2026-10-07 09:00")).run())
    body = office.last_mail("Jens Adler", "invitation").get_body(("plain",))
    assert body is not None
    assert "every 2 weeks" in body.get_content()
