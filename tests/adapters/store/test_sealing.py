"""Values on their way into the database and back: sealed, plain, under any key, side by side."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rmflow.adapters.store.schema import TABLES
from rmflow.adapters.store.sealing import (
    Keyring,
    SealedBytes,
    SealedText,
    sealed_columns,
    use_keys,
)
from rmflow.adapters.store.sql import SqlStore, open_store
from rmflow.domain.records import MailRecord, SettingRecord
from rmflow.errors import ConfigError, UnavailableError

NEW = "8lh+R1Ho3FZ1vmI2vEo8Qz0mIX7V1kq5lYx3o0m/9Hk="
OLD = "u0dVZTJmQ2dKc3l3b1hQbE5nU3RrR2hVQWJjZEVmR2g="
WORDS = "Marzipanschweinchen"


# Text that stays readable: what is looked up, ids, kinds and states; see docs/privacy.md.
READABLE = {
    "effects": {"key", "kind", "pairing", "session", "person", "state", "covers_json", "service_id"},
    "people": {"id", "address"},
    "pairings": {"id", "mentor", "mentee", "override"},
    "series": {"uid", "pairing", "state", "etag"},
    "letters": {
        "item", "key", "kind", "pairing", "session", "person", "form", "token", "message_id"
    },
    "mails": {"id", "source"},
    "readings": {"mail_id", "state", "kind", "pairing", "session"},
    "answers": {"mail_id", "pairing", "session", "form", "author", "status"},
    "responses": {"uid", "session", "attendee", "pairing", "status"},
    "questions": {"key", "pairing", "about", "session"},
    "signals": {"id", "person", "kind", "pairing", "until", "address"},
    "notes": {"sheet", "row", "column"},
    "settings": {"name"},
}  # fmt: skip


def opened(folder: Path, *keys: str | None) -> SqlStore:
    return open_store("sqlite:///state.db", base=folder, keys=keys)


def remember(folder: Path, name: str, *keys: str | None) -> None:
    store = opened(folder, *keys)
    store.write([SettingRecord(name, WORDS)])
    store.close()


def kept(folder: Path, name: str) -> str:
    """Return a value as the database has it."""
    with closing(sqlite3.connect(folder / "state.db")) as plain:
        query = "SELECT value FROM settings WHERE name = ?"
        return str(plain.execute(query, (name,)).fetchone()[0])


def test_a_column_is_sealed_unless_it_is_known_to_stay_readable() -> None:
    """Whoever adds a column decides."""
    readable = {
        table.name: {
            column.name
            for column in table.c
            if column not in sealed_columns(table) and column.type.python_type in (str, bytes)
        }
        for table in TABLES.values()
    }
    assert readable == READABLE


MARKS = st.sampled_from(["\x01", "\x01\x01", "\x010123abcd", "", "é"])
KEYS: list[Sequence[str | None]] = [(), (NEW,), (NEW, OLD), (None, NEW)]


def through(column: SealedText | SealedBytes, value: object, keys: Sequence[str | None]) -> object:
    """Return what comes back of a value that went into a database with these keys."""
    from sqlalchemy.dialects.sqlite.base import SQLiteDialect

    dialect = SQLiteDialect()
    use_keys(dialect, Keyring(keys))
    sealed = column.process_bind_param(value, dialect)  # type: ignore[arg-type]
    return column.process_result_value(sealed, dialect)  # type: ignore[arg-type]


@given(mark=MARKS, text=st.text(), keys=st.sampled_from(KEYS))
def test_text_comes_back_as_it_was(mark: str, text: str, keys: Sequence[str | None]) -> None:
    """Also what looks as if it were sealed: anybody may write such a mail."""
    text = (mark + text).encode("utf-8", "ignore").decode()
    assert through(SealedText(), text, keys) == text


@given(mark=MARKS, content=st.binary(), keys=st.sampled_from(KEYS))
def test_bytes_come_back_as_they_were(
    mark: str, content: bytes, keys: Sequence[str | None]
) -> None:
    content = mark.encode() + content
    assert through(SealedBytes(), content, keys) == content


def test_what_was_plain_and_what_is_under_an_older_key_can_be_read(tmp_path: Path) -> None:
    """Nothing has to be rewritten before the next run."""
    remember(tmp_path, "plain")
    remember(tmp_path, "old", OLD)
    remember(tmp_path, "new", NEW, OLD)
    remember(tmp_path, "plain again", None, NEW, OLD)
    store = opened(tmp_path, NEW, OLD)
    assert {s.name: s.value for s in store.read(SettingRecord)} == dict.fromkeys(
        ["plain", "old", "new", "plain again"], WORDS
    )
    store.close()
    assert [kept(tmp_path, name) == WORDS for name in ("plain", "old", "new", "plain again")] == [
        True, False, False, True
    ]  # fmt: skip


def test_equal_words_do_not_look_equal(tmp_path: Path) -> None:
    """Else whoever sees the file counts the ratings."""
    remember(tmp_path, "a", NEW)
    remember(tmp_path, "b", NEW)
    assert kept(tmp_path, "a") != kept(tmp_path, "b")


def test_without_a_key_values_are_as_they_always_were(tmp_path: Path) -> None:
    remember(tmp_path, "a")
    assert kept(tmp_path, "a") == WORDS


def test_bytes_take_no_third_more_room(tmp_path: Path) -> None:
    store = opened(tmp_path, NEW)
    from store_samples import mail

    store.keep([mail("1", raw=b"x" * 30_000)])
    assert store.read(MailRecord)[0].raw == b""
    assert store.raw(mail("1").id) == b"x" * 30_000
    store.close()
    with closing(sqlite3.connect(tmp_path / "state.db")) as plain:
        assert plain.execute("SELECT length(raw) FROM mails").fetchone()[0] < 30_100


@pytest.mark.parametrize("keys", [(), (OLD,), (None, OLD)], ids=["none", "another", "ended"])
def test_a_missing_key_is_noticed_before_anything_is_read_or_written(
    tmp_path: Path, keys: Sequence[str | None]
) -> None:
    remember(tmp_path, "a", NEW)
    before = (tmp_path / "state.db").read_bytes()
    with pytest.raises(ConfigError, match=r"\[store\] key: .* key that is not named here"):
        opened(tmp_path, *keys)
    assert (tmp_path / "state.db").read_bytes() == before


@pytest.mark.parametrize("key", ["", "short", "ö" * 44, NEW[:-4] + "===="])
def test_what_is_no_key_is_refused_without_showing_it(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigError, match=r"number 2 is no key; make one: openssl") as caught:
        opened(tmp_path, NEW, key)
    assert not key or key not in str(caught.value)
    assert not (tmp_path / "state.db").exists()


def test_one_key_has_one_name_however_it_is_written() -> None:
    """`openssl` and Python write Base64 with other signs."""
    assert Keyring([NEW]).names == Keyring([NEW.replace("+", "-").replace("/", "_")]).names


def test_a_damaged_value_is_not_taken_for_a_missing_key(tmp_path: Path) -> None:
    remember(tmp_path, "a", NEW)
    with closing(sqlite3.connect(tmp_path / "state.db")) as plain:
        plain.execute("UPDATE settings SET value = substr(value, 1, 60) || 'AAAA'")
        plain.commit()
    store = opened(tmp_path, NEW)
    with pytest.raises(UnavailableError, match="damaged; restore the last backup"):
        store.setting("a")
    store.close()


def test_the_library_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "cryptography.fernet", None)
    with pytest.raises(ConfigError, match=r'pip install "rmflow\[encryption\]"'):
        opened(tmp_path, NEW)
