"""`rmflow backup FILE`, `rmflow restore FILE`: what rmflow remembers, copied and put back."""

from contextlib import closing
from pathlib import Path

import click

from rmflow.app.audit import restored_by_hand, restored_from_file
from rmflow.app.lease import restored
from rmflow.cli.logbook import heads_in, keep_head
from rmflow.cli.options import config_option, configured
from rmflow.domain.audit import Entry, Event
from rmflow.wiring import back_up_store, clock_of, open_store, restore_store


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@config_option
def backup(file: Path, config_path: Path) -> None:
    """Copy the database to FILE, at any time, also while a run is at work.

    FILE is replaced only when the copy is whole and on disk, and only you can read it. Keep the
    programme's secret as well: without it nothing is recognised.
    """
    config = configured(config_path)
    back_up_store(config, file)
    with closing(open_store(config)) as store:
        store.write([Entry(clock_of(config).now(), Event.COPIED)])
        keep_head(config, store.head())
    click.echo(f"{file} holds everything that rmflow remembers.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@config_option
def restore(file: Path | None, config_path: Path) -> None:
    """Put the backup FILE in the place of the database, which is kept beside it.

    Without FILE: say that the database was put back by other means (pg_restore, a snapshot).
    Either way the next runs look whether a letter has left before they send it.
    """
    config = configured(config_path)
    now, heads = clock_of(config).now(), heads_in(config.sections.log.path)
    if file is None:
        with closing(open_store(config)) as store, store.lease():
            store.write([restored(now), restored_by_hand(store, heads, now)])
            keep_head(config, store.head())
        click.echo("Noted: letters are looked for before they are sent.")
        return
    kept = restore_store(config, file, [restored(now), restored_from_file(heads, now)])
    with closing(open_store(config)) as store:
        keep_head(config, store.head())
    click.echo(f"The database is {file} again. The one it replaced is {kept.name}.")
    click.echo(
        "Mails that came in since that backup are in the mailbox's folder Done: move them back to"
        " the inbox.\nLook at `rmflow plan` before the next run."
    )
