"""The coordinator's three files: the roster, the workbook, the calendar."""

import shutil
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from rmflow.demo.people.workbook import type_into
from rmflow.errors import Problem
from rmflow.formats.roster.understanding import understand
from rmflow.wiring import load_config, open_roster

pytest_plugins = ("demo_played",)


@pytest.fixture
def workbook(october: Path, tmp_path: Path) -> Path:
    path = tmp_path / "tracking.xlsx"
    shutil.copy(october / "tracking.xlsx", path)
    return path


def cells(path: Path) -> dict[tuple[str, str], object]:
    book = openpyxl.load_workbook(path)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def test_typing_changes_one_cell_and_no_other(workbook: Path) -> None:
    """Everything rmflow drew must survive a person's save."""
    before = cells(workbook)

    type_into(workbook, "Pairs", row_with="Noah Wyss", column="Do next", text="pause")

    after = cells(workbook)
    (place,) = after.keys() - before.keys()
    assert after[place] == "pause"
    assert {spot: value for spot, value in after.items() if spot != place} == before
    row = place[1].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert "Noah Wyss" in [v for (s, c), v in after.items() if s == "Pairs" and c.endswith(row)]


def test_typing_again_replaces_what_was_typed(workbook: Path) -> None:
    for text in ("pause", "resume"):
        type_into(workbook, "Pairs", row_with="Noah Wyss", column="Do next", text=text)

    with ZipFile(workbook) as parts:
        pages = b"".join(parts.read(name) for name in parts.namelist())
    assert (pages.count(b"<t>resume</t>"), pages.count(b"<t>pause</t>")) == (1, 0)


def test_typing_beside_a_person_who_is_not_there_is_a_mistake(workbook: Path) -> None:
    with pytest.raises(LookupError, match="Nobody"):
        type_into(workbook, "Pairs", row_with="Nobody", column="Do next", text="pause")


def test_the_roster_has_nothing_to_complain_of(october: Path) -> None:
    """Sixty people in one tree, and no leader above their own mentor."""
    config = load_config(october / "programme.toml")

    reading = understand(open_roster(config).read(), config.programme())

    assert reading.problems == (), [str(problem) for problem in reading.problems]
    assert reading.roster is not None
    assert len(reading.roster.people) == 60
    assert len(reading.roster.pairings) == 12
    warnings: tuple[Problem, ...] = config.warnings
    assert warnings == ()
