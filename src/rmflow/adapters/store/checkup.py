"""What can be known of a database without changing it: the probe is rolled back."""

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, insert, select, text
from sqlalchemy.sql.functions import now as server_now

from rmflow.adapters.clock_skew import compared
from rmflow.adapters.folder_probe import writable
from rmflow.adapters.store.database import Database, open_database, sqlite_file
from rmflow.adapters.store.failures import translated
from rmflow.adapters.store.keys import Tally, tally
from rmflow.adapters.store.schema import HEAD, KEYS, TABLES
from rmflow.adapters.store.sealing import Keyring, key_missing
from rmflow.adapters.store.settings import Settings
from rmflow.adapters.store.sqlite import file_system
from rmflow.adapters.store.upgrade import create, revision_in
from rmflow.domain.records import SettingRecord
from rmflow.errors import BackendError
from rmflow.ports.checkup import Finding, Verdict
from rmflow.ports.clock import Clock

_LEAST_FREE_BYTES = 200_000_000
_PROBE = SettingRecord("rmflow doctor", "probe")


class SqlCheckup:
    """Examines the database that the settings name. One that is not there yet is not made."""

    def __init__(self, settings: Settings, folder: Path, clock: Clock) -> None:
        self._settings, self._folder, self._clock = settings, folder, clock

    def checkup(self) -> Iterator[Finding]:
        """Yield what was found; see `Checkup`. Raises ConfigError for a url that cannot be used."""
        file = sqlite_file(self._settings.url, self._folder)
        if file is not None and not file.exists():
            yield from _before_the_first_run(file)
            return
        reference = self._settings.password
        password = reference.reveal(self._folder) if reference else ""
        keys = self._settings.keys(self._folder)
        url, folder = self._settings.url, self._folder
        database = open_database(url, base=folder, password=password, keys=keys)
        try:
            yield from self._database(database)
            if file is not None:
                yield from _file(file)
        finally:
            database.engine.dispose()

    def _database(self, database: Database) -> Iterator[Finding]:
        try:
            with translated(database.place, "open"), database.engine.connect() as connection:
                yield Finding("connect", Verdict.FINE, f"{database.place}, {_product(connection)}")
                revision = revision_in(connection)
                yield _tables(revision)
                yield from self._peculiar(connection)
                if revision == HEAD:
                    yield from _encryption(connection, database.keyring)
            if revision in (None, HEAD):
                yield _write(database, empty=revision is None)
        except BackendError as error:
            advice = "check url and password in [store], and that the database is running"
            yield Finding("connect", Verdict.FAILED, error.reason, advice)

    def _peculiar(self, connection: Connection) -> Iterator[Finding]:
        """Yield what only one of the two databases can tell."""
        if connection.dialect.name == "sqlite":
            yield _sound(connection)
            return
        told: datetime = connection.execute(select(server_now())).scalar_one()
        yield compared(told, self._clock)
        if connection.scalar(text("SHOW is_superuser")) == "on":
            advice = "give rmflow a user of its own, who owns nothing but its tables"
            yield Finding("rights", Verdict.WARNING, "this user may do everything", advice)


def _before_the_first_run(file: Path) -> Iterator[Finding]:
    if not file.parent.is_dir():
        reason, advice = f"there is no folder {file.parent}", "make it, or correct url in [store]"
        yield Finding("write", Verdict.FAILED, reason, advice)
        return
    yield writable(file.parent)
    yield Finding("tables", Verdict.FINE, f"{file.name} is made by the first run")
    yield from _disk(file)


def _product(connection: Connection) -> str:
    if connection.dialect.name == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    version = connection.dialect.server_version_info or ()
    return f"PostgreSQL {'.'.join(map(str, version))}"


def _tables(revision: str | None) -> Finding:
    if revision is None:
        return Finding("tables", Verdict.FINE, "the first run makes them")
    if revision > HEAD:
        said = f"they are of a newer rmflow (revision {revision}, known is {HEAD})"
        return Finding("tables", Verdict.FAILED, said, "install the newer rmflow again")
    if revision < HEAD:
        return Finding("tables", Verdict.FINE, "the next run brings them up to date")
    return Finding("tables", Verdict.FINE, f"revision {revision}, as this rmflow wants them")


def _sound(connection: Connection) -> Finding:
    """Return what SQLite says of the file's structure, https://sqlite.org/pragma.html."""
    said = str(connection.scalar(text("PRAGMA quick_check(1)")))
    if said == "ok":
        return Finding("soundness", Verdict.FINE, "the file is whole")
    return Finding("soundness", Verdict.FAILED, said.partition("\n")[0], "restore the last backup")


def _encryption(connection: Connection, keyring: Keyring) -> Iterator[Finding]:
    """Yield how much is not kept as it would be written now; nothing where nothing ever was."""
    used = frozenset(connection.scalars(select(KEYS.c.name)))
    for name in sorted(used - keyring.names):
        [problem] = key_missing(name).problems
        yield Finding("encryption", Verdict.FAILED, problem.text)
    if used | keyring.names:
        yield _sealed(tally(connection, keyring.first), wanted=bool(keyring.first))


def _sealed(found: Tally, *, wanted: bool) -> Finding:
    others = f"{found.other} are still under another key" if wanted else f"{found.other} still are"
    left = [f"{found.plain} values are still plain"] * bool(wanted and found.plain)
    left += [others] * bool(found.other)
    what = "what people wrote is encrypted" if wanted else "no more value is to be encrypted"
    if not left:
        return Finding("encryption", Verdict.FINE, what)
    return Finding(
        "encryption", Verdict.WARNING, f"{what}; {', '.join(left)}", "say `rmflow rekey`"
    )


def _write(database: Database, *, empty: bool) -> Finding:
    """Make the tables, or write a setting, and take it back."""
    writer = database.engine.execution_options(writes=True)
    try:
        with translated(database.place, "write"), writer.connect() as connection:
            transaction = connection.begin()
            if empty:
                create(connection)
            connection.execute(
                insert(TABLES[SettingRecord]), {"name": _PROBE.name, "value": _PROBE.value}
            )
            transaction.rollback()
    except BackendError as error:
        return Finding("write", Verdict.FAILED, error.reason, "let rmflow's user write to it")
    return Finding("write", Verdict.FINE, "can be written")


def _file(file: Path) -> Iterator[Finding]:
    if file.stat().st_mode & 0o077:
        said = f"other users of this machine may open {file}"
        yield Finding("private", Verdict.WARNING, said, f"say chmod go= {file}")
    yield from _disk(file)


def _disk(file: Path) -> Iterator[Finding]:
    kind = file_system(file)
    if kind.startswith("fuse"):
        said = f"{file.parent} is on a file system of a program ({kind})"
        advice = "SQLite needs a real disk: make sure that it is one, or use postgresql://…"
        yield Finding("disk", Verdict.WARNING, said, advice)
    free = shutil.disk_usage(file.parent).free
    said = f"{free / 1e9:.1f} GB are free"
    if free < _LEAST_FREE_BYTES:
        yield Finding("disk", Verdict.WARNING, said, "make room")
    else:
        yield Finding("disk", Verdict.FINE, said)
