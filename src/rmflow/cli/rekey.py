"""`rmflow rekey`: what is remembered comes under the key that the configuration names first."""

from pathlib import Path

import click

from rmflow.cli.options import config_option, configured
from rmflow.cli.output import count
from rmflow.cli.progress import row_bar
from rmflow.wiring import rekey_store


@click.command()
@config_option
def rekey(config_path: Path) -> None:
    """Bring the database under the key that [store] names first; "none" makes it plain.

    It may be broken off at any moment, and goes on when it is called again. No run can be at work
    meanwhile. Keep every key that is named until it has ended; afterwards the first is enough.
    """
    rows = 0
    with row_bar() as progress:
        for done, rows in rekey_store(configured(config_path)):
            progress(done, rows)
    click.echo(f"{count(rows, 'row')} rewritten. Older backups are as they were.")
