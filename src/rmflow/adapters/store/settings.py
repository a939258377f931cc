"""What an operator may say about the store. Imports no database, so that reading it is quick."""

from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, field_validator

from rmflow.config.options import Options
from rmflow.config.secret import SecretRef


class Settings(Options):
    """Where rmflow remembers what it has done. Make backups of it."""

    # A url with a password in it is refused, and must not be shown while doing so.
    model_config = ConfigDict(hide_input_in_errors=True)

    url: str = Field(
        default="sqlite:///state.db",
        description="sqlite:///FILE, relative to the folder of this file and on a local disk, or "
        "postgresql://USER@HOST/DATABASE.",
    )
    password: SecretRef | None = Field(
        default=None,
        description="The password for PostgreSQL. Without it, PostgreSQL's own ways are tried, "
        "such as a .pgpass file.",
        examples=["env:RMFLOW_DATABASE_PASSWORD"],
    )

    @field_validator("url")
    @classmethod
    def _without_password(cls, url: str) -> str:
        if urlsplit(url).password or "password=" in urlsplit(url).query:
            raise ValueError('a password is never written here; use password = "env:NAME"')
        return url
