"""What nobody expected: it is told where it happened, and never in its own words."""

import errno
from pathlib import Path
from unittest import mock

import pytest

from builders import at
from office import Office
from rmflow.cli import MISTAKE
from terminal import Said, at_the_office

WORDS = "our figures are bad"


def status_with(error: Exception, folder: Path) -> Said:
    """Ask for the status where this goes wrong."""
    office = Office(folder, pairs=1, start=at("2026-10-05 09:00"))
    with mock.patch("rmflow.cli.options.open_ports", side_effect=error):
        return at_the_office(office, "status")


@pytest.mark.parametrize(
    "error", [ValueError(WORDS), OSError(errno.EBADF, WORDS), FileNotFoundError(WORDS)], ids=repr
)
def test_a_mistake_of_ours_names_its_place_and_quotes_nothing(
    error: Exception, tmp_path: Path
) -> None:
    said = status_with(error, tmp_path)
    assert (said.code, said.out) == (MISTAKE, "")
    assert said.err.startswith("rmflow: a mistake of ours; report it with these lines\n")
    assert type(error).__name__ in said.err
    assert "cli/status.py" in said.err
    assert WORDS not in said.err


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
def test_what_a_disk_cannot_do_is_told_with_the_file_and_no_lines_of_code(
    number: int, tmp_path: Path
) -> None:
    said = status_with(OSError(number, "the reason", "state.db"), tmp_path)
    assert (said.code, said.err) == (5, "rmflow: state.db: the reason\n")
