"""A run is cut off while it asks for summaries: whoever was asked is reminded, as if nothing had been."""

from pathlib import Path

import pytest

from builders import at
from office import Office
from outages import PowerCut, power_cut_after, run_with

LEADERS = ("Jens Adler", "Ruth Kaya", "Paul Novak")


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_who_was_asked_before_the_crash_is_reminded_after_it(tmp_path: Path, steps: int) -> None:
    office = Office(tmp_path, pairs=3, start=at("2026-10-05 09:00"))
    for moment in ("10-05 09:00", "10-08 11:00", "10-09 11:00"):
        office.at(at(f"2026-{moment}")).run()
    office.at(at("2026-10-13 16:00"))
    with pytest.raises(PowerCut):
        run_with(office, power_cut_after(steps))
    for moment in ("10-13 16:30", "10-19 12:00", "10-23 13:00", "10-26 12:00"):
        office.at(at(f"2026-{moment}")).run()
    for leader in LEADERS:
        kinds = [mail["X-Rmflow-Kind"] for mail in office.mails_to(leader)]
        assert (kinds.count("summary-request"), kinds.count("summary-reminder")) == (1, 2), leader
