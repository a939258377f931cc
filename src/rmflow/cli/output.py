"""What people and programs read of us: plain lines on stdout, problems on stderr, JSON on request."""

import json
from collections.abc import Iterable
from typing import Any

import click

from rmflow.errors import Problem, ProblemsError, RmflowError, UnsafePlanError
from rmflow.ports.store import Outdated


def complain(error: RmflowError) -> None:
    """Say what is wrong and what to do, all of it."""
    match error:
        case UnsafePlanError():
            click.echo("Nothing was done, because this needs a person's eye:", err=True)
            for alarm in error.alarms:
                click.echo(f"  - {alarm}", err=True)
            click.echo(
                "\nLook at it with `rmflow plan`. If it is what you want, run\n"
                f"  rmflow run --plan {error.digest}",
                err=True,
            )
        case ProblemsError():
            show_problems(error.problems)
        case _:
            click.echo(f"rmflow: {error}", err=True)


def show_problems(problems: Iterable[Problem]) -> None:
    """Write each problem on its own line, warnings after errors."""
    for problem in sorted(problems, key=lambda p: p.warning):
        mark = "warning" if problem.warning else "problem"
        click.echo(f"{mark}  {problem}", err=True)


def show_roster_holds() -> None:
    """Say what a broken roster means for the programme."""
    click.echo("Until the roster is mended, the last good one holds.", err=True)


def show_json(value: Any) -> None:
    """Write a value as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def deleted(found: Outdated) -> str:
    """Return "the originals of 3 mails and the words of 1 pair", "" for neither."""
    parts = []
    if found.mails:
        parts.append(f"the originals of {count(len(found.mails), 'mail')}")
    if found.pairings:
        parts.append(f"the words of {count(len(found.pairings), 'pair')}")
    return " and ".join(parts)


def deleted_json(found: Outdated) -> dict[str, int]:
    """Return for programs what is deleted for its age."""
    return {"mails": len(found.mails), "pairs": len(found.pairings)}


def count(number: int, one: str, many: str = "") -> str:
    """Return "1 pair" or "3 pairs"."""
    return f"{number} {one if number == 1 else many or one + 's'}"
