"""What was done and could not be written into the workbook any more is written by the next run."""

import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

from boundaries import Instead

from builders import at
from coordinator import sheet
from office import Office
from rmflow.app.run import run


def _dies(*_: Any) -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return ""


def test_a_workbook_that_was_not_written_is_written_by_the_next_run(tmp_path: Path) -> None:
    """That run finds nothing else to do: everything was done, on record, and asleep again."""
    office = Office(tmp_path / "office", pairs=1, start=at("2026-10-05 09:00"))
    office.run()
    office.at(at("2026-10-05 10:00")).respond("Jens Adler", "ACCEPTED")
    child = os.fork()
    if not child:
        with office.ports() as ports:
            cut: Any = Instead(ports.tracking, publish=_dies)
            run(replace(ports, tracking=cut))
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL

    report = office.run()

    assert not report.outcomes
    assert {row["Mentee said"] for row in sheet(office, "Sessions")} == {"accepted"}
    assert office.run().nothing
