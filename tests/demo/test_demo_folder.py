"""The folder of a demo: made, refused, replaced; nothing of anybody else's is touched."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rmflow.demo.folder import is_demo, prepare
from rmflow.errors import RmflowError
from rmflow.wiring import load_config

END = datetime(2027, 4, 5, 20, 5, tzinfo=UTC)


def test_a_new_folder_holds_a_configuration_that_is_in_order(tmp_path: Path) -> None:
    prepare(tmp_path / "demo", seed=1, end=END)

    config = load_config(tmp_path / "demo" / "programme.toml")

    assert is_demo(tmp_path / "demo")
    assert config.warnings == ()
    assert config.sections.clock.stopped_at == END


def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")

    with pytest.raises(RmflowError, match="not empty and no demo"):
        prepare(tmp_path, seed=1, end=END)

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_force_puts_the_demo_beside_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")

    prepare(tmp_path, seed=1, end=END, force=True)

    assert (tmp_path / "thesis.txt").read_text() == "mine"
    assert is_demo(tmp_path)


def test_a_former_demo_is_replaced_and_what_was_put_beside_it_stays(tmp_path: Path) -> None:
    prepare(tmp_path, seed=1, end=END)
    (tmp_path / "mail" / "in").mkdir(parents=True)
    (tmp_path / "mail" / "in" / "old").touch()
    (tmp_path / "state.db-wal").touch()
    (tmp_path / "notes.txt").write_text("mine")

    prepare(tmp_path, seed=2, end=END)

    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"README.txt", "programme.toml", "secret.key", "notes.txt"}


def test_the_secret_comes_from_the_seed_and_is_private(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        prepare(tmp_path / name, seed=seed, end=END)

    a, b, c = ((tmp_path / name / "secret.key") for name in "abc")
    assert a.read_text() == b.read_text() != c.read_text()
    assert a.stat().st_mode & 0o077 == 0
