"""Keys of effects and tokens of letters: the same on every run, not guessable from outside."""

import base64
import hmac
from typing import NewType

Key = NewType("Key", str)
Token = NewType("Token", str)

_TOKEN_BYTES = 10  # 80 bits, 16 base32 characters: Gitea's size, see docs/adr


def key_of(salt: bytes, effect: str, *parts: str) -> Key:
    """Return the key of one effect: 32 lower-case hex digits, equal for equal arguments.

    32 hex digits are at once a legal Google event id, Graph transactionId, CalDAV href and
    Message-ID local part. The salt comes from the programme's secret, so that nobody who
    knows the people can guess a UID and answer an invitation that was never theirs.
    """
    return Key(mac_of(salt, effect, *parts).hex()[:32])


def token_of(salt: bytes, kind: str, key: Key) -> Token:
    """Return the reply token of a letter: a kind letter and 16 lower-case base32 digits.

    Base32 in one case survives hops that change the case of an address (base64 does not).
    """
    raw = mac_of(salt, "token", kind, key)[:_TOKEN_BYTES]
    return Token(kind + base64.b32encode(raw).decode("ascii").lower())


def mac_of(salt: bytes, *parts: str) -> bytes:
    """Return an HMAC (SHA-256) of these parts: other parts give another one."""
    written = [part.encode() for part in parts]
    message = b"".join([len(part).to_bytes(4, "big") + part for part in written])
    return hmac.digest(salt, message, "sha256")
