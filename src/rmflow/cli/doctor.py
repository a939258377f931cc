"""`rmflow doctor`: whether everything is configured, reachable and permitted."""

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click

from rmflow.app.doctor import examined
from rmflow.cli.options import config_option, configured, json_option
from rmflow.cli.output import show_json
from rmflow.ports.checkup import Finding, Verdict
from rmflow.wiring import examinations

# The word for each verdict, and its colour on a terminal.
_MARKS = {
    Verdict.FINE: ("ok", "green"),
    Verdict.WARNING: ("warning", "yellow"),
    Verdict.FAILED: ("failed", "red"),
    Verdict.SKIPPED: ("skipped", "cyan"),
}
_ERASE_LINE = "\r\033[K"


@click.command()
@config_option
@json_option
def doctor(config_path: Path, *, as_json: bool) -> None:
    """Try everything that a run needs: settings, mail templates, every backend, the sender's DNS.

    Nobody is written to. Where a right to write has to be proved, a probe is written and removed
    again. Exits with 0 when nothing has failed, with 1 otherwise; warnings are no failure.
    """
    config = configured(config_path)
    told: list[tuple[str, Finding]] = []
    for examination in examinations(config):
        _announce(examination.subject)
        heading = f"{examination.subject}\n"
        for finding in examined(examination):
            _announce("")
            if not as_json:
                click.echo(heading + _lines(finding))
            heading = ""
            told.append((examination.subject, finding))
        _announce("")
    _sum_up(told, as_json=as_json)
    if any(finding.verdict is Verdict.FAILED for _, finding in told):
        raise SystemExit(1)


def _announce(subject: str) -> None:
    """Say on a terminal what is being looked at; "" takes it away again."""
    if sys.stderr.isatty():
        waiting = f"looking at {subject} …" if subject else ""
        click.echo(_ERASE_LINE + waiting, nl=False, err=True)


def _lines(finding: Finding) -> str:
    word, colour = _MARKS[finding.verdict]
    mark = click.style(f"{word:<8}", fg=colour)
    advice = f"\n{'':<11}→ {finding.advice}" if finding.advice else ""
    return f"  {mark} {finding.check}: {finding.text}{advice}"


def _sum_up(told: Iterable[tuple[str, Finding]], *, as_json: bool) -> None:
    if as_json:
        show_json([{"subject": subject, **_as_json(finding)} for subject, finding in told])
        return
    counts = Counter(finding.verdict for _, finding in told)
    figures = [f"{word} {counts[each]}" for each, (word, _) in _MARKS.items()]
    click.echo(f"\n{', '.join(figures)}.")


def _as_json(finding: Finding) -> dict[str, str]:
    return {
        "check": finding.check,
        "verdict": finding.verdict.value,
        "text": finding.text,
        "advice": finding.advice,
    }
