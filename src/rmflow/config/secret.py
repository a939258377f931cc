"""Secrets, named and never written down: "env:NAME" or "file:path"."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from rmflow.errors import ConfigError, Problem


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret is kept; safe to print. As a field of a model it is read from its text."""

    kind: Literal["env", "file"]
    name: str

    @classmethod
    def parse(cls, text: object) -> Self:
        """Return the reference written as `text`. Raises ValueError, without the text in it."""
        if isinstance(text, cls):
            return text
        kind, _, name = text.partition(":") if isinstance(text, str) else ("", "", "")
        if kind not in ("env", "file") or not name.strip():
            raise ValueError(
                "a secret is never written here; keep it in a file that only rmflow may read and "
                'write "file:NAME", or in an environment variable and write "env:NAME"'
            )
        return cls("env" if kind == "env" else "file", name.strip())

    def reveal(self, folder: Path) -> str:
        """Return the secret, without surrounding white space; a relative file is in `folder`.

        Raises ConfigError when there is none, with this reference as the place.
        """
        if self.kind == "env":
            value = os.environ.get(self.name, "").strip()
            advice = f"the environment variable {self.name} is not set; set it where rmflow starts"
        else:
            value, advice = _content(folder / self.name)
        if not value:
            raise ConfigError([Problem(str(self), advice)])
        return value

    def exposed(self, folder: Path) -> bool:
        """Return whether every user of this machine may read the secret's file."""
        if self.kind == "env":
            return False
        try:
            return bool((folder / self.name).stat().st_mode & 0o004)
        except OSError:
            return False

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "format": "secret", "pattern": "^(env|file):."}


def _content(path: Path) -> tuple[str, str]:
    """Return the text of a secret's file, and what to do if that is empty."""
    try:
        return path.read_text(encoding="utf-8").strip(), f"the file {path} is empty"
    except FileNotFoundError:
        return "", f"there is no file {path}; create it, readable by rmflow's user only"
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        return "", f"the file {path} cannot be read ({reason}); correct it"
