"""A configuration on disk that is right, to be bent by the tests."""

from pathlib import Path

from pydantic import BaseModel, Field

from rmflow.config import Config, Options, SecretRef, load

KINDS = {
    "roster": ("file",),
    "calendar": ("imip", "vdir"),
    "mail_out": ("maildir", "smtp"),
    "mail_in": ("maildir", "imap"),
    "tracking": ("xlsx",),
    "store": ("sql",),
}

RIGHT = """\
[programme]
id = "reverse-mentoring"
name = "Reverse Mentoring"
secret = "file:secret.key"

[mailbox]
address = "Mentoring@contoso.example"
name = "Reverse Mentoring"

[coordinator]
address = "hannah.weber@contoso.example"
name = "Hannah Weber"

[calendar]
kind = "imip"

[mail_out]
kind = "maildir"

[mail_in]
kind = "maildir"
"""


class FolderOptions(Options):
    """A backend that keeps files."""

    path: Path = Field(default=Path("files"), description="Where.")


class ImapOptions(Options):
    """A backend with a secret."""

    host: str = Field(description="Which server.")
    password: SecretRef | None = Field(default=None, description="Where the password is kept.")


def kinds(port: str) -> tuple[str, ...]:
    return KINDS[port]


def settings_of(port: str, kind: str) -> type[BaseModel] | None:
    if kind not in KINDS[port]:
        return None
    return ImapOptions if kind == "imap" else FolderOptions


def write(folder: Path, text: str = RIGHT, secret: str = "five wooden spoons") -> Path:
    key = folder / "secret.key"
    key.write_text(secret, encoding="utf-8")
    key.chmod(0o600)
    path = folder / "programme.toml"
    path.write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path, text: str = RIGHT, secret: str = "five wooden spoons") -> Config:
    return load(write(folder, text, secret), settings_of, kinds)
