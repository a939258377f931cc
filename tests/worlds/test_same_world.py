"""The demo's world, played on every vendor: the same meetings, the same workbook.

`RMFLOW_WORLD_MONTHS=6` plays all of it (`make worlds`); a shorter part is played with all tests.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from played_on import Ending, Rows, play_on
from services import SERVICES

MONTHS = int(os.environ.get("RMFLOW_WORLD_MONTHS", "2"))
# Where rmflow invites by mail, what a person drags in the calendar is told to the others: by us.
_TELLING = ("send invitation", "send update", "send cancellation", "revise series")
_KIND = 3  # the column of the sheet Log that says what was done


@pytest.fixture(scope="session")
def on_files(tmp_path_factory: pytest.TempPathFactory) -> Ending:
    """The play as the demo has it: invitations by mail, everything in files."""
    return play_on(None, tmp_path_factory.mktemp("files") / "demo", months=MONTHS)


@pytest.fixture(params=SERVICES)
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Ending, bool]]:
    """The play on a service, and whether that invites people itself."""
    service = SERVICES[request.param]()
    try:
        yield play_on(service, tmp_path / "demo", months=MONTHS), service.invites
    finally:
        service.close()


@pytest.mark.timeout(1800)
def test_the_same_people_end_up_with_the_same_meetings_and_the_same_workbook(
    on_files: Ending, elsewhere: tuple[Ending, bool]
) -> None:
    """Whoever invites: answers, drags, proposals, pauses and new rooms lead to the same place."""
    ending, invites = elsewhere
    assert ending.series == on_files.series
    expected, found = (_comparable(e.rows, invites=invites) for e in (on_files, ending))
    for sheet, rows in expected.items():
        assert found[sheet] == rows, sheet
    assert found.keys() == expected.keys()
    assert ending.last.nothing


def _comparable(rows: Rows, *, invites: bool) -> Rows:
    """Return the sheets without our notes to ourselves, and without what a server does itself."""
    kept = {name: sheet for name, sheet in rows.items() if not name.startswith("_")}
    if invites:
        kept["Log"] = [row for row in kept["Log"] if row[_KIND] not in _TELLING]
    return kept
