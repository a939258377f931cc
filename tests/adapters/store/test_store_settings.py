"""What an operator may write into `[store]`."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from rmflow.adapters.store.settings import Settings


def test_the_default_is_a_file_beside_the_configuration() -> None:
    assert Settings().url == "sqlite:///state.db"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://rm:canary@db.contoso.example/rmflow",
        "postgresql://db.contoso.example/rmflow?user=rm&password=canary",
    ],
)
def test_a_password_in_the_url_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(ValidationError, match='say password = "file:NAME"') as caught:
        Settings(url=url)
    assert "canary" not in str(caught.value)


def test_a_password_is_a_reference() -> None:
    settings = Settings.model_validate({"password": "env:RMFLOW_DATABASE_PASSWORD"})
    assert str(settings.password) == "env:RMFLOW_DATABASE_PASSWORD"


def test_reading_the_options_imports_no_database() -> None:
    program = "import sys, rmflow.adapters.store.settings; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == b"False\n"
