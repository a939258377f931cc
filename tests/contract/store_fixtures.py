"""Stores to try promises on, and a count of what they send."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from rmflow.adapters.store.sql import SqlStore, open_store


@contextmanager
def counted(store: SqlStore) -> Iterator[dict[str, int]]:
    """Count statements and commits, without the BEGIN that SQLite is sent."""
    engine = store._database.engine
    counts = {"statements": 0, "commits": 0}

    def statement(_c: Any, _cursor: Any, sql: str, *_: Any) -> None:
        counts["statements"] += not sql.startswith("BEGIN")

    def commit(_: Any) -> None:
        counts["commits"] += 1

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    yield counts
    event.remove(engine, "before_cursor_execute", statement)
    event.remove(engine, "commit", commit)


# A key like one that an operator makes.
KEY = "8lh+R1Ho3FZ1vmI2vEo8Qz0mIX7V1kq5lYx3o0m/9Hk="


class Encrypted:
    """The same promises are kept when what people wrote is encrypted; `LOOKS`: what is there
    already has to be read to see whether it would change.
    """

    KEYS: tuple[str, ...] = (KEY,)
    LOOKS = 1


class OpensStores:
    """What a promise is tried on; a subclass says where it is."""

    @pytest.fixture
    def url(self) -> Iterator[str]:
        raise NotImplementedError

    # With which keys it is opened, and how many statements a write of records needs besides: for
    # each five hundred of them, and once, so that nobody else writes to the audit log meanwhile.
    KEYS: tuple[str, ...] = ()
    LOOKS = 0
    LOCKS = 0

    @pytest.fixture
    def reopen(self, url: str) -> Iterator[Callable[[], SqlStore]]:
        """Open the same store once more, as another process would."""
        opened: list[SqlStore] = []

        def reopen() -> SqlStore:
            opened.append(open_store(url, keys=self.KEYS))
            return opened[-1]

        yield reopen
        for store in opened:
            store.close()

    @pytest.fixture
    def store(self, reopen: Callable[[], SqlStore]) -> SqlStore:
        return reopen()
