"""The rows of the table: what is measured, against which floor, and how good it has to be."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from measure import Command, Cost, measured

HERE = Path(__file__).parent
_MOST_MEGABYTES = 150


@dataclass(frozen=True)
class Line:
    """One line of the table. `value` and `goal` are ratios to the floor, or megabytes."""

    row: str
    path: str
    floor: str
    ours: str
    value: float
    goal: float
    unit: str = "×"
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the goal is met, a ratio being read with one decimal."""
        return round(self.value, 1) <= self.goal


def _ratio(row: str, path: str, floor: Cost, ours: Cost, *, goal: float, note: str = "") -> Line:
    ratio = ours.seconds / floor.seconds
    return Line(row, path, _spent(floor), _spent(ours), ratio, goal, note=note)


def _memory(row: str, path: str, ours: Cost) -> Line:
    return Line(row, path, "", "", ours.megabytes, _MOST_MEGABYTES, unit="MB")


def _spent(cost: Cost) -> str:
    return f"{cost.seconds * 1000:,.0f} ms"


def _rmflow(*arguments: str | Path) -> Command:
    """Return what the installed command `rmflow` runs."""
    return ("-c", "from rmflow.cli import main; main()", *arguments)


def _organisation(what: str, folder: Path, pairs: int) -> Path:
    """Make an organisation (see `organisation.py`), in a process of its own."""
    command = [sys.executable, HERE / "organisation.py", what, folder, str(pairs)]
    subprocess.run(command, check=True)
    return folder


def start(_: Path, rounds: int) -> list[Line]:
    """Row 1: how long a person waits for the list of verbs."""
    commands = (HERE / "floors/nothing.py",), ("-c", "import click"), _rmflow("--help")
    floor, click, ours = measured(commands, rounds)
    note = f"`import click`, alone, takes {click.seconds / floor.seconds:.1f}×"
    return [_ratio("1", "`rmflow --help`", floor, ours, goal=3, note=note)]


def unchanged_run(folder: Path, rounds: int) -> list[Line]:
    """Row 2: what cron does all day."""
    sizes = (1_000, 10_000, 100_000)
    small, usual, large = (_organisation("install", folder / f"{n}", n) for n in sizes)
    commands = (
        (HERE / "floors/unchanged_run.py", usual),
        *(_rmflow("run", "--config", each) for each in (usual, small, large)),
    )
    floor, ours, at_small, at_large = measured(commands, rounds)
    for each in (small, usual, large):
        _check_that_nothing_was_done(each)
    path = "a run with nothing to do"
    return [
        _ratio("2", f"{path}, 10,000 pairs", floor, ours, goal=3),
        _ratio("2", f"{path}, 100,000 pairs; floor: 1,000", at_small, at_large, goal=3),
        _memory("2", f"{path}, 10,000 pairs: peak memory", ours),
    ]


def _check_that_nothing_was_done(folder: Path) -> None:
    """Raise AssertionError if the last run found something to do: then the bench is wrong."""
    last = (folder / "rmflow.log").read_text().splitlines()[-1]
    assert '"nothing to do"' in last, last


def first_import(folder: Path, rounds: int) -> list[Line]:
    """Row 3: a roster that nobody has seen before."""
    large = _organisation("make", folder / "large", 10_000)
    small = _organisation("make", folder / "small", 1_000)
    libraries = "import sqlalchemy, pydantic; pydantic.BaseModel"
    floor, starting, ours = measured(
        (
            (HERE / "floors/first_import.py", large),
            ("-c", libraries),
            (HERE / "ours/first_import.py", large),
        ),
        rounds,
        reset=lambda: _forget(large),
    )
    (whole,) = measured([_rmflow("run", "--config", small)], 1, reset=lambda: _forget(small))
    note = (
        f"starting SQLAlchemy and pydantic takes {starting.seconds / floor.seconds:.1f}×; beside the "
        "checks, the rest is SQLAlchemy, the list of public holidays, and a child process that opens "
        "the file, because a hostile one may end it. A whole first run, with plans, calendar files "
        f"and workbook: {whole.seconds:.1f} ms a pair"
    )
    return [_ratio("3", "first import of 10,000 pairs", floor, ours, goal=3, note=note)]


def _forget(folder: Path) -> None:
    """Put an organisation back to where it has not met rmflow."""
    for path in folder.glob("state.db*"):
        path.unlink()
    (folder / "tracking.xlsx").unlink(missing_ok=True)
    shutil.rmtree(folder / "calendar", ignore_errors=True)


def inbound(folder: Path, rounds: int) -> list[Line]:
    """Row 4: replies from their bytes to the last field, and whether a full memory slows it."""
    many, few, few_of_many = (
        _correspondence(folder / f"{new} of {new + read}", new, read)
        for new, read in ((10_000, 0), (100, 0), (100, 10_000))
    )
    floor = HERE / "floors/inbound.py"
    parsed, parsed_old, ours, alone, among_many = measured(
        (
            (floor, many),
            (floor, many, "compat32"),
            *((HERE / "ours/inbound.py", _used(each)) for each in (many, few, few_of_many)),
        ),
        rounds,
        reset=lambda: _renew(many, few, few_of_many),
    )
    path = "10,000 replies stored, sorted, read, filed"
    note = (
        f"beside the older policy, compat32: {ours.seconds / parsed_old.seconds:.1f}×; two fifths are "
        "finding the new words, a fifth storing and handing over"
    )
    growth = "100 new replies, 10,000 mails remembered; floor: none remembered"
    return [
        _ratio("4", path, parsed, ours, goal=2, note=note),
        _ratio("4", growth, alone, among_many, goal=1.1),
        _memory("4", f"{path}: peak memory", ours),
    ]


def _correspondence(folder: Path, new: int, read: int) -> Path:
    script = str(HERE / "correspondence.py")
    command = [sys.executable, script, str(folder), str(new), str(read)]
    subprocess.run(command, check=True)
    return folder


def _used(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}, used")


def _renew(*folders: Path) -> None:
    """Put the mails back to where nobody has read them."""
    for folder in folders:
        shutil.rmtree(_used(folder), ignore_errors=True)
        shutil.copytree(folder, _used(folder))


def workbook(folder: Path, rounds: int) -> list[Line]:
    """Row 6: the largest sheet of a large programme."""
    commands = [(HERE / who / "workbook.py", folder) for who in ("floors", "ours")]
    floor, ours = measured(commands, rounds)
    path = "workbook, 10,000 rows × 20 columns"
    return [_ratio("6", path, floor, ours, goal=1.4), _memory("6", f"{path}: peak memory", ours)]


ROWS: dict[str, Callable[[Path, int], list[Line]]] = {
    "1": start,
    "2": unchanged_run,
    "3": first_import,
    "4": inbound,
    "6": workbook,
}
