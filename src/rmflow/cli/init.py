"""`rmflow init DIR`: a folder to begin with."""

import secrets
from pathlib import Path

import click

from rmflow.errors import RmflowError
from rmflow.wiring import starter_files


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def init(folder: Path) -> None:
    """Make a folder with a configuration, a secret and an empty roster.

    Files that are there already are left as they are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / "secret.key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_text(secrets.token_urlsafe(32) + "\n")
    for name, content in starter_files().items():
        path = folder / name
        if path.exists():
            click.echo(f"kept     {path}")
            continue
        try:
            path.write_bytes(content)
        except OSError as error:
            raise RmflowError(f"cannot write {path}: {error.strerror}") from error
        click.echo(f"written  {path}")
    click.echo(
        f"\nNext: edit {folder / 'programme.toml'}, fill in {folder / 'roster.xlsx'}, then\n"
        f"  rmflow check --config {folder}"
    )
