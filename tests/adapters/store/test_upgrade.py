"""New, old and newer databases; migrations."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from rmflow.adapters.store.database import Database, open_database
from rmflow.adapters.store.schema import HEAD, REVISION, metadata
from rmflow.adapters.store.sql import open_store
from rmflow.adapters.store.upgrade import MIGRATIONS, bring_up_to_date, create, migrate
from rmflow.domain.records import SettingRecord
from rmflow.errors import AlreadyRunningError, UnavailableError

# What a next release could bring.
NEXT = '''
"""Settings get a remark."""
import sqlalchemy as sa
from alembic import op
revision = "0002"
down_revision = "0001"
def upgrade():
    with op.batch_alter_table("settings") as table:
        table.add_column(sa.Column("remark", sa.Text(), nullable=False, server_default="none"))
    {after}
'''


def made(folder: Path, name: str, make: Callable[[Connection], None]) -> list[tuple[str, ...]]:
    """Return the tables and indexes of a database that was made this way, as SQLite has them."""
    database = open_database(f"sqlite:///{name}", base=folder, password="")
    with database.engine.begin() as connection:
        make(connection)
    database.engine.dispose()
    with closing(sqlite3.connect(folder / name)) as plain:
        tables = plain.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name")
        rows = plain.execute("SELECT 'row', version_num, fence, holder FROM alembic_version, lease")
        return [*tables, *rows]


def test_migrations_and_tables_made_at_once_are_the_same(tmp_path: Path) -> None:
    """An old installation and a new one must not differ."""
    migrated = made(tmp_path, "migrated.db", migrate)
    created = made(tmp_path, "created.db", create)
    if migrated != created:
        pytest.fail(f"a migration is missing:\n{missing_migration(tmp_path / 'migrated.db')}")


def missing_migration(path: Path) -> str:
    """Return what would bring the migrated tables to the schema, to start a migration with."""
    database = open_database(f"sqlite:///{path}", base=path.parent, password="")
    with database.engine.connect() as connection:
        found = produce_migrations(MigrationContext.configure(connection), metadata)
    database.engine.dispose()
    assert found.upgrade_ops
    return render_python_code(found.upgrade_ops)


def test_the_newest_migration_is_the_one_we_name() -> None:
    newest = max(path.name for path in (MIGRATIONS / "versions").glob("0*.py"))
    assert newest.startswith(f"{HEAD}_")


def test_alembic_is_not_loaded_where_nothing_is_to_migrate(tmp_path: Path) -> None:
    """It takes longer to import than most runs take to run."""
    program = """
import sys
from pathlib import Path
from rmflow.adapters.store.sql import open_store
for _ in "new", "known":
    open_store("sqlite:///state.db", base=Path(sys.argv[1])).close()
print([name for name in ("alembic", "psycopg", "sqlalchemy.orm") if name in sys.modules])
"""
    command = [sys.executable, "-c", program, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.fixture
def old(tmp_path: Path) -> Database:
    """Return a database of the first release, with something in it."""
    store = open_store("sqlite:///state.db", base=tmp_path)
    store.write([SettingRecord("name", "value")])
    store.close()
    return open_database("sqlite:///state.db", base=tmp_path, password="")


def next_release(folder: Path, *, after: str = "") -> Path:
    """Return the migrations of a next release."""
    scripts = folder / "100% next"
    shutil.copytree(MIGRATIONS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / "0002_remark.py").write_text(NEXT.format(after=after))
    return scripts


def test_an_old_database_is_migrated_with_all_that_is_in_it(old: Database, tmp_path: Path) -> None:
    bring_up_to_date(old, head="0002", scripts=next_release(tmp_path))
    with old.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT name, value, remark FROM settings").all()
        assert found == [("name", "value", "none")]
        assert connection.scalar(REVISION.select()) == "0002"
    old.engine.dispose()


def test_a_migration_that_fails_leaves_the_old_database(old: Database, tmp_path: Path) -> None:
    scripts = next_release(tmp_path, after="raise ZeroDivisionError")
    with pytest.raises(ZeroDivisionError):
        bring_up_to_date(old, head="0002", scripts=scripts)
    old.engine.dispose()
    store = open_store("sqlite:///state.db", base=tmp_path)
    assert store.setting("name") == "value"
    store.close()


def test_nothing_is_migrated_under_a_running_worker(old: Database, tmp_path: Path) -> None:
    scripts = next_release(tmp_path)
    with old.lock(), pytest.raises(AlreadyRunningError):
        bring_up_to_date(old, head="0002", scripts=scripts)
    old.engine.dispose()


def test_a_database_of_a_newer_rmflow_is_refused(old: Database, tmp_path: Path) -> None:
    """There is no way back; guessing at tables we do not know would damage them."""
    with old.engine.begin() as connection:
        connection.execute(REVISION.update(), {"version_num": "9001"})
    old.engine.dispose()
    with pytest.raises(UnavailableError, match=r"newer than this rmflow.*install the newer rmflow"):
        open_store("sqlite:///state.db", base=tmp_path)
