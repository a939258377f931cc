"""`rmflow export PERSON`, `rmflow forget PERSON`: what is kept about somebody."""

import os
from pathlib import Path

import click

from rmflow.app.person import Forgotten, kept_about, readmit
from rmflow.app.person import forget as forget_person
from rmflow.cli.logbook import audited
from rmflow.cli.options import config_option, configured
from rmflow.cli.output import show_problems
from rmflow.wiring import open_eraser


@click.command()
@click.argument("person")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@config_option
def export(person: str, folder: Path, config_path: Path) -> None:
    """Write everything that is kept about PERSON into a new FOLDER, for them to read.

    person.json: who they are, their pairs, the letters to them, their answers. mails: what they
    wrote, as it came. Their partners' words are not in it. PERSON is an address or a whole name.
    """
    with audited(configured(config_path)) as ports:
        kept = kept_about(ports, person)
    try:
        (folder / "mails").mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise click.UsageError(f"{folder} is there already; name a new folder") from None
    _write(folder / "person.json", _json(kept.facts))
    for name, raw in kept.mails.items():
        _write(folder / "mails" / name, raw)
    click.echo(f"{folder} holds everything about them; give it to nobody else.")


@click.command()
@click.argument("person")
@config_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--readmit", "back", is_flag=True, help="Let a forgotten address be in the roster.")
def forget(person: str, config_path: Path, *, yes: bool, back: bool) -> None:
    """Erase everything that is kept about PERSON, who has left the roster.

    Their pairs go as a whole, with both people's words and the coordinator's notes; the workbook
    is written anew, its copies are deleted. What lies in mailboxes, calendars and backups is listed.
    PERSON is an address or a whole name.
    """
    config = configured(config_path)
    with audited(config) as ports:
        if back:
            readmit(ports, person)
            click.echo("They may be in the roster again.")
            return
        if not yes:
            click.confirm(
                "This cannot be undone. Erase them, their pairs and all notes?", abort=True
            )
        pairs, done = forget_person(ports, open_eraser(ports), person)
    if config.sections.log.path is not None:
        _clean_log(config.sections.log.path, (person, *pairs))
    _show(done, config.folder)


def _show(done: Forgotten, folder: Path) -> None:
    click.echo("Forgotten. What rmflow cannot reach, delete yourself:")
    for what, ids in (
        ("letters, in Sent and in their mailbox", done.letters),
        ("their mails, in the programme's mailbox", done.mails),
        ("meetings, in the calendar", done.meetings),
    ):
        click.echo(f"  {what}: {len(ids)}")
        for id in ids:
            click.echo(f"    {id}")
    click.echo(f"  backups of the database, and old logs; in {folder}: *.replaced-*")
    if done.problem:
        show_problems([done.problem])
        raise SystemExit(1)


def _clean_log(path: Path, words: tuple[str, ...]) -> None:
    """Take the ids of their pairs out of the log."""
    if not path.exists():
        return
    text = path.read_text("utf-8")
    for word in words:
        text = text.replace(f'"{word}"', '"forgotten"')
    path.write_text(text, "utf-8")


def _json(facts: object) -> bytes:
    import json

    return json.dumps(facts, indent=2, ensure_ascii=False, default=str).encode()


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
