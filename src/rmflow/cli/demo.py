"""`rmflow demo`: six months of an invented company in a folder."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from rmflow.cli.output import count
from rmflow.demo.play import Moment, Told, moments, play
from rmflow.planner.actions import SendLetter

_AFTERWARDS = """
Played {played} of an invented company into {folder}. Open first

  {folder}/tracking.xlsx    how it went; start with the sheets Overview and Needs you
  {folder}/mail/out/        what people got, a Maildir each
  {folder}/mail/in/         what they wrote; in “.Needs you” what rmflow left to a person
  {folder}/calendars/       the meetings, a file each; khal and Thunderbird open them

and ask

  {rmflow} status --config {folder}
  {rmflow} explain Linda --config {folder}
  {rmflow} inbox list --config {folder}
  {rmflow} plan --config {folder}
  {rmflow} run --config {folder}
"""


@click.command()
@click.argument(
    "folder", metavar="[DIR]", default="demo", type=click.Path(path_type=Path, file_okay=False)
)
@click.option(
    "--months", default=6, show_default=True, type=click.IntRange(1, 9), help="How long to play."
)
@click.option(
    "--seed", default=1, show_default=True, help="Another number, other people's other lives."
)
@click.option("--force", is_flag=True, help="Use DIR even if it holds something else.")
def demo(folder: Path, months: int, seed: int, *, force: bool) -> None:
    """Play six months of an invented company into DIR (./demo), in well under a minute.

    Twelve pairs accept, decline, drag and forget; rmflow runs five times a working day and
    speaks with them through mail and calendar files only. What comes out is a folder to look
    around in. A demo that is already there is replaced.
    """
    with _telling(months) as told:
        play(folder, seed=seed, months=months, force=force, told=told)
    played = count(months, "month")
    click.echo(_AFTERWARDS.format(played=played, folder=folder, rmflow=_name_of_ours()))


def _name_of_ours() -> str:
    """Return what to type for rmflow: its path where the shell does not find it by name."""
    if shutil.which("rmflow"):
        return "rmflow"
    started = Path(sys.argv[0])
    return os.path.relpath(started) if started.name == "rmflow" else "python -m rmflow"


@contextmanager
def _telling(months: int) -> Iterator[Told]:
    """Give what tells of the play: a bar on a terminal, else a line for each month."""
    if not sys.stderr.isatty():
        lines = _Lines()
        yield lines.tell
        lines.end_month()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description:<15}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=sum(1 for _ in moments(months)))
        yield lambda moment: bar.update(task, advance=1, description=f"{moment.at:%B %Y}")


class _Lines:
    """Sums up each month in a line."""

    def __init__(self) -> None:
        self._month = ""
        self._sent = self._written = 0

    def tell(self, moment: Moment) -> None:
        """Count what happened; write the line when a month is over."""
        month = f"{moment.at:%B %Y}"
        if month != self._month:
            self.end_month()
            self._month, self._sent, self._written = month, 0, 0
        self._written += moment.written
        self._sent += sum(isinstance(o.action, SendLetter) for o in moment.report.outcomes)

    def end_month(self) -> None:
        """Write the line of the month that was counted."""
        if self._month:
            sent, written = count(self._sent, "mail"), count(self._written, "answer")
            click.echo(f"{self._month:<15} {sent} sent, {written} came back")
