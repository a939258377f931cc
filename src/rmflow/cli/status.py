"""`rmflow status`: how the programme stands, and what waits for a person."""

import re
import shutil
import textwrap
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from rmflow.app.guard import Peace, asked_for
from rmflow.app.overview import overview
from rmflow.app.retention import outdated
from rmflow.cli.options import config_option, configured, json_option, opened
from rmflow.cli.output import count, deleted, deleted_json, show_json
from rmflow.domain.session import Evidence
from rmflow.formats.workbook.tracking import SummaryState, View
from rmflow.ports.store import Outdated

_MOST = 400  # characters; the whole is in `rmflow inbox show` and in the workbook
_MEASURE = 100  # columns that are easy to read
_COMMAND = re.compile("`[^`]*`")


@click.command()
@config_option
@json_option
def status(config_path: Path, *, as_json: bool) -> None:
    """Show how the programme stands and what waits for a person."""
    with opened(configured(config_path)) as ports:
        now = ports.clock.now()
        view, old = overview(ports, now), outdated(ports, now)
        left_alone = asked_for(ports.store, ports.providers.values(), now)
    if as_json:
        waits = {"left_alone": [_peace_json(peace) for peace in left_alone]}
        show_json({**_figures(view), "deletes": deleted_json(old), **waits})
    else:
        _show(view, old)
        for peace in left_alone:
            click.echo(f"\n{_peace(peace, view.programme.timezone)}")


def _peace_json(peace: Peace) -> dict[str, object]:
    return {
        "provider": peace.provider,
        "until": peace.until.isoformat(),
        "why": peace.why,
        "reads": peace.reads,
    }


def _peace(peace: Peace, zone: str) -> str:
    asked = "takes nothing new" if peace.reads else "asked to be left alone"
    until = f"{peace.until.astimezone(ZoneInfo(zone)):%d %B %Y %H:%M} {zone}"
    return (
        f"{peace.provider} {asked} until {until} ({peace.why}).\n"
        "Nothing is lost: the first run after that goes on."
    )


def _figures(view: View) -> dict[str, object]:
    states = Counter(view.states.values())
    evidence = Counter(row.evidence.value for row in view.sessions)
    received = sum(row.summary_state is SummaryState.RECEIVED for row in view.sessions)
    asked = sum(row.summary_state is not SummaryState.NOT_ASKED for row in view.sessions)
    return {
        "programme": view.programme.name,
        "now": view.now.isoformat(),
        "pairs": dict(states),
        "meetings": {kind.value: evidence.get(kind.value, 0) for kind in Evidence},
        "summaries": {"asked": asked, "received": received},
        "needs_you": [
            {"pairing": need.pairing, "what": need.what, "text": need.text}
            for need in view.questions
        ],
    }


def _show(view: View, old: Outdated) -> None:
    states = Counter(view.states.values())
    pairs = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
    evidence = Counter(row.evidence for row in view.sessions)
    meetings = ", ".join(f"{evidence[kind]} {kind.value}" for kind in Evidence if evidence[kind])
    asked = sum(row.summary_state is not SummaryState.NOT_ASKED for row in view.sessions)
    received = sum(row.summary_state is SummaryState.RECEIVED for row in view.sessions)
    zone = view.programme.timezone
    click.echo(
        f"{view.programme.name}, {view.now.astimezone(ZoneInfo(zone)):%d %B %Y %H:%M} {zone}"
    )
    click.echo(f"  Pairs      {pairs or 'none yet'}")
    click.echo(f"  Meetings   {meetings or 'none yet'}")
    click.echo(f"  Summaries  {received} received of {asked} asked for")
    if text := deleted(old):
        click.echo(f"  Deleting   {text}, in the next runs")
    if not view.questions:
        click.echo("  Nothing waits for you.")
        return
    click.echo(f"\n{count(len(view.questions), 'thing needs', 'things need')} you:")
    for need in view.questions:
        click.echo(_wrapped(f"  {need.pairing or '-':<12} ", f"{need.what}: {_excerpt(need.text)}"))
        click.echo(_wrapped(f"  {'':<12} → ", need.suggestion))


def _excerpt(text: str) -> str:
    """Return what fits a list: words that people wrote may be many."""
    return textwrap.shorten(text, _MOST, placeholder=" …”" if "“" in text else " …")


def _wrapped(head: str, text: str) -> str:
    """Return a paragraph that hangs beside its head; no command in it is broken."""
    whole = _COMMAND.sub(lambda command: command[0].replace(" ", "\N{NO-BREAK SPACE}"), text)
    lines = textwrap.fill(
        whole,
        min(shutil.get_terminal_size().columns, _MEASURE),
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines.replace("\N{NO-BREAK SPACE}", " ")
