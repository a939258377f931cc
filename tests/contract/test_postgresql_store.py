"""The store on PostgreSQL keeps its promises."""

import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from postgresql_server import empty_schema, postgresql_server
from sqlalchemy import Connection, Inspector, event, inspect, text
from store_audit_contract import AuditContract
from store_expiry_contract import ExpiryContract
from store_fixtures import Encrypted
from store_journal_contract import JournalContract
from store_records_contract import RecordsContract
from store_samples import NOW, effect

from rmflow.adapters.store.database import open_database
from rmflow.adapters.store.sql import SqlStore, open_store
from rmflow.adapters.store.upgrade import create, migrate
from rmflow.domain.records import SettingRecord
from rmflow.errors import AlreadyRunningError, UnavailableError, UncertainError

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


class TestPostgresqlStore(JournalContract, RecordsContract, AuditContract, ExpiryContract):
    MANY = 5_000
    LOCKS = 1

    @pytest.fixture
    def url(self, schema_url: str) -> str:
        return schema_url


class TestEncryptedPostgresqlStore(Encrypted, TestPostgresqlStore):
    MANY = 1_000


def end_session(server: str, connection: Connection) -> None:
    """End the session of this connection, as a restart of the server would."""
    process = connection.scalar(text("SELECT pg_backend_pid()"))
    database = open_database(server, base=Path(), password="")
    with database.engine.connect() as other:
        other.execute(text(f"SELECT pg_terminate_backend({process}, 30000)"))  # ms
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
        cut_lock(store)
    with store.lease() as next_fence:
        assert next_fence == fence + 1


def test_a_record_written_under_a_lease_raises_the_fence(store: SqlStore) -> None:
    """Here a lock can be lost unawares: who reads in between must not come second with the same."""
    with store.lease() as fence:
        store.write([SettingRecord("name", "value")])
    with store.lease() as next_fence:
        assert next_fence == fence + 1


def test_nobody_takes_over_while_somebody_may_be_about_to_act(
    schema_url: str, store: SqlStore
) -> None:
    """The holder is paused, its session is cut: it knows nothing of it, and may go on."""
    other = open_store(schema_url)
    with store.lease() as fence:
        store.claim([effect("a")], fence=fence, now=NOW)
        with store.acting(fence):
            cut_lock(store)
            with pytest.raises(AlreadyRunningError, match="may be at work until"), other.lease():
                pass
    other.close()


def test_where_nothing_is_in_doubt_nobody_can_be_about_to_act(
    schema_url: str, store: SqlStore
) -> None:
    """Its next claim, and whatever else it writes, is refused."""
    other = open_store(schema_url)
    with store.lease() as fence:
        store.claim([effect("a")], fence=fence, now=NOW)
        with store.acting(fence):
            store.settle(effect("a").key, fence=fence, now=NOW)
        cut_lock(store)
        with other.lease() as second:
            assert second == fence + 1
        with pytest.raises(AlreadyRunningError, match="taken over"):
            store.write([SettingRecord("name", "value")])
    other.close()


def test_when_a_tenure_is_over_the_next_run_takes_over(schema_url: str, store: SqlStore) -> None:
    with store.lease() as fence:
        store.claim([effect("a")], fence=fence, now=NOW)
        with store.acting(fence):
            cut_lock(store)
            with store._database.engine.begin() as connection:
                connection.execute(text("UPDATE lease SET until = now() - interval '1 second'"))
            other = open_store(schema_url)
            with other.lease() as second:
                assert second == fence + 1
                with pytest.raises(AlreadyRunningError, match="taken over"), store.acting(fence):
                    pytest.fail("it has acted")
    other.close()


def test_a_lease_that_ended_well_leaves_no_tenure(schema_url: str, store: SqlStore) -> None:
    """The effect may still be in doubt: an answer was lost. Nobody has to wait for that."""
    with store.lease() as fence:
        store.claim([effect("a")], fence=fence, now=NOW)
        with store.acting(fence):
            pass
    with store.lease() as second:
        assert second == fence + 1


def test_a_dump_that_was_put_back_is_noticed(store: SqlStore) -> None:
    """pg_restore makes the tables anew; a table of another number stands for that."""
    with store.lease() as fence:
        store.claim([effect("a")], fence=fence, now=NOW)
    assert not store.put_back()
    with store._database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE again AS SELECT * FROM lease"))
        connection.execute(text("DROP TABLE lease"))
        connection.execute(text("ALTER TABLE again RENAME TO lease"))
    assert store.put_back()
    with store.lease() as fence:
        store.claim([effect("b")], fence=fence, now=NOW)
    assert not store.put_back()


def cut_lock(store: SqlStore) -> None:
    """End the session that holds the lock, as a server or a proxy may; wait until it is gone."""
    holders = "FROM pg_locks WHERE locktype = 'advisory'"
    with store._database.engine.connect() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid, 30000) {holders}"))  # ms


@pytest.mark.parametrize(
    ("meanwhile", "outcome"),
    [
        ("UPDATE lease SET fence = 7, holder = 'another run'", "out of date"),
        ("UPDATE effects SET state = 'done'", "done"),
    ],
)
def test_a_claim_waits_for_what_another_run_is_about_to_write(
    store: SqlStore, meanwhile: str, outcome: str
) -> None:
    """SQLite lets one write at a time; here two can be in the middle of it."""
    store.claim([effect("a")], fence=1, now=NOW)
    engine = store._database.engine
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    with ThreadPoolExecutor(1) as thread, engine.connect() as watcher:
        with engine.begin() as other:
            other.execute(text(meanwhile))
            claim = thread.submit(store.claim, [effect("a")], fence=1, now=NOW)
            deadline = time.monotonic() + 10
            while not watcher.scalar(waiting):
                assert time.monotonic() < deadline
                watcher.rollback()
        if outcome == "done":
            assert [each.state for each in claim.result()] == [outcome]
            assert store.doubts() == []
        else:
            with pytest.raises(AlreadyRunningError, match=outcome):
                claim.result()


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
    assert len(seen[0]) == 17


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
