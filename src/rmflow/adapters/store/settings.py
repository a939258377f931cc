"""What an operator may say about the store. Imports no database, so that reading it is quick."""

from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, ConfigDict, Field

from rmflow.config.options import Options
from rmflow.config.secret import SecretRef


def _without_password(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:  # not a url at all: opening it says so, in full
        return url
    if parts.password is not None or "password" in parse_qs(parts.query):
        raise ValueError('a password is never written here; say password = "file:NAME" instead')
    return url


class Settings(Options):
    """The state is kept in a database: SQLite for one machine, or PostgreSQL, which needs
    `pip install "rmflow[postgresql]"`.
    """

    # What is refused for the password in it must not be shown while refusing.
    model_config = ConfigDict(hide_input_in_errors=True)

    url: Annotated[str, AfterValidator(_without_password)] = Field(
        default="sqlite:///state.db",
        description="Where rmflow remembers: sqlite:///FILE (relative to the folder of this file,"
        " on a local disk) or postgresql://USER@HOST/DATABASE.",
    )
    password: SecretRef | None = Field(
        default=None,
        description="Where the password for PostgreSQL is kept.",
        examples=["file:database.password"],
    )
