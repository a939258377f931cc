"""Upgrade: a new database gets its tables, an old one the migrations it lacks."""

from pathlib import Path

from sqlalchemy import Connection, insert, inspect, select

from rmflow.adapters.store.database import Database
from rmflow.adapters.store.failures import translated
from rmflow.adapters.store.schema import HEAD, LEASE, REVISION, metadata
from rmflow.errors import UnavailableError

MIGRATIONS = Path(__file__).parent / "migrations"


def bring_up_to_date(database: Database, *, head: str = HEAD, scripts: Path = MIGRATIONS) -> None:
    """Bring the tables to revision `head`, if they are not there yet, in one transaction.

    Nobody else can run meanwhile. Raises AlreadyRunningError while somebody does, and
    UnavailableError when a newer rmflow has been here: there is no way back.
    """
    with translated(database.place, "open"):
        if _revision(database) == head:
            return
        with database.lock(), database.engine.begin() as connection:
            match revision_in(connection):
                case None:
                    create(connection, head)
                case revision if revision < head:
                    migrate(connection, head, scripts)
                case revision if revision > head:
                    raise UnavailableError(
                        "store",
                        "open",
                        f"{database.place}: the database is newer than this rmflow (revision"
                        f" {revision}, known is {head}); install the newer rmflow again",
                    )


def create(connection: Connection, head: str = HEAD) -> None:
    """Make all tables. A table of that name that is already there is not ours: that fails."""
    metadata.create_all(connection, checkfirst=False)
    REVISION.create(connection, checkfirst=False)
    connection.execute(insert(REVISION), {"version_num": head})
    connection.execute(insert(LEASE), {"fence": 0, "holder": "", "home": ""})


def migrate(connection: Connection, head: str = HEAD, scripts: Path = MIGRATIONS) -> None:
    """Run the migrations up to `head`. Alembic is imported here, for it is rarely needed."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, head)


def _revision(database: Database) -> str | None:
    with database.engine.connect() as connection:
        return revision_in(connection)


def revision_in(connection: Connection) -> str | None:
    """Return the revision of the tables, None if there are none."""
    if not inspect(connection).has_table(REVISION.name):
        return None
    return connection.scalar(select(REVISION.c.version_num))
