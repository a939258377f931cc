"""A progress bar on a terminal; nothing anywhere else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rmflow.app.outcome import Outcome
from rmflow.planner.describe import verb


@contextmanager
def progress_bar(*, shown: bool) -> Iterator[Callable[[int, Outcome], None]]:
    """Give a function that is told the total and each outcome, and draws a bar of it."""
    if not shown or not sys.stderr.isatty():
        yield lambda _total, _outcome: None
        return
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
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def advance(total: int, outcome: Outcome) -> None:
            bar.update(task, total=total, advance=1, description=verb(outcome.action))

        yield advance
