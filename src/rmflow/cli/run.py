"""`rmflow run`: what cron calls."""

from pathlib import Path

import click

from rmflow.app.outcome import Ending, Outcome
from rmflow.app.run import Report
from rmflow.app.run import run as run_once
from rmflow.cli.logbook import Logbook
from rmflow.cli.options import config_option, configured, json_option, opened
from rmflow.cli.output import (
    count,
    deleted,
    deleted_json,
    show_json,
    show_problems,
    show_roster_holds,
)
from rmflow.cli.plan import action_json
from rmflow.cli.progress import progress_bar
from rmflow.planner.describe import what


@click.command()
@config_option
@json_option
@click.option(
    "--plan",
    "confirmed",
    metavar="NAME",
    default="",
    help="Do this plan, as shown by `rmflow plan`, in spite of its alarms; or nothing.",
)
@click.option("--quiet", "-q", is_flag=True, help="Say nothing unless something is wrong.")
def run(config_path: Path, *, as_json: bool, confirmed: str, quiet: bool) -> None:
    """Do what is due now: this is what cron calls.

    It may run as often as you like and be cut off at any moment: nothing is sent twice and
    nothing is lost. Every 15 minutes in working hours is a good rhythm.
    """
    config = configured(config_path)
    with (
        Logbook(config.sections.log.path, config.sections.privacy.log_days) as log,
        opened(config) as ports,
    ):
        with progress_bar(shown=not quiet and not as_json) as progress:
            report = run_once(ports, confirmed=confirmed, progress=progress)
        log.report(report)
    if as_json:
        show_json(_as_json(report))
    else:
        _show(report, quiet=quiet)
    code = exit_code(report)
    if code:
        raise SystemExit(code)


def exit_code(report: Report) -> int:
    """Return 0 done, 1 something failed or waits for a person, 3 the roster has mistakes."""
    if not report.roster_usable:
        return 3
    return 1 if report.unfinished else 0


def _show(report: Report, *, quiet: bool) -> None:
    show_problems(report.problems)
    if not report.roster_usable:
        show_roster_holds()
    for outcome in report.unfinished:
        click.echo(f"{outcome.ending.value}: {_said(outcome)}", err=True)
    if quiet:
        return
    done = sum(outcome.ending is Ending.DONE for outcome in report.outcomes)
    acted = f"{count(done, 'action')} done." if report.outcomes else "Nothing to do."
    book = " The workbook was written." if report.published else ""
    old = deleted(report.expired)
    kept = f" Deleted, as [privacy] says: {old}." if old else ""
    click.echo(f"{acted}{book}{kept}")


def _said(outcome: Outcome) -> str:
    return f"{outcome.action.pairing or '-'} {what(outcome.action)} ({outcome.detail})"


def _as_json(report: Report) -> dict[str, object]:
    return {
        "digest": report.plan.digest,
        "published": report.published,
        "deleted": deleted_json(report.expired),
        "problems": [str(problem) for problem in report.problems],
        "outcomes": [
            {**action_json(o.action), "ending": o.ending.value, "detail": o.detail}
            for o in report.outcomes
        ],
    }
