"""Tombstones: by which a forgotten person is recognised, and by nothing else."""

from rmflow.domain.keys import key_of


def mark_of(salt: bytes, address: str) -> str:
    """Return the name of the setting that says so: an HMAC, so that nobody can read it back."""
    return f"forgotten {key_of(salt, 'forgotten', address)}"
