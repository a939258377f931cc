"""Names of the settings in which the worker remembers what it has seen."""

from datetime import datetime

from rmflow.ports.store import Store

ROSTER = "roster fingerprint"
CONFIG = "config fingerprint"
CALENDAR = "calendar token"
TRACKING = "tracking fingerprint"
BOOK = "book digest"
PUBLISHED = "book published last"
COMPLAINTS = "complaints in the book"
READER = "what mails were read with"
BEGUN = "memory begun"
RESTORED = "memory restored"
SEEN = "clock seen"
MADE_WITH = "programme"
# Each followed by the name of a provider.
PEACE = "left alone"
USED_UP = "not written to"


def instant(store: Store, name: str) -> datetime | None:
    """Return the instant that a setting holds, None where it holds none."""
    text = store.setting(name)
    return datetime.fromisoformat(text) if text else None
