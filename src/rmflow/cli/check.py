"""`rmflow check`: configuration and roster, offline."""

from pathlib import Path

import click

from rmflow.cli.options import config_option, configured, json_option
from rmflow.cli.output import count, show_json, show_problems
from rmflow.errors import ConfigError, Problem, RosterError
from rmflow.formats.roster.understanding import RosterReading, understand
from rmflow.wiring import open_roster


@click.command()
@config_option
@json_option
def check(config_path: Path, *, as_json: bool) -> None:
    """Read configuration and roster; say everything that is wrong, each with its place.

    Needs no network. Exits with 2 when the configuration has mistakes, with 3 when the roster has.
    """
    try:
        config = configured(config_path)
    except ConfigError as error:
        _answer(error.problems, None, as_json=as_json)
        raise SystemExit(2) from None
    try:
        reading = understand(open_roster(config).read(), config.programme())
    except RosterError as error:
        reading = RosterReading(None, error.problems)
    _answer((*config.warnings, *reading.problems), reading, as_json=as_json)
    if reading.roster is None:
        raise SystemExit(3)


def _answer(problems: tuple[Problem, ...], reading: RosterReading | None, *, as_json: bool) -> None:
    roster = reading.roster if reading else None
    people = len(roster.people) if roster else 0
    pairings = len(roster.pairings) if roster else 0
    if as_json:
        listed = [{"place": p.place, "text": p.text, "warning": p.warning} for p in problems]
        show_json(
            {"ok": roster is not None, "people": people, "pairs": pairings, "problems": listed}
        )
        return
    show_problems(problems)
    if roster is not None:
        click.echo(f"In order: {count(people, 'person', 'people')}, {count(pairings, 'pair')}.")
    else:
        wrong = sum(not problem.warning for problem in problems)
        click.echo(f"{count(wrong, 'problem')} to mend.", err=True)
