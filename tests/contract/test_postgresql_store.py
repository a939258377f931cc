"""The store on PostgreSQL keeps its promises."""

import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from postgresql_server import empty_schema, postgresql_server
from sqlalchemy import Connection, Inspector, event, inspect, text

pytest.register_assert_rewrite("store_journal_contract", "store_records_contract")

from store_journal_contract import JournalContract  # noqa: E402 - rewritten first
from store_records_contract import RecordsContract  # noqa: E402
from store_samples import NOW, effect  # noqa: E402

from rmflow.adapters.store.database import open_database  # noqa: E402
from rmflow.adapters.store.sql import SqlStore, open_store  # noqa: E402
from rmflow.adapters.store.upgrade import create, migrate  # noqa: E402
from rmflow.domain.records import SettingRecord  # noqa: E402
from rmflow.errors import UnavailableError, UncertainError  # noqa: E402

pytestmark = pytest.mark.server


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with postgresql_server() as url:
        yield url


@pytest.fixture
def schema_url(server: str) -> Iterator[str]:
    with empty_schema(server, f"test_{uuid4().hex}") as url:
        yield url


@pytest.fixture
def store(schema_url: str) -> Iterator[SqlStore]:
    store = open_store(schema_url)
    yield store
    store.close()


class TestPostgresqlStore(JournalContract, RecordsContract):
    MANY = 5_000

    @pytest.fixture
    def url(self, schema_url: str) -> str:
        return schema_url


def end_session(server: str, connection: Connection) -> None:
    """End the session of this connection, as a restart of the server would."""
    process = connection.scalar(text("SELECT pg_backend_pid()"))
    database = open_database(server, base=Path(), password="")
    with database.engine.connect() as other:
        other.execute(text(f"SELECT pg_terminate_backend({process})"))
    database.engine.dispose()


def test_a_commit_that_was_cut_off_is_uncertain(server: str, store: SqlStore) -> None:
    """The server may have done it: whoever asks next must look."""
    engine = store._database.engine

    def cut_off(connection: Connection) -> None:
        end_session(server, connection)

    event.listen(engine, "commit", cut_off)
    with pytest.raises(UncertainError, match="store: write failed: postgresql://"):
        store.write([SettingRecord("name", "value")])
    event.remove(engine, "commit", cut_off)
    assert store.setting("name") == ""


def test_a_statement_that_was_cut_off_did_not_happen(server: str, store: SqlStore) -> None:
    engine = store._database.engine
    ended: list[Connection] = []

    def cut_off(connection: Connection, *_: Any) -> None:
        if not ended:
            ended.append(connection)
            end_session(server, connection)

    event.listen(engine, "before_execute", cut_off)
    with pytest.raises(UnavailableError, match="the server is shutting down"):
        store.write([SettingRecord("name", "value")])
    event.remove(engine, "before_execute", cut_off)
    assert store.setting("name") == ""


def test_a_lease_whose_session_is_gone_still_ends_quietly(server: str, store: SqlStore) -> None:
    with store.lease() as fence:
        store.claim([effect("a")], fence=fence, now=NOW)
        with store._database.engine.connect() as connection:
            holders = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            connection.execute(text(holders))
    with store.lease() as next_fence:
        assert next_fence == fence + 1


def test_two_schemas_are_two_installations(server: str, store: SqlStore) -> None:
    with empty_schema(server, f"test_{uuid4().hex}") as url, store.lease():
        other = open_store(url)
        with other.lease():
            pass
        other.close()


def test_migrations_and_tables_made_at_once_are_the_same(server: str) -> None:
    """An old installation and a new one must not differ."""
    seen = []
    for make in (create, migrate):
        with empty_schema(server, f"test_{uuid4().hex}") as url:
            database = open_database(url, base=Path(), password="")
            with database.engine.begin() as connection:
                make(connection)
                seen.append(described(inspect(connection)))
            database.engine.dispose()
    assert seen[0] == seen[1]
    assert len(seen[0]) == 14


def described(inspector: Inspector) -> dict[str, tuple[object, ...]]:
    """Return what there is to know about each table."""
    return {
        name: (
            [{**column, "type": repr(column["type"])} for column in inspector.get_columns(name)],
            inspector.get_pk_constraint(name),
            sorted(inspector.get_indexes(name), key=lambda index: str(index["name"])),
        )
        for name in inspector.get_table_names()
    }


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://rm:canary@nowhere.invalid/db", "nowhere.invalid"),
        ("postgresql://rm:canary@127.0.0.1:1/db?application_name=x", "127.0.0.1:1/db: "),
        ("postgres://rm:canary@127.0.0.1:1/db?password=canary", "127.0.0.1:1/db: "),
        ("postgresql://rm:canary@127.0.0.1:1/db?bogus=yes", "127.0.0.1:1/db: "),
    ],
)
def test_a_server_that_cannot_be_reached_is_named_without_the_password(url: str, said: str) -> None:
    with pytest.raises(UnavailableError) as caught:
        open_store(url)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "canary" not in "".join(traceback.format_exception(caught.value, chain=True))


def test_a_refused_permission_says_what_to_grant(server: str, store: SqlStore) -> None:
    with store._database.engine.connect() as connection:
        schema = connection.scalar(text("SELECT current_schema()"))
        role = f"reader_{uuid4().hex}"
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
        connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {role}"))
        connection.execute(text(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}"))
        connection.commit()
    reader = open_store(
        f"{server.replace('postgres@', f'{role}@')}?options=-csearch_path%3D{schema}"
    )
    with pytest.raises(UnavailableError, match="permission is denied; grant"):
        reader.write([SettingRecord("name", "value")])
    reader.close()
