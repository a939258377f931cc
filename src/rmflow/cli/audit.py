"""`rmflow audit`: who did what, and whether the record of it is whole."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from rmflow.app.audit import Verdict, entries_about, examined
from rmflow.cli.logbook import heads_in
from rmflow.cli.options import config_option, configured, json_option, opened
from rmflow.cli.output import show_json, show_problems
from rmflow.domain.audit import Event, Head, Logged, head_in
from rmflow.errors import Problem

_OF_RUNS = {event.value for event in (Event.DONE, Event.HELD, Event.RUN_ENDED, Event.EXPIRED)}


@click.command()
@config_option
@json_option
@click.option("--pair", metavar="ID", default="", help="Only what was done about this pair.")
@click.option("--person", metavar="PERSON", default="", help="Only what is about this person.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Only from this day on (UTC).",
)
@click.option("--head", "kept", metavar="HEAD", default="", help="A head that you have kept.")
def audit(
    config_path: Path, *, as_json: bool, pair: str, person: str, since: datetime | None, kept: str
) -> None:
    """List what was done, by ids, and check that nobody has changed the list.

    Each entry is bound to the one before with the programme's secret: one that was changed, left
    out or moved is noticed. The head, which is the last line of the list, is kept in the log file; keep
    it elsewhere, too: by it whoever cuts off the end is noticed. PERSON is an address or a whole name;
    in the list people are an alias, which is the same for all that is about them.
    """
    config = configured(config_path)
    heads = [*heads_in(config.sections.log.path), *_typed(kept)]
    day = since.replace(tzinfo=UTC) if since else None
    with opened(config) as ports:
        found = entries_about(ports, pair=pair, person=person, since=day)
        if as_json:
            verdict = examined(ports, heads)
            show_json({**_verdict(verdict), "entries": [_as_json(each) for each in found]})
        else:
            _show(found, ZoneInfo(ports.programme.timezone))
            verdict = examined(ports, heads)
            _say(verdict)
    if verdict.broken:
        raise SystemExit(1)


def _typed(kept: str) -> list[Head]:
    try:
        return [head_in(kept)] if kept else []
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _show(entries: Iterable[Logged], zone: ZoneInfo) -> None:
    last = 0
    for entry in entries:
        if not last:
            click.echo(_line("", "when", "what", "pair", "person", "about", ""))
        if entry.event == Event.RESTORED.value and entry.number > last + 1 > 1:
            click.echo(f"{'':>7}  up to {entry.number - 1}: in the database that was replaced")
        at = entry.at.astimezone(zone)
        when = f"{at:%Y-%m-%d %H:%M}"
        ids = ("(forgotten)",) if entry.emptied else (entry.pairing, entry.person, entry.about[:8])
        click.echo(_line(str(entry.number), when, entry.event, *ids, _said(entry)))
        last = entry.number


def _line(number: str, when: str, event: str, *about: str) -> str:
    *ids, said = about
    columns = " ".join(f"{id or '-':<12}" for id in ids)
    return f"{number:>7}  {when:<18} {event:<26} {columns} {said}".rstrip()


def _said(entry: Logged) -> str:
    """Return the facts of an entry, numbers before their names, and whose doing it was."""
    said = [
        f"{value} {name}" if isinstance(value, int) else _named(name, value)
        for name, value in entry.facts.items()
        if value != ""
    ]
    if entry.event not in _OF_RUNS:
        said.append(f"by user {entry.uid}")
    return ", ".join(said)


def _named(name: str, value: str) -> str:
    return value if name in ("kind", "choice") else f"{name} {value}"


def _say(verdict: Verdict) -> None:
    if verdict.broken:
        place = f"audit log, entry {verdict.broken.number}"
        show_problems([Problem(place, verdict.broken.why)])
        return
    if not verdict.newest.number:
        click.echo("The audit log has no entries yet.")
        return
    click.echo(f"\nUnbroken up to {verdict.newest}")


def _verdict(verdict: Verdict) -> dict[str, object]:
    broken = verdict.broken
    return {
        "unbroken": broken is None,
        "broken": {"entry": broken.number, "why": broken.why} if broken else None,
        "head": str(verdict.newest),
    }


def _as_json(entry: Logged) -> dict[str, object]:
    return {
        "number": entry.number,
        "at": entry.at.isoformat(),
        "event": entry.event,
        "uid": entry.uid,
        "pair": entry.pairing,
        "person": entry.person,
        "about": entry.about,
        "facts": dict(entry.facts),
        "forgotten": entry.emptied,
    }
