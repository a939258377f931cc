"""A database: what SQLite and PostgreSQL do differently, behind one shape."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError

from rmflow.adapters.store.sealing import Keyring, keyring_of, use_keys
from rmflow.errors import ConfigError, Problem


@dataclass(frozen=True, slots=True)
class Database:
    """An open database. `place` names it for people, without a password.

    `insert` makes an INSERT of its dialect, which knows ON CONFLICT. `backup` writes a copy to
    a file. `home` changes when the database is put somewhere else. `note` writes the newest fence
    down outside of the database, and `noted` reads it, 0 if nobody did. `tenure`: how long whoever
    may have lost the lock unawares goes on acting; None where a lock ends with its process only.
    """

    place: str
    engine: Engine
    insert: Callable[..., Any]
    lock: Callable[[], AbstractContextManager[None]]
    backup: Callable[[Path], None]
    home: Callable[[Connection], str] = lambda _: ""
    note: Callable[[int], None] = lambda _: None
    noted: Callable[[], int] = lambda: 0
    tenure: timedelta | None = None

    @property
    def keyring(self) -> Keyring:
        """The keys that values are sealed with."""
        return keyring_of(self.engine.dialect)


def open_database(
    url: str, *, base: Path, password: str, keys: Sequence[str | None] = ()
) -> Database:
    """Open the database of this url; a relative SQLite file is looked for in `base`.

    `keys`: the first seals what is written (None: it stays plain), all of them unseal. Raises
    ConfigError when the url, or a key, cannot be used.
    """
    keyring = Keyring(keys)
    database = _opened(_parsed(url), base, password)
    use_keys(database.engine.dialect, keyring)
    return database


def _opened(parsed: URL, base: Path, password: str) -> Database:
    match parsed.get_backend_name():
        case "sqlite":
            from rmflow.adapters.store import sqlite

            return sqlite.open_file(sqlite.path_of(parsed, base))
        case "postgresql" | "postgres":
            from rmflow.adapters.store import postgresql

            return postgresql.open_server(parsed.set(password=password or parsed.password))
        case other:
            raise unusable(f'"{other}" is unknown; use sqlite:///FILE or postgresql://…')


def sqlite_file(url: str, base: Path) -> Path | None:
    """Return the file of a SQLite url, None for a server's. Raises ConfigError."""
    parsed = _parsed(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    from rmflow.adapters.store import sqlite

    return sqlite.path_of(parsed, base)


def unusable(text: str) -> ConfigError:
    """Return the error for a url that cannot be used; it never shows the url."""
    return ConfigError([Problem("[store] url", text)])


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        # No cause: it may show what stands in the url, a password with a colon for one.
        raise unusable("not a database address; use sqlite:///FILE or postgresql://…") from None
