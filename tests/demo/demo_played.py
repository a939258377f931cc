"""A plugin for tests that look into a demo folder: one that has been played."""

from pathlib import Path

import pytest

from rmflow.demo.play import play


@pytest.fixture(scope="session")
def october(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a month has been played, once for all tests; they only read it."""
    folder = tmp_path_factory.mktemp("october") / "demo"
    play(folder, seed=1, months=1, force=False, told=lambda _: None)
    return folder
