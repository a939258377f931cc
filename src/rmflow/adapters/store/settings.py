"""What an operator may say about the store. Imports no database, so that reading it is quick."""

from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

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


def _keys(written: object) -> object:
    """Return the references; "none", in the first place, stands for no key."""
    references = [written] if isinstance(written, str | SecretRef) else written
    if not isinstance(references, list | tuple):
        return references
    if "none" in references[1:]:
        raise ValueError('"none" can only be the first: what is written from now on stays plain')
    return tuple(None if each == "none" else each for each in references)


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
    key: Annotated[tuple[SecretRef | None, ...], BeforeValidator(_keys)] = Field(
        default=(),
        description="Where the key is kept with which the database encrypts what people wrote and"
        ' how they are called; needs `pip install "rmflow[encryption]"`. Make one with'
        " `openssl rand -base64 32` and keep a copy elsewhere: without it nobody can read the"
        ' database. Of several the first encrypts and each decrypts; "none" as the first ends'
        " encryption. After a change say `rmflow rekey`; see docs/privacy.md.",
        examples=[("file:store.key",)],
    )

    def keys(self, folder: Path) -> tuple[str | None, ...]:
        """Return the keys, None for "none". Raises ConfigError for one that is not there."""
        return tuple(each.reveal(folder) if each else None for each in self.key)
