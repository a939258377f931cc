"""Sealing: what people wrote is encrypted on its way into the database, if there is a key.

A value in the database is plain; or it is sealed: the mark 0x01, eight characters that name the key,
and a Fernet token (https://github.com/fernet/spec), whose Base64 is taken off where bytes are kept.
A plain value that begins with the mark has it twice. What is empty stays empty. So plain values and
those under any key may stand side by side.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import Column, LargeBinary, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from rmflow.errors import ConfigError, Problem, UnavailableError

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

MARK = b"\x01"
_MARKED = MARK.decode()
_PLACE = "[store] key"
_HEAD = 1 + 8


class Keyring:
    """The keys of one database, in the operator's order: the first seals, each unseals.

    `first` is the name of the first, "" if new values are to be plain; `names` has all of them. A
    name tells nothing of its key. Raises ConfigError for what is no key.
    """

    def __init__(self, keys: Sequence[str | None] = ()) -> None:
        self._fernets: dict[str, Fernet] = {}
        self.first = ""
        for number, key in enumerate(keys, start=1):
            if key is not None:
                name, self._fernets[name] = _fernet(key, number)
                self.first = name if number == 1 else self.first
        self.names = frozenset(self._fernets)

    def seal(self, value: bytes) -> bytes:
        """Return a value as it is kept, as text."""
        if self.first and value:
            return MARK + self.first.encode() + self._fernets[self.first].encrypt(value)
        return MARK + value if value.startswith(MARK) else value

    def unseal(self, kept: bytes) -> bytes:
        """Return what was sealed. Raises ConfigError without its key, and UnavailableError
        for a value that is damaged.
        """
        if not is_sealed(kept):
            return kept[1:] if kept.startswith(MARK) else kept
        from cryptography.fernet import InvalidToken

        name = kept[1:_HEAD].decode("ascii", "replace")
        if name not in self._fernets:
            raise key_missing(name)
        try:
            return self._fernets[name].decrypt(kept[_HEAD:])
        except InvalidToken:
            reason = "an encrypted value is damaged; restore the last backup"
            raise UnavailableError("store", "decrypt", reason) from None


def is_sealed(kept: bytes) -> bool:
    """Return whether a value is sealed, with whatever key."""
    return kept.startswith(MARK) and not kept.startswith(MARK * 2)


def key_missing(name: str) -> ConfigError:
    """Return the error for values under a key that the operator has not named."""
    text = (
        f"the database is encrypted with a key that is not named here (mark {name});"
        ' name it: key = "file:NAME", or behind the newer one: key = ["file:NEW", "file:OLD"]'
    )
    return ConfigError([Problem(_PLACE, text)])


def _fernet(key: str, number: int) -> "tuple[str, Fernet]":
    """Return a key's name and the key, ready for use."""
    try:
        from cryptography.fernet import Fernet
    except ModuleNotFoundError:
        text = 'needs what is not installed here: pip install "rmflow[encryption]"'
        raise ConfigError([Problem(_PLACE, text)]) from None
    try:
        fernet = Fernet(key)
    except ValueError:
        text = f"number {number} is no key; make one: openssl rand -base64 32 > FILE"
        raise ConfigError([Problem(_PLACE, text)]) from None
    digest = sha256(b"rmflow store key\0" + urlsafe_b64decode(key)).hexdigest()
    return digest[: _HEAD - 1], fernet


_NO_KEYS = Keyring()
_KEYRINGS: WeakKeyDictionary[Dialect, Keyring] = WeakKeyDictionary()


def use_keys(dialect: Dialect, keyring: Keyring) -> None:
    """Let the engine of this dialect seal and unseal with these keys."""
    _KEYRINGS[dialect] = keyring


def keyring_of(dialect: Dialect) -> Keyring:
    """Return the keys of the engine of this dialect."""
    return _KEYRINGS.get(dialect, _NO_KEYS)


class SealedText(TypeDecorator[str]):
    """Text that is sealed where there is a key. SQL cannot compare it."""

    impl = Text().with_variant(Text(collation="C"), "postgresql")
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Seal it."""
        return value and keyring_of(dialect).seal(value.encode()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Unseal it."""
        if not value or not value.startswith(_MARKED):
            return value
        return keyring_of(dialect).unseal(value.encode()).decode()


class SealedBytes(TypeDecorator[bytes]):
    """Bytes that are sealed where there is a key. SQL cannot compare them."""

    impl = LargeBinary()
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Seal them; Base64 would take a third more room."""
        kept = value and keyring_of(dialect).seal(value)
        if not kept or not is_sealed(kept):
            return kept
        return kept[:_HEAD] + urlsafe_b64decode(kept[_HEAD:])

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Unseal them."""
        if value and is_sealed(value):
            value = value[:_HEAD] + urlsafe_b64encode(value[_HEAD:])
        return value and keyring_of(dialect).unseal(value)


def sealed_columns(table: Table) -> list[Column[object]]:
    """Return the columns of a table whose values are sealed."""
    return [column for column in table.c if isinstance(column.type, SealedText | SealedBytes)]


def holds_bytes(column: Column[object]) -> bool:
    """Return whether a column holds bytes, sealed or not."""
    return isinstance(column.type, SealedBytes | LargeBinary)
