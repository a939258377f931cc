"""`rmflow rekey`: what is remembered comes under the key that the configuration names first."""

from contextlib import closing
from pathlib import Path

import click

from rmflow.cli.logbook import keep_head
from rmflow.cli.options import config_option, configured
from rmflow.cli.output import count
from rmflow.cli.progress import row_bar
from rmflow.config import Config
from rmflow.domain.audit import Entry, Event, facts
from rmflow.wiring import clock_of, open_store, rekey_store


@click.command()
@config_option
def rekey(config_path: Path) -> None:
    """Bring the database under the key that [store] names first; "none" makes it plain.

    It may be broken off at any moment, and goes on when it is called again. No run can be at work
    meanwhile. Keep every key that is named until it has ended; afterwards the first is enough.
    """
    rows, config = 0, configured(config_path)
    with row_bar() as progress:
        for done, rows in rekey_store(config):
            progress(done, rows)
    if rows:
        _put_on_record(config, rows)
    click.echo(f"{count(rows, 'row')} rewritten. Older backups are as they were.")


def _put_on_record(config: Config, rows: int) -> None:
    with closing(open_store(config)) as store:
        store.write([Entry(clock_of(config).now(), Event.REKEYED, facts_json=facts(rows=rows))])
        keep_head(config, store.head())
