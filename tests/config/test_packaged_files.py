"""The files that come with rmflow are found wherever it is installed."""

from importlib import resources
from pathlib import Path

import pytest

from rmflow.config.files import packaged


@pytest.mark.parametrize("name", ["config/topics.toml", "config/forms.toml", "templates"])
def test_what_comes_with_rmflow_is_there(name: str) -> None:
    assert packaged(name).exists()


def test_an_installed_package_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheel carries `config` and `templates` inside the package, as `_data`."""
    package = tmp_path / "lib" / "site-packages" / "rmflow"
    inside = package / "_data" / "config"
    inside.mkdir(parents=True)
    (inside / "topics.toml").touch()
    monkeypatch.setattr(resources, "files", lambda _: package)
    assert packaged("config/topics.toml") == inside / "topics.toml"
    with pytest.raises(FileNotFoundError, match="install it again"):
        packaged("config/forms.toml")
