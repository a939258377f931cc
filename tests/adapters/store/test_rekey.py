"""Turning encryption on, changing the key, turning it off: at any moment all can be read."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import astuple, replace
from pathlib import Path

import pytest
from store_samples import LONG, NOW, SAMPLES, WORDS, effect, mail

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.store.checkup import SqlCheckup
from rmflow.adapters.store.rekey import rekey
from rmflow.adapters.store.settings import Settings
from rmflow.adapters.store.sql import SqlStore, open_store
from rmflow.config.secret import SecretRef
from rmflow.domain.records import MailRecord
from rmflow.errors import ConfigError
from rmflow.ports.checkup import Finding, Verdict

NEW = "8lh+R1Ho3FZ1vmI2vEo8Qz0mIX7V1kq5lYx3o0m/9Hk="
OLD = "u0dVZTJmQ2dKc3l3b1hQbE5nU3RrR2hVQWJjZEVmR2g="
WAYS = {
    "on": ((), (NEW,), (NEW,)),
    "over to a new key": ((OLD,), (NEW, OLD), (NEW,)),
    "off": ((OLD,), (None, OLD), ()),
}
Keys = Sequence[str | None]
LARGE = WORDS.encode() * 500
RECORDS = [sample for sample in SAMPLES if LONG not in astuple(sample)]


def opened(folder: Path, keys: Keys) -> SqlStore:
    return open_store("sqlite:///state.db", base=folder, keys=keys)


def fill(folder: Path, keys: Keys) -> None:
    """Let there be every kind of record, and enough mails for several transactions."""
    store = opened(folder, keys)
    with store.lease() as fence:
        store.write(RECORDS)
        store.write(mail(f"large{n}", raw=LARGE) for n in range(4))
        store.claim([effect("a", payload=WORDS.encode())], fence=fence, now=NOW)
    store.close()


def assert_all_is_there(folder: Path, keys: Keys) -> None:
    store = opened(folder, keys)
    for sample in RECORDS:
        wanted = replace(sample, raw=b"") if isinstance(sample, MailRecord) else sample
        assert wanted in store.read(type(sample))
    assert store.raw(mail("large3").id) == LARGE
    assert [doubt.payload for doubt in store.doubts()] == [WORDS.encode()]
    store.close()


def in_plain(folder: Path) -> bool:
    """Return whether any byte of the files shows what people wrote."""
    words = "Grüße, 日本語".encode()
    return any(words in path.read_bytes() for path in folder.glob("state.db*"))


def found(folder: Path, *keys: str) -> list[Finding]:
    """Return what the doctor says of encryption; the keys are files or "none"."""
    references = tuple(None if key == "none" else SecretRef("file", key) for key in keys)
    settings = Settings(url="sqlite:///state.db", key=references)
    findings = SqlCheckup(settings, folder, StoppedClock(NOW)).checkup()
    return [finding for finding in findings if finding.check == "encryption"]


@pytest.mark.parametrize(("before", "meanwhile", "after"), WAYS.values(), ids=list(WAYS))
def test_everything_is_rewritten_and_only_the_new_key_is_needed(
    tmp_path: Path, before: Keys, meanwhile: Keys, after: Keys
) -> None:
    fill(tmp_path, before)
    assert in_plain(tmp_path) is not bool(before)
    store = opened(tmp_path, meanwhile)
    *_, (done, total) = list(rekey(store))
    store.close()
    assert done == total > len(RECORDS) // 2
    assert in_plain(tmp_path) is not bool(after)
    assert_all_is_there(tmp_path, after)


@pytest.mark.parametrize(("before", "meanwhile", "after"), WAYS.values(), ids=list(WAYS))
def test_broken_off_at_any_step_all_can_be_read_and_the_next_call_goes_on(
    tmp_path: Path, before: Keys, meanwhile: Keys, after: Keys
) -> None:
    """Killed, power lost, disk full: half of it is under the one key, half under the other."""
    fill(tmp_path, before)
    steps = 0
    while True:
        store = opened(tmp_path, meanwhile)
        ended = next(rekey(store), None) is None  # one transaction, then nothing more
        store.close()
        assert_all_is_there(tmp_path, meanwhile)
        if ended:
            break
        steps += 1
        if before:
            with pytest.raises(ConfigError):  # the older key is needed still
                opened(tmp_path, after)
    assert steps > 5
    assert_all_is_there(tmp_path, after)
    assert in_plain(tmp_path) is not bool(after)


def test_a_second_call_rewrites_nothing(tmp_path: Path) -> None:
    fill(tmp_path, ())
    store = opened(tmp_path, (NEW,))
    assert list(rekey(store))
    assert list(rekey(store)) == []
    store.close()


def test_a_step_is_bounded_by_bytes(tmp_path: Path) -> None:
    """Ten thousand mails are not read into memory at once."""
    fill(tmp_path, ())
    store = opened(tmp_path, (NEW,))
    at_once = [done for done, _ in rekey(store)]
    store.close()
    store = opened(tmp_path, (OLD, NEW))
    in_steps = [done for done, _ in rekey(store, most_bytes=2 * len(LARGE) + 500)]
    store.close()
    assert in_steps[-1] == at_once[-1]
    assert len(in_steps) == len(at_once) + 2  # a mail of 100 KB, then two by two


def test_the_doctor_says_how_much_is_left(tmp_path: Path) -> None:
    for name, key in (("new.key", NEW), ("old.key", OLD)):
        (tmp_path / name).write_text(key)
    fill(tmp_path, ())
    assert found(tmp_path) == []
    [plain] = found(tmp_path, "new.key")
    assert (plain.verdict, plain.advice) == (Verdict.WARNING, "say `rmflow rekey`")
    assert "values are still plain" in plain.text
    store = opened(tmp_path, (OLD,))
    list(rekey(store))
    store.close()
    [fine] = found(tmp_path, "old.key")
    assert fine.verdict is Verdict.FINE
    [older] = found(tmp_path, "new.key", "old.key")
    assert (older.verdict, "under another key" in older.text) == (Verdict.WARNING, True)
    [ending] = found(tmp_path, "none", "old.key")
    assert (ending.verdict, "still are" in ending.text) == (Verdict.WARNING, True)
    for keys in ((), ("new.key",)):
        missing, *_ = found(tmp_path, *keys)
        assert (missing.verdict, "not named here" in missing.text) == (Verdict.FAILED, True)


def test_the_file_has_no_trace_of_a_key(tmp_path: Path) -> None:
    fill(tmp_path, (NEW,))
    content = (tmp_path / "state.db").read_bytes()
    with closing(sqlite3.connect(tmp_path / "state.db")) as plain:
        [(name,)] = plain.execute("SELECT name FROM keys").fetchall()
    assert len(name) == 8
    assert NEW.encode() not in content
