"""PostgreSQL: a database on a server."""

from functools import partial
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.dialects.postgresql import insert

from rmflow.adapters.store.database import Database, unusable
from rmflow.adapters.store.lock import TENURE, advisory_lock
from rmflow.errors import UnsupportedError

_HOME = """\
SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
                 (SELECT timeline_id FROM pg_control_checkpoint()), 'lease'::regclass::oid)"""


def open_server(url: URL) -> Database:
    """Open the database of this url; nothing is sent before the first use.

    What the url does not say (sslmode, options, …) comes from libpq's own environment.
    """
    place = URL.create("postgresql", url.username, None, url.host, url.port, url.database)
    url = url.set(drivername="postgresql+psycopg").update_query_dict(
        {"connect_timeout": "10", "application_name": "rmflow", **url.query}
    )
    try:
        engine = create_engine(url, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise unusable("needs a driver: pip install 'rmflow[postgresql]'") from error
    return Database(
        place=str(place),
        engine=engine,
        insert=insert,
        lock=partial(advisory_lock, engine, str(place)),
        backup=_refuse_backup,
        home=_home,
        tenure=TENURE,
    )


def _home(connection: Connection) -> str:
    """Return the cluster, its timeline and the table's number.

    A standby that took over, and a recovery to a point in time, begin a new timeline; pg_restore
    makes the tables anew. https://www.postgresql.org/docs/15/continuous-archiving.html, 26.3.6.
    """
    return str(connection.scalar(text(_HOME)))


def _refuse_backup(_: Path) -> None:
    raise UnsupportedError("store", "backup", "PostgreSQL brings pg_dump for this")
