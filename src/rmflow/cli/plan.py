"""`rmflow plan`: what a run would do now."""

from collections.abc import Sequence
from pathlib import Path

import click

from rmflow.app.retention import outdated
from rmflow.app.run import Proposal, propose
from rmflow.cli.options import config_option, configured, json_option, opened
from rmflow.cli.output import (
    count,
    deleted,
    deleted_json,
    show_json,
    show_problems,
    show_roster_holds,
)
from rmflow.planner.actions import Action
from rmflow.planner.describe import verb, what


@click.command()
@config_option
@json_option
@click.option("--exit-code", is_flag=True, help="Exit with 10 if there is something to do.")
def plan(config_path: Path, *, as_json: bool, exit_code: bool) -> None:
    """Show what a run would do now. Changes nothing.

    The last line names the plan. `rmflow run --plan NAME` does exactly what was shown, or
    nothing if something has happened since.
    """
    config = configured(config_path)
    with opened(config) as ports:
        now = ports.clock.now()
        proposal, old = propose(ports, now), outdated(ports, now)
    if as_json:
        show_json({**_as_json(proposal), "deletes": deleted_json(old)})
    else:
        _show(proposal)
        if text := deleted(old):
            click.echo(f"Deleted for its age, as [privacy] says: {text}.")
    if not proposal.observation.roster.usable:
        raise SystemExit(3)
    if exit_code and proposal.plan.actions:
        raise SystemExit(10)


def _show(proposal: Proposal) -> None:
    show_problems(proposal.observation.problems)
    if not proposal.observation.roster.usable:
        show_roster_holds()
    found = proposal.plan
    if not found.actions:
        click.echo("Nothing to do.")
        return
    for line in lines(found.actions):
        click.echo(line)
    for alarm in found.alarms:
        click.echo(f"\nA person must confirm this: {alarm}.", err=True)
    click.echo(f"\n{count(len(found.actions), 'action')}. Plan {found.digest}")


def lines(actions: Sequence[Action]) -> list[str]:
    """Return one line an action: pair, what."""
    return [f"{action.pairing or '-':<12} {what(action)}" for action in actions]


def _as_json(proposal: Proposal) -> dict[str, object]:
    found = proposal.plan
    return {
        "digest": found.digest,
        "alarms": list(found.alarms),
        "problems": [str(problem) for problem in proposal.observation.problems],
        "actions": [action_json(action) for action in found.actions],
    }


def action_json(action: Action) -> dict[str, str]:
    """Return an action for programs."""
    return {
        "key": action.key,
        "action": verb(action),
        "pairing": action.pairing,
        "what": what(action),
    }
