"""`rmflow preview DIR`: every mail as a file."""

from pathlib import Path

import click

from rmflow.cli.options import config_option, configured
from rmflow.cli.output import count
from rmflow.formats.letters.preview import previews
from rmflow.wiring import letter_writer


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@config_option
def preview(folder: Path, config_path: Path) -> None:
    """Write every mail, in every language, into DIR: as plain text and as a page.

    The people in them are invented; nothing is sent.
    """
    config = configured(config_path)
    folder.mkdir(parents=True, exist_ok=True)
    found = previews(letter_writer(config), config.programme())
    for stem, written in found:
        (folder / f"{stem}.html").write_text(written.html, encoding="utf-8")
        text = f"Subject: {written.subject}\n\n{written.text}"
        (folder / f"{stem}.txt").write_text(text, encoding="utf-8")
    click.echo(f"{count(len(found), 'mail')} in {folder}, each as .txt and .html.")
