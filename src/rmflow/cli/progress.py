"""A progress bar on a terminal; nothing anywhere else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rmflow.app.outcome import Outcome
from rmflow.planner.describe import verb

if TYPE_CHECKING:
    from rich.progress import Progress


@contextmanager
def progress_bar(*, shown: bool) -> Iterator[Callable[[int, Outcome], None]]:
    """Give a function that is told the total and each outcome, and draws a bar of it."""
    if not shown or not sys.stderr.isatty():
        yield lambda _total, _outcome: None
        return
    with _bar() as bar:
        task = bar.add_task("", total=None)

        def advance(total: int, outcome: Outcome) -> None:
            bar.update(task, total=total, advance=1, description=verb(outcome.action))

        yield advance


@contextmanager
def row_bar() -> Iterator[Callable[[int, int], None]]:
    """Give a function that is told how many rows are done, of how many, and draws a bar of it."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    with _bar() as bar:
        task = bar.add_task("rows", total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, total=total, completed=done)

        yield advance


def _bar() -> "Progress":
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True)
