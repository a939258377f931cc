"""`rmflow explain PAIR`: what was done for a pair, when and why."""

from pathlib import Path
from zoneinfo import ZoneInfo

import click

from rmflow.app.story import Line, story
from rmflow.cli.options import config_option, configured, json_option, opened
from rmflow.cli.output import show_json


@click.command()
@click.argument("pair")
@config_option
@json_option
def explain(pair: str, config_path: Path, *, as_json: bool) -> None:
    """Tell the story of one pair: what was done, when and why, and what comes next.

    PAIR is the id in the first column of the workbook's sheet Pairs, or part of a person's name.
    """
    with opened(configured(config_path)) as ports:
        told = story(ports, pair)
        timezone = ports.programme.timezone
    if as_json:
        show_json([_as_json(line) for line in told.lines])
        return
    zone = ZoneInfo(timezone)
    click.echo(f"{told.title}\nAll times are {timezone}.\n")
    for line in told.lines:
        click.echo(f"  {line.at.astimezone(zone):%Y-%m-%d %H:%M}  {line.what}")
    if told.next_look:
        click.echo(f"\nNext look: {told.next_look.astimezone(zone):%Y-%m-%d %H:%M}.")
    else:
        click.echo("\nIt is over.")


def _as_json(line: Line) -> dict[str, str]:
    return {"at": line.at.isoformat(), "what": line.what, "key": line.key}
