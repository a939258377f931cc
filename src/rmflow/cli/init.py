"""`rmflow init DIR`: a folder to begin with."""

import os
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
    key = f"{secrets.token_urlsafe(32)}\n".encode()
    _write(folder / "secret.key", key, mode=0o600)
    for name, content in starter_files().items():
        _write(folder / name, content)
    click.echo(
        f"\nNext: edit {folder / 'programme.toml'}, fill in {folder / 'roster.xlsx'}, then\n"
        f"  rmflow check --config {folder}"
    )


def _write(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a file that is not there yet, and say so."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        click.echo(f"kept     {path}")
        return
    except OSError as error:
        raise RmflowError(f"cannot write {path}: {error.strerror}") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    click.echo(f"written  {path}")
