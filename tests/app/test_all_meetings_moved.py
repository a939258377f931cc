"""Somebody gives all meetings of a series other times: those that were held stay as they were."""

import re
from pathlib import Path

import pytest

from builders import at
from coordinator import sheet
from office import Office

JENS = "Jens Adler"


@pytest.fixture(params=["imip", "vdir"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Office:
    """A pair has met on 13 October at ten, and was asked about it."""
    office = Office(tmp_path, pairs=1, calendar=request.param, start=at("2026-10-05 09:00"))
    for moment in ("10-05 09:00", "10-08 11:00", "10-09 11:00", "10-13 16:00"):
        office.at(at(f"2026-{moment}")).run()
    return office


def drag_all(office: Office, hours: int) -> None:
    """Move the whole series, its first meeting included, as a calendar program does."""
    (path,) = (office.folder / "calendars").glob("*.ics")
    path.write_bytes(
        re.sub(
            rb"(DT(?:START|END)(?:;[^:]*)?:20261013T)(\d\d)",
            lambda found: found[1] + b"%02d" % (int(found[2]) + hours),
            path.read_bytes(),
        )
    )


def live_on(office: Office) -> list[str]:
    """Live for ten days; return the kinds of what the leader has got."""
    for day in range(14, 24):
        office.at(at(f"2026-10-{day} 12:00")).run()
    return [mail["X-Rmflow-Kind"] for mail in office.mails_to(JENS)]


def test_who_has_written_a_summary_is_not_asked_for_it_again(office: Office) -> None:
    office.answer(JENS, "summary-request", "Key takeaways: listen first\nRating: 5")
    office.at(at("2026-10-14 09:00")).run()
    drag_all(office, 1)
    kinds = live_on(office)
    assert (kinds.count("summary-request"), kinds.count("summary-reminder")) == (1, 0)


def test_an_answer_about_the_old_time_is_filed_with_its_meeting(office: Office) -> None:
    drag_all(office, 1)
    office.at(at("2026-10-14 09:00")).run()
    office.answer(JENS, "summary-request", "Key takeaways: listen first\nRating: 5")
    kinds = live_on(office)
    assert kinds.count("summary-request") == 1
    assert "summary-reminder" not in kinds
    held = [row for row in sheet(office, "Sessions") if row["Held"] == "confirmed"]
    assert [(row["No."], str(row["Meeting"])[:16], row["Summary"]) for row in held] == [
        (1, "2026-10-13 10:00", "received")
    ]


def test_the_meetings_to_come_are_at_the_new_time_and_told_once(office: Office) -> None:
    drag_all(office, 1)
    kinds = live_on(office)
    coming = [row for row in sheet(office, "Sessions") if row["Held"] == "planned"]
    assert str(coming[0]["Meeting"])[:16] == "2026-11-10 11:00"
    assert coming[0]["No."] == 2
    assert kinds.count("update") <= 1


def test_a_series_that_is_moved_twice_keeps_both_pasts(office: Office) -> None:
    drag_all(office, 1)
    for moment in ("10-14 09:00", "11-05 11:00", "11-06 11:00", "11-10 16:00"):
        office.at(at(f"2026-{moment}")).run()
    drag_all(office, 2)
    for moment in ("11-11 09:00", "11-12 09:00", "12-03 12:00"):
        office.at(at(f"2026-{moment}")).run()
    meetings = [str(row["Meeting"])[:16] for row in sheet(office, "Sessions")]
    assert sorted(meetings)[:3] == ["2026-10-13 10:00", "2026-11-10 11:00", "2026-12-08 13:00"]
    requests = [m for m in office.mails_to(JENS) if m["X-Rmflow-Kind"] == "summary-request"]
    assert len(requests) == 2
