"""Every invitation of the demo, judged by others: libical for each METHOD, two expanders."""

import email
import email.policy
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ical_checks import check_libical, check_ours, expand_ical_js, expand_python

from rmflow.demo.play import play
from rmflow.domain.recurrence import sessions
from rmflow.domain.series import SeriesSpec
from rmflow.formats.calendar.ics import read_stored

# What a process prints of the demo's calendars: every meeting's wall time, and how far from UTC.
_SHOW = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from rmflow.domain.recurrence import sessions
from rmflow.domain.series import SeriesSpec
from rmflow.formats.calendar.ics import read_stored
first, last = datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 5, 1, tzinfo=UTC)
for path in sorted(Path(sys.argv[1]).glob("*.ics")):
    for session in sessions(read_stored(path.read_bytes()).spec, first, last):
        print(path.name, session.moved, session.start.isoformat())
"""


@pytest.fixture(scope="module")
def half_a_year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("half-a-year") / "demo"
    play(folder, seed=1, months=6, force=False, told=lambda _: None)
    return folder


@pytest.mark.server
@pytest.mark.timeout(300)
def test_every_calendar_part_is_sound_and_means_the_same_to_everybody(half_a_year: Path) -> None:
    parts = _calendar_parts(half_a_year)
    requests = [content for method, content in parts if method == "REQUEST"]
    methods = Counter(method for method, _ in parts)
    assert methods["REQUEST"] > 25
    assert methods["CANCEL"] > 0
    for _, content in parts:
        assert check_libical(content) == []
        assert check_ours(content) == []
    assert [expand_python(content) for content in requests] == expand_ical_js(requests)


def test_wall_times_stay_over_all_clock_changes_whatever_the_zone_of_the_process(
    half_a_year: Path,
) -> None:
    """Berlin changes on 25 October and 28 March, New York on 1 November and 14 March."""
    shown = {
        subprocess.run(
            [sys.executable, "-c", _SHOW, str(half_a_year / "calendars")],
            env={**os.environ, "TZ": zone},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for zone in ("Asia/Dubai", "America/New_York", "UTC")
    }
    assert len(shown) == 1
    unmoved = [line.split() for line in shown.pop().splitlines() if " False " in line]
    times: dict[str, set[str]] = {}
    offsets: dict[str, set[str]] = {}
    for name, _, start in unmoved:
        times.setdefault(name, set()).add(start[11:16])
        offsets.setdefault(name, set()).add(start[19:])
    assert {len(found) for found in times.values()} == {1}
    assert max(len(found) for found in offsets.values()) == 2


def test_a_series_and_its_last_invitation_are_the_same_meetings(half_a_year: Path) -> None:
    """What lies in the folder is what people were told."""
    told: dict[str, SeriesSpec] = {}
    for method, content in _calendar_parts(half_a_year):
        spec = read_stored(content).spec
        if method == "REQUEST" and told.get(spec.uid, spec).sequence <= spec.sequence:
            told[spec.uid] = spec
    first = datetime(2026, 10, 1, tzinfo=UTC)
    for path in (half_a_year / "calendars").glob("*.ics"):
        stored = read_stored(path.read_bytes())
        if not stored.cancelled:
            span = (first, first + timedelta(days=400))
            assert sessions(told[stored.spec.uid], *span) == sessions(stored.spec, *span)


def _calendar_parts(folder: Path) -> list[tuple[str, bytes]]:
    """Return METHOD and bytes of each calendar part that somebody got, in order of sending."""
    found = []
    for path in (folder / "mail" / "out").glob("*/*/*"):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for part in message.walk():
            if part.get_content_type() == "text/calendar":
                content = part.get_payload(decode=True)
                assert isinstance(content, bytes)
                found.append(
                    (str(message["Date"].datetime), str(part.get_param("method")), content)
                )
    return [(method, content) for _, method, content in sorted(found)]
