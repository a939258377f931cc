"""Names of the settings in which the worker remembers what it has seen."""

ROSTER = "roster fingerprint"
CONFIG = "config fingerprint"
CALENDAR = "calendar token"
TRACKING = "tracking fingerprint"
BOOK = "book digest"
COMPLAINTS = "complaints in the book"
READER = "what mails were read with"
BEGUN = "memory begun"
RESTORED = "memory restored"
# Each followed by the name of a provider.
PEACE = "left alone"
USED_UP = "not written to"
